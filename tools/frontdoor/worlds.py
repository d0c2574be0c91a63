# SPDX-License-Identifier: MIT
"""Worlds: where the system can run. One list for all commands."""

from dataclasses import dataclass

from . import builds
from .console import Refusal

DEFAULT = 'hostsim'
QEMU = 'qemu-system-aarch64'
QEMU_PACKAGES = ('qemu-system-arm',)


@dataclass(frozen=True)
class World:
    name: str
    about: str
    machine: tuple = ()  # QEMU's words for it; none: the simulator
    needs: tuple = ()

    @property
    def simulated(self):
        return not self.machine


def _virt(name, about, machine, cpu):
    return World(name, about, ('-M', machine, '-cpu', cpu), QEMU_PACKAGES)


WORLDS = {world.name: world for world in (
    World('hostsim', 'the simulated machine, one Linux process (default)'),
    _virt('virt', 'QEMU virt, GICv3', 'virt,gic-version=3', 'cortex-a53'),
    _virt('virt-gicv2', 'QEMU virt, GICv2', 'virt,gic-version=2', 'cortex-a53'),
    _virt('virt-el2', 'QEMU virt entered at EL2, PSCI by smc', 'virt,gic-version=3,virtualization=on', 'cortex-a35'),
)}

# Known names that do not exist yet: better one clear sentence than "no such world".
PLANNED = {
    'imx8mp-evk': 'there is no i.MX 8M Plus platform code yet, so nothing can be booted on QEMU\'s imx8mp-evk',
    'verdin-imx8mp': 'there is no i.MX 8M Plus platform code yet, so nothing can be booted on a Verdin iMX8M Plus',
    'colibri-imx8x': 'there is no i.MX 8X platform code yet, so nothing can be booted on a Colibri iMX8X',
}


def find(name):
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
