#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots what `tools/msk image` writes with a U-Boot: Debian's, for QEMU's virt. Prints TAP.

It is entered at EL2 and its processor is the Colibri's; what differs from the boards is the device tree, which QEMU
makes. The boot scripts are those that the boards get.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))

from bench import Cases, Failure, Typed, needs_boot_loader  # noqa: E402
from frontdoor import archive, boards, media  # noqa: E402

MACHINE = 'virt,gic-version=3,virtualization=on'
PROMPT = b'=> '
OFF = b'mudskipper: power off, status 0'
STOP_AUTOBOOT = b'Hit any key to stop autoboot'
QEMUS_TREE = 'qemu.dtb'  # what QEMU would hand over, as a file: it stands for the board's
TREE = 0x43000000
SCRIPT = ROOT / 'tests/scenario/first.msk'
EXPECTED = ROOT / 'tests/scenario/first.expected'


class Uboot(Typed):
    def type(self, *lines):
        for line in lines:
            super().type(PROMPT, line)

    def stop_autoboot(self):
        self.wait(STOP_AUTOBOOT)
        self.press(b'\n')


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.seconds = options.timeout
        self.media = {}

    def made(self, board):
        """The folder of what is written for a board; the system runs a script and goes off."""
        if board not in self.media:
            known = media.BOARDS[board]
            trees = {path.name: path.read_bytes() for path in sorted(boards.tree_folder().glob(known.trees))}
            script = archive.write({'boot/script': (SCRIPT.read_bytes(), archive.FILE_MODE)})
            files = media.contents(known, self.options.image.read_bytes(), self.options.archive.read_bytes() + script,
                                   trees, '', self.folder)
            files[QEMUS_TREE] = self.qemus_tree()
            self.media[board] = self.folder / board
            media.write(known, files, '0', self.media[board], self.folder)
        return self.media[board]

    def qemus_tree(self):
        path = self.folder / QEMUS_TREE
        subprocess.run([boards.QEMU, '-M', f'{MACHINE},dumpdtb={path}', '-cpu', 'cortex-a35', '-smp', '4', '-m', '1G',
                        '-nodefaults', '-display', 'none'], check=True, capture_output=True)
        return path.read_bytes()

    def machine(self, board, machine=MACHINE, cpu='cortex-a35', cores=4,
                memory='1G', card=True, network=False):
        words = [boards.QEMU, '-M', machine, '-cpu', cpu, '-smp', str(cores), '-m', memory, '-nodefaults', '-display',
                 'none', '-serial', 'stdio', '-no-reboot', '-bios', str(self.options.uboot)]
        folder = self.made(board)
        if card:
            words += ['-drive', f'file={folder / "sd.img"},format=raw,if=none,id=card,snapshot=on', '-device',
                      'virtio-blk-device,drive=card']
        if network:
            words += ['-netdev', f'user,id=net,restrict=on,tftp={folder / "tftp"},bootfile=boot.scr', '-device',
                      'virtio-net-device,netdev=net']
        return Uboot([*words, *([] if network else ['-nic', 'none'])], self.seconds)


CASES = Cases()


def case(identifier, sentence, **machine):
    """The function gets U-Boot, and is to leave the system booting or a sentence said."""
    def note(function):
        def run(bench):
            uboot = bench.machine(**{'board': 'verdin-imx8mp', **machine})
            try:
                function(uboot)
            finally:
                uboot.close()
        CASES.case(identifier, sentence)(run)
        return function
    return note


def booted(uboot):
    """The system ran its script: the transcript is that of all worlds."""
    uboot.wait(b'Starting kernel')
    uboot.wait(OFF)
    if EXPECTED.read_bytes() not in uboot.said:
        raise Failure(f'the transcript is another one; its end: {uboot.said[-300:]!r}')


@case('UBOOT-CARD-001', 'a Verdin\'s memory card boots by itself')
def _card(uboot):
    uboot.wait(b'Found U-Boot script /boot.scr')
    uboot.wait(b'mudskipper: a medium for Toradex Verdin iMX8M Plus')
    booted(uboot)


@case('UBOOT-CARD-002', 'a Colibri\'s', board='colibri-imx8x', memory='2G')
def _colibri(uboot):
    uboot.wait(b'mudskipper: a medium for Toradex Colibri iMX8X')
    booted(uboot)


@case('UBOOT-CARD-003', 'entered at EL1, GICv2, 8 GiB', machine='virt,gic-version=2', cpu='cortex-a53', memory='8G')
def _el1(uboot):
    booted(uboot)


# ---- What docs/boards has people type: the lines behind these words, but for which device it is. ----

PAGE = ROOT / 'docs/boards/README.md'
ON_THE_BOARD = {'setenv devtype mmc': 'setenv devtype virtio', 'setenv devnum 1': 'setenv devnum 0'}
SEQUENCES = {
    'The script, from a memory card': ('UBOOT-DOCS-001', {}),
    'Without the script': ('UBOOT-DOCS-002', {}),
    'From the network': ('UBOOT-DOCS-003', {'card': False, 'network': True}),
    'The menu': ('UBOOT-DOCS-004', {}),
}


def documented():
    """First words of a paragraph -> the lines that are typed behind it."""
    found, words = {}, None
    for line in PAGE.read_text().splitlines():
        if line.startswith('    => '):
            found.setdefault(words, []).append(line.removeprefix('    => '))
        elif line and not line.startswith(' '):
            words = next((known for known in SEQUENCES if line.startswith(known)), words if words not in found else line)
    return found


def as_documented(words):
    identifier, machine = SEQUENCES[words]

    @case(identifier, f'docs/boards: {words}', **machine)
    def _typed(uboot):
        uboot.stop_autoboot()
        uboot.type(f'setenv fdt_addr_r {TREE:#x}', f'setenv fdtfile {QEMUS_TREE}')  # Toradex's U-Boot has both
        uboot.type(*(ON_THE_BOARD.get(line, line) for line in documented()[words]))
        booted(uboot)


for words_ in SEQUENCES:
    as_documented(words_)


@CASES.case('UBOOT-DOCS-005', 'no other line is documented as typed by a test')
def _all_documented(_bench):
    if set(documented()) != set(SEQUENCES):
        raise Failure(f'lines of docs/boards that no test types: {sorted(set(documented()) - set(SEQUENCES))}')
    for page in PAGE.parent.glob('*.md'):
        if page != PAGE and '    => ' in page.read_text():
            raise Failure(f'{page.name} has lines that no test types')


@case('UBOOT-NET-001', 'DHCP and TFTP, the script by its name', card=False, network=True)
def _network(uboot):
    uboot.stop_autoboot()
    uboot.type('setenv boot_script_dhcp boot.scr', 'run bootcmd_dhcp')
    booted(uboot)


@case('UBOOT-UUU-001', 'everything put into memory before, as uuu does it')
def _uuu(uboot):
    uboot.stop_autoboot()
    uboot.type('load virtio 0:1 ${kernel_addr_r} Image', 'load virtio 0:1 ${ramdisk_addr_r} initrd.img',
               'load virtio 0:1 ${scriptaddr} boot-tezi.scr', 'setenv fastboot_buffer ${scriptaddr}',
               'source ${scriptaddr}')
    uboot.wait(b'mudskipper: uuu has put everything into memory')
    booted(uboot)


def source(uboot, *before):
    """The card's script, with variables changed; the device is named as distro_bootcmd does."""
    uboot.stop_autoboot()
    uboot.type('setenv devtype virtio', 'setenv devnum 0', 'setenv distro_bootpart 1', 'setenv prefix /', *before,
               'load virtio 0:1 ${scriptaddr} boot.scr', 'source ${scriptaddr}')


@case('UBOOT-REFUSE-001', 'another board is refused')
def _other_board(uboot):
    source(uboot, 'setenv board apalis-imx8')
    uboot.wait(b'mudskipper: not booted: this medium is for verdin-imx8mp, and U-Boot runs on apalis-imx8\n')


@case('UBOOT-REFUSE-002', 'what overlaps is refused')
def _overlap(uboot):
    source(uboot, 'setenv ramdisk_addr_r 0x40420000')
    uboot.wait(b'mudskipper: not booted: Image at 0x40400000 and initrd.img at 0x40420000 overlap\n')


@case('UBOOT-REFUSE-003', 'a tree in the middle of the archive is refused; another carrier\'s is taken when U-Boot\'s is not here')
def _tree_overlaps(uboot):
    source(uboot, 'setenv board verdin-imx8mp', 'setenv fdtfile imx8mp-verdin-wifi-mars.dtb', 'setenv fdt_addr_r 0x44010000')
    uboot.wait(b'mudskipper: no device tree called imx8mp-verdin-wifi-mars.dtb here: imx8mp-verdin-wifi-dev.dtb is taken\n')
    uboot.wait(b'mudskipper: not booted: initrd.img at 0x44000000 and the device tree at 0x44010000 overlap\n')


@case('UBOOT-REFUSE-004', 'an address that U-Boot does not name is missed')
def _no_address(uboot):
    source(uboot, 'setenv ramdisk_addr_r')
    uboot.wait(b'mudskipper: not booted: U-Boot has no variable ramdisk_addr_r that says where to load to\n')


@case('UBOOT-REFUSE-005', 'a file that is not there is missed')
def _no_file(uboot):
    source(uboot, 'fatrm virtio 0:1 initrd.img')
    uboot.wait(b'mudskipper: not booted: initrd.img could not be loaded\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--image', type=Path, required=True)
    parser.add_argument('--archive', type=Path, required=True)
    parser.add_argument('--only', default='', metavar='TEXT', help='the cases with TEXT in their identifier')
    parser.add_argument('--timeout', type=float, default=90, metavar='S', help='for one machine (default: 90)')
    options = parser.parse_args()
    options.emulator = boards.QEMU
    options.uboot = boards.boot_loader()
    needs_boot_loader()
    return CASES.run(options, Bench)


if __name__ == '__main__':
    sys.exit(main())
