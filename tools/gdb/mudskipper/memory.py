# SPDX-License-Identifier: MIT
"""Structures and bytes. The kernel's are read where they lie; a program's through its page tables, so that it does not
matter which address space a processor has at the moment."""

import functools

import gdb

LITTLE = 'little'


def read(address, count):
    return gdb.selected_inferior().read_memory(address, count).tobytes()


def word(address):
    return int.from_bytes(read(address, 8), LITTLE)


def at(address, kind):
    """The kernel's structure of type `kind` ("struct core") at an address."""
    return gdb.Value(int(address)).cast(gdb.lookup_type(kind).pointer()).dereference()


def text(value):
    """Of an array of characters, or a pointer to some, whatever lies there."""
    return value.string('utf-8', 'replace') if int(value.address or 1) else ''


@functools.lru_cache(maxsize=None)
def numbers(enumeration):
    """Of "enum cap_type": name -> number, aliases and all."""
    return {field.name: field.enumval for field in gdb.lookup_type(enumeration).fields()}


def names(enumeration, prefix):
    """Number -> "vnode-l0"; of names of one number the first."""
    found = {}
    for name, number in numbers(enumeration).items():
        found.setdefault(number, name[len(prefix):].lower().replace('_', '-'))
    return found


def offset(kind, member):
    """Of a member, which may lie in an unnamed union."""
    for field in kind.strip_typedefs().fields():
        if field.name == member:
            return field.bitpos // 8
        if not field.name and field.type.code in (gdb.TYPE_CODE_UNION, gdb.TYPE_CODE_STRUCT):
            try:
                return field.bitpos // 8 + offset(field.type, member)
            except KeyError:
                pass
    raise KeyError(member)


def members(head, kind, field):
    """The structures of a list (core/include/mudskipper/pure/list.h) of the kernel's."""
    back = offset(gdb.lookup_type(kind), field)
    first = int(head['head'].address)
    node = int(head['head']['next'])
    while node not in (0, first):
        yield at(node - back, kind)
        node = word(node)


class Reader:
    """Bytes of an address space that somebody else may have now. `translate`: address -> (where to read it, bytes left
    there), or None."""

    def __init__(self, translate):
        self.translate = translate

    def read(self, address, count):
        found = b''
        while count > 0:
            place = self.translate(address)
            if place is None:
                raise gdb.MemoryError(f'nothing is mapped at {address:#x}')
            now = min(count, place[1])
            found += read(place[0], now)
            address, count = address + now, count - now
        return found

    def word(self, address):
        return int.from_bytes(self.read(address, 8), LITTLE)

    def value(self, address, kind):
        """A copy of the structure of this type."""
        return gdb.Value(self.read(address, kind.sizeof), kind)

    def text(self, address, most=64):
        """Up to its NUL."""
        found = b''
        while len(found) < most and (byte := self.read(address + len(found), 1)) != b'\0':
            found += byte
        return found.decode(errors='replace')

    def members(self, head, head_address, kind, field):
        """(address, copy) of the structures of a list. `head` is a copy of its head."""
        back = offset(kind, field)
        node = int(head['head']['next'])
        while node not in (0, head_address):
            yield node - back, self.value(node - back, kind)
            node = self.word(node)
