# SPDX-License-Identifier: MIT
"""Reading TAP, and what makes a document unbelievable."""

import unittest

from frontdoor import tap


class Tap(unittest.TestCase):
    def outcomes(self, text):
        return [sub.outcome for sub in tap.parse(text).tests]

    def problems(self, text):
        return tap.parse(text).problems()

    def test_results_names_and_directives(self):
        tests = tap.parse('TAP version 13\nok 1 - CAP-1 copies\nnot ok 2 wrong\nok 3 - b # SKIP no timer\n1..3\n').tests
        self.assertEqual([(sub.name, sub.outcome, sub.words) for sub in tests],
                         [('CAP-1 copies', 'passed', ''), ('wrong', 'failed', ''), ('b', 'skipped', 'SKIP no timer')])

    def test_results_without_numbers_or_names(self):
        tests = tap.parse('ok\nok\n').tests
        self.assertEqual([(sub.number, sub.name) for sub in tests], [(1, 'test 1'), (2, 'test 2')])

    def test_a_failed_test_is_not_saved_by_the_word_skip(self):
        self.assertEqual(self.outcomes('not ok 1 - a # SKIP\n'), ['failed'])

    def test_expected_failures(self):
        directive = '# TO' 'DO later'
        self.assertEqual(self.outcomes(f'not ok 1 - a {directive}\nok 2 - b {directive}\n'), ['skipped', 'failed'])

    def test_whole_documents_have_no_problems(self):
        for text in ('1..2\nok 1\nok 2\n', 'ok 1\n1..1\n', '1..0\n'):
            with self.subTest(text):
                self.assertEqual(self.problems(text), [])

    def test_no_plan(self):
        self.assertEqual(self.problems('ok 1\nok 2\n'), ['no plan: the tests did not come to their end'])

    def test_plan_that_does_not_fit(self):
        self.assertEqual(self.problems('1..3\nok 1\nok 2\n'), ['3 tests were planned, 2 reported'])

    def test_two_plans(self):
        self.assertIn('two plans', self.problems('1..1\nok 1\n1..1\n'))

    def test_test_reported_twice_or_left_out(self):
        self.assertEqual(self.problems('1..2\nok 1\nok 1\n'), ['test 1 came where 2 was due'])
        self.assertEqual(self.problems('1..2\nok 1\nok 3\n'), ['test 3 came where 2 was due'])

    def test_bail_out(self):
        self.assertIn('bailed out: no memory', self.problems('1..1\nok 1\nBail out! no memory\n'))

    def test_lines_that_are_not_tap(self):
        for line in ('okay', 'notok 1', 'all is ok', ' ok 1', '1..x', 'not  ok'):
            with self.subTest(line):
                self.assertFalse(tap.is_tap(line))
