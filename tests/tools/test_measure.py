# SPDX-License-Identifier: MIT
"""Measuring processes whose figures are known."""

import os
import subprocess
import sys
import unittest

from frontdoor import measure


def python(program):
    return [sys.executable, '-c', program]


class Measure(unittest.TestCase):
    def test_time_until_a_line_not_until_the_end(self):
        program = ('import time; print("almost ready", flush=True); time.sleep(.3)\n'
                   'print("ready", flush=True); time.sleep(60)')
        self.assertTrue(0.3 <= measure.seconds_until(python(program), 'ready', 30) < 20)

    def test_system_that_ends_first_is_quoted(self):
        with self.assertRaisesRegex(measure.NotMeasured, 'no memory'):
            measure.seconds_until(python('print("no memory")'), 'ready', 30)

    def test_system_that_never_says_it(self):
        with self.assertRaisesRegex(measure.NotMeasured, 'within 0.2 s'):
            measure.seconds_until(python('import time; time.sleep(60)'), 'ready', 0.2)

    def test_words_that_have_to_come_before(self):
        program = python('print("a.b up"); print("ready")')
        self.assertGreater(measure.seconds_until(program, 'ready', 30, ['a.b']), 0)
        with self.assertRaisesRegex(measure.NotMeasured, 'without c.d'):
            measure.seconds_until(program, 'ready', 30, ['a.b', 'c.d'])

    def test_busy_and_idle_processes(self):
        for program, low, high in (('while True: pass', 0.05, 1.5), ('import time; time.sleep(60)', 0.0, 0.05)):
            with self.subTest(program), measure.settled(python(f'print(1, flush=True)\n{program}'), 30) as child:
                self.assertTrue(low <= measure.share_of_cpu(child.pid, 0.5) <= high)

    def test_peak_memory(self):
        program = 'data = bytearray(64 << 20); del data; print(1, flush=True); import time; time.sleep(60)'
        with measure.settled(python(program), 30) as child:
            self.assertTrue(64 < measure.peak_rss_mib(child.pid) < 128)

    def test_text_of_an_elf_file(self):
        path = os.path.realpath(sys.executable)
        said = subprocess.run(['readelf', '-SW', path], capture_output=True, text=True).stdout
        sections = [line.split(']', 1)[1].split() for line in said.splitlines() if '] .' in line]
        expected = sum(int(fields[4], 16) for fields in sections if 'X' in fields[6])
        self.assertEqual(measure.text_bytes(path), expected)

    def test_text_of_something_else(self):
        with self.assertRaises(measure.NotMeasured):
            measure.text_bytes(__file__)
