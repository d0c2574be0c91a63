# SPDX-License-Identifier: MIT
"""What comes from a board over its serial line, and what is made of it. tests/boot/serial.py has a whole board."""

import argparse
import os
import pty
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

from frontdoor import command_test, serial_board, serial_uboot
from frontdoor.console import STATUS_RESET, STATUS_TOOL, Refusal
from frontdoor.serial_line import Gone, Line

NUMBER = 123456789
BANNER = b'\r\n\r\nU-Boot 2023.01 (Jan 01 2023)\r\n'


def ends(status, number=NUMBER):
    return f'mudskipper: run {number} ends with status {status} (0x{status:08x})\n'.encode()


class Transcript(unittest.TestCase):
    def heard(self, *pieces):
        shown = []
        transcript = serial_board.Transcript(NUMBER, shown.append)
        for piece in pieces:
            transcript.take(piece)
            if transcript.outcome:
                break
        return b''.join(shown), transcript.outcome

    def test_all_before_the_last_line_is_shown_however_it_comes(self):
        said = b'msk> echo mudskipper: run\nmudskipper: run 5\nmsk> ' + ends(3) + BANNER
        for size in (1, 2, 7, len(said)):
            shown, outcome = self.heard(*(said[at:at + size] for at in range(0, len(said), size)))
            self.assertEqual((shown, outcome.status), (b'msk> echo mudskipper: run\nmudskipper: run 5\nmsk> ', 3))

    def test_prompt_is_shown_at_once(self):
        self.assertEqual(self.heard(b'one\nmsk> '), (b'one\nmsk> ', None))

    def test_no_lost_byte_makes_another_status_of_it(self):
        for status in (0, 1, 10, 100, 134):
            said = b'text\n' + ends(status) + BANNER
            for at in range(len(said)):
                _, outcome = self.heard(said[:at] + said[at + 1:])
                self.assertIn(outcome.status, (status, STATUS_TOOL, STATUS_RESET), (status, at))

    def test_no_two_lost_bytes_make_a_success_of_a_failure(self):
        said = ends(10) + BANNER
        for first in range(len(said)):
            for second in range(first):
                _, outcome = self.heard(said[:second] + said[second + 1:first] + said[first + 1:])
                self.assertFalse(outcome and outcome.status == 0, (first, second))  # None: a time-out follows

    def test_what_a_program_prints_is_no_end(self):
        for line in (ends(0, NUMBER + 1), ends(0).replace(b'run', b'Run'), b'mudskipper: power off, status 0\n'):
            self.assertEqual(self.heard(line), (line, None))

    def test_firmware_means_a_reset(self):
        for first in (b'U-Boot SPL 2022.04-6.2.0\n', BANNER, b'NOTICE:  BL31: v2.6\n'):
            self.assertEqual(self.heard(b'text\n' + first)[1].status, STATUS_RESET)


class Device(unittest.TestCase):
    def setUp(self):
        self.ours, theirs = pty.openpty()
        self.name = os.ttyname(theirs)
        self.addCleanup(os.close, self.ours)
        os.close(theirs)

    def test_a_line_is_ours_alone(self):
        with Line(self.name):
            with self.assertRaisesRegex(Refusal, 'another msk drives the board'):
                Line(self.name)
        with Line(self.name) as line:
            line.write(b'\x03\x04\r')
            self.assertEqual(os.read(self.ours, 16), b'\x03\x04\r')
            os.write(self.ours, b'\x11\x13\n\xff')
            self.assertEqual(line.read(5), b'\x11\x13\n\xff')
            self.assertEqual(line.read(0), b'')

    def test_what_is_no_line_is_refused(self):
        for path, what in (('/dev/null', 'is no serial line'), ('/dev/nothing', 'No such file')):
            with self.assertRaisesRegex(Refusal, what):
                Line(path)

    def test_a_line_that_is_unplugged(self):
        ours, theirs = pty.openpty()
        with Line(os.ttyname(theirs)) as line:
            os.close(theirs)
            os.close(ours)
            with self.assertRaises(Gone):
                line.read(5)


class Talk(unittest.TestCase):
    """A person at one pseudo-terminal, a board at another, each of which answers what it sees."""

    def talk(self, on_shown, board):
        keys, terminal = pty.openpty()
        ours, theirs = pty.openpty()
        shown = []

        def output(data):
            shown.append(data)
            if len(shown) == 1:
                os.write(keys, on_shown)

        with os.fdopen(terminal) as stdin, Line(os.ttyname(theirs)) as line, mock.patch('sys.stdin', stdin):
            os.write(ours, b'hello\n')
            other = threading.Thread(target=board, args=[ours])
            other.start()
            outcome = serial_board.talk(line, serial_board.Transcript(NUMBER, output))
            other.join()
        for end in (keys, ours, theirs):
            os.close(end)
        return outcome, b''.join(shown)

    def test_keys_go_to_the_board_and_its_end_is_the_end(self):
        got = []

        def board(end):
            got.append(os.read(end, 1))
            os.write(end, ends(3))

        outcome, shown = self.talk(b'k', board)
        self.assertEqual((outcome.status, shown, got), (3, b'hello\n', [b'k']))

    def test_control_a_x_leaves_it(self):
        outcome, shown = self.talk(b'\x01x', lambda end: None)
        self.assertEqual((outcome.status, outcome.sentence, shown), (0, 'the board goes on', b'hello\n'))


class Words(unittest.TestCase):
    def test_which_board_has_to_be_said(self):
        for more in ({'config': 'gcc'}, {'all': True}, {}):
            options = argparse.Namespace(**{'all': False, 'on': None, 'config': None, 'require': [], 'serial': '/dev/null',
                                            'tftp': '/tmp', **more})
            with self.assertRaisesRegex(Refusal, 'which board'):
                command_test.parts(options)

    def test_wrong_words(self):
        with tempfile.TemporaryDirectory() as folder:
            for device, where, what in (('/dev/null', '/nowhere', 'is no folder'),
                                        ('/dev/nothing', folder, 'there is no such file')):
                with self.assertRaisesRegex(Refusal, what):
                    serial_board.Serial.of(device, where)

    def test_prompts(self):
        for said in (b'=> ', b'\r\n=> ', b'\nVerdin iMX8MP # ', b'\rColibri iMX8X # '):
            self.assertTrue(serial_uboot.PROMPT.search(said), said)
        for said in (b'=> d', b'msk> ', b'a line # \r\n'):
            self.assertFalse(serial_uboot.PROMPT.search(said), said)


if __name__ == '__main__':
    unittest.main()
