#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the ordinary test of a plant with the bug in it: succeeds when the test fails and the walker says its sentence.

usage: find.py NAME COMMAND...

A test that hangs, or passes, or fails without a word of the walker has not found it.
"""

import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True

from plant import TEST  # noqa: E402  (the line above has to come first)
from plants import PLANTS  # noqa: E402

PATIENCE = 100  # seconds; a hang detector
ENVIRONMENT = {'CAP_RANDOM_OPERATIONS': '4000'}  # a bug is found early or not at all


def run(command):
    """Exit status, None: it hangs; and what was said."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env=dict(os.environ, **ENVIRONMENT), timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired as expired:
        return None, (expired.stdout or b'').decode(errors='replace')
    return done.returncode, done.stdout.decode(errors='replace')


def was_said(plant, output):
    if plant.walker == TEST:
        return re.search(rf'\[  (FAILED  |ERROR   )\] {re.escape(plant.says)}\b', output) is not None
    return plant.says in output


def problem(plant, status, output):
    if status is None:
        return f'had not ended after {PATIENCE} s'
    if status == 0:
        return 'passed'
    return None if was_said(plant, output) else f'ended with {status}, but nobody said "{plant.says}"'


def main(words):
    if len(words) < 2 or words[0] not in PLANTS:
        sys.exit(__doc__)
    plant = PLANTS[words[0]]
    status, output = run(words[1:])
    wrong = problem(plant, status, output)
    if wrong:
        print(output)
        sys.exit(f'plant {plant.name} ({plant.invariant}): not found: {plant.found_by} {wrong}')
    print(f'plant {plant.name} ({plant.invariant}): {plant.walker} said "{plant.says}" in {plant.found_by}')


if __name__ == '__main__':
    main(sys.argv[1:])
