# SPDX-License-Identifier: MIT
"""What worlds that are boards need: which QEMU is taken, what is said when there is none, where the console is. Emulators
here are scripts; device trees are made with dtc."""

import argparse
import os
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from frontdoor import boards, command_test, launch, worlds
from frontdoor.console import Refusal

VERDIN = worlds.find('verdin-imx8mp')
TREE = """/dts-v1/;
/ {{
    aliases {{ serial0 = "/soc@0/serial@30860000"; serial2 = "/soc@0/serial@30880000"; }};
    chosen {{ {chosen} }};
    soc@0 {{ serial@30860000 {{ }}; serial@30880000 {{ }}; serial@30890000 {{ }}; serial@5a090000 {{ }}; }};
}};
"""


class Boards(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.bin = self.folder / 'bin'
        environment = {'PATH': f'{self.bin}:{os.environ["PATH"]}', 'MUDSKIPPER_CACHE': str(self.folder / 'cache')}
        patch = mock.patch.dict(os.environ, environment)
        patch.start()
        self.addCleanup(patch.stop)
        boards.has_machine.cache_clear()
        self.addCleanup(boards.has_machine.cache_clear)

    def emulator(self, path, machines):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('#!/bin/sh\necho Supported machines are:\n' + ''.join(f'echo "{m}  a machine"\n' for m in machines))
        path.chmod(0o755)

    def tree(self, chosen):
        path = self.folder / 'board.dtb'
        subprocess.run(['dtc', '-q', '-I', 'dts', '-O', 'dtb', '-o', path], input=TREE.format(chosen=chosen), text=True,
                       check=True)
        return path


class Emulator(Boards):
    def test_the_machines_own_where_it_has_the_machine(self):
        self.emulator(self.bin / boards.QEMU, ['virt-7.2', 'imx8mp-evk'])
        self.assertEqual(boards.emulator(VERDIN), boards.QEMU)

    def test_the_one_in_the_cache_otherwise(self):
        self.emulator(self.bin / boards.QEMU, ['virt-7.2', 'mcimx8mp-evk', 'imx8mp-evk2'])
        self.emulator(boards.own_emulator(), ['virt', 'imx8mp-evk'])
        self.assertEqual(boards.emulator(VERDIN), str(boards.own_emulator()))
        self.assertEqual(boards.emulator(worlds.find('virt')), boards.QEMU)

    def test_what_is_missing_is_said_with_how_to_get_it(self):
        self.emulator(self.bin / boards.QEMU, ['virt'])
        self.assertIn('tools/fetch-qemu', boards.missing(VERDIN))
        self.emulator(boards.own_emulator(), ['imx8mp-evk'])
        boards.has_machine.cache_clear()
        self.assertIn('tools/fetch-trees', boards.missing(VERDIN))
        self.assertIsNone(boards.missing(VERDIN, self.folder))
        tree = boards.tree(VERDIN)
        tree.parent.mkdir()
        tree.write_bytes(b'')
        self.assertIsNone(boards.missing(VERDIN))

    def test_other_worlds_need_nothing(self):
        for name in ('hostsim', 'virt'):
            self.assertIsNone(boards.missing(worlds.find(name)))


class Console(Boards):
    def test_the_port_the_tree_names(self):
        for chosen, port in (('stdout-path = "/soc@0/serial@30890000";', 1), ('stdout-path = "serial2:115200n8";', 2),
                             ('stdout-path = "/soc@0/serial@30880000:115200";', 2), ('stdout-path = "serial0";', 0)):
            with self.subTest(chosen):
                self.assertEqual(boards.console_port(self.tree(chosen)), port)

    def test_trees_of_other_machines_are_refused(self):
        for chosen in ('', 'stdout-path = "serial7";', 'stdout-path = "/soc@0/serial@5a090000";', 'stdout-path = "/soc@0";'):
            with self.subTest(chosen), self.assertRaises(Refusal):
                boards.console_port(self.tree(chosen))

    def test_what_is_no_tree_is_refused(self):
        path = self.folder / 'text'
        path.write_text('no tree')
        with self.assertRaises(Refusal):
            boards.console_port(path)

    def test_command_line(self):
        self.emulator(self.bin / boards.QEMU, ['imx8mp-evk'])
        product = launch.Product(image='Image', archive='archive.cpio')
        own = self.tree('stdout-path = "serial2";')
        words = launch.qemu_command(VERDIN, product, launch.Wishes(tree=own), None)
        text = ' '.join(map(str, words))
        self.assertIn('-M imx8mp-evk ', text)
        self.assertIn('-smp 4 -m 8192 ', text)
        self.assertIn(f'-serial null -serial null -dtb {own} -serial mon:stdio ', text)


class Required(unittest.TestCase):
    def test_a_required_world_is_run(self):
        options = argparse.Namespace(all=False, on=None, config=None, serial=None, tftp=None, require=['verdin-imx8mp', 'hostsim', 'verdin-imx8mp'])
        simulator, machines = command_test.parts(options)
        self.assertTrue(simulator.simulated)
        self.assertEqual(machines.worlds, ('virt', 'verdin-imx8mp'))


if __name__ == '__main__':
    unittest.main()
