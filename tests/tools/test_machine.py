# SPDX-License-Identifier: MIT
"""How machines end, tried on QEMU: each image (machine_end.S) does nothing but end, in its own way.

MUDSKIPPER_ENDS names the folder of the images."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from frontdoor import boards, launch, qemu, worlds

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGES = Path(os.environ['MUDSKIPPER_ENDS'])
LONG = 30.0  # seconds: a hang detector


def run(image, world='virt', timeout=LONG, **more):
    with tempfile.TemporaryDirectory() as folder:
        product = launch.Product(image=IMAGES / f'{image}.image', symbols=IMAGES / f'{image}.elf')
        return launch.run(worlds.find(world), product, launch.Wishes(timeout=timeout, **more), Path(folder),
                          stdin=subprocess.DEVNULL)


class End(unittest.TestCase):
    def test_own_status_in_every_world(self):
        for world in worlds.WORLDS.values():
            if not world.simulated and not boards.missing(world):
                with self.subTest(world.name):
                    self.assertEqual(run('status0', world.name), qemu.Outcome(0))
                    self.assertEqual(run('status42', world.name), qemu.Outcome(42))

    def test_reset_is_no_success(self):
        outcome = run('reset')
        self.assertEqual(outcome.status, 123)
        self.assertIn('reset', outcome.sentence)

    def test_power_off_without_a_status_is_no_success(self):
        self.assertEqual(run('off').status, 1)

    def test_time_out_tells_where_each_core_is(self):
        outcome = run('hang', timeout=0.5, cores=2)
        self.assertEqual(outcome.status, 124)
        self.assertIn('core 0 at 0x', outcome.sentence)
        self.assertIn('spin', outcome.sentence)
        self.assertIn('core 1 at 0x', outcome.sentence)

    def test_words_that_qemu_does_not_know(self):
        outcome = run('status0', extra=['-no-such-option'])
        self.assertEqual(outcome.status, 125)

    def test_own_archive_is_loaded(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assertEqual(run('status0', script=b'x\n', files=[(Path(file.name), 'f')]), qemu.Outcome(0))

    def test_runner_does_not_take_a_silent_machine_for_a_success(self):
        for image, status in (('status0', 1), ('reset', 123), ('off', 1)):
            with self.subTest(image):
                runner = subprocess.run([ROOT / 'tools' / 'run-tap', 'virt', '--image', IMAGES / f'{image}.image'],
                                        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
                self.assertEqual(runner.returncode, status)
                self.assertIn('# problem: no plan', runner.stdout)

    def test_control_a_x_leaves(self):
        tool = subprocess.run([sys.executable, '-c', PRESS, ROOT / 'tools', IMAGES / 'hang.image'], timeout=60)
        self.assertEqual(tool.returncode, 0)


# Runs QEMU on a terminal of its own and presses Ctrl-A x.
PRESS = """
import os, pty, sys, time
sys.path.insert(0, sys.argv[1])
from frontdoor import qemu, worlds
pid, terminal = pty.fork()
if pid == 0:
    os._exit(qemu.run(qemu.command(worlds.find('virt'), sys.argv[2], None, 1, 256, ''), 30).status)
os.set_blocking(terminal, False)
while True:  # what is typed before QEMU has taken the terminal is lost
    time.sleep(0.1)
    ended, status = os.waitpid(pid, os.WNOHANG)
    if ended:
        sys.exit(os.waitstatus_to_exitcode(status))
    try:
        os.write(terminal, bytes([1]) + b'x')
    except OSError:
        pass
"""
