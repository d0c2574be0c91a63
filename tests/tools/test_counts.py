# SPDX-License-Identifier: MIT
"""What the plugin for QEMU counts, on machines of which it is known: counted.S says how many instructions lie between
its markers, and the kernel of tests/arch works with interrupts off as long as it is told to.

MUDSKIPPER_PLUGIN, MUDSKIPPER_COUNTED, MUDSKIPPER_HAL and MUDSKIPPER_HAL_SYMBOLS name the files."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from frontdoor import counts, launch, measure, worlds

PLUGIN = Path(os.environ['MUDSKIPPER_PLUGIN'])
COUNTED = Path(os.environ['MUDSKIPPER_COUNTED'])
HAL = Path(os.environ['MUDSKIPPER_HAL'])
HAL_SYMBOLS = Path(os.environ['MUDSKIPPER_HAL_SYMBOLS'])
LONG = 60.0  # seconds: a hang detector
MODES = ((), counts.DETERMINISTIC)


def run(image, extra=(), **more):
    """The outcome of a machine, what it counted, and what it printed."""
    console = counts.Console()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out = folder / 'counts,1'  # a comma has to be no matter
        wishes = launch.Wishes(timeout=LONG, extra=[*counts.words(PLUGIN, out, pieces=True), *extra], **more)
        outcome = launch.run(worlds.find('virt'), launch.Product(image=image), wishes, folder, console.feed,
                             stdin=subprocess.DEVNULL)
        console.close()
        return outcome, counts.read(out), console


class Markers(unittest.TestCase):
    def test_counts_are_exact(self):
        for mode in MODES:
            with self.subTest(mode):
                outcome, counted, _ = run(COUNTED, mode, cores=1)
                self.assertEqual(outcome.status, 0)
                found = {figure: [sample.insns for sample in samples] for figure, samples in counted.figures.items()}
                self.assertEqual(found, {0: [0, 5], 1: [3000, 4], 2: [3 + 4]})

    def test_pieces_are_all_that_was_executed(self):
        _, counted, _ = run(COUNTED, counts.DETERMINISTIC, cores=1)
        self.assertEqual(sum(piece.insns * piece.times for piece in counted.pieces), counted.processors[0][0])
        self.assertTrue(all(piece.page for piece in counted.pieces))

    def test_what_it_is_told_wrongly_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            product = launch.Product(image=COUNTED)
            for words in ('blocks=on', f'out={folder}/f,colour=red'):
                wishes = launch.Wishes(timeout=LONG, extra=['-plugin', f'{PLUGIN},{words}'])
                said = []
                outcome = launch.run(worlds.find('virt'), product, wishes, Path(folder), said.append,
                                     stdin=subprocess.DEVNULL)
                self.assertNotEqual(outcome.status, 0)
                self.assertRegex(b''.join(said), b'msk plugin: .*(out=FILE has to say|does not know "colour=red")')

    def test_machine_without_counts_is_not_measured(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(measure.NotMeasured):
            counts.read(Path(folder) / 'nothing')


class Stretches(unittest.TestCase):
    def longest(self, rounds):
        outcome, counted, console = run(HAL, counts.DETERMINISTIC, cores=2, append=f'masked={rounds}')
        self.assertEqual((outcome.status, counted.unseen), (0, 0))
        self.assertEqual(console.told[-1][0], counted.longest.insns)
        return counted.longest

    def test_planted_stretch_is_found_with_its_path(self):
        symbols = counts.kernel_symbols(HAL_SYMBOLS)
        found = self.longest(20000)
        spent = dict(counts.by_function(found.steps, lambda _piece, address: symbols.name(address)))
        self.assertEqual(sum(spent.values()), found.insns)
        self.assertEqual(max(spent, key=spent.get), 'masked_work')
        self.assertGreater(spent['masked_work'], 20000 * 4)
        self.assertLess(found.insns - spent['masked_work'], 1000)
        self.assertEqual(symbols.name(found.last), 'trap_idle')
        self.assertIn('kernel_enter', spent)

    def test_length_is_that_of_the_work(self):
        long, longer = self.longest(20000), self.longest(20100)
        insns = longer.insns - long.insns
        self.assertEqual(insns % 100, 0)
        self.assertTrue(400 <= insns <= 1000, insns)


class Reading(unittest.TestCase):
    def test_words_of_the_plugin_are_taken_out_of_the_console(self):
        lines = []
        console = counts.Console(lines.append)
        for data in (b'ok 1\no\x1eirqs-off ', b'12\x1fk 2\n', b'\x1eirqs-off 13\x1f'):
            console.feed(data)
        console.close()
        self.assertEqual(lines, [b'ok 1\n', b'ok 2\n', b'\n'])
        self.assertEqual(console.told, [(12, 1), (13, 2)])
