# SPDX-License-Identifier: MIT
"""The boot archive: cpio in the "newc" format, as `cpio -H newc` and the Linux kernel write and read it.

One entry:

    110 bytes of header: "070701" and 13 numbers of 8 hexadecimal digits
    name, NUL, zeros up to a multiple of 4 (counted from the header's first byte)
    data, zeros up to a multiple of 4

The last entry is called TRAILER!!!. Archives may follow one another; a later file replaces an earlier one of the same
name. What is written depends on names and contents only: no time, owner or host inode goes in, entries are sorted.
"""

import re

FILE_MODE = 0o100644
PROGRAM_MODE = 0o100755
TRAILER = 'TRAILER!!!'
ALIGNMENT = 4
BLOCK = 512  # archives are padded to this, so that they can be joined and sent to a block device
MAXIMUM = 0xFFFFFFFF  # eight hexadecimal digits
HEADER = 110


class ArchiveError(ValueError):
    """Contents that cannot be written, or bytes that are no archive."""


def _padding(length, to=ALIGNMENT):
    return bytes(-length % to)


def check_name(name):
    """Names are relative, with no empty, '.' or '..' part, and printable."""
    parts = name.split('/')
    if not name or '' in parts or '.' in parts or '..' in parts or not name.isprintable():
        raise ArchiveError(f'"{name}" is no name for a file in the archive: '
                           'it must be relative, without empty, "." or ".." parts')
    if name == TRAILER:
        raise ArchiveError(f'"{TRAILER}" is the mark of the archive\'s end, no name for a file')


def _entry(index, name, data, mode):
    encoded = name.encode() + b'\0'
    if len(data) > MAXIMUM:
        raise ArchiveError(f'"{name}" is larger than 4 GiB - 1, the most that the format can say')
    fields = (index, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
    header = b'070701' + b''.join(b'%08X' % field for field in fields)
    return header + encoded + _padding(len(header) + len(encoded)) + data + _padding(len(data))


def write(files):
    """The archive of `files` (name -> (bytes, mode)) as bytes."""
    out = bytearray()
    for index, name in enumerate(sorted(files), 1):
        check_name(name)
        data, mode = files[name]
        out += _entry(index, name, data, mode)
    out += _entry(0, TRAILER, b'', 0)
    out += _padding(len(out), BLOCK)
    return bytes(out)


def read(data):
    """name -> (bytes, mode) of one or several archives one after another; the last of a name wins."""
    files = {}
    at = 0
    while at < len(data):
        if data[at] == 0:  # padding between archives
            at += 1
            continue
        header = data[at:at + HEADER]
        if len(header) < HEADER or not re.fullmatch(rb'070701[0-9a-fA-F]{104}', header):
            raise ArchiveError(f'no cpio newc header at byte {at}')
        mode, size, name_size = (int(header[6 + 8 * i:14 + 8 * i], 16) for i in (1, 6, 11))
        name_end = at + HEADER + name_size
        start = name_end + (-(HEADER + name_size) % ALIGNMENT)
        if name_size == 0 or start + size > len(data) or data[name_end - 1] != 0:
            raise ArchiveError(f'the entry at byte {at} is cut off')
        name = data[at + HEADER:name_end - 1].decode(errors='replace')
        if name != TRAILER:
            files[name] = (data[start:start + size], mode)
        at = start + size + (-size % ALIGNMENT)
    return files
