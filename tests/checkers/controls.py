#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Positive controls: faults of programs that the configuration's tool must report, and the same without the fault, about
which it must be silent. A checker that has gone blind fails here. TAP on standard output.

The controls of the kernel are in tests/arch/hostsim/command_line.py.
"""

import os
import re
import subprocess
import sys

PATIENCE = 300  # seconds; a hang detector

USAGE = """usage: controls.py TOOL EXECUTABLE ARCHIVE
TOOL tsan, asan or valgrind; EXECUTABLE the simulator, ARCHIVE its programs"""

# (what is wrong, program, exit status, what the report says, in any order)
FAULTS = {
    'tsan': [
        ('a race between two programs through shared memory', 'race', 66,
         ['WARNING: ThreadSanitizer: data race', r'a (read|write) in program race at \+0x.*\n.*in program race at']),
    ],
}

# (what is right, program)
RIGHT = {
    'tsan': [('the same with an atomic word', 'race-free')],
}

IDS = {'tsan': 'CHECK-RACE', 'asan': 'CHECK-ADDRESS', 'valgrind': 'CHECK-MEMORY'}
TRACES = re.compile(r'Sanitizer|in program |==\d+==|runtime error')


def run(words, program):
    done = subprocess.run([*words, '--append', f'init={program}'], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout.decode(errors='replace')


def caught(words, program, status, reports):
    """None when the tool found the fault; else what is wrong."""
    found, said = run(words, program)
    missing = [text for text in reports if not re.search(text, said)]
    if found == status and not missing:
        return None
    return f'status {found}, wanted {status}; not said: {missing}; output:\n{said}'


def quiet(words, program):
    found, said = run(words, program)
    return None if found == 0 and not TRACES.search(said) else f'status {found}; output:\n{said}'


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in FAULTS:
        sys.exit(USAGE)
    tool, executable, archive = sys.argv[1], *map(os.path.abspath, sys.argv[2:])
    words = [executable, '--archive', archive]
    tests = [(f'{what} is reported', caught, rest) for what, *rest in FAULTS[tool]]
    tests += [(f'{what} is not', quiet, rest) for what, *rest in RIGHT[tool]]
    print(f'TAP version 13\n1..{len(tests)}', flush=True)
    failed = 0
    for number, (sentence, check, rest) in enumerate(tests, 1):
        complaint = check(words, *rest)
        failed += complaint is not None
        for line in (complaint or '').splitlines():
            print('# ' + line)
        print(f"{'not ok' if complaint else 'ok'} {number} - {IDS[tool]}-{number:03} {sentence}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
