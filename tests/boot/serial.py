#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The system on a board behind a serial line, as tools/msk --serial drives it. Prints TAP.

The board is QEMU's virt with Debian's U-Boot, which loads the system from QEMU's TFTP server, or from a memory card. Its serial line is a
pseudo-terminal, and between the two sits a bad wire: it loses bytes in both directions, makes noise while the boot loader
starts, resets the board in the middle, or goes dead.
"""

import argparse
import os
import pty
import random
import select
import subprocess
import sys
import threading
import tty
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))

from bench import Cases, Failure, needs_boot_loader  # noqa: E402
from frontdoor import boards, media, process, sdcard  # noqa: E402
from frontdoor.serial_board import DEVICE, FOLDER  # noqa: E402

WORLD = 'verdin-imx8mp'
MACHINE = ('-M', 'virt,gic-version=3,virtualization=on', '-cpu', 'cortex-a35', '-smp', '4', '-m', '1G')
STORY = ROOT / 'tests/scenario'
NOISE = b'\x00\xff\xfe=> \r\nVerdin iMX8MP # \x80\x00\r\n'


class Wire:
    """Between the board and whoever drives it. Faults are drawn from `seed`: in both directions one byte in `loses_one_in` is lost,
    0 being none; behind `resets_at` or `dead_at`, once the board has said it, that happens."""

    def __init__(self, options, folder, loses_one_in=0, seed=1, noise=b'', resets_at=None, dead_at=None,
                 card=None):
        self.random = random.Random(seed)
        self.loses_one_in, self.noise, self.resets_at, self.dead_at = loses_one_in, noise, resets_at, dead_at
        self.card = card
        loads_from = (['-drive', f'file={card},format=raw,if=none,id=card,snapshot=on', '-device', 'virtio-blk-device,drive=card',
                       '-nic', 'none'] if card else
                      ['-netdev', f'user,id=net,restrict=on,tftp={folder}', '-device', 'virtio-net-device,netdev=net'])
        self.words = [boards.QEMU, *MACHINE, '-nodefaults', '-display', 'none', '-serial', 'stdio', '-bios', str(boards.boot_loader()),
                      *loads_from]
        self.ours, self.theirs = pty.openpty()
        tty.setraw(self.theirs)
        self.device = os.ttyname(self.theirs)
        self.said, self.lost, self.over = b'', 0, threading.Event()
        self.board = None
        self.thread = threading.Thread(target=self._carry)

    def __enter__(self):
        self._switch_on()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        process.end(self.board)
        os.close(self.ours)
        os.close(self.theirs)

    def _switch_on(self):
        if self.board:
            process.end(self.board)
        self.board = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._write(self.ours, self.noise)

    def _carry(self):
        while not self.over.is_set():
            ready, _, _ = select.select([self.ours, self.board.stdout], [], [], 0.05)
            for end in ready:
                here = end == self.ours
                data = os.read(self.ours if here else self.board.stdout.fileno(), 65536)
                if here:
                    self._write(self.board.stdin.fileno(), self._worn(data))
                elif data:
                    self._from_board(data)

    def _from_board(self, data):
        self.said += data
        if self.dead_at and self.dead_at in self.said:
            return
        self._write(self.ours, self._worn(data))
        if self.resets_at and self.resets_at in self.said:
            self.resets_at = None
            self._switch_on()

    def _worn(self, data):
        if not self.loses_one_in:
            return data
        kept = bytes(byte for byte in data if self.random.randrange(self.loses_one_in))
        self.lost += len(data) - len(kept)
        return kept

    def _write(self, to, data):
        while data and not self.over.is_set():
            if select.select([], [to], [], 0.05)[1]:
                data = data[os.write(to, data[:256]):]


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.work = folder
        self.folder = folder / 'tftp'
        self.folder.mkdir()

    def card(self, archive=None, name='card'):
        """What tools/msk image writes for a memory card; `archive`: of another build."""
        board, card = media.BOARDS[WORLD], self.work / name
        if not card.exists():
            trees = {path.name: path.read_bytes() for path in sorted(boards.tree_folder().glob(board.trees))}
            sdcard.write(card, media.contents(board, self.options.image.read_bytes(), archive or self.options.archive.read_bytes(),
                                              trees, '', self.work), self.work)
        return card

    def wire(self, **faults):
        return Wire(self.options, self.folder, **faults)

    def run(self, wire, runner, *words, device=None):
        """A runner as Meson calls it: status and output."""
        env = dict(os.environ, **{DEVICE: device or wire.device, FOLDER: '' if wire.card else str(self.folder)})
        command = [ROOT / 'tools' / runner, WORLD, *words, '--image', self.options.image, '--archive', self.options.archive]
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace',
                              timeout=self.options.timeout)
        return done.returncode, done.stdout + done.stderr

    def story(self, wire, script='first.msk', expected='first.expected', *words):
        return self.run(wire, 'run-scenario', STORY / script, STORY / expected, *words)


CASES = Cases()


def must(holds, result):
    if not holds:
        raise Failure(f'status {result[0]}: {result[1][-400:]!r}')


@CASES.case('SERIAL-RUN-001', 'a scenario prints what it prints everywhere; the board is there for the next one')
def _scenario(bench):
    with bench.wire() as wire:
        for _ in range(2):
            result = bench.story(wire)
            must(result[0] == 0, result)


@CASES.case('SERIAL-RUN-002', 'the status is the system\'s')
def _status(bench):
    with bench.wire() as wire:
        result = bench.story(wire, 'shell-exit.msk', 'shell-exit.expected', '--status', '5')
        must(result[0] == 0, result)
        result = bench.story(wire, 'shell-exit.msk', 'shell-exit.expected')
        must(result[0] != 0 and 'status' in result[1], result)


@CASES.case('SERIAL-RUN-003', 'a conformance program')
def _conformance(bench):
    with bench.wire() as wire:
        result = bench.run(wire, 'run-tap', '--append', 'init=conformance-caps')
        must(result[0] == 0 and '\nok 1 ' in '\n' + result[1] and 'not ok' not in result[1], result)


def lossy(bench, rounds, **faults):
    """The script ends with status 5: how often it passed with that; with 0 it never may."""
    passed = 0
    with bench.wire(seed=bench.options.seed, **faults) as wire:
        for _ in range(rounds):
            result = bench.story(wire, 'shell-exit.msk', 'shell-exit.expected', '--timeout', '40')
            must(result[0] != 0, result)
            passed += bench.story(wire, 'shell-exit.msk', 'shell-exit.expected', '--status', '5', '--timeout', '40')[0] == 0
        print(f'# {passed} of {rounds} passed as they should; {wire.lost} bytes were lost')
        must(wire.lost > 0 and b'Starting kernel' in wire.said, result)
    return passed


@CASES.case('SERIAL-LINE-001', 'a line that loses one byte in 10^4: no scenario passes that should not, and each ends')
def _lossy(bench):
    if not lossy(bench, 4, loses_one_in=10000):
        raise Failure('none passed')


@CASES.case('SERIAL-LINE-002', 'one in 500: U-Boot gets its commands whole all the same')
def _very_lossy(bench):
    lossy(bench, 2, loses_one_in=500)


@CASES.case('SERIAL-LINE-003', 'noise while the boot loader starts')
def _noise(bench):
    with bench.wire(noise=NOISE * 20) as wire:
        result = bench.story(wire)
        must(result[0] == 0, result)


@CASES.case('SERIAL-LINE-004', 'a board that is reset in the middle has failed')
def _reset(bench):
    with bench.wire(resets_at=b'msk> ') as wire:
        result = bench.story(wire)
        must(result[0] != 0 and 'was reset before the system had told its status' in result[1], result)
        result = bench.story(wire)
        must(result[0] == 0, result)


@CASES.case('SERIAL-LINE-005', 'a line that goes dead while the system runs, or U-Boot')
def _dead(bench):
    for where, what in ((b'msk> ', 'time-out after 5 s; the board goes on'), (b'TFTP from server', 'U-Boot')):
        with bench.wire(dead_at=where) as wire:
            result = bench.story(wire, 'first.msk', 'first.expected', '--timeout', '5')
            must(result[0] != 0 and what in result[1], result)


@CASES.case('SERIAL-CARD-001', 'without a TFTP server a card is booted, with this run\'s script, however long, and words')
def _card(bench):
    with bench.wire(card=bench.card()) as wire:
        for words in (('first.msk', 'first.expected'), ('shell-exit.msk', 'shell-exit.expected', '--status', '5')):
            result = bench.story(wire, *words)
            must(result[0] == 0, result)
        long = bench.work / 'long'
        long.with_suffix('.msk').write_text('echo this is line one of many\n' * 200)
        long.with_suffix('.expected').write_text('msk> echo this is line one of many\nthis is line one of many\n' * 200)
        result = bench.story(wire, long.with_suffix('.msk'), long.with_suffix('.expected'))
        must(result[0] == 0, result)
        result = bench.run(wire, 'run-tap', '--append', 'init=conformance-caps ' + ' '.join(f'env=WORD{n}=value' for n in range(60)))
        must(result[0] == 0 and '\nok 1 ' in '\n' + result[1] and 'not ok' not in result[1], result)


@CASES.case('SERIAL-CARD-002', 'a card of another build, or with nothing on it, is not booted')
def _other_card(bench):
    other = bench.card(bench.options.archive.read_bytes() + bytes(512), 'other')
    with bench.wire(card=other) as wire:
        result = bench.story(wire)
        must(result[0] != 0 and 'this medium has build' in result[1], result)
    empty = bench.work / 'empty'
    sdcard.write(empty, {'README': b'nothing'}, bench.work)
    with bench.wire(card=empty) as wire:
        result = bench.story(wire)
        must(result[0] != 0 and 'U-Boot did not start the system' in result[1], result)


@CASES.case('SERIAL-CARD-003', 'a line that loses one byte in 500: what is typed into the board\'s memory arrives whole')
def _lossy_card(bench):
    lossy(bench, 2, loses_one_in=500, card=bench.card())


@CASES.case('SERIAL-LINE-006', 'no line, no board, no folder: a sentence each')
def _refused(bench):
    with bench.wire() as wire:
        for device, what in (('/dev/null', 'is no serial line'), (str(bench.folder / 'none'), 'there is no such file')):
            result = bench.run(wire, 'run-scenario', STORY / 'first.msk', STORY / 'first.expected', device=device)
            must(result[0] != 0 and what in result[1] and 'Traceback' not in result[1], result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--image', type=Path, required=True)
    parser.add_argument('--archive', type=Path, required=True)
    parser.add_argument('--only', default='', metavar='TEXT', help='the cases with TEXT in their identifier')
    parser.add_argument('--timeout', type=float, default=600, metavar='S', help='for one run (default: 600)')
    parser.add_argument('--seed', type=int, default=1, help='of the bytes that are lost')
    options = parser.parse_args()
    options.emulator = boards.QEMU
    needs_boot_loader()
    return CASES.run(options, Bench)


if __name__ == '__main__':
    sys.exit(main())
