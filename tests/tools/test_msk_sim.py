# SPDX-License-Identifier: MIT
"""Runs of the deterministic machine, with a machine that only says what it is told to."""

import argparse
import os
import tempfile
import unittest
from pathlib import Path

from frontdoor import command_sim, simulation


class TestRuns(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Path(folder.name) / 'hostsim'

    def says(self, script):
        self.machine.write_text('#!/bin/sh\n' + script)
        os.chmod(self.machine, 0o755)

    def run_one(self, work=simulation.Work(commands='x'), seed=7, twice=False):
        return command_sim.one(self.machine, work, seed, twice)

    def test_good_run(self):
        self.says('echo "hostsim: seed 7: 12 events, trace 0123456789abcdef" >&2')
        run = self.run_one(twice=True)
        self.assertEqual((run.problems, run.events, run.trace), ((), 12, '0123456789abcdef'))

    def test_status_is_a_problem(self):
        self.says('echo "hostsim: seed 7: 12 events, trace 0123456789abcdef" >&2; exit 3')
        self.assertEqual(self.run_one().problems, ('ended with status 3',))

    def test_a_machine_that_says_nothing_has_not_passed(self):
        self.says('exit 0')
        self.assertEqual(self.run_one().problems, ('the machine did not sum its run up',))

    def test_a_run_that_is_not_repeated(self):
        self.says('echo "hostsim: seed 7: 12 events, trace $(printf %016x $$)" >&2')
        self.assertIn('its runs differ', self.run_one(twice=True).problems[0])

    def test_a_test_that_fails(self):
        self.says('echo "testd: planned a"; echo "testd: a: 1..1"; echo "testd: a: not ok 1 - A-001 that"\n'
                  'echo "testd: a: end exit 1"; echo "testd: end"\n'
                  'echo "hostsim: seed 7: 12 events, trace 0123456789abcdef" >&2; exit 1')
        problems = self.run_one(simulation.Work(tests='a')).problems
        self.assertIn('not ok 1 - A-001 that', problems)

    def test_a_machine_that_hangs(self):
        self.says('exec sleep 100')
        self.assertEqual(self.run_one(simulation.Work(commands='x', patience=0.2)).problems, ('did not end in 0.2 s',))

    def test_seeds(self):
        self.assertEqual(list(command_sim.seeds('2..4')), [2, 3, 4])
        self.assertEqual(list(command_sim.seeds('9')), [9])
        for wrong in ('', '0', '0..3', '4..2', 'a..b', '1..', '-1', '1.5', str(1 << 64)):
            with self.subTest(wrong), self.assertRaises(argparse.ArgumentTypeError):
                command_sim.seeds(wrong)

    def test_words_to_repeat_it(self):
        self.assertEqual(simulation.Work(tests='a,b', cores=2).words(), ['--test', 'a,b', '--cores', '2'])


if __name__ == '__main__':
    unittest.main()
