# SPDX-License-Identifier: MIT
"""Which lines a machine in QEMU is found to have executed: covered.c says which it does.

MUDSKIPPER_PLUGIN, MUDSKIPPER_COVERED and MUDSKIPPER_COVERED_IMAGE name the files."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import coverage_source
from frontdoor import console, coverage_lines, coverage_machine, launch, worlds

PLUGIN = Path(os.environ['MUDSKIPPER_PLUGIN'])
ELF = Path(os.environ['MUDSKIPPER_COVERED'])
IMAGE = Path(os.environ['MUDSKIPPER_COVERED_IMAGE'])
LONG = 60.0  # seconds: a hang detector


class Machine(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(suffix=',1')  # a comma has to be no matter
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name)
        counted = coverage_source.counted()
        counted.start()
        self.addCleanup(counted.stop)

    def boot(self):
        with mock.patch.dict(os.environ, coverage_machine.environment(self.folder, PLUGIN)):
            outcome = launch.run(worlds.find('virt'), launch.Product(image=IMAGE), launch.Wishes(timeout=LONG),
                                 self.folder, stdin=subprocess.DEVNULL)
        self.assertEqual(outcome.status, 0)

    def lines(self):
        """Of covered.c: line -> whether it ran."""
        pieces = coverage_machine.by_file(None, [ELF], self.folder)
        lines = coverage_lines.Lines()
        coverage_machine.add_file(lines, ELF.parent.parent.parent, ELF, pieces.get(ELF, ()))
        return lines.files[coverage_source.NAME]

    def test_lines_that_ran_are_told_from_those_that_did_not(self):
        self.boot()
        lines = self.lines()
        self.assertTrue(coverage_source.RUN and coverage_source.NOT_RUN)
        self.assertEqual({line for line in coverage_source.RUN if lines.get(line)}, coverage_source.RUN)
        self.assertEqual({line for line in coverage_source.NOT_RUN if lines.get(line)}, set())
        self.assertIn(False, lines.values())

    def test_machine_that_executed_something_else_covers_nothing(self):
        self.boot()
        left, = self.folder.glob('machine-*')
        address, page = '40200044', '1234567'
        left.write_text(f'block {address} 100 1 {page}\nend\n')
        self.assertNotIn(True, self.lines().values())

    def test_machine_that_was_killed_is_left_out(self):
        self.boot()
        left, = self.folder.glob('machine-*')
        left.write_text(left.read_text().removesuffix('end\n'))
        self.assertNotIn(True, self.lines().values())

    def test_plugin_that_is_not_built_is_refused(self):
        with self.assertRaisesRegex(console.Refusal, 'nothing.so is not there'):
            coverage_machine.environment(self.folder, Path('nothing.so'))
