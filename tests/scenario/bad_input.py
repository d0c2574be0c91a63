#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is wrong at the machine's edge: programs, archives, boot files, memory, scripts, and ends that are none. Each is told
in a sentence that says who, what and where, and has its exit status. TAP on standard output; words: as run-tap's.
"""

import argparse
import dataclasses
import os
import re
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))

from frontdoor import archive, runner  # noqa: E402

CASES = []


class Failure(Exception):
    """What went wrong."""


@dataclasses.dataclass
class Run:
    status: int
    said: str


class Bench:
    """Files of one run of this program, and the machines it starts."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.simulated = options.executable is not None

    def boot(self, commands=None, extra=(), **changes):
        said = bytearray()
        options = argparse.Namespace(**{**vars(self.options), **changes})
        script = None if commands is None else commands.encode() + b'\n'
        outcome = runner.boot(options, list(extra), script, said.extend)
        text = said.decode(errors='backslashreplace').replace('\r', '')
        return Run(outcome.status, text + outcome.sentence)

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        path.chmod(0o755)
        return path

    def program(self, name):
        """A program out of the archive."""
        return archive.read(self.options.archive.read_bytes())[f'bin/{name}'][0]

    def more(self, **files):
        """The archive with other files behind its own; _ is /."""
        own = {name.replace('_', '/'): (text.encode(), archive.FILE_MODE) for name, text in files.items()}
        return self.file('archive', self.options.archive.read_bytes() + archive.write(own))


def wants(run, status, *sentences):
    """The status, and each of the sentences (regular expressions) in a line of its own."""
    missing = [each for each in sentences if not re.search(f'(?m)^{each}$', run.said)]
    if run.status != status or missing:
        raise Failure(f'status {run.status}, wanted {status}; not said: {missing}; it said:\n{run.said}')


def case(identifier, sentence):
    def note(function):
        CASES.append((identifier, sentence, function))
        return function
    return note


# ---- programs

@case('BAD-PROGRAM-001', 'a program that is not there')
def _unknown(bench):
    wants(bench.boot('spawn nobody'), 1, 'line 1: spawn: there is no program called nobody in the archive')


@case('BAD-PROGRAM-002', 'a first program that is not there')
def _no_init(bench):
    wants(bench.boot(append='init=nobody'), 1, '.*cannot boot: nobody: archive: no such file')


def refused(bench, data, why):
    path = bench.file('thing', data)
    wants(bench.boot('spawn thing', files=[str(path)]), 1, f'line 1: spawn: thing: cannot load program: ELF: {why}')


@case('BAD-ELF-001', 'a text instead of a program')
def _text(bench):
    refused(bench, b'#!/bin/sh\necho hello\n', 'not an ELF file')


@case('BAD-ELF-002', 'a file that is empty')
def _empty(bench):
    refused(bench, b'', 'the file ends before offset 0x40')


@case('BAD-ELF-003', 'a program that is cut off, anywhere')
def _cut(bench):
    data = bench.program('hello')
    for bytes_ in (10, 63, 64, 3000):
        refused(bench, data[:bytes_], '.+')


@case('BAD-ELF-004', 'a program for another machine')
def _foreign(bench):
    data = bytearray(bench.program('hello'))
    data[18:20] = (243).to_bytes(2, 'little')  # RISC-V
    refused(bench, bytes(data), 'made for machine 243, not for this one')


@case('BAD-ELF-005', 'a program that has to lie at an address of its own')
def _fixed(bench):
    data = bytearray(bench.program('hello'))
    data[16:18] = (2).to_bytes(2, 'little')  # ET_EXEC
    refused(bench, bytes(data), '.*-static-pie.*')


@case('BAD-ELF-006', 'the system goes on after each of them')
def _goes_on(bench):
    path = bench.file('thing', b'no program')
    wants(bench.boot('! spawn thing\n! spawn nobody\nspawn hello\npoweroff 7', files=[str(path)]), 7,
          'as expected: spawn: thing: .*', 'as expected: spawn: there is no program called nobody.*')


# ---- the archive and the boot file

@case('BAD-ARCHIVE-001', 'an archive that is cut off')
def _cut_archive(bench):
    path = bench.file('archive', bench.options.archive.read_bytes()[:100000])
    wants(bench.boot(archive=path), 1, '.*cannot boot: init: archive: ends in the middle of the entry at offset 0x.*')


@case('BAD-ARCHIVE-002', 'something else than an archive')
def _junk(bench):
    path = bench.file('archive', b'no archive at all\n' * 100)
    wants(bench.boot(archive=path), 1, '.*cannot boot: init: archive: no newc header at offset 0x0')


@case('BAD-ARCHIVE-003', 'an archive without the first program')
def _no_first(bench):
    path = bench.file('archive', archive.write({'boot': (b'', archive.FILE_MODE)}))
    wants(bench.boot(archive=path), 1, '.*cannot boot: init: archive: no such file')


WRONG_LINES = r'''
spawn core=999 hello
start hello
spawn "hello
spawn cap=everything hello
spawn nobody
spawn hello
'''


@case('BAD-BOOT-001', 'wrong lines of the boot file are named, the right ones carried out')
def _boot_file(bench):
    run = bench.boot(archive=bench.more(boot=WRONG_LINES))
    wants(run, 1, 'init: boot: boot file: line 2: no such core', 'init: boot: boot file: line 3: unknown word',
          'init: boot: boot file: line 4: a quotation mark is not closed', 'init: boot file, line 5: hello: .+',
          'init: boot file, line 6: nobody: archive: no such file', 'hello from hello on core 0.*')


@case('BAD-BOOT-002', 'a boot file that is not there is named')
def _no_boot_file(bench):
    wants(bench.boot(append='boot=elsewhere'), 1, 'init: elsewhere: there is no such boot file in the archive')


# ---- memory

@case('BAD-MEMORY-001', 'less memory than the cores need')
def _memory(bench):
    mem = (bench.options.archive.stat().st_size >> 20) + 3 if bench.simulated else 8  # the archive fits, little else does
    run = bench.boot('ps', mem=mem)
    if bench.simulated:
        wants(run, 1, 'cannot boot: a share of memory for each of 4 cores: out of memory')
    elif run.status == 0:  # QEMU refuses to load the archive, or the kernel to boot
        raise Failure(f'it ran:\n{run.said}')


@case('BAD-MEMORY-002', 'less memory than the archive needs')
def _archive_memory(bench):
    path = bench.file('large', bytes(8 << 20))
    run = bench.boot('ps', mem=8, files=[str(path)])
    if bench.simulated:
        wants(run, 125, 'hostsim: the boot archive needs [0-9]+ MiB, the machine has 8 MiB: give it more with --mem')
    elif run.status == 0:
        raise Failure(f'it ran:\n{run.said}')


@case('BAD-MEMORY-003', 'too little memory for so many cores, said once')
def _shares(bench):
    if not bench.simulated:
        return  # how much of the memory QEMU's loader takes differs
    mem = (bench.options.archive.stat().st_size >> 20) + 10
    run = bench.boot('ps', cores=16, memory=mem, mem=mem)
    wants(run, 1, 'cannot boot: a share of memory for each of 16 cores: out of memory')
    if run.said.count('cannot boot') != 1:
        raise Failure(f'said more than once:\n{run.said}')


# ---- scripts

@case('BAD-SCRIPT-001', 'a quotation mark that is not closed')
def _quote(bench):
    wants(bench.boot('echo "a'), 1, 'line 1: column 6: this " is not closed')


@case('BAD-SCRIPT-002', 'an unknown command, in the third line')
def _command(bench):
    wants(bench.boot('echo a\n\nfrobnicate b\necho never'), 1, 'line 3: frobnicate: there is no such command; help lists them')


# ---- ends that are none

@case('BAD-END-001', 'a machine that does not end in time is ended, with 124 and where its cores are')
def _late(bench):
    # Time enough to boot; what counts is who ends it. (A sleep would be over at once where time is virtual.)
    run = bench.boot('spawn endless quietly', timeout=bench.options.patience)
    wants(run, 124, '.*time-out after .*', '.*core 0 .*')


@case('BAD-END-002', 'a reset is no success: 123')
def _reset(bench):
    wants(bench.boot('reboot'), 123)


@case('BAD-END-003', "the script's own status is the machine's")
def _status(bench):
    wants(bench.boot('poweroff 42'), 42)


def run_all(options):
    print(f'1..{len(CASES)}', flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, Path(folder))
        for number, (identifier, sentence, function) in enumerate(CASES, 1):
            word = 'ok'
            try:
                function(bench)
            except Failure as failure:
                word = 'not ok'
                failed += 1
                print('\n'.join(f'# {line}' for line in str(failure).splitlines()))
            print(f'{word} {number} - {identifier} {sentence}', flush=True)
    return 1 if failed else 0


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runner.add_arguments(parser)
    parser.add_argument('--patience', type=float, default=5, help='seconds for the machine that never ends')
    os.environ.pop(runner.UNDER, None)  # not under Valgrind, where it takes minutes: docs/howto/checkers.md
    return run_all(parser.parse_args(argv))


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
