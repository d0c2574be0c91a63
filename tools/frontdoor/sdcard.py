# SPDX-License-Identifier: MIT
"""An image of a memory card: one FAT partition. The same files give the same bytes."""

import os
import struct
import subprocess

from .console import Refusal

SECTOR = 512
MIB = 1 << 20
START = 4 * MIB       # of the partition: cards write in pieces of that size
LEAST = 64 * MIB
FAT32_LBA, BOOTABLE = 0x0c, 0x80
IDENTITY = 0x6d75646b  # of disk and volume


def write(path, files, folder):
    """`files`: name -> bytes, all in the root."""
    size = max(LEAST, sum(map(len, files.values())) * 2)
    size = (size + MIB - 1) // MIB * MIB
    with open(path, 'wb') as out:
        out.truncate(START + size)
        out.write(_partition_table(size))
    place = f'{path}@@{START}'
    _mtools('mformat', '-i', place, '-F', '-v', 'MUDSKIPPER', '-N', f'{IDENTITY:08x}', '-T', str(size // SECTOR), '-h', '255',
            '-s', '63', '-H', str(START // SECTOR), '::')
    for name, data in sorted(files.items()):
        source = folder / 'content'
        source.write_bytes(data)
        os.utime(source, (0x40000000, 0x40000000))  # FAT's years begin in 1980
        _mtools('mcopy', '-m', '-i', place, str(source), f'::/{name}')
        source.unlink()


def _partition_table(size):
    no_cylinders = b'\xfe\xff\xff'
    entry = struct.pack('<B3sB3sII', BOOTABLE, no_cylinders, FAT32_LBA, no_cylinders, START // SECTOR, size // SECTOR)
    return bytes(440) + struct.pack('<IH', IDENTITY, 0) + entry.ljust(64, b'\0') + b'\x55\xaa'


def _mtools(*words):
    environment = {'PATH': '/usr/bin:/bin', 'MTOOLSRC': '/dev/null', 'MTOOLS_SKIP_CHECK': '1', 'TZ': 'UTC',
                   'SOURCE_DATE_EPOCH': '1073741824'}
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise Refusal(f'{words[0]} could not make the card: {done.stderr.strip()}')
