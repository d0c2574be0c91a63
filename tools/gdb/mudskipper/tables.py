# SPDX-License-Identifier: MIT
"""Page tables (core/include/mudskipper/pure/page_table.h), which are the same in every world, and the objects behind
what is mapped."""

from dataclasses import dataclass

from . import kernel, memory

PAGE_SHIFT = 12
ENTRY_BITS = 9
ENTRIES = 1 << ENTRY_BITS
LEVELS = 4
ADDRESS_BITS = 48
ADDRESS = (1 << ADDRESS_BITS) - (1 << PAGE_SHIFT)
VALID, NOT_BLOCK = 1, 2
AP_USER, AP_READ_ONLY, UXN = 1 << 6, 1 << 7, 1 << 54
KINDS = ('device', 'normal', 'combining')
READ, WRITE, EXECUTE = 1, 2, 4


def shift(level):
    return PAGE_SHIFT + ENTRY_BITS * (LEVELS - 1 - level)


@dataclass(frozen=True)
class Leaf:
    offset: int  # in the address space
    bytes: int
    physical: int
    rights: int
    memory: str


def _leaf(entry, level, offset):
    """Rights as the table at the top of page_table.h has them."""
    readable = bool(entry & AP_USER)
    rights = (READ if readable else 0) | (WRITE if readable and not entry & AP_READ_ONLY else 0)
    rights |= 0 if entry & UXN else EXECUTE
    kind = entry >> 2 & 7
    size = 1 << shift(level)
    return Leaf(offset, size, entry & ADDRESS & -size, rights, KINDS[kind] if kind < len(KINDS) else '?')


def _is_leaf(entry, level):
    return level == LEVELS - 1 or not entry & NOT_BLOCK


def leaves(core, table, level=0, offset=0):
    """All that is mapped, ascending."""
    raw = memory.read(core.virtual(table), ENTRIES * 8)
    for i in range(ENTRIES):
        entry = int.from_bytes(raw[i * 8:i * 8 + 8], memory.LITTLE)
        if not entry & VALID:
            continue
        place = offset + (i << shift(level))
        if _is_leaf(entry, level):
            yield _leaf(entry, level, place)
        else:
            yield from leaves(core, entry & ADDRESS, level + 1, place)


def find(core, table, offset):
    """The leaf that decides about an offset, or None."""
    for level in range(LEVELS):
        index = offset >> shift(level) & ENTRIES - 1
        entry = memory.word(core.virtual(table + 8 * index))
        if not entry & VALID:
            return None
        if _is_leaf(entry, level):
            return _leaf(entry, level, offset >> shift(level) << shift(level))
        table = entry & ADDRESS
    return None


def reader(dispatcher):
    """Reads what the program would read."""
    core, table, base = dispatcher.core, dispatcher.root_table(), base_of(dispatcher)

    def translate(address):
        leaf = find(core, table, address - base) if 0 <= address - base < 1 << ADDRESS_BITS else None
        if leaf is None or leaf.memory == 'device':
            return None
        inside = address - base - leaf.offset
        return core.virtual(leaf.physical + inside), leaf.bytes - inside

    return memory.Reader(translate)


def base_of(dispatcher):
    """First address of its address space: a window of the simulator's begins somewhere."""
    port = dispatcher.value['vspace'].dereference()['hal']
    return int(port['base']) if any(field.name == 'base' for field in port.type.fields()) else 0


@dataclass
class Run:
    """Leaves that continue each other, of one object, with equal rights."""
    address: int
    bytes: int
    physical: int
    rights: int
    memory: str
    object: tuple  # (type, base, size), or None

    def takes(self, address, leaf, of):
        return (address == self.address + self.bytes and leaf.physical == self.physical + self.bytes
                and (leaf.rights, leaf.memory, of) == (self.rights, self.memory, self.object))


def objects(core, table):
    """Offset of each entry that a Mapping capability of this address space made -> its object."""
    found = {}
    for slot in core.slots():
        if slot.is_a('MAPPING') and not slot.has('LINK') and slot.space == table:
            count = (slot.word(1) & (1 << PAGE_SHIFT) - 1) + 1
            for i in range(count):
                found[slot.word(2) + (i << shift(slot.level))] = (slot.base, slot.size)
    return found


def runs(dispatcher):
    """What is mapped in its address space, ascending."""
    core, table = dispatcher.core, dispatcher.root_table()
    if table is None:
        return []
    base, of, found = base_of(dispatcher), objects(core, table), []
    for leaf in leaves(core, table):
        address, whose = base + leaf.offset, of.get(leaf.offset)
        if found and found[-1].takes(address, leaf, whose):
            found[-1].bytes += leaf.bytes
        else:
            found.append(Run(address, leaf.bytes, leaf.physical, leaf.rights, leaf.memory, whose))
    return found


def rights(run):
    return kernel.letters(run.rights, 'rwx')
