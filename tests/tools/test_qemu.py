# SPDX-License-Identifier: MIT
"""What the end of a QEMU run means, and the command line of each world. No QEMU is started here."""

import unittest

from frontdoor import hang, launch, qemu, worlds
from frontdoor.console import STATUS_RESET, STATUS_TOOL

GREETING = {'QMP': {}}


def shutdown(reason):
    return {'event': 'SHUTDOWN', 'data': {'guest': True, 'reason': reason}}


class End(unittest.TestCase):
    def judge(self, status, *messages):
        return qemu.judge(status, [GREETING, {'return': {}}, *messages])

    def test_the_systems_own_status(self):
        for status in (0, 1, 42, 134):
            self.assertEqual(self.judge(status), qemu.Outcome(status))

    def test_a_reset_is_no_success(self):
        self.assertEqual(self.judge(0, shutdown('guest-reset')).status, STATUS_RESET)

    def test_power_off_without_a_status_is_no_success(self):
        self.assertEqual(self.judge(0, shutdown('guest-shutdown')).status, 1)

    def test_leaving_with_control_a_x(self):
        self.assertEqual(self.judge(0, shutdown('host-qmp-quit')), qemu.Outcome(0))

    def test_qemu_that_does_not_start_is_not_the_systems_failure(self):
        self.assertEqual(qemu.judge(1, []).status, STATUS_TOOL)

    def test_message_cut_off_by_the_end(self):
        self.assertEqual(hang.parse(b'{"QMP": {}}\r\n{"retu'), [GREETING])


class CommandLine(unittest.TestCase):
    def words(self, world, **more):
        wishes = launch.Wishes(**more)
        product = launch.Product(image='Image', archive='archive.cpio')
        return launch.qemu_command(worlds.find(world), product, wishes, None)

    def after(self, words, option):
        return words[words.index(option) + 1]

    def test_worlds_differ_in_machine_and_processor(self):
        for world, machine, processor in (('virt', 'virt,gic-version=3', 'cortex-a53'),
                                          ('virt-gicv2', 'virt,gic-version=2', 'cortex-a53'),
                                          ('virt-el2', 'virt,gic-version=3,virtualization=on', 'cortex-a35')):
            with self.subTest(world):
                words = self.words(world)
                self.assertEqual((self.after(words, '-M'), self.after(words, '-cpu')), (machine, processor))

    def test_wishes_become_words(self):
        words = self.words('virt', cores=2, memory=512, append='log=debug', extra=['-d', 'int'])
        self.assertEqual((self.after(words, '-smp'), self.after(words, '-m')), ('2', '512'))
        self.assertEqual(self.after(words, '-append'), 'log=debug semihosting')
        self.assertEqual(words[-2:], ['-d', 'int'])

    def test_no_network_card_and_no_restart(self):
        words = self.words('virt')
        self.assertEqual(self.after(words, '-nic'), 'none')
        self.assertIn('-no-reboot', words)
