#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""gdb as tools/msk run --gdb starts it: what tools/gdb shows of a program, against what the program says of
itself. A second program is the same file under another name, so that all its addresses are the same. Words: those of
run-tap that say what is booted."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))

from frontdoor import debugger, launch, paths, runner, worlds  # noqa: E402

PATIENCE = 150  # seconds: a hang detector
SCRIPT = b'spawn null-read &\nspawn twin; spawn debugged; echo over; poweroff\n'

COMMANDS = """\
mud threads
mud break nobody main
mud break debugged no_such_function
mud break debugged stop_here
{start}
print answer
backtrace
mud programs
mud caps debugged
mud vspace debugged
mud threads debugged
mud waits
mud processes
mud caps nobody
continue
"""


# Ctrl-C, while a program computes: it reaches the simulator as a signal.
STOP_SCRIPT = b'spawn endless\n'
STOP_COMMANDS = """\
mud break endless main
run
delete
python import subprocess; subprocess.Popen(['sh', '-c', f'sleep 1; kill -INT {gdb.selected_inferior().pid}'])
continue
mud programs
kill
"""


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument('--inside', choices=('look', 'stop'), help='the run itself: gdb with our standard streams')
    runner.add_arguments(parser)
    return parser.parse_args(argv)


def run(options):
    """gdb and the machine, on our own standard streams."""
    world = worlds.find(options.world)
    product = launch.Product(options.executable, options.image, options.archive, options.symbols)
    program = product_folder(options) / 'tests/programs/debugged'
    script, commands = (SCRIPT, COMMANDS) if options.inside == 'look' else (STOP_SCRIPT, STOP_COMMANDS)
    wishes = launch.Wishes(options.cores, options.mem, script, [(program, 'twin')], options.append, PATIENCE,
                           debugger.START)
    commands = commands.replace('{start}', 'run' if world.simulated else 'continue')
    wishes.gdb_words = ('-batch', *(word for line in commands.splitlines() for word in ('-ex', line)))
    with paths.run_folder(product_folder(options)) as folder:
        return launch.run(world, product, wishes, folder).status


def product_folder(options):
    return (options.executable or options.image).parent


def run_inside(what, argv):
    return subprocess.run([sys.executable, __file__, '--inside', what, *argv], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')


class Session:
    """What a whole session printed, command by command."""

    def __init__(self, argv, simulated):
        done = run_inside('look', argv)
        self.text = done.stdout
        self.status = done.returncode
        self.simulated = simulated
        self.stopped = run_inside('stop', argv).stdout if simulated else ''
        said = re.search(r'^debugged: slot (\S+) base (\S+) bytes (\S+) at (\S+)$', self.last_of_program(), re.MULTILINE)
        self.slot, self.base, self.bytes, self.at = said.groups() if said else ('?',) * 4

    def last_of_program(self):
        """Both programs say it, the twin first."""
        return '\n'.join(re.findall(r'debugged: slot .*', self.text)[-1:])


def rows(text, *cells):
    """Lines that hold these cells one after the other."""
    return re.findall(r'(?m)^' + r'.*\s'.join(rf'.*(?<!\S){re.escape(cell)}(?!\S)' for cell in cells), text)


def block(text, first):
    """From a line that is `first` to the next that is not indented."""
    found = re.search(rf'(?m)^{first}.*\n((?:  .*\n)+)', text)
    return found[1] if found else ''


def stops_in_it_alone(s):
    hits = re.findall(r'hit Breakpoint \d+, (\w+) \((\w+)=', s.text)
    if hits != [('stop_here', 'answer')]:
        return f'stopped at {hits}, not once in stop_here'
    missing = [words for words in ('[mud] debugged, process ', '$1 = 42', 'in main (') if words not in s.text
               and not (words == 'in main (' and 'main () at' in s.text)]
    return f'{missing} missing' if missing else None


def shows_capability(s):
    found = rows(s.text, s.slot, 'Frame', 'r---i-', s.base, s.bytes)
    return None if found else f'no Frame r---i- {s.base} {s.bytes} in slot {s.slot}'


def shows_known_slots(s):
    missing = [words for words in (('0.2', 'dispatcher', 'Dispatcher'), ('0.3', 'root', 'L1CNode'),
                                   ('0.4', 'vspace', 'VNode L0', '0x2000')) if not rows(s.text, *words)]
    return f'no rows {missing}' if missing else None


def shows_mapping(s):
    found = rows(s.text, s.at, s.bytes, 'r--', 'normal', s.base, f'{s.base}+{s.bytes}')
    return None if found else f'nothing of {s.bytes} r-- at {s.at}, physical {s.base}'


def shows_threads(s):
    threads = s.text[s.text.find('debugged, process', s.text.find('ADDRESS     SIZE  RIGHTS')):]
    wanted = {'main': ('runs', 'stop_here', 'main'), 'holder': ('blocked until', 'hold'),
              'wanter': ('blocked', 'want')}
    for name, words in wanted.items():
        found = re.search(rf'(?m)^  {name}: (.*\n(?:      .*\n)*)', threads)
        missing = [word for word in words if not found or not re.search(rf'\b{word}\b', found[1])]
        if missing:
            return f'thread {name}: {missing} missing'
    return None


def shows_waits(s):
    wanted = (r'core 0: shell \(\d+\) waits for an answer of init \(1\)', r'    main: waits for an answer of init \(1\)',
              r'core 0: debugged \(\d+\) runs', r'    holder: sleeps until 36\d\d\.\d+ s',
              r'    wanter: waits for mutex, which holder has locked', r'core 1: init \(2\) waits for a message')
    missing = [words for words in wanted if not re.search(f'(?m)^{words}$', s.text)]
    return f'{missing} missing' if missing else None


def shows_processes(s):
    table = s.text[s.text.find('CORE  PID  PARENT'):]
    shell = re.search(r'(?m)^   0 +(\d+) +-  shell ', table)
    if not shell or not re.search(rf'(?m)^   0 +\d+ +{shell[1]}  debugged +runs$', table):
        return 'debugged is no child of the shell'
    return None if re.search(rf'(?m)^   0 +\d+ +{shell[1]}  null-read +ended: fault$', table) else 'null-read has not ended'


def shows_programs(s):
    found = re.findall(r'(?m)^ +(\d+) +\d+  (\w+) +(\w+) +0x[0-9a-f]+  /', s.text)
    names = [name for _, name, _ in found]
    cores = {core for core, name, _ in found if name == 'init'}
    if len(cores) != launch.DEFAULT_CORES or names.count('names') != launch.DEFAULT_CORES:
        return f'init and names are not on {launch.DEFAULT_CORES} cores: {found}'
    return None if ('0', 'debugged', 'runs') in found else f'debugged does not run: {found}'


def refuses(s):
    wanted = ('no machine runs' if s.simulated else 'the kernel has not begun', 'there is no program nobody below ',
              'has no no_such_function', 'no program is called nobody; there are ')
    missing = [words for words in wanted if words not in s.text]
    return f'{missing} missing' if missing else None


def stops_when_asked(s):
    """In QEMU it is gdb itself that Ctrl-C reaches."""
    if s.simulated and not re.search(r'(?s)received signal SIGTRAP.*\n   0 +\d+  endless +runs ', s.stopped):
        return s.stopped
    return None


def goes_on(s):
    """QEMU's farewell may be lost: gdb acknowledges what comes before it looks at it, and finds nobody there."""
    if not re.search(r'(?m)^over$', s.text):
        return 'nothing came behind it'
    if not s.simulated and 'Remote communication error.  Target disconnected.' in s.text:
        return None
    well = re.search(r'\[Inferior 1 \(.*\) exited normally\]', s.text)
    return None if well and s.status == 0 else f'the machine did not end well: status {s.status}'


TESTS = (('GDB-001', 'a breakpoint stops in the program it is for, and in no other with the same addresses', stops_in_it_alone),
         ('GDB-002', 'a capability is shown as the program knows it', shows_capability),
         ('GDB-003', 'the well-known slots are named', shows_known_slots),
         ('GDB-004', 'a mapping is shown with its rights and its frame', shows_mapping),
         ('GDB-005', 'threads are shown with what they do and where they stand', shows_threads),
         ('GDB-006', 'the programs of all cores are shown', shows_programs),
         ('GDB-007', 'who waits for whom is shown, of processes and of threads', shows_waits),
         ('GDB-008', 'what the core servers know of processes is shown, of those that have ended, too', shows_processes),
         ('GDB-009', 'what cannot be shown is refused in a sentence', refuses),
         ('GDB-010', 'the system goes on from a breakpoint and ends well', goes_on),
         ('GDB-011', 'Ctrl-C stops the simulator in gdb', stops_when_asked))


def main(argv):
    options = arguments(argv)
    if options.inside:
        return run(options)
    session = Session(argv, worlds.find(options.world).simulated)
    print(f'1..{len(TESTS)}')
    failed = False
    for number, (identity, sentence, test) in enumerate(TESTS, 1):
        problem = test(session)
        failed |= problem is not None
        print(f"{'not ' if problem else ''}ok {number} - {identity} {sentence}")
        if problem:
            print('# ' + problem.replace('\n', '\n# '))
    if failed:
        print('# ' + session.text.replace('\n', '\n# '))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
