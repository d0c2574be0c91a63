# SPDX-License-Identifier: MIT
"""Planted bugs (tests/plants): what does not fit any more is said, the table people read is the one that runs."""

import subprocess
import sys
import unittest
from pathlib import Path

from frontdoor import report

PLANTS = Path(__file__).resolve().parent.parent / 'plants'
sys.path.insert(0, str(PLANTS))

import find  # noqa: E402  (the line above has to come first)
import plant  # noqa: E402
import plants  # noqa: E402

SOURCE = 'int a(void)\n{\n    count--;\n}\nint b(void)\n{\n    count--;\n}\n'


def make(right, wrong, walker='walk', says='it is wrong'):
    return plant.Plant('name', 'C1', 'about', 'a.c', right, wrong, walker, says, 'test')


class Text(unittest.TestCase):
    def test_one_line_is_changed(self):
        changed = make('b(void)\n{\n    count--;', 'b(void)\n{\n    ;').put_into(SOURCE)
        self.assertEqual(changed, SOURCE[:SOURCE.rindex('count--')] + ';\n}\n')

    def test_a_place_that_is_not_there_once_is_a_misfit(self):
        for right in ('    count--;', '    count++;'):
            with self.subTest(right), self.assertRaisesRegex(plant.Misfit, 'name no longer fits'):
                make(right, '    ;').put_into(SOURCE)

    def test_more_or_less_than_a_line_is_a_misfit(self):
        for wrong in ('b(void)\n{\n    count--;', 'b(void) {\n\n    ;', 'b(void)\n;'):
            with self.subTest(wrong), self.assertRaisesRegex(plant.Misfit, 'more or less than one line'):
                make('b(void)\n{\n    count--;', wrong).put_into(SOURCE)

    def test_a_plant_that_does_not_fit_fails_the_build(self):
        name = next(iter(plants.PLANTS))
        done = subprocess.run([sys.executable, PLANTS / 'plants.py', 'write', name, __file__, '/dev/null'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn(f'the plant {name} no longer fits', done.stderr)


class Found(unittest.TestCase):
    def test_only_a_failure_with_the_sentence_counts(self):
        wanted = make('a', 'b')
        self.assertIsNone(find.problem(wanted, 1, 'ERROR: it is wrong\n'))
        self.assertEqual(find.problem(wanted, 0, 'it is wrong'), 'passed')
        self.assertIn('nobody said', find.problem(wanted, 1, 'something else'))
        self.assertIn('had not ended', find.problem(wanted, None, 'it is wrong'))

    def test_of_a_test_the_part_named_has_to_fail(self):
        wanted = make('a', 'b', plant.TEST, 'CAP-COPY-001')
        self.assertIsNone(find.problem(wanted, 1, '[  FAILED  ] CAP-COPY-001 a copy'))
        other = '[       OK ] CAP-COPY-001 a copy\n[  FAILED  ] CAP-COPY-002 b'
        self.assertIn('nobody said', find.problem(wanted, 1, other))


class Told(unittest.TestCase):
    def test_the_summary_has_a_line_for_each(self):
        summary = report.Report()
        for said in ('plant x (C1): walk said "it is wrong" in test', 'plant longer (C12): walker said "two" in other'):
            summary.add([], [report.Program('t', 'host', 1.0, 'OK', f'{said}\n')])
        self.assertEqual(summary.plants().splitlines(),
                         ['  longer  C12  other  walker: two', '  x       C1   test   walk: it is wrong'])
        self.assertIn('Planted bugs', summary.text())

    def test_without_plants_nothing_is_said(self):
        self.assertNotIn('Planted', report.Report().text())

    def test_the_table_in_the_readme_is_the_one_that_runs(self):
        table = subprocess.run([sys.executable, PLANTS / 'plants.py', 'table'], check=True, stdout=subprocess.PIPE,
                               text=True)
        self.assertIn(table.stdout, (PLANTS / 'README.md').read_text())
