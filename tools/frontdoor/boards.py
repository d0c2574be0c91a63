# SPDX-License-Identifier: MIT
"""What QEMU's machines that are boards need: an emulator that has the machine, and the board's real device tree."""

import functools
import re
import shutil
import subprocess
from pathlib import Path

from . import builds
from .console import Refusal
from .paths import cache, named

QEMU = 'qemu-system-aarch64'
SKIPPED = 77  # exit status by which Meson knows a test that was skipped
UARTS = (0x30860000, 0x30890000, 0x30880000, 0x30a60000)  # of i.MX 8M Plus, in the order of QEMU's -serial


def own_emulator():
    """The QEMU that tools/fetch-qemu puts beside the machine's own."""
    return cache() / 'qemu' / QEMU


@functools.cache
def has_machine(emulator, machine):
    try:
        said = subprocess.run([emulator, '-M', 'help'], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError:
        return False
    return re.search(rf'^{re.escape(machine)}\s', said.stdout, re.MULTILINE) is not None


def emulator(world):
    """The QEMU to start: the machine's own where it has what the world needs."""
    if world.board and not has_machine(QEMU, world.board):
        return str(own_emulator())
    return QEMU


def tree_folder():
    return cache() / 'trees'


def tree(world):
    return tree_folder() / world.tree


def missing(world, own_tree=None):
    """What keeps a world from running here, as a sentence; None: nothing. Fetches nothing."""
    if not world.board:
        return None
    found = emulator(world)
    if not has_machine(found, world.board):
        return (f'{QEMU} of this machine has no machine {world.board}, and there is none that has in '
                f'{named(own_emulator().parent)}: tools/fetch-qemu puts it there')
    if own_tree is None and not tree(world).is_file():
        return f'the device tree {named(tree(world))} is not there: tools/fetch-trees puts it there'
    return None


def boot_loader():
    """Debian's U-Boot for QEMU's virt, which tests boot a board's media with."""
    return cache() / 'u-boot/usr/lib/u-boot/qemu_arm64/u-boot.bin'


def prepare(world, own_tree=None, tests=False):
    """Fetches what a world needs and is not here; a Refusal says what cannot be had."""
    if not world.board:
        return
    if not has_machine(emulator(world), world.board):
        builds.run_tool(world.name, 'fetch-qemu', [str(own_emulator().parent)])
        has_machine.cache_clear()
    if own_tree is None and not tree(world).is_file():
        builds.run_tool(world.name, 'fetch-trees', [str(tree(world).parent)])
    if tests and not boot_loader().is_file():
        builds.run_tool(world.name, 'fetch-arm64', [str(cache() / 'u-boot'), 'u-boot-qemu'])
    if sentence := missing(world, own_tree):
        raise Refusal(f'{world.name}: {sentence}')


def console_port(path):
    """Which of the board's serial ports its device tree names as the console: 0 is UART1."""
    place = _property(path, '/chosen', 'stdout-path').split(':')[0]
    if not place.startswith('/'):
        place = _property(path, '/aliases', place)
    unit = re.search(r'@([0-9a-f]+)$', place)
    if not unit or int(unit[1], 16) not in UARTS:
        raise Refusal(f'the console in {named(path)} is "{place}", which is no serial port of the i.MX 8M Plus', 2)
    return UARTS.index(int(unit[1], 16))


def _property(path, node, name):
    if shutil.which('fdtget') is None:
        raise Refusal('fdtget is missing, which reads device trees (package device-tree-compiler)')
    said = subprocess.run(['fdtget', str(path), node, name], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if said.returncode:
        raise Refusal(f'{named(path)} is no device tree that names its console: {said.stderr.strip()}', 2)
    return said.stdout.strip()


def own_tree(text):
    """--dtb FILE."""
    path = Path(text).absolute()
    if not path.is_file():
        raise Refusal(f'--dtb {text}: there is no file {path}', 2)
    return path
