# SPDX-License-Identifier: MIT
"""What the plugin for QEMU counts (tools/qemu-plugin/plugin.c says how it writes it), read, and given names.

The plugin is built with the aarch64 system for the QEMU that is installed: launch.PLUGIN is where.
"""

import bisect
import re
import struct
import subprocess
from collections import Counter
from dataclasses import dataclass, field

from . import archive, hang, launch, qemu
from .measure import NotMeasured

NM = 'aarch64-linux-gnu-nm'
TOLD = re.compile(rb'\x1eirqs-off (\d+)\x1f')  # in the machine's output, when a stretch is the longest so far
DETERMINISTIC = ('-icount', 'shift=0,sleep=off')  # an instruction is a nanosecond, and runs are alike
INSN_BYTES = 4
PAGE_BYTES = 4096
KERNEL = 1 << 63


@dataclass(frozen=True)
class Sample:
    """Between one pair of markers: instructions, and those of them in the kernel."""
    insns: int
    kernel: int


@dataclass(frozen=True)
class Piece:
    """Straight code: where, how many instructions, how often it ran; `page` tells programs apart."""
    address: int
    insns: int
    times: int
    page: int = 0


@dataclass
class Stretch:
    """The longest time with interrupts off, and what it went through, in the order in which it first came there."""
    insns: int
    processor: int
    first: int
    last: int
    steps: list = field(default_factory=list)


@dataclass
class Counts:
    processors: dict = field(default_factory=dict)  # number -> (instructions, of them in the kernel)
    figures: dict = field(default_factory=dict)     # how many "next" markers came before -> samples
    longest: Stretch = None
    unseen: int = 0
    pieces: list = field(default_factory=list)


def words(plugin, out, pieces=False):
    """What QEMU's command line needs to count into the file `out`."""
    return ['-plugin', f'{qemu.escaped(plugin)},out={qemu.escaped(out)}' + (',blocks=on' if pieces else '')]


def read(path):
    """The counts in a file that a machine has left."""
    try:
        lines = path.read_text(encoding='ascii').splitlines()
    except OSError:
        lines = []
    if not lines or lines[-1] != 'end':
        raise NotMeasured('the machine ended without leaving what was counted')
    counts = Counts()
    for line in lines:
        word, *rest = line.split()
        if word in _TAKE:
            _TAKE[word](counts, *rest)
    return counts


def _take_processor(counts, number, insns, kernel):
    counts.processors[int(number)] = int(insns), int(kernel)


def _take_sample(counts, figure, _processor, insns, kernel):
    counts.figures.setdefault(int(figure), []).append(Sample(int(insns), int(kernel)))


def _take_unseen(counts, count):
    counts.unseen = int(count)


def _take_longest(counts, insns, processor, first, last):
    counts.longest = Stretch(int(insns), int(processor), int(first, 16), int(last, 16))


def _take_step(counts, address, insns, times):
    counts.longest.steps.append(Piece(int(address, 16), int(insns), int(times)))


def _take_block(counts, address, insns, times, page):
    counts.pieces.append(Piece(int(address, 16), int(insns), int(times), int(page, 16)))


_TAKE = {'processor': _take_processor, 'sample': _take_sample, 'unseen': _take_unseen, 'longest': _take_longest,
         'step': _take_step, 'block': _take_block}


class Symbols:
    """The functions of an ELF file that runs `base` behind where it was linked."""

    def __init__(self, path, base=0, tool=NM):
        try:
            said = subprocess.run([tool, '-n', '--defined-only', str(path)], capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotMeasured(f'{tool} cannot read the symbols of {path}: {error}') from None
        found = [line.split() for line in said.stdout.splitlines()]
        self.functions = [(int(address, 16) + base, name) for address, kind, name in found
                          if kind in 'tTwW' and not name.startswith(('$', '.L'))]
        self.addresses = [address for address, _ in self.functions]

    def name(self, address):
        at = bisect.bisect(self.addresses, address) - 1
        return self.functions[at][1] if at >= 0 else f'0x{address:x}'


def kernel_symbols(elf):
    return Symbols(elf, hang.KERNEL_PLACE)


def by_function(pieces, name_of):
    """Instructions by function, the function in which most were spent first. name_of(piece, address)."""
    spent = Counter()
    for piece in pieces:
        for i in range(piece.insns):
            spent[name_of(piece, piece.address + i * INSN_BYTES)] += piece.times
    return spent.most_common()


class Names:
    """Function names for all code of a machine: the kernel's by its address, programs' by the contents of the page that
    the code lies in, which tells programs at one address apart. Text of programs is not changed by loading."""

    def __init__(self, folder):
        self.kernel = kernel_symbols(folder / launch.SYMBOLS)
        self.pages, self.symbols = {}, {}
        for path in programs(folder):
            for address, page in text_pages(path):
                self.pages.setdefault(page_hash(page), (path, address))

    def __call__(self, piece, address):
        """"program: function"; `address` lies in the piece."""
        if address & KERNEL:
            return f'kernel: {self.kernel.name(address)}'
        if piece.page not in self.pages:
            return 'unknown: code of no program of the build'
        path, page = self.pages[piece.page]
        if path not in self.symbols:
            self.symbols[path] = Symbols(path)
        return f'{path.name}: {self.symbols[path].name(page + address % PAGE_BYTES)}'


def programs(folder):
    """The programs of the boot archive, where they were built."""
    with open(folder / launch.ARCHIVE, 'rb') as file:
        entries = archive.read(file.read())
    names = {name.removeprefix(launch.PROGRAMS) for name in entries if name.startswith(launch.PROGRAMS)}
    return sorted(path for path in folder.rglob('*') if path.name in names and path.is_file())


def text_pages(path):
    """(address, bytes) of each page that an ELF file has to execute, as a loader lays it out."""
    load, executable = 1, 1
    data = path.read_bytes()
    if data[:6] != b'\x7fELF\x02\x01':
        return
    offset, = struct.unpack_from('<Q', data, 32)
    size, count = struct.unpack_from('<HH', data, 54)
    for index in range(count):
        kind, flags, start, address, _, in_file = struct.unpack_from('<IIQQQQ', data, offset + index * size)
        if kind != load or not flags & executable:
            continue
        head = address % PAGE_BYTES
        text = bytes(head) + data[start:start + in_file]
        for at in range(0, len(text), PAGE_BYTES):
            yield address - head + at, text[at:at + PAGE_BYTES].ljust(PAGE_BYTES, b'\0')


def page_hash(page):
    """As tools/qemu-plugin/block.c does it."""
    found = 0xcbf29ce484222325
    for word in struct.unpack(f'<{PAGE_BYTES // 8}Q', page):
        found = (found ^ word) * 0x100000001b3 & 0xffffffffffffffff
    return found | 1


def table(counted, names, shown=40):
    """Lines for people: what the machine executed, by function."""
    spent = by_function(counted.pieces, names)
    total = sum(insns for _, insns in spent)
    yield f'{total:12} insns in all'
    for name, insns in spent[:shown]:
        yield f'{insns:12} {100 * insns / total:5.1f} % {name}'
    if spent[shown:]:
        yield f'{sum(insns for _, insns in spent[shown:]):12} in {len(spent) - shown} other functions'


class Console:
    """What a machine prints, with the plugin's words taken out and remembered by the line they stand in."""

    def __init__(self, take=None):
        self.take, self.rest, self.lines, self.told = take, b'', [], []

    def feed(self, data):
        *whole, self.rest = (self.rest + data).split(b'\n')
        for line in whole:
            self.line(line)

    def line(self, line):
        self.told += [(int(insns), len(self.lines)) for insns in TOLD.findall(line)]
        clean = TOLD.sub(b'', line)
        self.lines.append(clean.decode(errors='replace').rstrip('\r'))
        if self.take:
            self.take(clean + b'\n')

    def close(self):
        if self.rest:
            self.line(self.rest)
            self.rest = b''
