# SPDX-License-Identifier: MIT
"""What programs of this folder have in common: machines that end by themselves, cases, and what is expected of them."""

import os
import selectors
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from frontdoor import boards

MIB = 1 << 20
GIB = 1 << 30
GOOD = ['hello from hello']
FAILED = 134


class Failure(Exception):
    """What went wrong, in one line."""


class Bench:
    """Files of one run of a program, and the machines it starts."""

    def __init__(self, options, folder):
        self.emulator = options.emulator
        self.image = options.image
        self.archive = options.archive
        self.folder = folder
        self.seconds = options.timeout
        self.options = options
        self.tolerated = '\n'  # in no line

    def qemu(self, machine, cores, memory, words, console=()):
        """Exit status and output. Anything QEMU complains about is a failure, but what `tolerated` occurs in."""
        log = self.folder / 'log'
        log.unlink(missing_ok=True)
        command = [self.emulator, *machine, '-smp', str(cores), '-m', str(memory // MIB), '-nodefaults', '-display', 'none',
                   *console, '-serial', 'stdio', '-no-reboot', '-semihosting-config', 'enable=on,target=native', '-d',
                   'guest_errors', '-D', str(log), *words]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  timeout=self.seconds, check=False)
        except subprocess.TimeoutExpired as late:
            raise Failure(f'no end after {self.seconds} s; it said: {(late.stdout or b"").decode()[-200:]!r}') from late
        complaints = log.read_text().splitlines() if log.exists() else []
        complaints = [line for line in complaints if self.tolerated not in line]
        if complaints:
            raise Failure(f'QEMU complains: {complaints[0]}')
        return done.returncode, done.stdout.decode(errors='replace')

    def put(self, name, data):
        """A file of this run."""
        (self.folder / name).write_bytes(data)
        return self.folder / name


class Typed:
    """A machine with somebody at its keyboard."""

    def __init__(self, words, seconds):
        self.qemu = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.end = time.monotonic() + seconds
        self.said = b''
        self.at = 0  # what was waited for lies before this

    def wait(self, text):
        """Until U-Boot or the system has said it, behind what was waited for before."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.qemu.stdout, selectors.EVENT_READ)
            while (found := self.said.find(text, self.at)) < 0:
                if time.monotonic() > self.end:
                    raise Failure(f'{text!r} was not said; the end of what was: {self.said[-300:]!r}')
                if not selector.select(0.5):
                    continue
                piece = os.read(self.qemu.stdout.fileno(), 65536)
                if not piece:
                    raise Failure(f'it ended before {text!r} was said; the end of what was: {self.said[-300:]!r}')
                self.said += piece.replace(b'\r', b'')
        self.at = found + len(text)

    def type(self, prompt, line):
        """Answers a prompt, and waits for the echo: what is said next is an answer."""
        self.wait(prompt)
        self.press(line.encode() + b'\n')
        self.wait(line[-20:].encode())

    def press(self, keys):
        self.qemu.stdin.write(keys)
        self.qemu.stdin.flush()

    def close(self):
        self.qemu.kill()
        self.qemu.wait()
        self.qemu.stdout.close()
        self.qemu.stdin.close()


def start_code(tree, image):
    """A few words of code that do what a boot loader does last: the tree's address into x0, and off to the image."""
    return struct.pack('<4I2Q', 0x58000080, 0x580000a4, 0xd61f0080, 0xd503201f, tree, image)


def loader(file, address):
    return ['-device', f'loader,file={file},addr={address:#x},force-raw=on']


def compiled(source):
    """Device tree source -> bytes."""
    return subprocess.run(['dtc', '-q', '-I', 'dts', '-O', 'dtb'], input=source.encode(), check=True,
                          capture_output=True).stdout


def decompiled(path):
    return subprocess.run(['dtc', '-q', '-I', 'dtb', '-O', 'dts', str(path)], check=True, capture_output=True,
                          text=True).stdout


def expect(result, lines, status=0):
    """Each of `lines` occurs in a line of what was printed."""
    code, said = result
    for wanted in lines:
        if not any(wanted in line for line in said.splitlines()) or 'does not start' in said:
            raise Failure(f'"{wanted}" was not said; the end of what was: {said[-200:]!r}')
    if code != status:
        raise Failure(f'status {code}, not {status}')


def up(cores):
    """The kernel starts them all before the first program, and would say which one did not come up."""
    return [f', {cores} cores', *GOOD]


def refuses(sentence):
    return ['mudskipper: cannot boot: ' + sentence]


class Cases:
    """In the order in which they stand in the program."""

    def __init__(self):
        self.all = []

    def case(self, identifier, sentence):
        def note(function):
            self.all.append((identifier, sentence, function))
            return function
        return note

    def run(self, options, bench_of):
        cases = [each for each in self.all if options.only in each[0]]
        missing = [tool for tool in (options.emulator, 'dtc') if shutil.which(tool) is None]
        if missing:
            print(f'Bail out! {" and ".join(missing)} missing')
            return 1
        print(f'1..{len(cases)}', flush=True)
        failed = 0
        with tempfile.TemporaryDirectory() as folder:
            bench = bench_of(options, Path(folder))
            for number, (identifier, sentence, function) in enumerate(cases, 1):
                word = 'ok'
                try:
                    bench.tolerated = '\n'
                    function(bench)
                except (Failure, subprocess.CalledProcessError) as error:
                    word = 'not ok'
                    failed += 1
                    print(f'# {error}')
                print(f'{word} {number} - {identifier} {sentence}', flush=True)
        return 1 if failed or not cases else 0


def add_arguments(parser):
    parser.add_argument('--image', type=Path, required=True, help='what a boot loader gets')
    parser.add_argument('--archive', type=Path, required=True, help='with the program bin/hello')
    parser.add_argument('--only', default='', metavar='TEXT', help='the cases with TEXT in their identifier')
    parser.add_argument('--timeout', type=float, default=40, metavar='S', help='for one machine (default: 40)')


def needs_boot_loader():
    """Of programs that boot by U-Boot what tools/msk image writes."""
    if not boards.boot_loader().exists():
        skip(f'there is no {boards.boot_loader()}: tools/fetch-arm64 build-deps/u-boot u-boot-qemu puts it there')
    if not list(boards.tree_folder().glob('*.dtb')):
        skip('there are no device trees: tools/fetch-trees gets them')


def skip(reason):
    print(f'1..0 # SKIP {reason}')
    sys.exit(0)
