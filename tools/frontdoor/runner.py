# SPDX-License-Identifier: MIT
"""What the runners that Meson calls (tools/run-tap, tools/run-scenario) have in common: the words that say what is
booted, and booting it with the output in our hands."""

import argparse
import os
from pathlib import Path

from . import boards, command_run, launch, paths, serial_board, worlds

UNDER = 'MUDSKIPPER_UNDER'        # set by tools/under-valgrind: "valgrind"
SLOWNESS = 'MUDSKIPPER_SLOWNESS'  # set by tools/msk test: what time-outs are multiplied with
HANG = 60  # seconds: a hang detector, no performance target


def add_arguments(parser):
    parser.add_argument('world', metavar='WORLD', help='where: ' + ', '.join(worlds.WORLDS))
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('--executable', metavar='FILE', type=existing, help='the simulator, for world hostsim')
    what.add_argument('--image', metavar='FILE', type=existing, help='the kernel image, for QEMU worlds')
    parser.add_argument('--archive', metavar='FILE', type=existing, help='the boot archive')
    parser.add_argument('--symbols', metavar='FILE', type=Path, help='ELF file of the image, to report a time-out')
    parser.add_argument('--cores', metavar='N', type=command_run.positive)
    parser.add_argument('--mem', metavar='M', type=command_run.memory)
    parser.add_argument('--append', metavar='WORDS', default='', help='words for the kernel command line')
    parser.add_argument('--with', metavar='FILE[=NAME]', dest='files', action='append', default=[])
    parser.add_argument('--timeout', metavar='T', type=command_run.seconds, default=HANG,
                        help=f'seconds until it counts as hanging (default {HANG}; times ${SLOWNESS})')


class Skipped(Exception):
    """The world cannot be had on this machine; the sentence says why."""


def existing(text):
    path = Path(text).absolute()
    if not path.is_file():
        raise argparse.ArgumentTypeError(f'there is no file {path}')
    return path


def boot(options, extra, script=None, output=None):
    """Boots what the options say; output(bytes) gets what the machine prints. Returns the outcome, or raises Skipped."""
    world = worlds.find(options.world)
    serial = serial_board.Serial.of_environment()
    if serial and (options.cores or options.mem):
        raise Skipped(f'{world.name}: a board has the cores and the memory that it has')
    if not serial and (reason := boards.missing(world)):
        raise Skipped(f'{world.name}: {reason}')
    if world.simulated != bool(options.executable):
        wanted = '--executable' if world.simulated else '--image'
        raise launch.Refusal(f'world {world.name} wants {wanted}', 2)
    under = launch.valgrind('--quiet', f'--error-exitcode={launch.VALGRIND_FOUND}') if os.environ.get(UNDER) else ()
    product = launch.Product(options.executable, options.image, options.archive, options.symbols, under)
    wishes = launch.Wishes(options.cores, options.mem, script, command_run.files(options.files), options.append,
                           options.timeout * float(os.environ.get(SLOWNESS) or 1), extra=extra, serial=serial)
    home = (options.executable or options.image).parent
    with paths.run_folder(home) as folder:
        return launch.run(world, product, wishes, folder, output, stdin=launch.NO_INPUT)
