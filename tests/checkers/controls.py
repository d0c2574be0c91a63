#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Positive controls: faults that the configuration's tool must report, and the same without the fault, about which it
must be silent. A checker that has gone blind fails here. TAP on standard output.

The controls of the kernel are in tests/arch/hostsim/command_line.py.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

PATIENCE = 300  # seconds; a hang detector
SOURCE = Path(__file__).resolve().parents[2]
VALGRIND = ['valgrind', '--error-exitcode=99']  # the other options: .valgrindrc of the source folder

# By tool: (what is wrong, program, exit status, regular expressions that the report has).
FAULTS = {
    'tsan': [
        ('a race between two programs through shared memory', 'race', 66,
         ['WARNING: ThreadSanitizer: data race', r'a (read|write) in program race at \+0x.*\n.*in program race at']),
    ],
    'asan': [
        ("a use of a freed block of a program's heap", 'heap-stale', 1,
         ['AddressSanitizer: use-after-poison', r'a wrong read in program heap-stale at \+0x']),
        ("a write behind a block of a program's heap", 'heap-behind', 1,
         ['AddressSanitizer: use-after-poison', r'a wrong write in program heap-behind at \+0x']),
    ],
    'valgrind': [
        ("a use of a freed block of a program's heap", 'heap-stale', 99, [r'Invalid read of size 8']),
        ("a write behind a block of a program's heap", 'heap-behind', 99, [r'Invalid write of size 1']),
        ("a decision by a word of a program's heap that was never written", 'heap-unwritten', 99,
         [r'Conditional jump or move depends on uninitialised value']),
    ],
}

# What a unit test that leaks must say.
LEAKS = {'asan': r'detected memory leaks', 'valgrind': r'100 bytes in 1 blocks are definitely lost'}

# (what is right, program)
RIGHT = {
    'tsan': [('the same with an atomic word', 'race-free')],
    'asan': [('right use of a heap', 'heap-right')],
    'valgrind': [('right use of a heap', 'heap-right')],
}

IDS = {'tsan': 'CHECK-RACE', 'asan': 'CHECK-ADDRESS', 'valgrind': 'CHECK-MEMORY'}
TRACES = re.compile(r'Sanitizer|in program |Invalid |uninitialised|runtime error')


def run(words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=SOURCE,
                          timeout=PATIENCE, check=False)
    return done.returncode, done.stdout.decode(errors='replace')


def caught(words, status, reports):
    """None when the tool found the fault; else what is wrong. Any status but 0 when none is given."""
    found, said = run(words)
    missing = [text for text in reports if not re.search(text, said)]
    if (found == status if status else found != 0) and not missing:
        return None
    return f'status {found}, wanted {status or "a failure"}; not said: {missing}; output:\n{said}'


def quiet(words):
    found, said = run(words)
    return None if found == 0 and not TRACES.search(said) else f'status {found}; output:\n{said}'


def controls(options):
    """(sentence, a function that returns None or what is wrong)"""
    words = VALGRIND if options.tool == 'valgrind' else []
    words = [*words, options.executable.absolute(), '--archive', options.archive.absolute(), '--append']
    for what, program, status, reports in FAULTS[options.tool]:
        yield f'{what} is reported', lambda p=program, s=status, r=reports: caught([*words, f'init={p}'], s, r)
    for what, program in RIGHT[options.tool]:
        yield f'{what} is not', lambda p=program: quiet([*words, f'init={p}'])
    if options.leak:
        under = [SOURCE / 'tools/under-valgrind'] if options.tool == 'valgrind' else []
        leak = [*under, options.leak.absolute()]
        yield 'a unit test that leaks fails', lambda: caught(leak, None, [LEAKS[options.tool]])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('tool', choices=FAULTS)
    parser.add_argument('executable', type=Path, help='the simulator')
    parser.add_argument('archive', type=Path, help='its programs')
    parser.add_argument('leak', type=Path, nargs='?', help='a unit test that leaks')
    options = parser.parse_args()
    tests = list(controls(options))
    print(f'TAP version 13\n1..{len(tests)}', flush=True)
    failed = 0
    for number, (sentence, check) in enumerate(tests, 1):
        complaint = check()
        failed += complaint is not None
        for line in (complaint or '').splitlines():
            print('# ' + line)
        print(f"{'not ok' if complaint else 'ok'} {number} - {IDS[options.tool]}-{number:03} {sentence}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
