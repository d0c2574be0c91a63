# SPDX-License-Identifier: MIT
"""tools/msk test as people use it, on a small clone (clone.py)."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

from clone import Command
from frontdoor import report, suites


class Test(Command):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.all = cls.msk('test', '--on', 'hostsim')

    def closing(self, *words):
        result = self.msk('test', '--on', 'hostsim', *words)
        return result.returncode, (result.stdout.splitlines() or [''])[-1]

    def test_last_line_is_the_verdict(self):
        self.assertEqual(self.all.stdout.splitlines()[-1], '12 passed, 5 failed, 2 skipped')
        self.assertEqual(self.all.returncode, 1)

    def test_failures_are_shown_and_named(self):
        self.assertIn('why it failed', self.all.stderr)
        self.assertIn('conformance-caps: CAP-2 two', self.all.stdout)
        self.assertIn('stress-hang (timeout)', self.all.stdout)

    def test_sub_tests_that_never_ran_are_named(self):
        self.assertIn('model-crash (error; 2 of 3 never ran)', self.all.stdout)
        self.assertIn('model-crash: CRASH-002 (never ran)', self.all.stdout)
        self.assertIn('model-crash: CRASH-003 (never ran)', self.all.stdout)
        self.assertEqual(self.closing('CRASH-003'), (1, '0 passed, 2 failed'))

    def test_until_fail_runs_until_it_fails(self):
        (self.clone.root / 'build' / 'rounds').unlink(missing_ok=True)
        self.assertEqual(self.closing('fuzz', '--until-fail'), (1, '2 passed, 1 failed'))

    def test_until_fail_ends_after_so_many_rounds(self):
        self.assertEqual(self.closing('unit', '--until-fail', '--repeat', '2'), (0, '14 passed, 0 failed'))

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

    def test_id_that_the_kind_leaves_out_is_a_failure(self):
        result = self.msk('test', '--on', 'hostsim', 'unit', 'MM-MAP-1', 'CRASH-001')
        self.assertEqual((result.returncode, result.stdout.splitlines()[-1]), (1, '1 passed, 1 failed'))
        self.assertIn('CRASH-001 (no test that fits has it)', result.stdout)

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


HANGS = """
test('boot-hang', find_program('tools/run-tap'), suite: ['boot', 'sim'], protocol: 'tap', timeout: 600,
     args: ['hostsim', '--executable', sim, '--timeout', '500', '-c', 'hang'])
test('boot-late', find_program('tools/run-tap'), suite: ['boot', 'sim'], protocol: 'tap', timeout: 2,
     args: ['hostsim', '--executable', sim, '--timeout', '500', '-c', 'hang'])
"""


class NothingLeft(Command):
    """Runs that are ended before their end leave no process and no file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        path = cls.clone.root / 'meson.build'
        path.write_text(path.read_text() + HANGS)
        cls.msk('test', '--on', 'hostsim', 'unit', 'caps')

    def processes(self, *words):
        """Those whose command line has a path in the clone, and these words."""
        found = []
        for entry in Path('/proc').iterdir():
            try:
                line = (entry / 'cmdline').read_bytes().decode(errors='replace').replace('\0', ' ')
            except OSError:
                continue  # no process, or gone
            if str(self.clone.root) in line and all(word in line for word in words):
                found.append(f'{entry.name} {line}')
        return found

    def files(self):
        build = self.clone.root / 'build'
        return [path.name for path in (*build.glob('msk-runs/run-*'), *build.glob('meson-logs/testlog-run-*'))]

    def until(self, what):
        """Waits for it; there is no end that a busy host would reach."""
        deadline = time.monotonic() + 60
        while not what() and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(what())

    def start(self):
        env = {name: value for name, value in os.environ.items() if not name.startswith(('MESON', 'MUDSKIPPER', 'NINJA'))}
        tool = subprocess.Popen([self.clone.root / 'tools' / 'msk', 'test', '--on', 'hostsim', 'boot-hang'], env=env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                start_new_session=True)
        self.until(lambda: self.processes('build/hostsim', '--script'))
        return tool

    def test_asked_to_end(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)):
            with self.subTest(number):
                tool = self.start()
                tool.send_signal(number)
                self.assertEqual(tool.wait(60), status)
                self.assertEqual((self.processes(), self.files()), ([], []))

    def test_interrupted_at_the_terminal(self):
        tool = self.start()
        os.killpg(tool.pid, signal.SIGINT)  # what Ctrl-C sends, and to whom
        self.assertEqual(tool.wait(60), 130)
        self.assertEqual((self.processes(), self.files()), ([], []))

    def test_killed_outright(self):
        """Its files are removed by the next run."""
        tool = self.start()
        tool.kill()
        tool.wait(60)
        self.until(lambda: not self.processes())
        self.msk('test', '--on', 'hostsim', 'unit', 'caps')
        self.assertEqual(self.files(), [])

    def test_time_out(self):
        late = self.msk('test', '--on', 'hostsim', 'boot-late')
        self.assertEqual((late.returncode, late.stdout.splitlines()[-1]), (1, '0 passed, 1 failed'))
        self.assertEqual((self.processes(), self.files()), ([], []))

    def test_several_at_once(self):
        first = self.start()
        second = self.msk('test', '--on', 'hostsim', 'unit', 'caps')
        self.assertEqual((second.returncode, second.stdout.splitlines()[-1]), (0, '2 passed, 0 failed'))
        self.assertIsNone(first.poll())
        first.send_signal(signal.SIGTERM)
        first.wait(60)
        self.assertEqual((self.processes(), self.files()), ([], []))


class Log(unittest.TestCase):
    """Meson's log taken apart, of a test that was ended by its time-out."""

    def results(self, stdout, source, ids=()):
        with tempfile.TemporaryDirectory() as folder:
            log, file = Path(folder) / 'testlog.json', Path(folder) / 'test.c'
            file.write_text(source)
            log.write_text(json.dumps({'name': 'mudskipper:unit+mm / late', 'stdout': stdout, 'duration': 1.0,
                                       'result': 'TIMEOUT'}) + '\n')
            test = suites.Test('late', 'unit', 'mm', 'host', 'tap', (str(file),))
            found, _ = report.read_log(log, {'late': test}, lambda test: test.world, ids)
        return [(result.name, result.outcome, result.words) for result in found]

    def test_what_ran_counts_and_the_rest_is_named(self):
        self.assertEqual(self.results('1..3\nok 1 - MM-A-001 one\n', '"MM-A-001", "MM-A-002", f("MM-B-003 three")'),
                         [('MM-A-001 one', 'passed', ''), ('late', 'failed', 'timeout; 2 of 3 never ran'),
                          ('MM-A-002', 'failed', 'never ran'), ('MM-B-003', 'failed', 'never ran')])

    def test_names_that_are_put_together_are_counted(self):
        self.assertEqual(self.results('1..2\n', 'NAME "-001", "UTF-8", "see MM-A-002"'),
                         [('late', 'failed', 'timeout; 2 of 2 never ran')])

    def test_of_what_was_asked_for(self):
        self.assertEqual(self.results('1..3\nok 1 - MM-A-001 one\n', '"MM-A-001", "MM-A-002", "MM-B-003"', ['MM-A-002']),
                         [('late', 'failed', 'timeout; 2 of 3 never ran'), ('MM-A-002', 'failed', 'never ran')])

    def test_sources_that_name_others_too(self):
        self.assertEqual(self.results('1..2\nok 1 - MM-A-001 one\n', '"MM-A-001", "MM-A-002", "MM-B-003"'),
                         [('MM-A-001 one', 'passed', ''), ('late', 'failed', 'timeout; 1 of 2 never ran')])

    def test_in_the_system(self):
        """As run-tap passes on what testd says (test_testd.py)."""
        late = ('ok 1 - MM-A-001 one\nnot ok 2 - mm: 3 tests were planned, 1 reported\n'
                'not ok 3 - mm: ended: time-out after 2 s\n1..3\n')
        never = 'not ok 1 - mm: never ran\n1..1\n'
        source = '"MM-A-001", "MM-A-002", "MM-B-003"'
        self.assertEqual([name for name, _, words in self.results(late, source) if words == 'never ran'], ['MM-A-002', 'MM-B-003'])
        self.assertEqual([name for name, _, words in self.results(never, source) if words == 'never ran'],
                         ['MM-A-001', 'MM-A-002', 'MM-B-003'])
        whole = 'ok 1 - MM-A-001 one\nnot ok 2 - MM-A-002 two\n1..2\n'
        self.assertEqual([name for name, _, words in self.results(whole, source) if words == 'never ran'], [])

    def test_nothing_was_said(self):
        self.assertEqual(self.results('', '"MM-A-001 one"'), [('late', 'failed', 'timeout'), ('MM-A-001', 'failed', 'never ran')])


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
