# SPDX-License-Identifier: MIT
"""Runs of the deterministic machine, with a machine that only says what it is told to."""

import argparse
import os
import tempfile
import unittest
import unittest.mock
from pathlib import Path

from frontdoor import command_replay, command_sim, simulation
from frontdoor.console import Refusal


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
        work = simulation.Work(commands='x', least_patience=0.2)
        self.assertEqual(self.run_one(work).problems, ('did not end in 0.2 s',))

    def test_faults_are_counted(self):
        self.says('echo "hostsim: seed 7: 12 events, trace 0123456789abcdef, 3 stall, 0 delay, 14 kill" >&2')
        self.assertEqual(self.run_one().faults, {'stall': 3, 'delay': 0, 'kill': 14})

    def test_what_an_operation_found_is_a_problem(self):
        self.says('echo "simulation: worker 2, operation 9 (call): sum == a + b"; echo "kernel panic on core 1: torn"\n'
                  'echo "hostsim: seed 7: 12 events, trace 0123456789abcdef" >&2; exit 1')
        self.assertEqual(self.run_one(simulation.Work(operations=10)).problems,
                         ('simulation: worker 2, operation 9 (call): sum == a + b', 'kernel panic on core 1: torn'))

    def test_command_of_operations(self):
        work = simulation.Work(operations=300, faults=('stall', 'kill', 'starve'))
        words = simulation.command('m', work, 7)
        self.assertEqual(words[words.index('--faults') + 1], 'stall,kill:sim-server')
        self.assertEqual(words[-2:], ['-c', 'spawn -p log,inspect,manage simulation 7 300 may-die may-starve'])

    def test_shrinking(self):
        """It fails from the 37th operation on, whenever servers are killed."""
        self.says('for word; do last=$word; done; set -- $last; echo "hostsim: seed 7: 1 events, trace 0123456789abcdef" >&2\n'
                  'case $last in *may-die*) [ $6 -lt 37 ]; exit;; esac')
        work = simulation.shrink(self.machine, simulation.Work(operations=1000, faults=simulation.USUAL_FAULTS), 7)
        self.assertEqual(work.faults, ('kill',))
        self.assertIn(work.operations, range(37, 39))

    def test_seeds(self):
        self.assertEqual(list(command_sim.seeds('2..4')), [2, 3, 4])
        self.assertEqual(list(command_sim.seeds('9')), [9])
        for wrong in ('', '0', '0..3', '4..2', 'a..b', '1..', '-1', '1.5', str(1 << 64)):
            with self.subTest(wrong), self.assertRaises(argparse.ArgumentTypeError):
                command_sim.seeds(wrong)

    def test_words_to_repeat_it(self):
        self.assertEqual(simulation.Work(tests='a,b', cores=2).words(), ['--test', 'a,b', '--cores', '2'])
        self.assertEqual(simulation.Work(operations=3, faults=('kill', 'stall')).words(),
                         ['--ops', '3', '--faults', 'kill,stall'])
        self.assertEqual(simulation.Work(operations=3).words(), ['--ops', '3', '--faults', 'none'])

    def options(self, *words):
        parser = argparse.ArgumentParser()
        simulation.add_arguments(parser)
        return simulation.work_of(parser.parse_args(words))

    def test_faults_that_are_asked_for(self):
        self.assertEqual(self.options('--ops', '5').faults, simulation.USUAL_FAULTS)
        self.assertEqual(self.options('--ops', '5', '--faults', 'none').faults, ())
        self.assertEqual(self.options('-c', 'ps').faults, ())
        self.assertEqual(self.options('-c', 'ps', '--faults', 'stall,kill:names').faults, ('stall', 'kill:names'))
        for wrong in (['--ops', '5', '--faults', 'earthquake'], ['-c', 'ps', '--faults', 'kill'],
                      ['-c', 'ps', '--faults', 'starve'], ['--ops', '5', '--faults', 'kill:names'],
                      ['-c', 'ps', '--faults', 'kill:'], ['-c', 'ps', '--faults', 'stall,,clock']):
            with self.subTest(wrong), self.assertRaises(Refusal):
                self.options(*wrong)


class TestReplay(unittest.TestCase):
    def stop(self, until=None, back=None, events=500):
        options = argparse.Namespace(until=until, back=back, seed=7)
        run = simulation.Run(7, (), 'x', events)
        with unittest.mock.patch.object(simulation, 'run', return_value=run):
            return command_replay.stop('m', simulation.Work(commands='x'), options)

    def test_where_it_stops(self):
        self.assertEqual(self.stop(), [])
        self.assertEqual(self.stop(until=40), ['--until', '40'])
        self.assertEqual(self.stop(until=40, back=10), ['--until', '30'])
        self.assertEqual(self.stop(back=10), ['--until', '490'])
        self.assertEqual(self.stop(back=1000), ['--until', '1'])

    def test_a_run_that_has_no_end(self):
        with self.assertRaises(Refusal):
            self.stop(back=10, events=0)


if __name__ == '__main__':
    unittest.main()
