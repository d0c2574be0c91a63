# SPDX-License-Identifier: MIT
"""Lines that machines in QEMU have executed, the kernel's and programs'.

The plugin of tools/qemu-plugin writes each piece of code that ran: its address, and for programs, all of which lie at
the same addresses, the contents of its page. That tells whose code it is; the line table of that file tells the lines.
"""

import bisect
import json
import os
import re
import subprocess
from collections import defaultdict

from . import counts, hang, launch, qemu
from .console import Refusal
from .coverage_lines import in_core

LINES = ('llvm-dwarfdump', '--debug-line')
AT_ONCE = 64  # object files for one of it
_DIRECTORY = re.compile(r'include_directories\[ *(\d+)\] = "(.*)"$')
_FILE = re.compile(r'file_names\[ *(\d+)\]:$')
_NAME = re.compile(r' *name: "(.*)"$')
_INDEX = re.compile(r' *dir_index: (\d+)$')


def environment(folder, plugin):
    """What a test needs whose machines are to leave in `folder` what they executed."""
    if not plugin.exists():
        raise Refusal(f'{plugin} is not there: QEMU\'s code of programs cannot be seen')
    link = folder / qemu.COVER_PLUGIN
    if not link.exists():
        link.symlink_to(plugin)
    return {qemu.COVER: str(folder)}


def add(lines, build, folder):
    """Adds the lines of core/ that the machines have executed, and all that the compiler made code of."""
    files = objects(build)
    for at in range(0, len(files), AT_ONCE):
        for _, source, line in table(build, files[at:at + AT_ONCE]):
            lines.note(source, line, False)
    kernel, programs = build / launch.SYMBOLS, counts.programs(build)
    executed = by_file(kernel, programs, folder)
    for path in [kernel, *programs]:
        add_file(lines, build, path, executed.get(path, ()))


def objects(build):
    """Object files of core/: code that no program was linked with is there to execute as well."""
    commands = json.loads((build / 'compile_commands.json').read_text())
    return [build / entry['output'] for entry in commands
            if in_core(os.path.join(entry['directory'], entry['file'])) and (build / entry['output']).exists()]


def add_file(lines, build, path, pieces):
    """`pieces`: (address as in the file, instructions) that have run."""
    ran = Ranges(pieces)
    for address, source, line in table(build, [path], linked=True):
        lines.note(source, line, ran.has(address))


class Ranges:
    """Which addresses lie in pieces of code."""

    def __init__(self, pieces):
        merged = []
        for start, insns in sorted(pieces):
            end = start + insns * counts.INSN_BYTES
            if merged and start <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        self.starts = [start for start, _ in merged]
        self.ends = [end for _, end in merged]

    def has(self, address):
        at = bisect.bisect(self.starts, address) - 1
        return at >= 0 and address < self.ends[at]


def by_file(kernel, programs, folder):
    """ELF file -> the pieces of it that any machine has executed."""
    pages = {}
    for path in programs:
        for address, page in counts.text_pages(path):
            pages.setdefault(counts.page_hash(page), (path, address))
    found = defaultdict(set)
    for left in sorted(folder.glob(qemu.COVER_MACHINES + '*')):
        for address, insns, page in pieces(left):
            if address & counts.KERNEL:
                found[kernel].add((address - hang.KERNEL_PLACE, insns))
            elif page in pages:
                path, start = pages[page]
                found[path].add((start + address % counts.PAGE_BYTES, insns))
    return found


def pieces(path):
    """What one machine has executed. One that was killed has left nothing."""
    lines = path.read_text(encoding='ascii').splitlines()
    for line in lines if lines[-1:] == ['end'] else ():
        word, *rest = line.split()
        if word == 'block':
            yield int(rest[0], 16), int(rest[1]), int(rest[3], 16)


def table(build, files, linked=False):
    """The rows of ELF files' line tables that are of core/: (address, source, line)."""
    with subprocess.Popen([*LINES, *map(str, files)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as tool:
        yield from rows(build, tool.stdout, linked)
    if tool.returncode:
        raise Refusal(f'{" ".join(LINES)} {files[0]} … ended with status {tool.returncode}')


def rows(build, output, linked=False):
    """Understands what llvm-dwarfdump prints. `linked`: code that begins at address 0 was left out by the linker."""
    directories, names, entry, begin, left_out = {}, {}, None, True, False
    for line in output:
        if line.startswith('0x'):
            address, number, _, file, *_ = line.split(None, 4)
            if begin:
                left_out = linked and not int(address, 16)
            begin = 'end_sequence' in line
            source = names.get(file)
            if source and number != '0' and not begin and not left_out:
                yield int(address, 16), source, int(number)
        elif line.startswith('debug_line['):
            directories, names = {}, {}
        elif found := _DIRECTORY.match(line):
            directories[found[1]] = found[2]
        elif found := _FILE.match(line):
            entry = [found[1], None]
        elif found := _NAME.match(line):
            entry[1] = found[1]
        elif found := _INDEX.match(line):
            names[entry[0]] = in_core(os.path.join(build, directories.get(found[1], ''), entry[1]))
