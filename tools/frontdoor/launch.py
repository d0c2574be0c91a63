# SPDX-License-Identifier: MIT
"""One run of the system in a world, from what the person asked for to the exit status."""

import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import archive, debugger, process, qemu
from .console import STATUS_TIMEOUT, Refusal
from .paths import ROOT

DEFAULT_CORES = 4
DEFAULT_MEMORY = 1024  # MiB
ARCHIVE = 'archive.cpio'  # beside the simulator or the Image
SYMBOLS = 'kernel.elf'
PLUGIN = 'tools/qemu-plugin/msk-plugin.so'  # in the build folder of QEMU's worlds: counts.py
SCRIPT_ENTRY = 'boot/script'
PROGRAMS = 'bin/'
NO_INPUT = subprocess.DEVNULL
VALGRIND_FOUND = 99  # exit status when Valgrind has something to report

# The simulator knows about --timeout and reports who runs; we end it when it does not keep to it.
MARGIN_LEAST, MARGIN_MOST = 1.0, 10.0  # seconds


@dataclass
class Wishes:
    """What a run is to be like; None: whatever the world does by itself."""
    cores: int = None
    memory: int = None  # MiB
    script: bytes = None
    files: list = field(default_factory=list)  # (path, name below bin/)
    append: str = ''
    timeout: float = None
    gdb: str = None  # debugger.START or WAIT
    gdb_words: tuple = ()  # of its command line, last
    tree: Path = None  # of another board
    serial: object = None  # serial_board.Serial: on a board, not in QEMU
    extra: list = field(default_factory=list)


@dataclass
class Product:
    """What is booted."""
    executable: Path = None  # simulator
    image: Path = None       # QEMU
    archive: Path = None
    symbols: Path = None
    wrapper: tuple = ()      # valgrind and its options


def targets(world):
    """What has to be built for a run: not the tests."""
    return ('hostsim', ARCHIVE) if world.simulated else ('Image', SYMBOLS, ARCHIVE)


def of_build(world, build):
    if world.simulated:
        wrapper = valgrind() if build.setup == 'valgrind' else ()
        return Product(executable=build.path / 'hostsim', wrapper=wrapper)
    return Product(image=build.path / 'Image', archive=build.path / ARCHIVE, symbols=build.path / SYMBOLS)


def valgrind(*options):
    """Valgrind with the options of the committed file, wherever we are called from, and those given."""
    rc = ROOT / '.valgrindrc'
    return ('valgrind', *(shlex.split(rc.read_text(), comments=True) if rc.exists() else ()), *options)


def archive_name(path, name):
    """What --with FILE[=NAME] calls the file; it stands in bin/."""
    name = name or path.name
    try:
        archive.check_name(PROGRAMS + name)
    except archive.ArchiveError as error:
        raise Refusal(f'--with {path}={name}: {error}', 2) from None
    return name


def more_archive(wishes):
    """What follows the built archive: another one with the script and the person's own files; b'' without."""
    files = {}
    for path, name in wishes.files:
        executable = path.stat().st_mode & 0o111
        files[PROGRAMS + name] = (path.read_bytes(), archive.PROGRAM_MODE if executable else archive.FILE_MODE)
    if wishes.script is not None:
        files[SCRIPT_ENTRY] = (wishes.script, archive.FILE_MODE)
    return archive.write(files) if files else b''


def own_archive(product, wishes, folder):
    """The archive for one run."""
    more = more_archive(wishes)
    if not more:
        return product.archive
    target = folder / ARCHIVE
    with open(target, 'wb') as out:
        if product.archive:
            with open(product.archive, 'rb') as built:
                shutil.copyfileobj(built, out)
        out.write(more)
    return target


def simulator_command(product, wishes, folder):
    words = [*product.wrapper, str(product.executable)]
    if product.archive:
        words += ['--archive', str(product.archive)]
    if wishes.cores is not None:
        words += ['--cores', str(wishes.cores)]
    if wishes.memory is not None:
        words += ['--mem', f'{wishes.memory}M']
    for path, name in wishes.files:
        words += ['--with', f'{path}={name}']
    if wishes.script is not None:
        script = folder / 'script'
        script.write_bytes(wishes.script)
        words += ['--script', str(script)]
    if wishes.append:
        words += ['--append', wishes.append]
    if wishes.timeout is not None:
        words += ['--timeout', f'{wishes.timeout:g}']
    words += wishes.extra
    return debugger.of_simulator(words, wishes) if wishes.gdb else words


def qemu_command(world, product, wishes, folder):
    return qemu.command(world, product.image, own_archive(product, wishes, folder),
                        wishes.cores or DEFAULT_CORES, wishes.memory or world.memory or DEFAULT_MEMORY, wishes.append,
                        wishes.extra, debugger=debugger.socket_in(folder) if wishes.gdb else None, tree=wishes.tree)


def command(world, product, wishes, folder):
    """The command line of the run; files that it needs are written into `folder`."""
    make = simulator_command if world.simulated else lambda *rest: qemu_command(world, *rest)
    return make(product, wishes, folder)


def run(world, product, wishes, folder, output=None, stdin=None):
    """Runs the system to its end; the outcome's status is the system's own wherever it has one."""
    if wishes.serial:
        return wishes.serial.run(world, product, wishes, folder, output)
    words = command(world, product, wishes, folder)
    limit = wishes.timeout
    if not world.simulated and wishes.gdb == debugger.START:
        return debugger.run_machine(words, product, wishes, debugger.socket_in(folder))
    if not world.simulated:
        return qemu.run(words, limit, output, stdin, product.symbols)
    if limit is not None:
        limit += min(max(limit, MARGIN_LEAST), MARGIN_MOST)
    status = process.watch(words, limit, output, stdin=stdin)
    if status is None:
        return qemu.Outcome(STATUS_TIMEOUT, f'time-out: the simulator had not ended by itself after {limit:g} s')
    return qemu.Outcome(status)


def scripted_input(wishes, our_input):
    """A scripted run leaves the terminal alone, so that Ctrl-C ends it; gdb needs it. What is piped in goes through."""
    return NO_INPUT if wishes.script is not None and not wishes.gdb and our_input.isatty() else None
