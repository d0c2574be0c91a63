#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs a test program with a planted bug: succeeds when a test in it fails by its own judgement, or a sanitizer reports.

A program that does not end, cannot be started or is ended by a signal that its tests did not catch has found
nothing: that is a failure too."""
import argparse
import re
import subprocess
import sys

# A test that failed, or the walkers after it; a sanitizer that was quicker.
JUDGED = re.compile(r'\[  (FAILED|ERROR)   ?\] CAP-|^SUMMARY: \w+Sanitizer: ')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('program')
    parser.add_argument('--timeout', type=float, default=200)
    arguments = parser.parse_args()
    try:
        run = subprocess.run([arguments.program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             timeout=arguments.timeout, check=False)
    except subprocess.TimeoutExpired:
        sys.exit(f'{arguments.program}: not ended after {arguments.timeout} s')
    output = run.stdout.decode(errors='replace')
    found = [line.strip() for line in output.splitlines() if JUDGED.search(line)]
    if run.returncode <= 0 or not found:
        print(output)
        sys.exit(f'{arguments.program}: the planted bug was not found (status {run.returncode})')
    print('\n'.join(sorted(set(found))))


if __name__ == '__main__':
    main()
