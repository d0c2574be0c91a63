#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs unittest files of this folder and reports each test as a line of TAP: tap_main.py test_archive.py …"""

import sys
import traceback
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class TapResult(unittest.TestResult):
    """One line per test, as it ends; what went wrong follows as comments."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def line(self, test, good, directive='', detail=''):
        self.count += 1
        name = test.id().split('.', 1)[-1].replace('#', '')
        print(f'{"ok" if good else "not ok"} {self.count} - {name}{directive}')
        for text in detail.splitlines():
            print(f'# {text}')
        sys.stdout.flush()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line(test, True)

    def addError(self, test, err):
        super().addError(test, err)
        self.line(test, False, detail=''.join(traceback.format_exception(*err)))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line(test, False, detail=''.join(traceback.format_exception(*err)))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(test, True, f' # SKIP {reason}')

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.line(subtest, False, detail=''.join(traceback.format_exception(*err)))


def main(files):
    sys.path[:0] = [str(HERE), str(ROOT / 'tools'), str(ROOT / 'tools' / 'check')]
    loader = unittest.TestLoader()
    tests = unittest.TestSuite(loader.loadTestsFromName(Path(file).stem) for file in files)
    result = TapResult()
    tests.run(result)
    print(f'1..{result.count}')
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
