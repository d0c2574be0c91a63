# SPDX-License-Identifier: MIT
"""A serial line with a board at its other end: 115200 baud, 8N1, no flow control. Bytes may get lost on it."""

import errno
import fcntl
import os
import select
import selectors
import termios
import time

from .console import STATUS_TOOL, Refusal
from .process import CHUNK

SPEED = termios.B115200


class Gone(Exception):
    """The device was unplugged, or whoever was at its other end went away."""


class Line:
    """Ours alone while it is open."""

    def __init__(self, path):
        self.path = path
        try:
            self.device = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise Refusal(f'--serial {path}: {error.strerror}', 2) from None
        try:
            self._set_up()
        except BaseException:
            os.close(self.device)
            raise
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.device, selectors.EVENT_READ)

    def _set_up(self):
        try:
            fcntl.flock(self.device, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refusal(f'--serial {self.path}: another msk drives the board', STATUS_TOOL) from None
        try:
            mode = termios.tcgetattr(self.device)
        except termios.error:
            raise Refusal(f'--serial {self.path} is no serial line', 2) from None
        raw = termios.CS8 | termios.CREAD | termios.CLOCAL
        mode[:6] = [termios.IGNBRK, 0, raw, 0, SPEED, SPEED]
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self.device, termios.TCSANOW, mode)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.selector.close()
        os.close(self.device)

    def read(self, seconds):
        """What has come, as soon as something has; b'' when nothing did for so long."""
        if not self.selector.select(max(0, seconds)):
            return b''
        try:
            data = os.read(self.device, CHUNK)
        except BlockingIOError:
            return b''
        except OSError as error:
            raise Gone(f'{self.path}: {error.strerror}') from None
        if not data:
            raise Gone(f'{self.path}: there is nothing at its other end any more')
        return data

    def drop(self):
        """Everything that has come and was not read."""
        while self.read(0):
            pass

    def write(self, data, seconds=5.0):
        end = time.monotonic() + seconds
        while data:
            try:
                data = data[os.write(self.device, data):]
            except OSError as error:
                if error.errno != errno.EAGAIN:
                    raise Gone(f'{self.path}: {error.strerror}') from None
                if not select.select([], [self.device], [], max(0, end - time.monotonic()))[1]:
                    raise Gone(f'{self.path} takes nothing') from None
