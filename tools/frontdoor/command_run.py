# SPDX-License-Identifier: MIT
"""tools/msk run: builds the system and boots it."""

import argparse
import hashlib
import os
import re
import shlex
import signal
import sys
from pathlib import Path

from . import boards, builds, debugger, launch, packages, paths, qemu, serial_board, worlds
from .console import Refusal, say

ABOUT = 'build the system and boot it to its shell, or run commands in it'

EXAMPLES = """\
examples:
  tools/msk run                              the simulated machine, four cores, to the shell
  tools/msk run -c 'ps; mem'                 two commands, then power off; the exit status is theirs
  tools/msk run --script demo.msk            the commands of a file ("-": of standard input)
  tools/msk run --on virt -smp 2 -m 512      the same system in QEMU, two cores, 512 MiB
  tools/msk run --on verdin-imx8mp           four cores, 8 GiB and the device tree of a Verdin iMX8M Plus
  tools/msk run --on verdin-imx8mp --serial /dev/ttyUSB3 --tftp /srv/tftp
                                             on a board of yours, which loads it over the network
  tools/msk run --with ./hello -c hello      a program of your own, put into the boot archive as bin/hello
  tools/msk run --config asan                the simulator under AddressSanitizer
  tools/msk run --on virt --print-command    the QEMU command line, to copy
  tools/msk run --gdb -c 'spawn hello'       under gdb; --on virt --gdb: QEMU, and gdb on it
  tools/msk run --on virt -- -d int          more words for QEMU (for the simulator: for build/hostsim)

Ctrl-A x leaves. Exit status: the script's or the system's own; 123 the machine was reset; 124 time-out; 125 the tool
itself; 130 Ctrl-C; 134 kernel panic.
"""

MOST_CORES = 64  # of the simulator, and of what one wants to wait for in QEMU
MEGABYTES = {'': 1, 'M': 1, 'G': 1024}


def memory(text):
    match = re.fullmatch(r'(\d+)([MG]?)', text.upper())
    if not match or not int(match[1]):
        raise argparse.ArgumentTypeError(f'"{text}" is no amount of memory: say 512, 512M or 2G')
    return int(match[1]) * MEGABYTES[match[2]]


def positive(text):
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f'"{text}" is no number above 0')
    return int(text)


def cores(text):
    if not text.isdecimal() or not 1 <= int(text) <= MOST_CORES:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of cores: a machine has 1 to {MOST_CORES}')
    return int(text)


def seconds(text):
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float('inf'):
        raise argparse.ArgumentTypeError(f'"{text}" is no number of seconds above 0')
    return value


def seed(text):
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 64:
        raise argparse.ArgumentTypeError(f'"{text}" is no seed: a number from 1 to 2^64 - 1')
    return int(text)


def add_arguments(parser):
    parser.add_argument('--on', metavar='WORLD', default=worlds.DEFAULT,
                        help='where: ' + '; '.join(f'{world.name} ({world.about})' for world in worlds.WORLDS.values()))
    parser.add_argument('--cores', '-smp', metavar='N', type=cores, help=f'how many cores, 1 to {MOST_CORES} (default 4)')
    parser.add_argument('--mem', '-m', metavar='M', type=memory, help='how much memory, in MiB or with M or G')
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--script', metavar='FILE', help='commands for the shell, then power off; - is standard input')
    what.add_argument('-c', metavar='CMDS', dest='commands', help='the same, commands given here')
    parser.add_argument('--with', metavar='FILE[=NAME]', dest='files', action='append', default=[],
                        help='put a program or file into the boot archive as bin/NAME (default: its own name)')
    parser.add_argument('--config', metavar='C', default='plain', choices=builds.CONFIGS,
                        help='how the simulator is built: ' + ', '.join(builds.CONFIGS))
    parser.add_argument('--seed', metavar='S', type=seed, help='of a deterministic machine (--config det), 1 or more')
    parser.add_argument('--dtb', metavar='FILE', help='the device tree of another carrier, for the worlds that are boards')
    parser.add_argument('--append', metavar='WORDS', default='', help='words for the kernel command line')
    parser.add_argument('--timeout', metavar='T', type=seconds, help='end the run after T seconds, with status 124')
    parser.add_argument('--gdb', nargs='?', choices=(debugger.START, debugger.WAIT), const=debugger.START,
                        help='under gdb, which knows programs (tools/gdb); wait: QEMU waits for one, and how to attach is said')
    serial_board.add_arguments(parser)
    parser.add_argument('--print-command', action='store_true', help='print the command line instead of running it')
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def wishes(options, world, extra):
    """Checks all that the person gave before anything is installed or built."""
    if options.dtb and not world.board and not options.serial:
        raise Refusal(f'--dtb is for the worlds that are boards; {world.name} makes its own device tree', 2)
    if world.most_cores and (options.cores or 0) > world.most_cores:
        raise Refusal(f'--cores {options.cores}: {world.name} has at most {world.most_cores}', 2)
    if world.most_memory and (options.mem or 0) > world.most_memory:
        raise Refusal(f'--mem {options.mem}: {world.name} has at most {world.most_memory} MiB', 2)
    serial = serial_board.Serial.of_options(options, world)
    if serial and (options.cores or options.mem or options.gdb or options.print_command or extra):
        raise Refusal('--serial: a board has the cores and the memory that it has, and neither --gdb, --print-command nor words '
                      'behind "--" mean anything to it', 2)
    if options.seed is not None:
        if not builds.CONFIGS[options.config].deterministic:
            raise Refusal('--seed is for a deterministic machine: --config det', 2)
        extra = [*extra, '--seed', str(options.seed)]
    return launch.Wishes(options.cores, options.mem, script(options), files(options.files), options.append,
                         options.timeout, options.gdb,
                         tree=boards.own_tree(options.dtb) if options.dtb else None, extra=extra, serial=serial)


def files(words):
    """--with FILE[=NAME] -> (path, name below bin/)."""
    found = []
    for word in words:
        path, equals, name = word.rpartition('=')
        path = Path(path if equals else name).absolute()
        name = name if equals else ''
        if not path.is_file():
            raise Refusal(f'--with {word}: there is no file {path}', 2)
        found.append((path, launch.archive_name(path, name)))
    return found


def script(options):
    if options.commands is not None:
        return options.commands.encode() + b'\n'
    if options.script == '-':
        return sys.stdin.buffer.read()
    if options.script is None:
        return None
    try:
        return Path(options.script).read_bytes()
    except OSError as error:
        raise Refusal(f'--script {options.script}: {error.strerror}', 2) from None


def prepare(world, build, yes, gdb=False, own_tree=None):
    """Installs and builds all that a run needs; asks at most once."""
    needs = [*world.needs, *build.needs]
    if gdb:
        needs.append(debugger.package(world.simulated))
    packages.ensure(needs, f'running on {world.name}', yes)
    boards.prepare(world, own_tree)
    builds.ensure(build, launch.targets(world))


def main(options, extra):
    world = worlds.find(options.on, bool(options.serial))
    build = worlds.build_for(world, options.config)
    wanted = wishes(options, world, extra)
    if world.simulated and wanted.gdb == debugger.WAIT:
        raise Refusal('--gdb=wait is for QEMU: a simulator is started by its debugger', 2)
    if wanted.serial:
        serial_board.prepare(world, build, wanted.tree, options.yes)
    else:
        prepare(world, build, options.yes, options.gdb, wanted.tree)
    product = launch.of_build(world, build)
    if options.print_command:
        return print_command(world, build, product, wanted)
    if world.simulated and wanted.script is None:
        words = launch.simulator_command(product, wanted, None)
        os.execvp(words[0], words)  # nothing to clean up: the terminal and the status are the simulator's
    if wanted.gdb and world.simulated:
        signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is gdb's
    with paths.run_folder(build.path) as folder:
        if wanted.gdb == debugger.WAIT:
            debugger.say_how(product, wanted, debugger.socket_in(folder))
        outcome = launch.run(world, product, wanted, folder, stdin=launch.scripted_input(wanted, sys.stdin))
    if outcome.sentence:
        say(outcome.sentence)
    return outcome.status


def print_command(world, build, product, wanted):
    """A line that works when pasted; the files it needs stay in the build folder, one folder for each set of files."""
    contents = hashlib.sha256(repr((wanted.script, wanted.files)).encode()).hexdigest()
    folder = paths.runs(build.path) / f'printed-{contents[:12]}'
    folder.mkdir(exist_ok=True)
    print(shlex.join(launch.command(world, product, wanted, folder)))
    return 0
