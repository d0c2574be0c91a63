# SPDX-License-Identifier: MIT
"""How much of core/ the tests execute: gathered while they run, told as a table, a JSON file and a listing.

Host code has the compiler's counters (coverage_host.py); programs have none, so that machines in QEMU say which code
they have executed, the kernel's and programs' (coverage_machine.py). A line counts when either knows code of it; it is
covered when either has seen it run.
"""

import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import coverage_host, coverage_lines, coverage_machine, launch, paths
from .console import Refusal, progress, say
from .paths import ROOT, named

CONFIG = 'coverage'
GOAL = 90.0  # per cent
EXCLUSIONS = ROOT / 'tests' / 'coverage' / 'exclusions'
JSON = 'coverage.json'
LISTING = 'uncovered.txt'


class Gathering:
    """The folders of one run: where host processes and machines leave what they executed."""

    def __init__(self, home, folder):
        self.home = home  # the build folder of the configuration
        self.folder = folder
        self.machines = folder / 'machines'
        self.machines.mkdir()
        self.lines = coverage_lines.Lines()
        self.worlds = set()
        try:
            self.exclusions = coverage_lines.read_exclusions(EXCLUSIONS)
        except (OSError, coverage_lines.BadList) as error:
            raise Refusal(str(error)) from None

    def environment(self, part):
        """For the tests of a part."""
        if part.simulated:
            return coverage_host.environment(self.folder)
        return coverage_machine.environment(self.machines, part.build.path / launch.PLUGIN)

    def take(self, part):
        """After the tests of a part."""
        self.worlds.add(part.simulated)
        progress.update(f'reading what {part.build.folder} executed')
        if part.simulated:
            coverage_host.add(self.lines, part.build.path, self.folder)
        else:
            coverage_machine.add(self.lines, part.build.path, self.machines)
        progress.done()

    def text(self):
        """Writes the files; returns the table for people."""
        files, unused = coverage_lines.judge(self.lines, self.exclusions)
        for exclusion in unused if len(self.worlds) == 2 else ():  # one world alone does not know all lines
            say(f'{exclusion.where}: no line of code of {exclusion.files} matches "{exclusion.pattern}", '
                'so the exclusion is out of date')
        total = _total('core', files)
        _write(self.home / JSON, json.dumps(_document(files, total), indent=1) + '\n')
        _write(self.home / LISTING, ''.join(_listing(files)))
        return '\n'.join([*_table(files, total), *_verdict(total, self.home)])


@contextmanager
def gathering(home):
    with paths.run_folder(home) as folder:
        yield Gathering(home, folder)


def _write(path, text):
    """Whole or not at all: several runs may be under way."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, 'w') as file:
        file.write(text)
    os.replace(name, path)


def _folders(files):
    """core/ and its folders: names and their files. Headers of core/include are told by their own folders."""
    folders = {}
    for file in files:
        parts = Path(file.path).parts
        depth = 4 if parts[1] == 'include' else 2
        folders.setdefault('/'.join(parts[:min(depth, len(parts) - 1)]), []).append(file)
    return folders


def _total(name, files):
    lines, covered = sum(file.lines for file in files), sum(file.covered for file in files)
    return {'folder': name, 'lines': lines, 'covered': covered,
            'excluded': sum(len(file.excluded) for file in files),
            'percent': round(100 * covered / lines, 1) if lines else 100.0}


def _document(files, total):
    return {'goal': GOAL, 'total': total, 'folders': [_total(*item) for item in sorted(_folders(files).items())],
            'files': {file.path: {'lines': file.lines, 'covered': file.covered, 'uncovered': file.uncovered,
                                  'excluded': file.excluded} for file in files}}


def _table(files, total):
    yield f'Coverage:{"":27} {"lines":>7} {"covered":>8} {"excluded":>9} {"%":>6}'
    for row in [*(_total(*item) for item in sorted(_folders(files).items())), total]:
        yield (f'  {row["folder"]:34} {row["lines"]:7} {row["covered"]:8} {row["excluded"]:9} {row["percent"]:6.1f}')


def _verdict(total, home):
    if not total['lines']:
        yield 'no line of core/ was seen: nothing ran that leaves what it executes'
    elif total['percent'] < GOAL:
        yield f'{total["percent"]} % of core/ are below the goal of {GOAL:g} %'
    yield f'lines that did not run: {named(home / LISTING)}; all figures: {named(home / JSON)}'


def _listing(files):
    """For people: each file's lines that did not run, the worst file first."""
    for file in sorted(files, key=lambda file: (-len(file.uncovered), file.path)):
        if file.uncovered:
            source = (ROOT / file.path).read_text().splitlines()
            yield f'{file.path}: {len(file.uncovered)} of {file.lines} lines did not run\n'
            yield from (f'{line:6} {source[line - 1]}'.rstrip() + '\n' for line in file.uncovered)
            yield '\n'
