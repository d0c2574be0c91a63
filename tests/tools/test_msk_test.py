# SPDX-License-Identifier: MIT
"""tools/msk test as people use it, on a small clone (clone.py)."""

from xml.etree import ElementTree

from clone import Command


class Test(Command):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.all = cls.msk('test', '--on', 'hostsim')

    def closing(self, *words):
        result = self.msk('test', '--on', 'hostsim', *words)
        return result.returncode, (result.stdout.splitlines() or [''])[-1]

    def test_last_line_is_the_verdict(self):
        self.assertEqual(self.all.stdout.splitlines()[-1], '11 passed, 2 failed, 2 skipped')
        self.assertEqual(self.all.returncode, 1)

    def test_failures_are_shown_and_named(self):
        self.assertIn('why it failed', self.all.stderr)
        self.assertIn('conformance-caps: CAP-2 two', self.all.stdout)
        self.assertIn('stress-hang (timeout)', self.all.stdout)

    def test_output_of_what_passed_is_not_shown(self):
        self.assertNotIn('TREE-001', self.all.stderr)

    def test_table_counts_by_kind_and_subsystem(self):
        row = next(line for line in self.all.stdout.splitlines() if line.startswith('conformance') and 'caps' in line)
        self.assertEqual(row.split()[2:], ['2', '1F'])

    def test_selection_by_kind_by_subsystem_by_both(self):
        self.assertEqual(self.closing('unit'), (0, '7 passed, 0 failed'))
        self.assertEqual(self.closing('mm'), (0, '3 passed, 0 failed, 1 skipped'))
        self.assertEqual(self.closing('conformance', 'caps'), (1, '1 passed, 1 failed'))

    def test_selection_by_pattern(self):
        self.assertEqual(self.closing('-k', 'tree'), (0, '2 passed, 0 failed'))
        self.assertEqual(self.closing('-k', 'un?t-t*'), (0, '2 passed, 0 failed'))

    def test_selection_by_name(self):
        self.assertEqual(self.closing('scenario-status'), (0, '1 passed, 0 failed'))

    def test_selection_by_id_of_a_sub_test(self):
        self.assertEqual(self.closing('MM-MAP-1'), (0, '1 passed, 0 failed'))
        self.assertEqual(self.closing('MM-MAP-1', 'MM-MAP-10'), (0, '2 passed, 0 failed'))

    def test_id_that_nobody_reports_is_a_failure(self):
        self.assertEqual(self.closing('MM-MAP-2'), (1, '0 passed, 1 failed'))

    def test_repeat_counts_every_run(self):
        self.assertEqual(self.closing('unit', '--repeat', '3'), (0, '21 passed, 0 failed'))

    def test_selection_that_matches_nothing_is_an_error(self):
        for words in (('unit', 'names'), ('NO-SUCH-001',), ('-k', 'nothing')):
            with self.subTest(words):
                nothing = self.msk('test', '--on', 'hostsim', *words)
                self.assertEqual((nothing.returncode, nothing.stdout, len(nothing.stderr.splitlines())), (2, '', 1))

    def test_skipped_is_not_passed(self):
        self.assertEqual(self.closing('scenario', 'sim'), (1, '0 passed, 0 failed, 1 skipped'))

    def test_require_turns_a_skip_into_a_failure(self):
        self.assertEqual(self.closing('mm', '--require', 'hostsim'), (1, '3 passed, 1 failed, 1 skipped'))

    def test_require_of_a_world_where_nothing_ran(self):
        self.assertEqual(self.closing('unit', '--require', 'virt'), (1, '7 passed, 1 failed'))

    def test_list_runs_nothing(self):
        listed = self.msk('test', '--on', 'hostsim', '--list', 'unit', 'caps')
        self.assertEqual((listed.returncode, listed.stdout.split()), (0, ['unit', 'caps', 'host', 'unit-tree']))

    def test_reports_stay_in_the_build_folder(self):
        self.msk('test', '--on', 'hostsim', 'unit')
        logs = sorted(path.name for path in (self.clone.root / 'build' / 'meson-logs').glob('testlog*'))
        self.assertEqual(logs, ['testlog.json', 'testlog.junit.xml', 'testlog.txt'])
        cases = ElementTree.parse(self.clone.root / 'build' / 'meson-logs' / 'testlog.junit.xml').iter('testcase')
        self.assertEqual(len(list(cases)), 7)

    def test_junit_tells_time_outs_as_failures(self):
        self.msk('test', '--on', 'hostsim', 'stress')
        report = ElementTree.parse(self.clone.root / 'build' / 'meson-logs' / 'testlog.junit.xml').getroot()
        self.assertEqual(sum(int(suite.get('failures')) for suite in report.iter('testsuite')), 1)

    def test_build_that_fails_counts_and_the_rest_runs(self):
        # The small clone has no cross file, so that the Image cannot be configured.
        both = self.msk('test', 'unit')
        self.assertEqual((both.returncode, both.stdout.splitlines()[-1]), (1, '7 passed, 1 failed'))

    def test_world_that_cannot_be_configured_is_refused(self):
        self.assertEqual(self.msk('test', '--on', 'virt').returncode, 125)


class Valgrind(Command):
    """The checker itself: what it must find, it finds, and only that."""

    def test_faults_of_unit_tests_are_found(self):
        found = self.msk('test', '--config', 'valgrind', 'unit', 'rpc')
        self.assertEqual((found.returncode, found.stdout.splitlines()[-1]), (1, '1 passed, 2 failed'))
        self.assertIn('definitely lost', found.stderr)
        self.assertIn('Invalid read', found.stderr)
        self.assertEqual(self.msk('test', '--config', 'plain', 'unit', 'rpc').returncode, 0)

    def test_simulator_runs_under_it(self):
        self.assertEqual(self.msk('run', '--config', 'valgrind', '-c', 'x').stdout, 'x\n')
