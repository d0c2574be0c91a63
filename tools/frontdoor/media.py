# SPDX-License-Identifier: MIT
"""What a board is booted from: a memory card, a package for Toradex's Easy Installer, a folder for TFTP, one for uuu."""

import hashlib
import io
import json
import struct
import tarfile
from dataclasses import dataclass

from . import sdcard, uboot
from .console import Refusal

INITRD = 'initrd.img'
MIB = 1 << 20


@dataclass(frozen=True)
class Board:
    name: str        # ours, and what U-Boot's variable `board` says
    model: str
    trees: str       # pattern of the names of its trees
    tree: str        # where U-Boot does not say which
    products: tuple  # numbers by which the Easy Installer knows its modules
    uuu: str         # from recovery mode to U-Boot's fastboot


BOARDS = {board.name: board for board in (
    Board('verdin-imx8mp', 'Toradex Verdin iMX8M Plus', 'imx8mp-verdin-*.dtb', 'imx8mp-verdin-wifi-dev.dtb',
          ('0058', '0061', '0063', '0064', '0065', '0066', '0070'), """
SDPS: boot -f imx-boot
CFG: SDPU: -vid 0x0525 -pid 0xb4a4
SDPV: delay 1000
SDPV: write -f imx-boot -skipspl
SDPV: jump
CFG: FB: -vid 0x0525 -pid 0x4000
CFG: FB: -vid 0x0525 -pid 0x403a
CFG: FB: -vid 0x0525 -pid 0x403d
CFG: FB: -vid 0x0525 -pid 0x403f
CFG: FB: -vid 0x0525 -pid 0x4040
CFG: FB: -vid 0x0525 -pid 0x4041
CFG: FB: -vid 0x0525 -pid 0x4042
CFG: FB: -vid 0x0525 -pid 0x4046
"""),
    Board('colibri-imx8x', 'Toradex Colibri iMX8X', 'imx8*-colibri-*.dtb', 'imx8qxp-colibri-eval-v3.dtb',
          ('0038', '0050', '0051', '0052'), """
SDPS: boot -f imx-boot
CFG: FB: -vid 0x0525 -pid 0x4000
CFG: FB: -vid 0x0525 -pid 0x4026
CFG: FB: -vid 0x0525 -pid 0x4032
CFG: FB: -vid 0x0525 -pid 0x4033
CFG: FB: -vid 0x0525 -pid 0x4034
"""),
)}


def image_bytes(image):
    """How much memory the kernel takes, by its header."""
    if len(image) < 64 or image[56:60] != b'ARM\x64':
        raise Refusal('the kernel image has no header that booti knows')
    return struct.unpack_from('<Q', image, 16)[0]


def build_name(image, initrd):
    """Tells media of one build from those of another."""
    return hashlib.sha256(hashlib.sha256(image).digest() + initrd).hexdigest()[:16]


def contents(board, image, initrd, trees, arguments, folder):
    """name -> bytes of all that U-Boot loads. `trees`: name -> bytes."""
    text = uboot.script(board, build_name(image, initrd), image_bytes(image), len(initrd), trees, arguments)
    script = uboot.wrapped(text, f'Mudskipper, {board.name}', folder)
    return {'Image': image, INITRD: initrd, **trees, 'boot.scr': script, 'boot-tezi.scr': script,
            'extlinux.conf': uboot.menu(arguments).encode()}


def write(board, files, version, folder, work):
    """Writes all media into `folder`; returns the files with their sums."""
    for part in ('tftp', 'tezi', 'uuu'):
        (folder / part).mkdir(parents=True, exist_ok=True)
    sdcard.write(folder / 'sd.img', files, work)
    default = board.tree if board.tree in files else next(name for name in files if name.endswith('.dtb'))
    for name, data in files.items():
        (folder / 'tftp' / name).write_bytes(data)
        if name in ('Image', INITRD, default, 'boot.scr'):
            (folder / 'uuu' / name).write_bytes(data)
    (folder / 'uuu' / 'uuu.auto').write_text(uboot.uuu(board, default))
    packed = _tar(files)
    (folder / 'tezi' / 'mudskipper.bootfs.tar').write_bytes(packed)
    (folder / 'tezi' / 'image.json').write_text(_easy_installer(board, version, len(packed)))
    return _sums(folder)


def _tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode='w', format=tarfile.USTAR_FORMAT) as tar:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _easy_installer(board, version, size):
    """One FAT partition on the eMMC; the boot loader stays as it is."""
    megabytes = (size + MIB - 1) // MIB
    content = {'label': 'MUDSKIPPER', 'filesystem_type': 'FAT', 'mkfs_options': '', 'filename': 'mudskipper.bootfs.tar',
               'uncompressed_size': megabytes}
    partition = {'partition_size_nominal': max(64, 2 * megabytes), 'want_maximised': False, 'content': content}
    return json.dumps({'config_format': '4', 'autoinstall': False, 'name': f'Mudskipper for {board.model}',
                       'description': 'A capability-based multikernel. The boot loader of the module is kept.',
                       'version': version, 'supported_product_ids': list(board.products),
                       'blockdevs': [{'name': 'mmcblk0', 'partitions': [partition]}]}, indent=4) + '\n'


def _sums(folder):
    lines = []
    for path in sorted(folder.rglob('*')):
        if path.is_file() and path.name != 'SHA256SUMS':
            lines.append(f'{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n')
    (folder / 'SHA256SUMS').write_text(''.join(lines))
    return lines
