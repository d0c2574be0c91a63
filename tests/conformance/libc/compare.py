#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a program and compares what it prints with a file, byte for byte.

  compare.py expected.txt PROGRAM [ARGUMENT...]
  compare.py --glibc glibc.diff expected.txt PROGRAM

With --glibc the differences must be exactly those of the file. Lines that start with "exact " are left out: a library's
last bits are its own.
"""

import argparse
import difflib
import subprocess
import sys
from pathlib import Path

TIMEOUT = 120 # seconds; a hang detector


def lines_of(data):
    return data.decode(errors='backslashreplace').splitlines(keepends=True)


def differences(expected, found):
    return [line for line in difflib.unified_diff(expected, found, 'expected', 'found', n=0)
            if not line.startswith(('---', '+++', '@@'))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--glibc', type=Path, metavar='DIFFERENCES')
    parser.add_argument('--status', type=int, default=0, help='the exit status that is right (default: 0)')
    parser.add_argument('expected', type=Path)
    parser.add_argument('command', nargs=argparse.REMAINDER)
    args = parser.parse_args()
    if not args.command:
        parser.error('no program named')
    try:
        done = subprocess.run(args.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        sys.exit(f'{args.command[0]} has not ended after {TIMEOUT} s')
    expected, found = lines_of(args.expected.read_bytes()), lines_of(done.stdout)
    allowed = []
    if args.glibc:
        expected, found = ([line for line in lines if not line.startswith('exact ')] for lines in (expected, found))
        allowed = [line for line in args.glibc.read_text().splitlines(keepends=True) if line[0] in '+-']
    wrong = differences(expected, found)
    if done.returncode != args.status:
        print(f'exit status {done.returncode}, expected {args.status}')
    elif wrong != allowed:
        sys.stdout.writelines(['not the differences that are expected:\n'] * bool(allowed) + wrong[:40])
        print(f'{len(wrong)} lines differ')
    else:
        return 0
    return 1


if __name__ == '__main__':
    sys.exit(main())
