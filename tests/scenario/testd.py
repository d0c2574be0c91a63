#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The positive controls of testd and run-tap: programs that fail, each in a way of its own, have to be called failed for
just that reason, and the one that runs last has to pass. Words: those of run-tap."""

import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))

from frontdoor import boards, tap  # noqa: E402

PROGRAMS = ('tap-failing', 'tap-few', 'hello', 'null-read', 'endless', 'tap-good', 'nobody')
PATIENCE = '2'  # seconds, for the one that never ends

EXPECTED = {
    'CONTROL-001 passes': tap.PASSED,
    'CONTROL-002 fails': tap.FAILED,
    'CONTROL-003 passes': tap.PASSED,
    'CONTROL-004 passes': tap.PASSED,
    'tap-few: 2 tests were planned, 1 reported': tap.FAILED,
    'hello: no plan: the tests did not come to their end': tap.FAILED,
    'null-read: no plan: the tests did not come to their end': tap.FAILED,
    'null-read: ended: fault': tap.FAILED,
    'endless: no plan: the tests did not come to their end': tap.FAILED,
    'endless: ended: time-out': tap.FAILED,
    'nobody: no plan: the tests did not come to their end': tap.FAILED,
    'nobody: ended: not in test/controls': tap.FAILED,
}


# Of the one that never ends, before it is ended: on each core.
WAITS = re.compile(r'(?m)^# endless: core 0: names \(\d+\) waits for an answer of init \(1\), has not run for \d+\.\d{3} s$'
                   r'(?:\n.*)*\n# endless: core 1: names \(\d+\) waits for ')


def short(name):
    """Without what differs from world to world."""
    return name.split(' at ')[0].split(' after ')[0]


def main(words):
    run = subprocess.run([ROOT / 'tools' / 'run-tap', *words, '--tests', ','.join(PROGRAMS), '--manifest',
                          'test/controls', '--timeout', PATIENCE], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if run.stdout.startswith('1..0 # SKIP'):
        print(run.stdout)
        return boards.SKIPPED
    document = tap.parse(run.stdout)
    found = {short(test.name): test.outcome for test in document.tests}
    wrong = [f'{name}: wanted {EXPECTED.get(name)}, is {found.get(name)}' for name in {**EXPECTED, **found}
             if EXPECTED.get(name) != found.get(name)]
    wrong += document.problems()
    if not WAITS.search(run.stdout):
        wrong.append('who waits for whom was not said of the program that is ended')
    if run.returncode != 1:
        wrong.append(f'run-tap ended with status {run.returncode}, not 1')
    if wrong:
        print('\n'.join(wrong), run.stdout, run.stderr, sep='\n')
    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
