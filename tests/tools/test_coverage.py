# SPDX-License-Identifier: MIT
"""Which lines a program of this host is found to have executed, what the list of exclusions does, what people see."""

import argparse
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import coverage_source
from frontdoor import builds, command_test, coverage, coverage_host, coverage_lines, suites
from frontdoor.console import Refusal

SOURCE = coverage_source.SOURCE.read_text().splitlines()
TEN = [number for number, line in enumerate(SOURCE, 1) if line not in ('{', '}')][:10]  # lines


class Folder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name).resolve()
        counted = coverage_source.counted()
        counted.start()
        self.addCleanup(counted.stop)


class Host(Folder):
    def lines(self, run):
        build, data = self.folder / 'build', self.folder / 'data'
        build.mkdir()
        subprocess.run(['clang', '--coverage', '-O2', '-g', '-DCOVERED_MAIN', str(coverage_source.SOURCE), '-o', 'covered'],
                       cwd=build, check=True)
        if run:
            subprocess.run([build / 'covered'], check=True, env=dict(os.environ, **coverage_host.environment(data)))
        lines = coverage_lines.Lines()
        coverage_host.add(lines, build, data)
        return lines.files[coverage_source.NAME]

    def test_lines_that_ran_are_told_from_those_that_did_not(self):
        lines = self.lines(run=True)
        self.assertEqual({line for line in coverage_source.RUN if lines.get(line)}, coverage_source.RUN)
        self.assertEqual({line for line in coverage_source.NOT_RUN if lines.get(line) is False},
                         coverage_source.NOT_RUN)

    def test_program_that_never_ran_counts_with_all_its_lines(self):
        lines = self.lines(run=False)
        self.assertLessEqual(coverage_source.RUN | coverage_source.NOT_RUN, lines.keys())
        self.assertNotIn(True, lines.values())


class Exclusions(Folder):
    def judged(self, listed):
        """`listed`: exclusions; of the lines of covered.c those that run were executed."""
        path = self.folder / 'exclusions'
        path.write_text(listed)
        lines = coverage_lines.Lines()
        for words, executed in (('runs', True), ('does not run', False)):
            for number in coverage_source.promised(words):
                lines.note(coverage_source.NAME, number, executed)
        (file,), unused = coverage_lines.judge(lines, coverage_lines.read_exclusions(path))
        return file, unused

    def test_without_any_all_count(self):
        file, unused = self.judged('# nothing\n\n')
        self.assertEqual((file.lines, set(file.uncovered), unused),
                         (len(coverage_source.RUN | coverage_source.NOT_RUN), coverage_source.NOT_RUN, []))

    def test_line_with_only_a_brace_does_not_count(self):
        lines = coverage_lines.Lines()
        brace = SOURCE.index('{') + 1
        for number in (brace, TEN[0]):
            lines.note(coverage_source.NAME, number, False)
        (file,), _ = coverage_lines.judge(lines, [])
        self.assertEqual((file.lines, file.uncovered), (1, [TEN[0]]))

    def test_line_is_left_out(self):
        file, unused = self.judged(r'tests/tools/*.c | what \* 7 | nobody calls it')
        self.assertEqual((len(file.excluded), len(file.uncovered), unused), (1, len(coverage_source.NOT_RUN) - 1, []))

    def test_block_is_left_out_and_what_ran_in_it_counts(self):
        file, unused = self.judged(r'tests/tools/covered.c | if \(what != 0\) | never')
        self.assertEqual((len(file.excluded), unused), (2, []))
        self.assertEqual(file.covered, len(coverage_source.RUN))

    def test_function_is_left_out(self):
        file, _ = self.judged(r'tests/tools/covered.c | int never_called\( | never')
        self.assertEqual(len(file.excluded), 1)

    def test_exclusion_that_matches_no_code_is_told(self):
        for files, pattern in (('tests/tools/covered.c', 'no such text'), ('tests/tools/covered.h', 'what'),
                               ('tests/tools/covered.c', 'SPDX')):
            with self.subTest(files=files, pattern=pattern):
                _, unused = self.judged(f'# one\n{files} | {pattern} | because\n')
                self.assertEqual([exclusion.where for exclusion in unused], ['exclusions:2'])

    def test_list_that_cannot_be_read_is_refused(self):
        for text in ('core/a.c | x', 'core/a.c | x |  ', 'core/a.c | ( | because'):
            with self.subTest(text), self.assertRaisesRegex(coverage_lines.BadList, '^exclusions:1: '):
                self.judged(text)

    def test_the_list_of_the_tree_can_be_read(self):
        self.assertTrue(coverage_lines.read_exclusions(coverage.EXCLUSIONS))


class Told(Folder):
    def told(self, ran, worlds=(True, False), listed=''):
        """What people see when `ran` of ten lines did: the table's text, what is complained about."""
        path = self.folder / 'exclusions'
        path.write_text(listed)
        said = []
        with mock.patch.object(coverage, 'EXCLUSIONS', path), mock.patch.object(coverage, 'say', said.append), \
                coverage.gathering(self.folder) as gathered:
            gathered.worlds.update(worlds)
            for at, number in enumerate(TEN):
                gathered.lines.note(coverage_source.NAME, number, at < ran)
            return gathered.text(), said

    def test_table_has_folders_and_a_total(self):
        text, _ = self.told(7)
        rows = {line.split()[0]: line.split()[1:] for line in text.splitlines()[1:3]}
        self.assertEqual(rows, {'tests/tools': ['10', '7', '0', '70.0'], 'core': ['10', '7', '0', '70.0']})

    def test_below_the_goal_is_said(self):
        self.assertIn('70.0 % of core/ are below the goal of 90 %', self.told(7)[0])
        self.assertNotIn('goal', self.told(9)[0])

    def test_files_are_written(self):
        self.told(8)
        document = json.loads((self.folder / coverage.JSON).read_text())
        self.assertEqual(document['files'], {coverage_source.NAME: {'lines': 10, 'covered': 8, 'uncovered': TEN[8:],
                                                                     'excluded': []}})
        listing = (self.folder / coverage.LISTING).read_text()
        line = SOURCE[TEN[8] - 1]
        self.assertIn(f'{coverage_source.NAME}: 2 of 10 lines did not run', listing)
        self.assertIn(f'{TEN[8]:6} {line}'.rstrip(), listing.splitlines())

    def test_exclusion_out_of_date_is_said_when_both_halves_ran(self):
        listed = f'{coverage_source.NAME} | no such text | because\n'
        self.assertRegex(self.told(8, listed=listed)[1][0], 'exclusions:1: .*out of date')
        self.assertEqual(self.told(8, (True,), listed)[1], [])

    def test_bad_list_is_refused_before_anything_runs(self):
        with self.assertRaisesRegex(Refusal, 'exclusions:1'):
            self.told(8, listed='what')


class All(unittest.TestCase):
    def test_each_test_of_a_machine_is_run_by_one_part_at_most(self):
        options = argparse.Namespace(all=True, on=None, config=None, serial=None, tftp=None, require=[])
        parts = [part for part in command_test.parts(options) if part.build is builds.AARCH64]
        for name, kind, world, covered in (('conformance-caps-virt', 'conformance', 'virt', [True]),
                                           ('conformance-shortage-virt', 'conformance', 'virt', [False]),
                                           ('boot', 'boot', 'virt', [False]),
                                           ('hal-virt', 'arch', 'virt', [False]),
                                           ('shell-first-virt', 'scenario', 'virt', [True]),
                                           ('shell-first-virt-el2', 'scenario', 'virt-el2', []),
                                           ('first-virt-gicv2', 'scenario', 'virt-gicv2', [False]),
                                           ('conformance-caps-virt-gicv2', 'conformance', 'virt-gicv2', [False]),
                                           ('conformance-caps-virt-el2', 'conformance', 'virt-el2', []),
                                           ('conformance-cores-virt-el2', 'conformance', 'virt-el2', [False])):
            test = suites.Test(name, kind, 'caps', world, 'tap')
            self.assertEqual([part.covers for part in parts if part.takes(test)], covered, name)
