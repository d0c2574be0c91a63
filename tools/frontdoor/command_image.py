# SPDX-License-Identifier: MIT
"""tools/msk image: builds the system for a board and writes what the board is booted from."""

import re
import shutil
from pathlib import Path

from . import boards, builds, command_run, launch, media, packages, paths
from .console import Refusal

ABOUT = 'build the system for a board: memory card, Easy Installer package, folders for TFTP and uuu'

EXAMPLES = f"""\
boards: {' '.join(media.BOARDS)}

examples:
  tools/msk image --on verdin-imx8mp             into build-aarch64/image/verdin-imx8mp; the last lines say how to write it
  tools/msk image --on colibri-imx8x -o /tmp/c   into another folder
  tools/msk image --on verdin-imx8mp --dtb my-carrier.dtb
                                                 with that device tree, whatever carrier U-Boot thinks it is on
  tools/msk image --on verdin-imx8mp --script demo.msk
                                                 the board runs these commands and goes off
  tools/msk image --on verdin-imx8mp --offline   nothing is fetched or installed

What is written: sd.img (whole card), tftp/ (for DHCP and TFTP), tezi/ (Toradex Easy Installer), uuu/ (USB recovery; put
the module's own imx-boot beside it), SHA256SUMS. docs/boards says what to do with each.
"""


def add_arguments(parser):
    parser.add_argument('--on', metavar='BOARD', required=True, help='which board: ' + ', '.join(media.BOARDS))
    parser.add_argument('-o', '--output', metavar='DIR', help='where to (default: build-aarch64/image/BOARD)')
    parser.add_argument('--dtb', metavar='FILE', help='the device tree of another carrier, instead of those of Debian\'s kernel')
    parser.add_argument('--append', metavar='WORDS', default='', help='words for the kernel command line')
    what = parser.add_mutually_exclusive_group()
    what.add_argument('--script', metavar='FILE', help='commands for the shell, then power off; - is standard input')
    what.add_argument('-c', metavar='CMDS', dest='commands', help='the same, commands given here')
    parser.add_argument('--with', metavar='FILE[=NAME]', dest='files', action='append', default=[],
                        help='put a program or file into the boot archive as bin/NAME (default: its own name)')
    parser.add_argument('--offline', action='store_true', help='fetch and install nothing; say what is missing')
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def main(options, extra):
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk image', 2)
    board = media.BOARDS.get(options.on)
    if board is None:
        raise Refusal(f'there is no board called "{options.on}"; there are: {", ".join(media.BOARDS)}', 2)
    own_tree = boards.own_tree(options.dtb) if options.dtb else None
    wishes = launch.Wishes(script=command_run.script(options), files=command_run.files(options.files))
    build = builds.AARCH64
    prepare(board, build, options, own_tree)
    target = Path(options.output).absolute() if options.output else build.path / 'image' / board.name
    with paths.run_folder(build.path) as folder:
        product = launch.Product(image=build.path / 'Image', archive=build.path / launch.ARCHIVE)
        files = media.contents(board, product.image.read_bytes(),
                               launch.own_archive(product, wishes, folder).read_bytes(), trees(board, own_tree),
                               options.append, folder)
        sums = media.write(board, files, version(), clean(target), folder)
    report(target, sums)
    return 0


def prepare(board, build, options, own_tree):
    needs = [*packages.BOARD, *build.needs]
    where = boards.tree_folder()
    lacks = own_tree is None and not (where / board.tree).is_file()
    if options.offline:
        if wanted := packages.missing(needs):
            raise Refusal(f'--offline: these packages are missing: {" ".join(wanted)}')
        if lacks:
            raise Refusal(f'--offline: {board.tree} is not in {paths.named(where)}: tools/fetch-trees puts it there, '
                          'or give one with --dtb')
    else:
        packages.ensure(needs, f'an image for {board.name}', options.yes)
        if lacks:
            builds.run_tool(board.name, 'fetch-trees', [str(where)])
    builds.ensure(build, ('Image', launch.ARCHIVE))


def trees(board, own_tree):
    found = [own_tree] if own_tree else sorted(boards.tree_folder().glob(board.trees))
    if not found:
        raise Refusal(f'there is no {board.trees} in {paths.named(boards.tree_folder())}')
    for path in found:
        if not re.fullmatch(r'[\w.+-]+\.dtb', path.name):
            raise Refusal(f'{path.name}: a device tree is called NAME.dtb, with letters, digits and "_.+-" in NAME', 2)
    return {path.name: path.read_bytes() for path in found}


def clean(target):
    """Only what an earlier run wrote is removed; its sums say that there was one."""
    theirs = [name for name in ('tftp', 'tezi', 'uuu', 'sd.img') if (target / name).exists()]
    if theirs and not (target / 'SHA256SUMS').exists():
        raise Refusal(f'{paths.named(target)} has a {theirs[0]} that is not of tools/msk image: say another folder with -o')
    for name in ('tftp', 'tezi', 'uuu'):
        shutil.rmtree(target / name, ignore_errors=True)
    (target / 'sd.img').unlink(missing_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    return target


def version():
    found = re.search(r"version: '([^']+)'", (paths.ROOT / 'meson.build').read_text())
    return found[1] if found else 'unknown'


def report(target, sums):
    where = paths.named(target)
    print(''.join(sums), end='')
    print(f'in {where}; a memory card (all that is on /dev/sdX is lost):\n'
          f'  sudo bmaptool copy --nobmap {where}/sd.img /dev/sdX\n'
          f'  sudo dd if={where}/sd.img of=/dev/sdX bs=4M conv=fsync status=progress')
