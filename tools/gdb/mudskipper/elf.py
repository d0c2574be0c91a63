# SPDX-License-Identifier: MIT
"""What a program's file says of itself (64-bit ELF). gdb knows it too, but of several programs with symbols of one name it
tells where the first has it."""

import functools
import struct

MAGIC = b'\x7fELF'
LOADED = 1         # PT_LOAD
SYMBOL_TABLE = 2   # SHT_SYMTAB


def is_elf(path):
    try:
        with open(path, 'rb') as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def entry(path):
    """Offset of the first instruction: an address that is surely the program's own."""
    with open(path, 'rb') as file:
        return struct.unpack('<Q', file.read(32)[24:32])[0]


def _table(data, at, size_at):
    """The rows of one of the tables that the header names."""
    place, (size, count) = struct.unpack_from('<Q', data, at)[0], struct.unpack_from('<HH', data, size_at)
    return [data[place + i * size:place + (i + 1) * size] for i in range(count)]


@functools.lru_cache(maxsize=None)
def end(path):
    """Offset behind the last byte."""
    with open(path, 'rb') as file:
        parts = _table(file.read(), 32, 54)
    return max(struct.unpack_from('<Q', part, 16)[0] + struct.unpack_from('<Q', part, 40)[0] for part in parts
               if struct.unpack_from('<I', part)[0] == LOADED)


@functools.lru_cache(maxsize=None)
def symbols(path):
    """Name -> offsets: statics of several files can have one name."""
    with open(path, 'rb') as file:
        data = file.read()
    sections = [struct.unpack_from('<IIQQQQII', section) for section in _table(data, 40, 58)]
    found = {}
    for _, kind, _, _, place, size, names, _ in sections:
        if kind == SYMBOL_TABLE:
            text = sections[names][4]
            for name, _, _, section, value, _ in struct.iter_unpack('<IBBHQQ', data[place:place + size]):
                if section:
                    word = data[text + name:data.index(b'\0', text + name)].decode(errors='replace')
                    found.setdefault(word, []).append(value)
    return found
