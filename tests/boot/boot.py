#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots the aarch64 image on many machines: cores, memory, load addresses, device trees good and bad. Prints TAP.

Most machines are started as a boot loader starts them, with a device tree of our own: a few words of code put the
tree's address into x0 and jump to the image, wherever it was loaded. Every run ends by itself, and QEMU must not have
noticed the kernel doing anything a guest should not.
"""

import argparse
import re
import struct
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))

from bench import (FAILED, GIB, MIB, Bench, Cases, Failure, add_arguments, compiled, decompiled, expect,  # noqa: E402
                   loader, refuses, skip, start_code, up)
from frontdoor import boards  # noqa: E402

EXAMPLES = """examples:
  tests/boot/boot.py --image build-aarch64/Image --archive build-aarch64/archive.cpio
  tests/boot/boot.py … --only BOOT-TREE
  tests/boot/boot.py … --newer               with the QEMU of tools/fetch-qemu
"""

RAM = 0x40000000
IMAGE = 0x40200000
TREE = 0x48000000
ARCHIVE = 0x4a000000
START = 0x4f000000  # where the few words of code are


class Virt(Bench):
    source = None

    @staticmethod
    def words(machine):
        machine, _, cpu = machine.partition(' ')
        return ['-M', machine, '-cpu', cpu or 'cortex-a53', '-nic', 'none']

    def virt_source(self):
        """The source text of the tree that QEMU makes for a machine of two cores and 512 MiB."""
        if self.source is None:
            tree = self.folder / 'virt.dtb'
            subprocess.run([self.emulator, *self.words(f'virt,gic-version=3,dumpdtb={tree}'), '-smp', '2', '-m', '512',
                            '-nodefaults', '-display', 'none'], check=True, capture_output=True)
            self.source = decompiled(tree)
        return self.source

    def tree(self, *changes, archive=ARCHIVE, bootargs='semihosting verbose init=hello', chosen='', top=''):
        """A tree for `loaded`: virt's, with the archive there and each (regular expression, replacement) of `changes` made; bytes."""
        source = self.virt_source()
        source = re.sub(r'\tchosen \{.*?\n\t\};', '', source, flags=re.S)
        for pattern, replacement in changes:
            source, count = re.subn(pattern, replacement, source, flags=re.S)
            if count == 0:
                raise Failure(f'the tree of this QEMU has no {pattern!r} to change')
        return compiled(source.rstrip()[:-2] + f'''
            {top}
            chosen {{
                bootargs = "{bootargs}";
                stdout-path = "/pl011@9000000";
                linux,initrd-start = <{archive:#x}>;
                linux,initrd-end = <{archive + self.archive.stat().st_size:#x}>;
                {chosen}
            }};
        }};''')

    def loaded(self, tree, image=IMAGE, at=TREE, cores=2, memory=512 * MIB, machine='virt,gic-version=3',
               archive=ARCHIVE):
        """As a boot loader does it: image, tree and archive at these addresses."""
        words = []
        for file, place in ((self.image, image), (self.put('tree', tree), at), (self.archive, archive),
                            (self.put('start', start_code(at, image)), START)):
            words += loader(file, place)
        return self.qemu(self.words(machine), cores, memory, [*words, '-device', f'loader,addr={START:#x},cpu-num=0'])

    def plain(self, machine, cores, memory, append='verbose'):
        """QEMU as boot loader, with its own tree."""
        return self.qemu(self.words(machine), cores, memory,
                         ['-kernel', str(self.image), '-initrd', str(self.archive), '-append',
                          f'semihosting init=hello {append}'])


def node(name):
    """A pattern for a whole node of the first level."""
    return rf'\t{name} \{{.*?\n\t\}};'


CASES = Cases()
case = CASES.case


for index, (machine_, cores_) in enumerate((
        ('virt,gic-version=2', 1), ('virt,gic-version=2', 8), ('virt,gic-version=3', 1), ('virt,gic-version=3', 4),
        ('virt,gic-version=3', 20), ('virt,gic-version=3,virtualization=on cortex-a35', 4),
        ('virt,gic-version=2,virtualization=on', 2), ('virt,gic-version=3 max', 3),
        # With two security states, of which ours is the lower, as on boards: groups and priorities look different.
        ('virt,gic-version=3,secure=on,virtualization=on cortex-a35', 4), ('virt,gic-version=3,secure=on', 2),
        ('virt,gic-version=2,secure=on,virtualization=on', 4))):
    @case(f'BOOT-CORES-{index + 1:03}', f'{cores_} cores of {machine_}')
    def _cores(bench, machine=machine_, cores=cores_):
        expect(bench.plain(machine, cores, 512 * MIB), up(cores))

for index, memory_ in enumerate((128 * MIB, 1 * GIB, 3 * GIB, 8 * GIB)):
    @case(f'BOOT-MEMORY-{index + 1:03}', f'{memory_ // MIB} MiB')
    def _memory(bench, memory=memory_):
        expect(bench.plain('virt,gic-version=3', 2, memory), up(2))

for index, place_ in enumerate((RAM + 2 * MIB, RAM + 62 * MIB, RAM + 510 * MIB, RAM + 96 * MIB)):
    @case(f'BOOT-ADDRESS-{index + 1:03}', f'the image at {place_:#x}')
    def _address(bench, place=place_):
        expect(bench.loaded(bench.tree(), image=place), up(2))


@case('BOOT-ADDRESS-005', 'tree and archive below the image')
def _order(bench):
    below = RAM + 3 * MIB
    expect(bench.loaded(bench.tree(archive=below), image=RAM + 100 * MIB, at=RAM + 2 * MIB - 8, archive=below), up(2))


@case('BOOT-ADDRESS-006', 'a tree that straddles 2 MiB')
def _straddle(bench):
    expect(bench.loaded(bench.tree(), at=RAM + 128 * MIB - 16), up(2))


@case('BOOT-BANKS-001', 'three banks, one above 4 GiB, with holes between them')
def _banks(bench):
    banks = (r'memory@40000000 \{.*?\};', '''memory@40000000 {
        device_type = "memory"; reg = <0 0x40000000 0 0x1234000>, <0 0x44000000 0 0x8000000>, <1 0 0 0x10000000>; };''')
    expect(bench.loaded(bench.tree(banks), memory=5 * GIB), up(2))


@case('BOOT-BANKS-002', 'two memory nodes, the kernel in the second')
def _nodes(bench):
    banks = (r'memory@40000000 \{.*?\};', '''
        memory@40000000 { device_type = "memory"; reg = <0 0x40000000 0 0x100000>; };
        memory@44000000 { device_type = "memory"; reg = <0 0x44000000 0 0x10000000>; };''')
    expect(bench.loaded(bench.tree(banks), image=RAM + 96 * MIB), up(2))


@case('BOOT-RESERVED-001', 'reserved and no-map regions all around the image')
def _reserved(bench):
    regions = '''reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;
        a { reg = <0 0x40000000 0 0x200000>; no-map; };
        b { reg = <0 0x40400000 0 0x1000>; no-map; };
        c { reg = <0 0x40600000 0 0x5000000>; };
        d { reg = <0 0x4c000000 0 0x2ff000>; no-map; };
        e { size = <0 0x1000000>; }; };'''
    expect(bench.loaded(bench.tree(top=regions)), up(2))


@case('BOOT-CONSOLE-001', 'no stdout-path: the first port a driver knows')
def _first_port(bench):
    tree = bench.tree().replace(b'stdout-path', b'stdout-hath')
    expect(bench.loaded(tree), up(2))


@case('BOOT-CONSOLE-002', 'earlycon= when the tree names no port')
def _earlycon(bench):
    tree = bench.tree((r'arm,pl011', 'foo,pl011'),
                      bootargs='semihosting verbose init=hello earlycon=pl011,mmio32,0x9000000')
    expect(bench.loaded(tree), up(2))


@case('BOOT-CONSOLE-003', 'no port at all: the status says so')
def _no_port(bench):
    code, said = bench.loaded(bench.tree((r'arm,pl011', 'foo,pl011')))
    if (code, said) != (FAILED, ''):
        raise Failure(f'status {code}, output {said!r}')


@case('BOOT-TREE-001', 'no memory')
def _no_memory(bench):
    expect(bench.loaded(bench.tree((node('memory@40000000'), ''))),
           refuses('device tree: no usable memory node'), FAILED)


@case('BOOT-TREE-002', 'no interrupt controller')
def _no_gic(bench):
    expect(bench.loaded(bench.tree((r'"arm,gic-v3"', '"none"'))),
           refuses('device tree: no interrupt controller this kernel can drive'), FAILED)


@case('BOOT-TREE-003', 'no timer')
def _no_timer(bench):
    expect(bench.loaded(bench.tree((node('timer'), ''))), refuses('device tree: no architected timer'), FAILED)


@case('BOOT-TREE-004', 'no PSCI: there is no way to end, so the sentence is all')
def _no_psci(bench):
    expect(bench.loaded(bench.tree((node('psci'), ''))), refuses('device tree: no PSCI node'), FAILED)


@case('BOOT-TREE-005', 'a broken tag behind the command line, named by its offset')
def _broken(bench):
    tree = bytearray(bench.tree(bootargs='semihosting earlycon=pl011,0x9000000'))
    structure = struct.unpack('>I', tree[8:12])[0]
    length = struct.unpack('>I', tree[36:40])[0]
    at = structure + length - 4  # the end tag, the very last
    tree[at:at + 4] = struct.pack('>I', 0x77)
    expect(bench.loaded(bytes(tree)), refuses(f'device tree: malformed at offset {at:#x}'), FAILED)


@case('BOOT-TREE-006', 'a tree that claims to be longer than a tree may be')
def _long(bench):
    tree = bytearray(bench.tree(bootargs='semihosting earlycon=pl011,0x9000000'))
    tree[4:8] = struct.pack('>I', 3 * MIB)
    bench.seconds, usual = 3, bench.seconds
    try:
        bench.loaded(bytes(tree))
    except Failure as end:  # nothing in it is believed, so there is no port and no way to end
        if "no end after 3 s; it said: ''" not in str(end):
            raise
    else:
        raise Failure('it ended')
    finally:
        bench.seconds = usual


@case('BOOT-TREE-007', 'a tree for four cores on a machine of two')
def _too_many(bench):
    cpus = (r'(cpu@1 \{.*?\};)', r'\1 cpu@2 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <2>; '
                                 r'enable-method = "psci"; };')
    bench.tolerated = 'Requesting unknown CPU'  # asked with AFFINITY_INFO, as one may
    expect(bench.loaded(bench.tree(cpus)), up(2))


@case('BOOT-TREE-008', 'a core that is disabled stays off')
def _disabled(bench):
    expect(bench.loaded(bench.tree((r'(cpu@1 \{)', r'\1 status = "disabled";'))), up(1))


for index, (place_, trouble_) in enumerate(((0x10000000, 'outside memory'), (0x5ff00000, 'outside memory'),
                                            (IMAGE + 0x10000, 'over the kernel'), (TREE - 0x1000, 'over the device tree'))):
    @case(f'BOOT-ARCHIVE-{index + 1:03}', f'an archive that lies {trouble_} is refused: {place_:#x}')
    def _archive(bench, place=place_, trouble=trouble_):
        bytes_ = bench.archive.stat().st_size
        code, said = bench.loaded(bench.tree(archive=place))
        if f'the boot archive at {place:#x} ({bytes_:#x} bytes) lies {trouble}: ignored' not in said or code == 0:
            raise Failure(f'status {code}, it said {said!r}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument('--newer', action='store_true', help='with the QEMU that is in the cache beside the machine\'s own')
    options = parser.parse_args()
    options.emulator = str(boards.own_emulator()) if options.newer else boards.QEMU
    if options.newer and not boards.own_emulator().exists():
        skip(f'there is no {options.emulator}: tools/fetch-qemu puts it there')
    return CASES.run(options, Virt)


if __name__ == '__main__':
    sys.exit(main())
