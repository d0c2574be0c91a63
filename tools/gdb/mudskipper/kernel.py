# SPDX-License-Identifier: MIT
"""Cores, capabilities and dispatchers: the kernel's own structures, read as the kernel reads them."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

import gdb

from . import memory, world

SLOT_BYTES = 128
L2_BITS = 8
LETTERS = 'rwxgiv'  # of rights, as the shell's `caps` has them


class Slot:
    """A copy of a capability slot (core/include/mudskipper/abi/cap_slot.h)."""

    def __init__(self, address, raw=None):
        self.address = address
        self.raw = raw if raw is not None else memory.read(address, SLOT_BYTES)
        self.type = self.raw[0]

    def number(self, at, size=8):
        return int.from_bytes(self.raw[at:at + size], memory.LITTLE)

    # Offsets as the ABI draws them.
    rights = property(lambda self: self.raw[1])
    flags = property(lambda self: self.raw[2])
    owner = property(lambda self: self.raw[3])
    base = property(lambda self: self.number(0x08))
    size = property(lambda self: self.number(0x10))
    next = property(lambda self: self.number(0x60))
    left = property(lambda self: self.number(0x40))
    space = property(lambda self: self.number(0x70))
    level = property(lambda self: self.raw[0x79])

    def word(self, i):
        return self.number(0x18 + 8 * i)

    def is_a(self, name):
        return self.type == memory.numbers('enum cap_type')[f'CAP_TYPE_{name}']

    def has(self, flag):
        return bool(self.flags & memory.numbers('enum cap_flag')[f'CAP_FLAG_{flag}'])

    def badge(self):
        """What messages through it arrive with; 0: none."""
        return self.word(0) if self.is_a('ENDPOINT_LMP') else self.word(1) if self.is_a('HANDLE') else 0


def letters(rights, of=LETTERS):
    return ''.join(letter if rights >> i & 1 else '-' for i, letter in enumerate(of))


@functools.lru_cache(maxsize=None)
def _type_names():
    """Number -> "VNode L0", by the one table of types: the kernel has the words only where it prints them."""
    root = Path(__file__).resolve().parent.parent.parent.parent
    table = (root / 'core/include/mudskipper/abi/captypes.def').read_text()
    return {int(number): words for number, words in re.findall(r'^CAPTYPE\(\w+, (\d+), "([^"]+)"', table, re.MULTILINE)}


def type_name(number):
    return _type_names().get(number, str(number))


@dataclass(frozen=True)
class Running:
    name: str
    process: int
    image: int
    dispatcher: int  # its address


class Core:
    """A core of the machine: struct core."""

    def __init__(self, value):
        self.value = value
        self.id = int(value['id'])
        self.window = int(value['caps']['window'])

    def virtual(self, physical):
        """Where the kernel sees it."""
        return physical + self.window & (1 << 64) - 1

    def physical(self, address):
        return address - self.window & (1 << 64) - 1

    def slots(self):
        """All that are in use, in the order of the database. A core may have been stopped while it changes that."""
        database = self.value['caps']['db']
        at, seen, most = int(database['root']), 0, int(database['count']) + 1
        while at and (left := Slot(at).left) and (seen := seen + 1) <= most:
            at = left
        while at:
            slot = Slot(at)
            yield slot
            at, seen = slot.next, seen + 1
            if seen > 2 * most:
                raise gdb.GdbError(f'core {self.id} was stopped while it changes its capabilities: let it go on a little')

    def dispatchers(self):
        """Those of this core, by number of their processes."""
        found = {}
        for slot in self.slots():
            if slot.is_a('DISPATCHER') and not slot.has('CREATING'):
                found.setdefault(slot.base, Dispatcher(self, memory.at(self.virtual(slot.base), 'struct dispatcher')))
        return sorted(found.values(), key=lambda d: d.process)


class Dispatcher:
    """What the kernel schedules, one for each process: struct dispatcher."""

    def __init__(self, core, value):
        self.core = core
        self.value = value
        self.address = int(value.address)
        self.process = int(value['process'])
        self.name = value['name'].string('utf-8', 'replace')
        self.image = int(value['image'])
        self.image_bytes = int(value['image_bytes'])

    def runs(self):
        """It is the one whose registers the core has, or had when it entered the kernel."""
        return int(self.core.value['current']) == self.address

    def state(self):
        if bool(self.value['suspended']):
            return 'suspended'
        word = memory.names('enum dispatcher_state', 'DISPATCHER_')[int(self.value['state'])]
        return 'runs' if word == 'ready' and self.runs() else word

    def held(self, which):
        """One of the capabilities it holds itself: "ROOT"."""
        index = memory.numbers('enum dispatcher_slot')[f'HELD_{which}']
        return Slot(int(self.value['slots']) + index * SLOT_BYTES)

    def root_table(self):
        """The physical address of its level-0 table; None: it has no address space (any more)."""
        record = int(self.value['vspace'])
        return self.core.physical(record) - world.PAGE if record else None

    def capabilities(self):
        """(address in its capability space, slot) of all it has, as a look-up walks there."""
        root = self.held('ROOT')
        if not root.is_a('L1_CNODE'):
            return
        for l1, cnode in self._slots_of(root):
            if cnode.is_a('L2_CNODE'):
                for l2, slot in self._slots_of(cnode):
                    yield l1 << L2_BITS | l2, slot

    def _slots_of(self, cnode):
        place = self.core.virtual(cnode.base)
        raw = memory.read(place, cnode.size)
        for i in range(cnode.size // SLOT_BYTES):
            part = raw[i * SLOT_BYTES:(i + 1) * SLOT_BYTES]
            if part[0]:
                yield i, Slot(place + i * SLOT_BYTES, part)


def cores():
    return [Core(value) for value in world.cores()]


def dispatchers(names=()):
    """Those of all cores, or of them those called so or with this number."""
    found = [d for core in cores() for d in core.dispatchers()]
    if names:
        unknown = [name for name in names if not any(name in (d.name, str(d.process)) for d in found)]
        if unknown:
            there = ', '.join(sorted({d.name for d in found}))
            raise gdb.GdbError(f'no program is called {unknown[0]}; there are {there}')
        found = [d for d in found if d.name in names or str(d.process) in names]
    return found


def running():
    """The program that the selected thread runs; None: it is in the kernel, or idle. Quick, and it walks nothing that may
    be half-changed: asked at each breakpoint that several programs share."""
    record = world.space_in_use()
    if record is None:
        return None
    with world.privileged():
        for user in memory.members(memory.at(record, 'struct vspace_record')['users'], 'struct dispatcher', 'vspace_node'):
            return Running(user['name'].string('utf-8', 'replace'), int(user['process']), int(user['image']),
                           int(user.address))
    return None


def slot_name(place):
    """"0.7 names", "3.17"."""
    l1, l2 = place >> L2_BITS, place & (1 << L2_BITS) - 1
    known = memory.names('enum well_known_slot', 'SLOT_').get(place, '') if l1 == 0 else ''
    return f'{l1}.{l2} {known}'.rstrip() if not known.startswith('first-') else f'{l1}.{l2}'


def flag_names(slot):
    """What state it is in, if in one of those that pass."""
    words = [name for bit, name in memory.names('enum cap_flag', 'CAP_FLAG_').items() if slot.flags & bit]
    return f' ({", ".join(words)})' if words else ''
