# SPDX-License-Identifier: MIT
"""What U-Boot reads from a medium: the script that boots the system, a menu for sysboot, commands for uuu."""

import subprocess

from .console import Refusal

# Variables that U-Boot sets are used, not numbers: versions differ in addresses. itest and setexpr take and give
# hexadecimal numbers; where U-Boot lacks them nothing is compared. fdt_high and initrd_high are unset, so that U-Boot
# moves tree and archive to where nothing is reserved: on a Colibri memory of the video unit begins 8 MiB behind
# ramdisk_addr_r. QEMU's own U-Boot boots the same medium, with the device tree that QEMU made: it is how this script is
# tested. Learned there: an apostrophe between quotation marks is a syntax error, and `exit` does not end a script from
# inside of an `if`. So msk_why says why it is not booted, and what follows looks at it.
#
# Whoever drives U-Boot from a desk (serial_board.py) may have set msk_want: which build it must be; msk_words: more for
# the kernel's command line; msk_more_bytes: how long an archive is that lies where the medium's will end.
SCRIPT = """\
echo "mudskipper: a medium for @MODEL@"
setenv msk_why
setenv msk_found
setenv msk_tree ${fdt_addr_r}
setenv msk_initrd_bytes @INITRD_BYTES@
if test "${board}" = "qemu-arm"; then
    echo "mudskipper: U-Boot runs on QEMU, which has made the device tree"
    setenv msk_tree ${fdt_addr}
elif test -z "${board}"; then
    echo "mudskipper: U-Boot does not say what it runs on: going on as on @BOARD@"
elif test "${board}" = "@BOARD@"; then
    echo "mudskipper: U-Boot runs on ${board}"
else
    setenv msk_why "this medium is for @BOARD@, and U-Boot runs on ${board}"
fi
for msk_name in kernel_addr_r ramdisk_addr_r msk_tree; do
    if env exists ${msk_name}; then true; elif test -z "${msk_why}"; then
        setenv msk_why "U-Boot has no variable ${msk_name} that says where to load to"
    fi
done

if test -n "${msk_want}"; then if test "${msk_want}" != "@BUILD@"; then
    setenv msk_why "this medium has build @BUILD@, and ${msk_want} is wanted"
fi; fi

if test -n "${fastboot_buffer}"; then
    echo "mudskipper: uuu has put everything into memory"
    setenv msk_load true
    setenv msk_found uuu
elif test "${devtype}" = "dhcp"; then
    setenv msk_load 'tftpboot ${msk_to} ${msk_file}'
else
    setenv msk_load 'load ${devtype} ${devnum}:${distro_bootpart} ${msk_to} ${prefix}${msk_file}'
fi

if test -z "${msk_why}"; then
    setenv msk_to ${kernel_addr_r}
    setenv msk_file Image
    run msk_load || setenv msk_why "Image could not be loaded"
fi
if test -z "${msk_why}"; then
    setenv msk_to ${ramdisk_addr_r}
    setenv msk_file initrd.img
    run msk_load || setenv msk_why "initrd.img could not be loaded"
fi
if test -n "${msk_more_bytes}"; then if test -z "${msk_why}"; then
    echo "mudskipper: 0x${msk_more_bytes} bytes more behind initrd.img"
    setexpr msk_initrd_bytes ${msk_more_bytes} + @INITRD_BYTES@ || setenv msk_why "U-Boot has no setexpr"
fi; fi
setenv msk_to ${msk_tree}
if test "${board}" = "qemu-arm"; then setenv msk_found qemu; fi
@TREE@
if test -z "${msk_found}"; then if test -z "${msk_why}"; then
    setenv msk_file @DEFAULT@
    run msk_load || setenv msk_why "@DEFAULT@ could not be loaded"
fi; fi

if test -z "${msk_why}"; then
setexpr msk_kernel_end ${kernel_addr_r} + @IMAGE_BYTES@
setexpr msk_initrd_end ${ramdisk_addr_r} + ${msk_initrd_bytes}
setexpr msk_tree_end ${msk_tree} + @TREE_BYTES@
if itest ${msk_kernel_end} -gt ${ramdisk_addr_r}; then if itest ${msk_initrd_end} -gt ${kernel_addr_r}; then
    setenv msk_why "Image at ${kernel_addr_r} and initrd.img at ${ramdisk_addr_r} overlap"
fi; fi
if itest ${msk_kernel_end} -gt ${msk_tree}; then if itest ${msk_tree_end} -gt ${kernel_addr_r}; then
    setenv msk_why "Image at ${kernel_addr_r} and the device tree at ${msk_tree} overlap"
fi; fi
if itest ${msk_initrd_end} -gt ${msk_tree}; then if itest ${msk_tree_end} -gt ${ramdisk_addr_r}; then
    setenv msk_why "initrd.img at ${ramdisk_addr_r} and the device tree at ${msk_tree} overlap"
fi; fi
fi

setenv fdt_high
setenv initrd_high
setenv bootargs "@ARGUMENTS@"
if test -n "${msk_words}"; then setenv bootargs "${bootargs} ${msk_words}"; fi
if test -z "${msk_why}"; then
    echo "mudskipper: Image at ${kernel_addr_r}, initrd.img at ${ramdisk_addr_r}, device tree at ${msk_tree}"
    booti ${kernel_addr_r} ${ramdisk_addr_r}:${msk_initrd_bytes} ${msk_tree}
    setenv msk_why "booti came back"
fi
echo "mudskipper: not booted: ${msk_why}"
"""

# Boards with carriers: U-Boot knows which it is, and the medium may have its tree.
TREE_BY_VARIABLE = """
if test -z "${msk_found}${msk_why}"; then if test -n "${fdtfile}"; then
    setenv msk_file ${fdtfile}
    if run msk_load; then setenv msk_found ${fdtfile}; else
        echo "mudskipper: no device tree called ${fdtfile} here: @DEFAULT@ is taken"
    fi
fi; fi"""

MENU = """\
timeout 1
default mudskipper
label mudskipper
  kernel /Image
  initrd /initrd.img
  fdtdir /
"""

UUU = """\
uuu_version 1.3.130
@START@
FB: ucmd setenv fastboot_buffer ${kernel_addr_r}
FB: download -f Image
FB: ucmd setenv fastboot_buffer ${ramdisk_addr_r}
FB: download -f initrd.img
FB: ucmd setenv fastboot_buffer ${fdt_addr_r}
FB: download -f @DEFAULT@
FB: ucmd setenv fastboot_buffer ${scriptaddr}
FB: download -f boot.scr
FB: acmd source ${scriptaddr}
FB: done
"""

LOADED_TREE_ROOM = 0x10000  # what U-Boot may add to a tree


def fill(text, **values):
    for name, value in values.items():
        text = text.replace(f'@{name}@', str(value))
    return text


def check_arguments(arguments):
    if any(character in arguments for character in '"\'$`;\n\\'):
        raise Refusal(f'--append {arguments}: U-Boot\'s script cannot have quotation marks, apostrophes, $, `, ; or \\ in it', 2)


def script(board, build, image_bytes, initrd_bytes, trees, arguments):
    """boot.scr as text. `build` names Image and archive. `trees`: name -> bytes; when there is one only, it is taken
    whatever U-Boot thinks."""
    check_arguments(arguments)
    default = board.tree if board.tree in trees else next(iter(trees))
    how = TREE_BY_VARIABLE if len(trees) > 1 else ''
    largest = max(map(len, trees.values())) + LOADED_TREE_ROOM
    return fill(SCRIPT, MODEL=board.model, BOARD=board.name, TREE=how.strip(), DEFAULT=default, BUILD=build,
                IMAGE_BYTES=f'{image_bytes:x}', INITRD_BYTES=f'{initrd_bytes:x}', TREE_BYTES=f'{largest:x}',
                ARGUMENTS=arguments)


def wrapped(text, name, folder):
    """The script in the envelope that `source` wants."""
    source, target = folder / 'boot.cmd', folder / 'wrapped'
    source.write_text(text)
    done = subprocess.run(['mkimage', '-A', 'arm64', '-O', 'linux', '-T', 'script', '-C', 'none', '-n', name, '-d',
                           str(source), str(target)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env={'SOURCE_DATE_EPOCH': '0', 'PATH': '/usr/bin:/bin'})
    if done.returncode:
        raise Refusal(f'mkimage could not make boot.scr: {done.stderr.strip()}')
    return target.read_bytes()


def menu(arguments):
    return MENU + (f'  append {arguments}\n' if arguments else '')


def uuu(board, default):
    return fill(UUU, START=board.uuu.strip(), DEFAULT=default)
