# SPDX-License-Identifier: MIT
"""Measuring processes from outside: when they say something, what they use. Linux's /proc; no tool needed."""

import math
import os
import selectors
import statistics
import struct
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

from . import process

READ = 65536
QUIET = 0.5  # seconds without output after which a system counts as settled


class NotMeasured(Exception):
    """The figure cannot be had; the text says why."""


@dataclass(frozen=True)
class Measured:
    """All that was seen of one figure, in the order in which it was; `notes`: lines for people, below the figure."""
    samples: tuple
    notes: tuple = ()

    @property
    def value(self):
        return statistics.median(self.samples)

    def percentile(self, part):
        """The smallest sample that is not below `part` per cent of all."""
        ordered = sorted(self.samples)
        return ordered[max(0, math.ceil(len(ordered) * part / 100) - 1)]


@contextmanager
def running(command):
    """A process with its output in our hands and an input that never ends. Ended afterwards."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as child:
        try:
            yield child
        finally:
            process.end(child)


def seconds_until(command, word, limit, wanted=()):
    """Seconds from the start of the process until it has printed a line `word`; `wanted` must have been said before."""
    began = time.monotonic()
    seen = b''
    with running(command) as child, selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while (left := began + limit - time.monotonic()) > 0:
            if not selector.select(left):
                break
            data = os.read(child.stdout.fileno(), READ)
            seen += data
            if word.encode() in [line.strip() for line in seen.splitlines()]:
                seconds = time.monotonic() - began
                missing = [text for text in wanted if text.encode() not in seen]
                if missing:
                    raise NotMeasured(f'"{word}" came without {", ".join(missing)}')
                return seconds
            if not data:
                raise NotMeasured(f'the system ended without printing "{word}"; it said: {last_line(seen)}')
    raise NotMeasured(f'the system did not print "{word}" within {limit:g} s')


def run_to_end(command, limit):
    """The lines of a program that has ended well."""
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                timeout=limit)
    except subprocess.TimeoutExpired:
        raise NotMeasured(f'{command[0]} had not ended after {limit:g} s') from None
    if result.returncode:
        raise NotMeasured(f'{command[0]} ended with {result.returncode}; it said: {last_line(result.stdout)}')
    return result.stdout.decode(errors='replace').splitlines()


def last_line(output):
    lines = output.decode(errors='replace').strip().splitlines()
    return lines[-1] if lines else 'nothing'


def samples_of(count, measure):
    return Measured(tuple(measure() for _ in range(count)))


@contextmanager
def settled(command, limit):
    """The process, once it has said something and then been quiet for a while: at its prompt."""
    began = time.monotonic()
    seen = b''
    with running(command) as child, selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if time.monotonic() - began > limit:
                raise NotMeasured(f'the system did not come to rest within {limit:g} s')
            if not selector.select(QUIET):
                if seen:
                    break
                continue
            data = os.read(child.stdout.fileno(), READ)
            if not data:
                raise NotMeasured(f'the system ended by itself; it said: {last_line(seen)}')
            seen += data
        yield child


def cpu_seconds(pid):
    """Processor time the process has used so far, all its threads, user and system."""
    with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def share_of_cpu(pid, seconds):
    """Processors busy with the process, on average over `seconds`: 1.0 is one processor."""
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / (time.monotonic() - began)


def peak_rss_mib(pid):
    """Most memory the process had resident at one time, in MiB."""
    with open(f'/proc/{pid}/status', encoding='ascii', errors='replace') as file:
        for line in file:
            if line.startswith('VmHWM:'):
                return int(line.split()[1]) / 1024
    raise NotMeasured('/proc does not tell the peak')


def text_bytes(path):
    """Bytes of the executable sections of a 64-bit little-endian ELF file."""
    executable, allocated = 0x4, 0x2
    with open(path, 'rb') as file:
        data = file.read()
    if data[:6] != b'\x7fELF\x02\x01':
        raise NotMeasured(f'{path} is no 64-bit little-endian ELF file')
    offset, = struct.unpack_from('<Q', data, 40)
    size, count = struct.unpack_from('<HH', data, 58)
    total = 0
    for index in range(count):
        flags, = struct.unpack_from('<Q', data, offset + index * size + 8)
        if flags & executable and flags & allocated:
            total += struct.unpack_from('<Q', data, offset + index * size + 32)[0]
    return total
