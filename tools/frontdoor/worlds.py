# SPDX-License-Identifier: MIT
"""Worlds: where the system can run. One list for all commands."""

from dataclasses import dataclass

from . import builds
from .console import Refusal

DEFAULT = 'hostsim'
QEMU_PACKAGES = ('qemu-system-arm',)
MIB_OF_GIB = 1024


@dataclass(frozen=True)
class World:
    name: str
    about: str
    machine: tuple = ()  # QEMU's words for it; none: the simulator
    needs: tuple = ()
    board: str = ''      # a QEMU machine that not every QEMU has (boards.py)
    tree: str = ''       # the device tree that the board boots with
    memory: int = None   # MiB, unless told otherwise
    most_cores: int = None
    most_memory: int = None

    @property
    def simulated(self):
        return not self.machine


def _virt(name, about, machine, cpu):
    return World(name, about, ('-M', machine, '-cpu', cpu, '-nic', 'none'), QEMU_PACKAGES)


def _imx8mp(name, about, tree, memory):
    """QEMU attaches the network port of the board to something, or complains; no other machine is reached through it."""
    return World(name, about, ('-M', 'imx8mp-evk', '-nodefaults', '-nic', 'user,restrict=on'), QEMU_PACKAGES,
                 board='imx8mp-evk', tree=tree, memory=memory * MIB_OF_GIB, most_cores=4, most_memory=8 * MIB_OF_GIB)


WORLDS = {world.name: world for world in (
    World('hostsim', 'the simulated machine, one Linux process (default)'),
    _virt('virt', 'QEMU virt, GICv3', 'virt,gic-version=3', 'cortex-a53'),
    _virt('virt-gicv2', 'QEMU virt, GICv2', 'virt,gic-version=2', 'cortex-a53'),
    _virt('virt-el2', 'QEMU virt entered at EL2, PSCI by smc', 'virt,gic-version=3,virtualization=on', 'cortex-a35'),
    _imx8mp('imx8mp-evk', 'NXP\'s i.MX 8M Plus EVK in QEMU', 'imx8mp-evk.dtb', 6),
    _imx8mp('verdin-imx8mp', 'the same machine with the device tree of Toradex\'s Verdin iMX8M Plus',
            'imx8mp-verdin-wifi-dev.dtb', 8),
)}

# Known names of what cannot be run: better one clear sentence than "no such world".
PLANNED = {
    'colibri-imx8x': 'QEMU has no i.MX 8X, so nothing can be booted on a Colibri iMX8X here; tools/msk run --serial drives a real one',
}


# Boards that no QEMU has, driven over their serial line.
BOARDS_ONLY = {'colibri-imx8x': World('colibri-imx8x', 'Toradex\'s Colibri iMX8X, over its serial line', ('-M', 'none'))}


def find(name, serial=False):
    if serial and name in BOARDS_ONLY:
        return BOARDS_ONLY[name]
    if name in WORLDS:
        return WORLDS[name]
    if name in PLANNED:
        raise Refusal(f'{name}: {PLANNED[name]}')
    raise Refusal(f'there is no world called "{name}"; there are: {", ".join(WORLDS)}', 2)


def build_for(world, config):
    """The build folder in which this world's system is built."""
    if world.simulated:
        return builds.CONFIGS[config]
    if config != 'plain':
        raise Refusal(f'--config {config} is for the simulator; {world.name} has only plain', 2)
    return builds.AARCH64
