# SPDX-License-Identifier: MIT
"""The parts of tools/gdb that need no gdb: circles, and what files of programs say. The rest: tests/debugger."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tap_main import ROOT

sys.path.insert(0, str(ROOT / 'tools' / 'gdb'))

from mudskipper import circle, elf  # noqa: E402


class Circle(unittest.TestCase):
    def test_nobody_waits(self):
        self.assertEqual(circle.find({}), [])
        self.assertEqual(circle.find({1: [], 2: []}), [])

    def test_a_chain_is_no_circle(self):
        self.assertEqual(circle.find({1: [2], 2: [3, 4], 3: [], 4: [9]}), [])

    def test_two_that_call_each_other(self):
        self.assertEqual(circle.find({5: [7], 7: [5], 1: [5]}), [5, 7, 5])

    def test_who_waits_for_a_circle_is_not_on_it(self):
        self.assertEqual(circle.find({1: [2], 2: [3], 3: [4], 4: [2], 6: [1]}), [2, 3, 4, 2])

    def test_one_that_calls_itself(self):
        self.assertEqual(circle.find({3: [3]}), [3, 3])


class File(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        sources = {'a.c': 'static int first = 1; int *of_a(void) { return &first; } int main(void) { return 0; }',
                   'b.c': 'static int first = 2; int *of_b(void) { return &first; } static char big[70000]; '
                          'char *of_big(void) { return big; }'}
        for name, text in sources.items():
            (self.folder / name).write_text(text)
        self.program = str(self.folder / 'program')
        subprocess.run(['gcc', '-o', self.program, *(str(self.folder / name) for name in sources)], check=True)

    def nm(self, name):
        lines = subprocess.run(['nm', self.program], capture_output=True, text=True, check=True).stdout.splitlines()
        return sorted(int(line.split()[0], 16) for line in lines if line.split()[-1] == name and len(line.split()) == 3)

    def test_symbols_of_one_name_are_all_found(self):
        found = elf.symbols(self.program)
        self.assertEqual(sorted(found['first']), self.nm('first'))
        self.assertEqual(len(found['first']), 2)
        self.assertEqual(found['main'], self.nm('main'))

    def test_entry_and_end(self):
        self.assertEqual([elf.entry(self.program)], self.nm('_start'))
        self.assertGreaterEqual(elf.end(self.program), self.nm('_end')[0])

    def test_what_is_no_program(self):
        self.assertFalse(elf.is_elf(self.folder / 'a.c'))
        self.assertFalse(elf.is_elf(self.folder / 'nothing'))
        self.assertTrue(elf.is_elf(self.program))
