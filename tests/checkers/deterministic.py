#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether runs of the deterministic machine are repeated by their seeds, and find what they are there for. TAP."""

import concurrent.futures
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

USAGE = """usage: deterministic.py MACHINE ARCHIVE CONFIG
MACHINE the simulator, built with -Dconfig=CONFIG: det, or det-asan, whose kernel optimises away what gdb wants to know;
ARCHIVE its boot archive"""

PATIENCE = 120  # seconds; a hang detector
SESSION = 'ps; ns ls; spawn hello; poweroff'
SEEDS = range(1, 9)
RACE_SEEDS = range(1, 201)
OPERATION_SEEDS = range(1, 11)
STOP_SEEDS = range(1, 9)


def at_once(what, seeds):
    """what(seed) of each, in order; as many at once as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(what, seeds))


def run(machine, archive, seed, commands, cores=4):
    """Exit status, and the line that sums the run up."""
    done = subprocess.run([machine, '--archive', archive, '--seed', str(seed), '--cores', str(cores), '-c', commands],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    summary = re.search(r'^hostsim: (seed .*)$', done.stderr, re.MULTILINE)
    return done.returncode, summary[1] if summary else done.stderr


def repeats(machine, archive):
    with tempfile.TemporaryDirectory() as folder:  # neither names nor places of files matter
        other = shutil.copy(machine, Path(folder) / 'another-name')
        copy = shutil.copy(archive, Path(folder) / 'another-archive')
        for seed in SEEDS:
            first = run(machine, archive, seed, SESSION)
            again = run(other, copy, seed, SESSION)
            if first != again or first[0] != 0:
                return f'seed {seed}: {first}, then {again}'
    return None


def differ(machine, archive):
    traces = set(at_once(lambda seed: run(machine, archive, seed, SESSION)[1].split()[-1], SEEDS))
    return None if len(traces) == len(SEEDS) else f'{len(SEEDS)} seeds, {len(traces)} traces'


def finds_lost_updates(machine, archive):
    for seed in RACE_SEEDS:
        outcome = run(machine, archive, seed, 'spawn lost-update; poweroff', cores=1)
        if outcome[0] != 0:
            again = [run(machine, archive, seed, 'spawn lost-update; poweroff', cores=1) for _ in range(3)]
            return None if again == [outcome] * 3 else f'seed {seed}: {outcome}, then {again}'
    return f'no seed up to {RACE_SEEDS[-1]} loses an update'


SHORT = ' may-starve may-be-refused'
REFUSED = ('init', 'names', 'sim-server', 'simulation')


def operations(machine, archive, seed, *words):
    """A run of random operations with all that may befall them; memory runs short for every other seed only, since it
    explains more outcomes than the rest: what it said."""
    short = seed % 2
    faults = 'stall,delay,spurious,clock,linger,kill:sim-server' + ''.join(f',refuse:{name}' for name in REFUSED * short)
    return subprocess.run([machine, '--archive', archive, '--seed', str(seed), '--faults', faults, '--append', 'check=200', *words,
                           '-c', f'spawn -p log,inspect,manage simulation {seed} 400 may-die{SHORT * short}; poweroff'],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)


@functools.cache
def all_operations(machine, archive):
    """Of all seeds: looked at twice."""
    return at_once(lambda seed: operations(machine, archive, seed), OPERATION_SEEDS)


def operations_pass(machine, archive):
    for seed, done in zip(OPERATION_SEEDS, all_operations(machine, archive)):
        if done.returncode != 0 or 'simulation: 400 operations' not in done.stdout:
            return f'seed {seed}: status {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}'
    return None


def cores_stop(machine, archive):
    """For good. What has to do with that core ends with an error, and everything else goes on."""
    def machine_with_stop(seed):
        return subprocess.run([machine, '--archive', archive, '--seed', str(seed), '--faults', 'linger,stop', '--append', 'check=200',
                               '-c', f'spawn -p log,inspect,manage simulation {seed} 600 may-stop; poweroff'],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)

    stopped = 0
    for seed, done in zip(STOP_SEEDS, at_once(machine_with_stop, STOP_SEEDS)):
        if done.returncode != 0 or 'simulation: 600 operations' not in done.stdout:
            return f'seed {seed}: status {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}'
        stopped += ', 1 stop' in done.stderr
    return None if stopped else f'none of {len(STOP_SEEDS)} seeds stopped a core'


def faults_befall(machine, archive):
    """Each of them, some time."""
    seen = set()
    second = at_once(lambda seed: operations(machine, archive, seed), OPERATION_SEEDS)
    for seed, first, again in zip(OPERATION_SEEDS, all_operations(machine, archive), second):
        if (first.stdout, first.stderr) != (again.stdout, again.stderr):
            return f'seed {seed}: {first.stderr}, then {again.stderr}'
        seen |= {kind for count, kind in re.findall(r', (\d+) ([a-z]+)', first.stderr) if int(count)}
    return None if len(seen) == 7 else f'only {sorted(seen)}'


def is_written_down(machine, archive):
    """A line for each event; a run ends at the one it is asked to, with the same lines so far."""
    with tempfile.TemporaryDirectory() as folder:
        whole, part = Path(folder) / 'whole', Path(folder) / 'part'
        events = int(re.search(r'(\d+) events', operations(machine, archive, 1, '--trace', str(whole)).stderr)[1])
        stopped = operations(machine, archive, 1, '--trace', str(part), '--until', '5000')
        lines = whole.read_text().splitlines()
        if len(lines) != events or not all(line.split()[0] == str(n) for n, line in enumerate(lines, 1)):
            return f'{events} events, {len(lines)} lines'
        if stopped.returncode != 124 or 'event 5000 is reached' not in stopped.stderr:
            return f'status {stopped.returncode}: {stopped.stderr}'
        return None if part.read_text().splitlines() == lines[:5000] else 'the lines up to an event differ'


def is_debugged(machine, archive):
    """gdb hits a breakpoint in the kernel and one in a program, stops at an event, and knows the threads of a program."""
    commands = ['break hal_note_program if $_streq(name, "names")', 'mud break names rt_main', 'run', 'continue', 'delete',
                'break det_reached', 'continue', 'mud threads names']
    words = [part for command in commands for part in ('-ex', command)]
    gdb = Path(__file__).resolve().parent.parent.parent / 'tools' / 'gdb' / 'mudskipper.py'
    done = subprocess.run(['gdb', '-q', '-batch', '-x', str(gdb), *words, '--args', machine, '--archive', archive, '--seed', '1',
                           '--until', '20000', '-c', 'ns ls; poweroff'],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE)
    wanted = ('hal_note_program (name=', 'rt_main (start=', 'det_reached (event=20000)', 'names, process ',
              'keep_time main.c')
    missing = [each for each in wanted if each not in done.stdout]
    return f'{missing} not in {done.stdout[-3000:]}{done.stderr[-500:]}' if missing else None


TESTS = (('DET-001', 'a seed repeats its run, in another process and another folder', repeats),
         ('DET-002', 'seeds differ', differ),
         ('DET-003', 'a lost update between threads is found, and repeated by its seed', finds_lost_updates),
         ('DET-004', 'random operations on the whole system pass, with all faults', operations_pass),
         ('DET-005', 'each fault befalls the machine, and is repeated by the seed', faults_befall),
         ('DET-006', 'events are written down, and a run ends at the one it is asked to', is_written_down),
         ('DET-007', 'gdb stops in kernel, programs and at events, and knows the threads of programs', is_debugged),
         ('DET-008', 'a core that stops for good harms only what has to do with it', cores_stop))


def main(argv):
    if len(argv) != 3:
        print(USAGE, file=sys.stderr)
        return 2
    machine, archive, config = argv
    tests = [test for test in TESTS if config == 'det' or test[2] is not is_debugged]
    print(f'1..{len(tests)}')
    for number, (identity, sentence, test) in enumerate(tests, 1):
        problem = test(machine, archive)
        print(f"{'not ' if problem else ''}ok {number} - {identity} {sentence}")
        if problem:
            print('# ' + problem.replace('\n', '\n# '))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
