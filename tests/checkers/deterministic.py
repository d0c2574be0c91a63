#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether runs of the deterministic machine are repeated by their seeds, and find what they are there for. TAP."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

USAGE = """usage: deterministic.py MACHINE ARCHIVE
MACHINE the simulator, built with -Dconfig=det; ARCHIVE its boot archive"""

PATIENCE = 120  # seconds; a hang detector
SESSION = 'ps; ns ls; spawn hello; poweroff'
SEEDS = range(1, 9)
RACE_SEEDS = range(1, 201)


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
    traces = {run(machine, archive, seed, SESSION)[1].split()[-1] for seed in SEEDS}
    return None if len(traces) == len(SEEDS) else f'{len(SEEDS)} seeds, {len(traces)} traces'


def finds_lost_updates(machine, archive):
    for seed in RACE_SEEDS:
        outcome = run(machine, archive, seed, 'spawn lost-update; poweroff', cores=1)
        if outcome[0] != 0:
            again = [run(machine, archive, seed, 'spawn lost-update; poweroff', cores=1) for _ in range(3)]
            return None if again == [outcome] * 3 else f'seed {seed}: {outcome}, then {again}'
    return f'no seed up to {RACE_SEEDS[-1]} loses an update'


TESTS = (('DET-001', 'a seed repeats its run, in another process and another folder', repeats),
         ('DET-002', 'seeds differ', differ),
         ('DET-003', 'a lost update between threads is found, and repeated by its seed', finds_lost_updates))


def main(argv):
    if len(argv) != 2:
        print(USAGE, file=sys.stderr)
        return 2
    print(f'1..{len(TESTS)}')
    for number, (identity, sentence, test) in enumerate(TESTS, 1):
        problem = test(*argv)
        print(f"{'not ' if problem else ''}ok {number} - {identity} {sentence}")
        if problem:
            print('# ' + problem.replace('\n', '\n# '))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
