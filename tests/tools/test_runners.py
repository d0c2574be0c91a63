# SPDX-License-Identifier: MIT
"""run-tap and run-scenario on stand-ins for the simulator: shell scripts that print what a system would."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from frontdoor import archive

ROOT = Path(__file__).resolve().parent.parent.parent


class Runner(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def system(self, commands):
        path = self.folder / 'hostsim'
        path.write_text(f'#!/bin/sh\n{commands}\n')
        path.chmod(0o755)
        return path

    def run_tool(self, tool, *words, **environment):
        return subprocess.run([ROOT / 'tools' / tool, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, env=dict(os.environ, **environment))


class RunTap(Runner):
    def tap(self, commands, *words):
        result = self.run_tool('run-tap', 'hostsim', '--executable', self.system(commands), *words)
        return result.returncode, result.stdout

    def test_results_pass_through_and_chatter_becomes_comments(self):
        self.assertEqual(self.tap('echo booting; echo ok 1 - a; printf "not ok 2 - b\\r\\n"; echo 1..2'),
                         (0, '# booting\nok 1 - a\nnot ok 2 - b\n1..2\n'))

    def test_missing_plan_fails(self):
        status, said = self.tap('echo ok 1 - a')
        self.assertNotEqual(status, 0)
        self.assertIn('# problem: no plan', said)

    def test_plan_that_does_not_fit_fails(self):
        self.assertNotEqual(self.tap('echo 1..2; echo ok 1 - a')[0], 0)

    def test_status_of_the_system_fails(self):
        status, said = self.tap('echo 1..1; echo ok 1 - a; exit 7')
        self.assertEqual(status, 7)
        self.assertIn('# problem: the system ended with status 7', said)

    def test_time_out_fails_and_keeps_what_came(self):
        status, said = self.tap('echo 1..2; echo ok 1 - a; exec sleep 60', '--timeout', '0.1')
        self.assertEqual(status, 124)
        self.assertIn('ok 1 - a\n', said)
        self.assertIn('# problem: time-out', said)

    def test_frame_leaves_out_what_is_around(self):
        framed = 'echo ok 9 - no result; echo BEGIN; echo ok 1 - a; echo 1..1; echo END; echo ok 7 - neither'
        status, said = self.tap(framed, '--begin', 'BEGIN', '--end', 'END')
        self.assertEqual(status, 0)
        self.assertEqual([line for line in said.splitlines() if not line.startswith('#')], ['ok 1 - a', '1..1'])

    def test_missing_frame_fails(self):
        self.assertNotEqual(self.tap('echo 1..1; echo ok 1', '--begin', 'BEGIN')[0], 0)
        self.assertNotEqual(self.tap('echo BEGIN; echo 1..1; echo ok 1', '--begin', 'BEGIN', '--end', 'END')[0], 0)

    def test_commands_reach_the_system(self):
        show_script = 'while [ "$1" != --script ]; do shift; done; cat "$2"; echo 1..0'
        self.assertEqual(self.tap(show_script, '-c', 'ok 1 - x')[1],
                         'ok 1 - x\n1..0\n# problem: 0 tests were planned, 1 reported\n')


class RunScenario(Runner):
    def scenario(self, commands, expected, *words):
        (self.folder / 'a.msk').write_text('script\n')
        (self.folder / 'a.expected').write_bytes(expected)
        result = self.run_tool('run-scenario', 'hostsim', self.folder / 'a.msk', self.folder / 'a.expected',
                               '--executable', self.system(commands), *words)
        return result.returncode, result.stdout

    def test_same_bytes_pass(self):
        self.assertEqual(self.scenario('echo a; echo b >&2', b'a\nb\n'), (0, ''))

    def test_difference_is_shown_as_a_diff(self):
        status, said = self.scenario('echo a; echo x', b'a\nb\n')
        self.assertEqual(status, 1)
        self.assertIn('-b\n+x\n', said)

    def test_one_byte_more_or_less_fails(self):
        for text in (r'a\nb', r'a\nb\n\n', r'a\nb \n', r'a\r\nb\n', ''):
            with self.subTest(text):
                status, said = self.scenario(f'printf "{text}"', b'a\nb\n')
                self.assertEqual(status, 1)
                self.assertIn('@@', said)

    def test_other_status_fails(self):
        self.assertEqual(self.scenario('echo a; exit 3', b'a\n')[0], 1)
        self.assertEqual(self.scenario('echo a; exit 3', b'a\n', '--status', '3')[0], 0)
        self.assertEqual(self.scenario('echo a', b'a\n', '--status', '3')[0], 1)

    def test_time_out_fails(self):
        self.assertEqual(self.scenario('exec sleep 60', b'', '--timeout', '0.1')[0], 1)

    def test_accept_writes_what_came(self):
        self.assertEqual(self.scenario('echo new', b'old\n', '--accept'), (0, ''))
        self.assertEqual((self.folder / 'a.expected').read_bytes(), b'new\n')

    def test_accept_of_a_failed_run_writes_nothing(self):
        self.assertEqual(self.scenario('echo new; exit 1', b'old\n', '--accept')[0], 1)
        self.assertEqual((self.folder / 'a.expected').read_bytes(), b'old\n')

    def test_files_are_passed_on(self):
        extra = self.folder / 'extra'
        extra.write_bytes(archive.write({}))
        self.assertEqual(self.scenario('while [ "$1" != --with ]; do shift; done; echo "${2##*/}"', b'extra=x\n',
                                       '--with', f'{extra}=x'), (0, ''))
