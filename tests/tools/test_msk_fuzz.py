# SPDX-License-Identifier: MIT
"""tools/msk fuzz: what it makes of libFuzzer's words."""

import argparse
import contextlib
import io
import unittest

from frontdoor import command_fuzz
from frontdoor.console import Refusal

PASSED = """INFO: Seed: 1
#2	INITED cov: 40 ft: 44 corp: 2/3b exec/s: 0 rss: 30Mb
#9000	NEW    cov: 52 ft: 80 corp: 7/30b exec/s: 3000 rss: 31Mb
stat::number_of_executed_units: 9001
stat::average_exec_per_sec:     3000
"""
FAILED = """../tests/fuzz/control.c:21: does not hold: at == size
==1== ERROR: libFuzzer: deadly signal
artifact_prefix='./'; Test unit written to /tmp/found/control/crash-da39
"""


class TestWords(unittest.TestCase):
    def tell(self, text, status):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            good = command_fuzz.tell('elf', text, status, argparse.Namespace(seconds=3))
        return good, out.getvalue(), err.getvalue()

    def test_nothing_found(self):
        good, out, _ = self.tell(PASSED, 0)
        self.assertTrue(good)
        self.assertEqual(out, 'elf: 9001 runs in 3 s, 3000 each second, 52 places covered, 7 inputs\n')

    def test_a_find_is_named_with_its_claim_and_the_way_on(self):
        good, out, err = self.tell(FAILED, 77)
        self.assertFalse(good)
        self.assertIn('does not hold: at == size', out)
        self.assertIn('crash-da39', err)
        self.assertIn('tests/fuzz/corpus/elf/', err)

    def test_a_status_without_a_find_is_a_failure(self):
        self.assertFalse(self.tell(PASSED, 1)[0])

    def test_targets_are_the_folders_of_the_corpus(self):
        self.assertIn('elf', command_fuzz.chosen('all'))
        self.assertNotIn('control', command_fuzz.chosen('all'))
        self.assertEqual(command_fuzz.chosen('elf'), ['elf'])
        with self.assertRaisesRegex(Refusal, 'there is no target "elves"; there are: boot-file, '):
            command_fuzz.chosen('elves')


if __name__ == '__main__':
    unittest.main()
