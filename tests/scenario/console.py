#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The console in the hands of its driver: input through a pipe, output through a pipe, the same bytes in every world."""

import argparse
import os
import re
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))

from frontdoor import archive, boards, qemu, worlds  # noqa: E402

BOOT_FILE = Path(__file__).resolve().parents[2] / 'services/init/boot'
DRIVERS = ''.join(f'{line}\n' for line in BOOT_FILE.read_text().splitlines() if line.startswith('driver '))
PATIENCE = 60  # seconds
LINES = 300    # of each writer: more than all queues on the way hold
LONG = (': a line that is longer than what one message of the kernel can carry, to see whether it stays whole when others '
        'write, too')
OFF = re.compile(rb'mudskipper: power off, status \d+\n$')  # QEMU's machines say so


class Story:
    boot = ''
    wait_for = None  # the input is given when this was seen
    send = b''
    status = 0

    def check(self, out):
        raise NotImplementedError


class Input(Story):
    boot = DRIVERS + 'spawn stdin=console stdout=console echo-lines echo\n'
    wait_for = b'Ctrl-D\n'
    send = b'hello\nworld and more\r\n' + b'x' * 200 + b'\nlast\n\x04'

    def check(self, out):
        expected = (b'echo: type lines, end with Ctrl-D\n1: hello\n2: world and more\n3: \n4: ' + b'x' * 200
                    + b'\n5: last\n5 lines\n')
        return [] if out == expected else [f'expected {expected}', f'came     {out}']


class Script(Story):
    """The shell's script is what comes on the console: it ends at the first line that fails, with status 1."""
    boot = (DRIVERS + 'spawn stdout=console hello\n'
            'spawn cap=manage stdin=console stdout=console shell --poweroff --script -\n')
    wait_for = b'calls 1\n'
    send = b'echo one; echo two\n! nothing\nnonsense\necho never\n'
    status = 1

    def check(self, out):
        expected = (b'hello from hello on core 0, argument count 1, calls 1\n'
                    b'msk> echo one; echo two\none\ntwo\n'
                    b'msk> ! nothing\nas expected: nothing: there is no such command; help lists them\n'
                    b'msk> nonsense\nline 3: nonsense: there is no such command; help lists them\n')
        return [] if out == expected else [f'expected {expected}', f'came     {out}']


class ScriptEnd(Script):
    """Ctrl-D at the start of a line is the script's end."""
    send = b'echo one\n\x04'
    status = 0

    def check(self, out):
        expected = b'hello from hello on core 0, argument count 1, calls 1\nmsk> echo one\none\n'
        return [] if out == expected else [f'expected {expected}', f'came     {out}']


class NoDriver(Story):
    """A console that nobody drives: what would go there goes to the log, which the kernel shows; input is at its end."""
    boot = ('driver nobody,has-this terminal\n'
            'spawn cap=manage stdin=console stdout=console stderr=console shell --poweroff '
            '-c "spawn hello; spawn echo-lines; spawn sort-lines; poweroff 3"\n')
    status = 3

    def check(self, out):
        expected = (b'msk> spawn hello; spawn echo-lines; spawn sort-lines; poweroff 3\n'
                    b'hello from hello on core 0, argument count 1, calls 1\n'
                    b'echo: type lines, end with Ctrl-D\n0 lines\n'
                    b'sort-lines: type lines, end with Ctrl-D\n0 lines, 0.00 bytes each\n')
        return [] if out == expected else [f'expected {expected}', f'came     {out}']


class Flood(Story):
    boot = DRIVERS + ''.join(f'spawn stdout=console flood {name} {LINES}\n' for name in ('one', 'two', 'three'))

    def check(self, out):
        seen = {'one': 0, 'two': 0, 'three': 0}
        for line in out.decode(errors='backslashreplace').splitlines():
            name = line.split(' ', 1)[0]
            if line != f'{name} {seen.get(name)}{LONG}':
                return [f'not a whole line, or not the next one: {line!r}']
            seen[name] += 1
        return [] if set(seen.values()) == {LINES} else [f'lines are missing: {seen}']


STORIES = {'input': Input, 'script': Script, 'script-end': ScriptEnd, 'no-driver': NoDriver, 'flood': Flood}


def run(story, command):
    machine = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, end, waiting = bytearray(), time.monotonic() + PATIENCE, story.wait_for
    with selectors.DefaultSelector() as selector:
        selector.register(machine.stdout, selectors.EVENT_READ)
        while time.monotonic() < end:
            if not selector.select(1):
                continue
            piece = os.read(machine.stdout.fileno(), 65536)
            if not piece:
                return machine.wait(), bytes(out)
            out += piece
            if waiting and waiting in out:
                waiting = None
                machine.stdin.write(story.send)
                machine.stdin.flush()
    machine.kill()
    machine.wait()
    return 124, bytes(out)


def command(options, whole):
    world = worlds.find(options.world)
    if world.machine:
        return qemu.command(world, options.image, whole, 4, 512, '')
    return [options.executable, '--archive', whole]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('story', choices=STORIES)
    parser.add_argument('world')
    parser.add_argument('--archive', required=True, type=Path, help='the programs; the boot file is the story\'s')
    parser.add_argument('--executable', help='of the simulator')
    parser.add_argument('--image', help='of the kernel')
    parser.add_argument('--symbols', help='not used; where other runners take it')
    options = parser.parse_args()
    if reason := boards.missing(worlds.find(options.world)):
        print(f'skipped: {options.world}: {reason}')
        return boards.SKIPPED
    story = STORIES[options.story]()
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, 'archive.cpio')
        whole.write_bytes(options.archive.read_bytes() + archive.write({'boot': (story.boot.encode(), 0o100644)}))
        status, out = run(story, command(options, str(whole)))
    problems = story.check(OFF.sub(b'', out))
    if status != story.status:
        problems.append(f'the machine ended with status {status}, not {story.status}')
    for problem in problems:
        print(f'console {options.story} on {options.world}: {problem}')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
