# SPDX-License-Identifier: MIT
"""A run on a board: U-Boot is driven over the serial line, what it boots comes from a TFTP server or lies on the board's
own medium, and what the system prints comes back over the line.

The kernel is told a number of this run (`driven=N`). Its last line has the number, and the status twice: no byte that is
lost, and nothing that a program prints, makes a failure look like a success. Then it resets the board, and the next run
finds U-Boot again.
"""

import os
import re
import secrets
import select
import sys
import termios
import time
import tty
from dataclasses import dataclass
from pathlib import Path

from . import boards, builds, launch, media, packages, serial_uboot, uboot
from .console import STATUS_RESET, STATUS_TIMEOUT, STATUS_TOOL, Refusal
from .qemu import Outcome
from .serial_line import Gone, Line

DEVICE, FOLDER = 'MUDSKIPPER_SERIAL', 'MUDSKIPPER_TFTP'
LOAD_SECONDS = 120.0   # DHCP and TFTP of a script
START_SECONDS = 240.0  # TFTP of all the rest
SILENCE = 120.0        # seconds without a byte, of a run without a time-out: nobody looks at it
TICK = 0.5
STARTS = re.compile(rb'Starting kernel \.\.\.\r?\n\r?\n')
REFUSES = re.compile(rb'mudskipper: not booted: ([^\r\n]*)[\r\n]')
STARTS_OR_NOT = re.compile(STARTS.pattern + b'|' + REFUSES.pattern)
FIRMWARE = re.compile(rb'\r?(?:U-Boot (?:SPL )?20\d\d\.\d\d|NOTICE:  BL31: )')
LEAVE = b'\x01x'       # Ctrl-A x


@dataclass(frozen=True)
class Serial:
    """How the board is reached."""
    device: Path
    folder: Path = None  # what the TFTP server serves; None: the board boots its medium, of the same build

    @staticmethod
    def of(device, folder):
        """What the person said, checked."""
        folder = Path(folder).absolute() if folder else None
        if folder and (not folder.is_dir() or not os.access(folder, os.W_OK)):
            raise Refusal(f'--tftp {folder} is no folder in which we may write', 2)
        if not Path(device).exists():
            raise Refusal(f'--serial {device}: there is no such file', 2)
        return Serial(Path(device).absolute(), folder)

    @staticmethod
    def of_options(options, world):
        """None: not on a board."""
        if options.serial is None:
            if options.tftp is not None:
                raise Refusal('--tftp is for a board that is driven by --serial', 2)
            return None
        board_of(world)
        if options.tftp is None and getattr(options, 'dtb', None):
            raise Refusal('--dtb: without --tftp the board boots its own medium: tools/msk image writes one with that tree', 2)
        return Serial.of(options.serial, options.tftp)

    @staticmethod
    def of_environment():
        """For the runners that Meson calls; None: not on a board."""
        device = os.environ.get(DEVICE)
        return Serial.of(device, os.environ.get(FOLDER)) if device else None

    def environment(self):
        return {DEVICE: str(self.device), **({FOLDER: str(self.folder)} if self.folder else {})}

    def run(self, world, product, wishes, folder, output=None):
        return run(world, self, product, wishes, folder, output)


def add_arguments(parser):
    parser.add_argument('--serial', metavar='DEV', help='on a board whose serial line this is; U-Boot loads the system')
    parser.add_argument('--tftp', metavar='DIR', help='--serial: the folder that a TFTP server serves to the board; '
                        'without it boots what tools/msk image wrote for its medium')


def board_of(world):
    if world.name not in media.BOARDS:
        raise Refusal(f'--serial is for boards: {", ".join(media.BOARDS)}', 2)
    return media.BOARDS[world.name]


def prepare(world, build, own_tree, yes):
    """Installs, fetches and builds what a board is booted with."""
    board, where = board_of(world), boards.tree_folder()
    packages.ensure([*packages.BOARD, *build.needs], f'running on {world.name}', yes)
    if own_tree is None and not any(where.glob(board.trees)):
        builds.run_tool(board.name, 'fetch-trees', [str(where)])
    builds.ensure(build, ('Image', launch.ARCHIVE))


class Transcript:
    """What the system prints, up to the line of its end."""

    def __init__(self, number, output):
        self.number = number
        self.output = output
        self.sign = f'mudskipper: run {number} ends with status '.encode()
        self.ending = re.compile(re.escape(self.sign) + rb'(\d+) \(0x([0-9a-f]{8})\)\r?\n')
        self.pending = b''  # not shown yet: it may be of the last line, or of firmware's first
        self.outcome = None

    def take(self, data):
        self.pending += data
        *lines, rest = self.pending.split(b'\n')
        for line in lines:
            if self._line(line + b'\n'):
                return
        shown = len(rest) - self._held(rest)  # a prompt has no end of line
        if shown:
            self.output(rest[:shown])
        self.pending = rest[shown:]

    def _held(self, rest):
        """How many bytes of an unfinished line may belong to the last one."""
        if (at := rest.find(self.sign)) >= 0:
            return len(rest) - at
        if any(sign.startswith(rest.lstrip(b'\r')) or rest.lstrip(b'\r').startswith(sign) for sign in (b'U-Boot ', b'NOTICE: ')):
            return len(rest)
        return next((n for n in range(min(len(rest), len(self.sign)), 0, -1) if self.sign.startswith(rest[-n:])), 0)

    def _line(self, line):
        """Whether it was the last."""
        before, sign, _ = line.partition(self.sign)
        if sign:
            self.output(before)
            found = self.ending.search(line)
            agrees = found and int(found[1]) == int(found[2], 16)
            self.outcome = (Outcome(int(found[1])) if agrees else
                            Outcome(STATUS_TOOL, 'the line with the status arrived damaged, so the run counts as failed'))
        elif FIRMWARE.match(line):
            self.outcome = Outcome(STATUS_RESET, 'the board was reset before the system had told its status, so the run counts '
                                   'as failed')
        else:
            self.output(line)
        return self.outcome is not None


def driven(wishes, number):
    return ' '.join(word for word in (wishes.append, f'driven={number}') if word)


def write(serial, board, product, wishes, number, folder):
    """All that U-Boot loads, into the folder of the TFTP server."""
    own = [wishes.tree] if wishes.tree else sorted(boards.tree_folder().glob(board.trees))
    if not own:
        raise Refusal(f'there is no {board.trees} in {boards.tree_folder()}: tools/fetch-trees puts it there')
    trees = {path.name: path.read_bytes() for path in own}
    words = driven(wishes, number)
    initrd = launch.own_archive(product, wishes, folder)
    for name, data in media.contents(board, product.image.read_bytes(), Path(initrd).read_bytes() if initrd else b'', trees,
                                     words, folder).items():
        target = serial.folder / f'.{name}.{os.getpid()}'
        target.write_bytes(data)
        target.replace(serial.folder / name)


def run(world, serial, product, wishes, folder, output=None):
    """One run; the outcome's status is the system's own."""
    board = board_of(world)
    number = 1 + secrets.randbelow((1 << 63) - 1)
    uboot.check_arguments(wishes.append)
    if serial.folder:
        write(serial, board, product, wishes, number, folder)
    show = output or _show
    try:
        with Line(serial.device) as line:
            prompt = serial_uboot.Prompt(line)
            prompt.find()
            early = start(prompt, from_server if serial.folder else lambda at: from_medium(at, product, wishes, number))
            if isinstance(early, Outcome):
                return early
            transcript = Transcript(number, show)
            transcript.take(early)
            person = wishes.script is None and output is None and sys.stdin.isatty()
            return talk(line, transcript) if person else listen(line, transcript, wishes.timeout)
    except (Gone, serial_uboot.Lost) as reason:
        return Outcome(STATUS_TOOL, str(reason))


def from_server(prompt):
    """Up to the command that boots."""
    prompt.do(b'dhcp ${scriptaddr} boot.scr', LOAD_SECONDS)
    prompt.do(b'setenv devtype dhcp', LOAD_SECONDS)
    prompt.type(b'source ${scriptaddr}')


def from_medium(prompt, product, wishes, number):
    """Up to the command that boots: boot.scr of the medium adds what it finds in U-Boot's variables (uboot.py)."""
    initrd = product.archive.read_bytes() if product.archive else b''
    prompt.set_words('msk_want', media.build_name(product.image.read_bytes(), initrd))
    prompt.set_words('msk_words', driven(wishes, number))
    if more := launch.more_archive(wishes):
        prompt.put(prompt.number('ramdisk_addr_r') + len(initrd), more)
        prompt.set_words('msk_more_bytes', f'{len(more):x}')
    prompt.type(b'run bootcmd')


def start(prompt, prepare_to):
    """Boots; what has come behind U-Boot's last line, or the outcome when it does not boot."""
    prepare_to(prompt)
    said = prompt.answer(prompt.enter(), START_SECONDS, STARTS_OR_NOT)
    if found := STARTS.search(said):
        return said[found.end():]
    if found := REFUSES.search(said):
        return Outcome(STATUS_TOOL, f'U-Boot did not boot the system: {found[1].decode(errors="replace")}')
    return Outcome(STATUS_TIMEOUT, f'U-Boot did not start the system; the last it said: {said[-200:].decode(errors="replace")!r}')


def listen(line, transcript, timeout):
    """To the end of a run that nobody looks at."""
    end = None if timeout is None else time.monotonic() + timeout
    heard = time.monotonic()
    while transcript.outcome is None:
        if data := line.read(TICK):
            heard = time.monotonic()
            transcript.take(data)
        elif end is None and time.monotonic() > heard + SILENCE:
            return Outcome(STATUS_TIMEOUT, f'nothing came from the board for {SILENCE:g} s; reset it')
        if end is not None and time.monotonic() > end:
            return Outcome(STATUS_TIMEOUT, f'time-out after {timeout:g} s; the board goes on: reset it')
    return transcript.outcome


def talk(line, transcript):
    """A person at the terminal: keys go to the board, Ctrl-A x leaves it as it is."""
    terminal = sys.stdin.fileno()
    found = termios.tcgetattr(terminal)
    keys = b''
    try:
        tty.setraw(terminal)
        while transcript.outcome is None:
            ready, _, _ = select.select([terminal, line.device], [], [])
            if terminal in ready:
                typed = os.read(terminal, 256)
                keys += typed
                if LEAVE in keys or not typed:
                    return Outcome(0, 'the board goes on')
                held = keys[-1:] if keys.endswith(LEAVE[:1]) else b''
                line.write(keys[:len(keys) - len(held)])
                keys = held
            if line.device in ready:
                transcript.take(line.read(0))
        return transcript.outcome
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, found)


def _show(data):
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
