# SPDX-License-Identifier: MIT
"""U-Boot's command line, over a line that loses bytes.

A command is typed in pieces, and each waits for its echo: what U-Boot has is then known, and only then is it carried
out. What it answers may be damaged, too: that it succeeded is asked for in a word, and a command without that word is
given again. So only commands are given that may be carried out twice.
"""

import re
import time
import zlib

from .console import Refusal, say

PROMPT = re.compile(rb'(?:^|[\r\n])[\w .+-]*(?:=>|#) $')
CTRL_C = b'\x03'
PIECE = 16            # bytes typed at once: what the shortest receiver's queue holds
ECHO = 1.0            # seconds for the echo of a piece
QUIET = 0.3           # seconds without a byte behind a prompt: it is one
DEAD = 20.0           # seconds without a byte, in the middle of an answer
ATTEMPTS = 8
SILENT_FOR = 3.0      # seconds until the person is asked to reset the board
RESET_WITHIN = 300.0  # seconds that person has
YES = b'msk-yes'      # printed by what is typed as msk-"yes"
NUMBER = re.compile(rb'msk-is (?:0x)?([0-9a-f]+)[.](?:0x)?([0-9a-f]+)[.]')  # likewise
SUM = re.compile(rb'==> ([0-9a-f]{8})\r?\n')
LONGEST = 400         # bytes of a command: U-Boot's line has room for 512 or more
SHORT = 128           # of one of many: on a bad line each is typed anew less often than a long one
ANSWER = 5.0          # seconds for a command that only computes


class Lost(Exception):
    """The command line did not do what it should; the text says what came instead."""


class Prompt:
    def __init__(self, line, reset_within=RESET_WITHIN):
        self.line = line
        self.reset_within = reset_within

    def find(self):
        """Waits for U-Boot, and stops it before it boots by itself."""
        end = time.monotonic() + self.reset_within
        ask = time.monotonic() + SILENT_FOR
        said = b''
        while time.monotonic() < end:
            self.line.write(CTRL_C)
            said = (said + self._read_until_quiet())[-4096:]
            if PROMPT.search(said):
                return
            if ask and time.monotonic() > ask:
                say(f'waiting for U-Boot on {self.line.path}: switch the board on, or reset it')
                ask = None
        raise Refusal(f'{self.line.path}: U-Boot did not show its prompt within {self.reset_within:g} s; the last that came: '
                      f'{said[-200:].decode(errors="replace")!r}')

    def _read_until_quiet(self, most=2.0):
        said, end = b'', time.monotonic() + most
        while time.monotonic() < end:
            data = self.line.read(QUIET)
            if not data:
                break
            said += data
        return said

    def type(self, command):
        """Until U-Boot has all of it; not carried out yet."""
        for _ in range(ATTEMPTS):
            if self._echoes(command):
                return
            self.line.write(CTRL_C)
            self._read_until_quiet()
        raise Lost(f'U-Boot does not echo {command.decode()!r}')

    def _echoes(self, command):
        self.line.drop()
        for at in range(0, len(command), PIECE):
            piece, said = command[at:at + PIECE], b''
            self.line.write(piece)
            end = time.monotonic() + ECHO
            while len(said) < len(piece):
                data = self.line.read(end - time.monotonic())
                if not data:
                    return False
                said += data
            if said != piece:
                return False
        return True

    def enter(self):
        """Enter may get lost, too; when it was not, something comes."""
        for _ in range(ATTEMPTS):
            self.line.write(b'\r')
            if data := self.line.read(ECHO):
                return data
        raise Lost('U-Boot does not answer')

    def answer(self, said, seconds, sign):
        """What comes until it has that sign, or for so long, or until nothing comes any more."""
        end = time.monotonic() + seconds
        while not sign.search(said) and time.monotonic() < end:
            data = self.line.read(min(DEAD, end - time.monotonic()))
            if not data:
                break
            said += data
        return said

    def do(self, command, seconds):
        """A command that says whether it succeeded."""
        said = b''
        for _ in range(ATTEMPTS):
            self.type(command + b' && echo msk-"yes"')
            said = self.answer(self.enter(), seconds, PROMPT)
            if YES in said:
                return
            self.line.write(CTRL_C)
            self._read_until_quiet()
        raise Lost(f'U-Boot: {command.decode()}: {said[-300:].decode(errors="replace").strip()}')

    def ask(self, command, sign, seconds=ANSWER):
        """What it answers, by that sign."""
        said = b''
        for _ in range(ATTEMPTS):
            self.type(command)
            said = self.answer(self.enter(), seconds, PROMPT)
            if found := sign.search(said):
                return found
            self.line.write(CTRL_C)
            self._read_until_quiet()
        raise Lost(f'U-Boot: {command.decode()}: {said[-300:].decode(errors="replace").strip()}')

    def number(self, name):
        """A variable that holds a hexadecimal number. It is said twice: what lost a byte does not agree."""
        for _ in range(ATTEMPTS):
            found = self.ask(f'echo msk-"is" ${{{name}}}.${{{name}}}.'.encode(), NUMBER)
            if found[1] == found[2]:
                return int(found[1], 16)
        raise Lost(f'U-Boot does not say twice the same what {name} is')

    def set_words(self, name, text):
        """A variable with any number of words."""
        parts, part = [], ''
        for word in text.split():
            if part and len(part) + len(word) > LONGEST - 64:
                parts.append(part)
                part = ''
            part = f'{part} {word}'.lstrip()
        names = [f'{name}{number}' for number in range(len(parts))] if parts else []
        for of_part, words in zip(names, parts):
            self.do(f'setenv {of_part} "{words}"'.encode(), ANSWER)
        whole = ' '.join([*(f'${{{of_part}}}' for of_part in names), part])
        self.do(f'setenv {name} "{whole}"'.encode(), ANSWER)

    def put(self, address, data):
        """Into the board's memory, as commands that write a word each: no other way needs nothing but the line."""
        data += bytes(-len(data) % 4)
        for _ in range(ATTEMPTS):
            commands = [f'mw.l {address + at:x} {int.from_bytes(data[at:at + 4], "little"):x}' for at in range(0, len(data), 4)]
            while commands:
                line = commands.pop(0)
                while commands and len(line) + len(commands[0]) < SHORT:
                    line += ';' + commands.pop(0)
                self.do(line.encode(), ANSWER)
            if int(self.ask(f'crc32 {address:x} {len(data):x}'.encode(), SUM)[1], 16) == zlib.crc32(data):
                return
        raise Lost(f'U-Boot has something else at {address:#x} than it was told to write there')
