#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots the aarch64 image on QEMU's i.MX 8M Plus with the device trees of real boards: cores, memory, and what U-Boot
leaves where. Prints TAP.

Some machines are booted by QEMU itself, others as U-Boot does it: a kernel of a few words is all that QEMU loads; it puts
the address of a tree of ours into x0 and jumps to the image. That tree is the board's, with memory, command line,
archive and reservations added as U-Boot adds them.
"""

import argparse
import re
import struct
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))

from bench import (FAILED, GIB, MIB, Bench, Cases, Failure, Typed, add_arguments, compiled,  # noqa: E402
                   decompiled, expect, loader, refuses, skip, start_code, up)
from frontdoor import archive, boards, worlds  # noqa: E402

EXAMPLES = """examples:
  tests/boot/imx8mp.py verdin-imx8mp --image build-aarch64/Image --archive build-aarch64/archive.cpio
  tests/boot/imx8mp.py … --only BOARD-UBOOT
"""

LOW, LOW_BYTES, HIGH = 0x40000000, 3 * GIB, 4 * GIB  # where the machine has its memory

# Where Toradex's U-Boot puts things: kernel_addr_r; archive and tree go below the end of low memory.
IMAGE = 0x48200000
TREE = LOW + LOW_BYTES - 16 * MIB + 0x1240
ARCHIVE = LOW + LOW_BYTES - 128 * MIB


class Board(Bench):
    def __init__(self, options, folder):
        super().__init__(options, folder)
        self.world = worlds.find(options.world)
        self.board_tree = boards.tree(self.world)

    def words(self, tree):
        """The machine, and what stands before its console."""
        return ['-M', self.world.board, '-nic', 'user,restrict=on'], ['-serial', 'null'] * boards.console_port(tree)

    def plain(self, cores=4, memory=GIB, append='verbose init=hello', tree=None, image=None, initrd=None):
        """QEMU as boot loader; it writes memory, command line and archive into the tree."""
        tree = tree or self.board_tree
        machine, console = self.words(tree)
        self.tolerated = 'Requesting unknown CPU'  # asked with AFFINITY_INFO, as one may
        return self.qemu(machine, cores, memory, ['-kernel', str(image or self.image), '-initrd',
                                                  str(initrd or self.archive), '-dtb', str(tree), '-append',
                                                  f'semihosting {append}'], console)

    def tree(self, *changes, memory=4 * GIB, archive=ARCHIVE, reserve='', bootargs='semihosting verbose init=hello',
             nodes=''):
        """The board's tree as U-Boot hands it over; bytes."""
        source = decompiled(self.board_tree)
        source = re.sub(r'\tmemory@40000000 \{.*?\n\t\};', '', source, flags=re.S)
        for pattern, replacement in changes:
            source, count = re.subn(pattern, replacement, source, flags=re.S)
            if count == 0:
                raise Failure(f'the tree of this board has no {pattern!r} to change')
        bytes_ = self.archive.stat().st_size
        low = min(memory, LOW_BYTES)
        banks = f'0 {LOW:#x} 0 {low:#x}' + (f' 1 0 {(memory - low) >> 32:#x} {(memory - low) & 0xffffffff:#x}'
                                            if memory > low else '')
        if memory:
            nodes += f'memory {{ device_type = "memory"; reg = <{banks}>; }};'
        chosen = f'''chosen {{ bootargs = "{bootargs}";
            linux,initrd-start = <{archive >> 32:#x} {archive & 0xffffffff:#x}>;
            linux,initrd-end = <{(archive + bytes_) >> 32:#x} {(archive + bytes_) & 0xffffffff:#x}>; }};'''
        source = source.replace('/dts-v1/;', f'/dts-v1/;\n/memreserve/ {archive:#x} {bytes_:#x};\n{reserve}', 1)
        return compiled(f'{source}\n/ {{ {nodes} {chosen} }};')

    def loaded(self, tree, image=IMAGE, at=TREE, archive=ARCHIVE, memory=4 * GIB, cores=4):
        """As U-Boot does it: everything at these addresses, entered at EL2."""
        jump = start_code(at, image)
        header = struct.pack('<IIQQQQQQ4sI', 0x14000010, 0, 0, 4096, 0xa, 0, 0, 0, b'ARM\x64', 0)
        words = ['-kernel', str(self.put('start', header + jump)), '-dtb', str(self.board_tree)]
        for file, place in ((self.image, image), (self.archive, archive)):
            words += loader(file, place)
        if tree:
            words += loader(self.put('tree', tree), at)
        machine, console = self.words(self.board_tree)
        return self.qemu(machine, cores, memory, words, console)


CASES = Cases()
case = CASES.case

for cores_ in (1, 2, 3, 4):
    @case(f'BOARD-CORES-{cores_:03}', f'{cores_} cores, and a tree for four')
    def _cores(bench, cores=cores_):
        expect(bench.plain(cores), up(cores))

for index, memory_ in enumerate((256 * MIB, 2 * GIB, 3 * GIB, 4 * GIB, 8 * GIB)):
    @case(f'BOARD-MEMORY-{index + 1:03}', f'{memory_ // MIB} MiB')
    def _memory(bench, memory=memory_):
        expect(bench.plain(memory=memory), up(4))


@case('BOARD-MEMORY-006', 'core 3 has frames above 4 GiB only: they are mapped, and shared with all cores')
def _high(bench):
    script = archive.write({'boot/script': (b'caps 8; spawn -c 3 -p log,inspect simulation 1 200; poweroff', archive.FILE_MODE)})
    result = bench.plain(memory=8 * GIB, append='', initrd=bench.put('initrd', bench.archive.read_bytes() + script))
    expect(result, ['simulation: 200 operations'])
    frames = [int(base, 16) for base in re.findall(r' Frame +\S+ +0x([0-9a-f]+) ', result[1])]
    if not frames or min(frames) < 4 * GIB:
        raise Failure(f'the frames of its nameserver lie at {[hex(base) for base in frames[:9]]}')


@case('BOARD-TREE-001', 'every tree of this board that the kernel package has')
def _trees(bench):
    family = re.sub(r'(imx8mp-[a-z]+).*', r'\1*.dtb', bench.board_tree.name)
    found = sorted(bench.board_tree.parent.glob(family))
    if not found:
        raise Failure(f'there is no {family}')
    for tree in found:
        expect(bench.plain(tree=tree), up(4))


@case('BOARD-TREE-002', 'the tree as it is, without the memory that U-Boot adds')
def _no_memory(bench):
    tree = bench.tree(memory=0, bootargs='semihosting')
    expect(bench.loaded(tree), refuses('device tree: no usable memory node'), FAILED)


@case('BOARD-TREE-003', 'no interrupt controller that the kernel can drive')
def _no_gic(bench):
    tree = bench.tree((r'"arm,gic-v3"', '"arm,gic-v5"'), bootargs='semihosting')
    expect(bench.loaded(tree), refuses('device tree: no interrupt controller this kernel can drive'), FAILED)


@case('BOARD-TREE-004', 'bogus processors: none of them comes up, the others do')
def _bogus(bench):
    extra = '''cpu@9 { device_type = "cpu"; reg = <9>; enable-method = "psci"; compatible = "arm,cortex-a53"; };
               cpu@10 { device_type = "cpu"; reg = <0x10>; enable-method = "spin-table"; };
               cpu@11 { device_type = "cpu"; enable-method = "psci"; };
               cpu@0b { device_type = "cpu"; reg = <0xffffffff>; enable-method = "psci"; };'''
    bench.tolerated = 'Requesting unknown CPU'
    expect(bench.loaded(bench.tree((r'(\tcpus \{)(.*?)(\n\t\};)', rf'\1\2{extra}\3'))), up(4))


@case('BOARD-UBOOT-001', 'where U-Boot puts them: image at kernel_addr_r, archive and tree below the end of low memory')
def _uboot(bench):
    expect(bench.loaded(bench.tree()), up(4))


@case('BOARD-UBOOT-002', 'a hole for the secure world in the middle of memory')
def _secure(bench):
    optee = 'reserved-memory { optee@56000000 { reg = <0 0x56000000 0 0x2000000>; no-map; }; };'
    expect(bench.loaded(bench.tree(nodes=optee)), up(4))


for index, (image_, tree_, archive_) in enumerate((
        (0x40400000, 0x43000000, 0x50000000), (0xfe000000, 0x40001008, 0x41000000), (0x60000000, 0x5fe00000, 0x58000000),
        (0x80000000, 0x1_08000000, 0x1_10000000), (0x1_20000000, 0x1_08000000, 0x50000000),
        (0x1_3fc00000, 0x40100000, 0x1_00000000))):
    @case(f'BOARD-ADDRESS-{index + 1:03}', f'image {image_:#x}, tree {tree_:#x}, archive {archive_:#x}')
    def _address(bench, image=image_, tree=tree_, archive=archive_):
        expect(bench.loaded(bench.tree(archive=archive), image, tree, archive), up(4))


@case('BOARD-CONSOLE-001', 'earlycon= as Linux has it, when the tree names no port')
def _earlycon(bench):
    port = boards.UARTS[boards.console_port(bench.board_tree)]
    tree = bench.tree((r'fsl,imx6q-uart', 'fsl,no-uart'),
                      bootargs=f'semihosting verbose init=hello earlycon=ec_imx6q,{port:#x}')
    expect(bench.loaded(tree), up(4))


@case('BOARD-CONSOLE-002', 'the tree of another board, with earlycon=: a sentence')
def _other_board(bench):
    port = boards.UARTS[boards.console_port(bench.board_tree)]
    source = decompiled(bench.board_tree.parent / 'imx8qxp-mek.dtb')
    source = re.sub(r'\tmemory@80000000 \{.*?\n\t\};', '', source, flags=re.S)
    chosen = f'/ {{ chosen {{ bootargs = "semihosting earlycon=ec_imx6q,{port:#x}"; }}; }};'
    source = source.replace('stdout-path', 'no-stdout-path').replace('fsl,imx8qxp-lpuart', 'fsl,no-lpuart')
    expect(bench.loaded(compiled(source + chosen)), refuses('device tree: no usable memory node'), FAILED)


@case('BOARD-EARLY-001', '-Dearly_uart: a letter for each stage before the tree is read')
def _early(bench):
    code, said = bench.plain(image=bench.options.early_image)
    if not said.startswith('ABCDEFG\n'):
        raise Failure(f'it began with {said[:40]!r}')
    expect((code, said), up(4))


for index, at_ in enumerate((0, 0x43000004)):
    @case(f'BOARD-EARLY-{index + 2:03}', f'no tree at {at_:#x}: a sentence on that port, and a stop')
    def _no_tree(bench, at=at_):
        image, bench.image = bench.image, bench.options.early_image
        seconds, bench.seconds = bench.seconds, 4  # without a tree nobody knows how to end
        try:
            bench.loaded(b'', at=at)
        except Failure as end:
            if 'ABCDmudskipper: cannot boot: no device tree at the address the boot loader gave' not in str(end):
                raise
        else:
            raise Failure('it ended')
        finally:
            bench.image, bench.seconds = image, seconds


@case('BOARD-DOCS-001', 'the command of docs/boards, as it is typed there')
def _documented(bench):
    page = Path(__file__).resolve().parents[2] / 'docs/boards/README.md'
    text = page.read_text().replace('\\\n', ' ')
    command = re.search(r'^    (build-deps/qemu/qemu-system-aarch64 .*)$', text, re.MULTILINE)
    if not command:
        raise Failure(f'{page.name} has no such command')
    place = {'build-deps/qemu/qemu-system-aarch64': bench.emulator, 'build-aarch64/Image': str(bench.image),
             'build-aarch64/archive.cpio': str(bench.archive),
             'build-deps/trees/imx8mp-verdin-wifi-dev.dtb': str(bench.board_tree.parent / 'imx8mp-verdin-wifi-dev.dtb')}
    machine = Typed([place.get(word, word) for word in command[1].split()], bench.seconds)
    try:
        machine.wait(b'on toradex,verdin-imx8mp-wifi-dev, 4 cores\n')
        machine.type(b'msk> ', 'poweroff')
        machine.wait(b'mudskipper: power off, status 0')
    finally:
        machine.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('world', choices=[world.name for world in worlds.WORLDS.values() if world.board])
    add_arguments(parser)
    parser.add_argument('--early-image', type=Path, required=True, help='the image built with -Dearly_uart for this board')
    options = parser.parse_args()
    world = worlds.find(options.world)
    if reason := boards.missing(world):
        skip(reason)
    options.emulator = boards.emulator(world)
    return CASES.run(options, Board)


if __name__ == '__main__':
    sys.exit(main())
