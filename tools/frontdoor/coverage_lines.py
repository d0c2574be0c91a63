# SPDX-License-Identifier: MIT
"""Lines of the sources of core/: which there are to execute, which were executed, and which tests cannot reach."""

import fnmatch
import functools
import os
import re
from collections import defaultdict
from dataclasses import dataclass, field

from .paths import ROOT

CORE = 'core/'
BRACES = ('{', '}')  # compilers give them code of their own or not, as they like: lines with nothing else do not count
_INDENT = re.compile(r'\s*')
_OPENS = re.compile(r'\{\s*(/\*.*\*/)?\s*$')


@functools.lru_cache(maxsize=None)
def in_core(path):
    """The path of a source from the clone's root, when it lies in core/; else None."""
    relative = os.path.relpath(os.path.realpath(path), ROOT)
    return relative if relative.startswith(CORE) else None


class Lines:
    """path -> line -> whether it was executed. A line that nobody noted holds no code."""

    def __init__(self):
        self.files = defaultdict(dict)

    def note(self, path, line, executed):
        known = self.files[path]
        known[line] = executed or known.get(line, False)

    def add(self, other):
        for path, lines in other.files.items():
            for line, executed in lines.items():
                self.note(path, line, executed)


@dataclass(frozen=True)
class Exclusion:
    where: str   # line of the list
    files: str   # a path, or a pattern with *
    pattern: str
    reason: str

    def applies(self, path):
        return fnmatch.fnmatch(path, self.files)

    def reach(self, text):
        """Numbers of the lines of a source it excludes: those that match, and the blocks that they open."""
        found = set()
        for at, line in enumerate(text):
            if re.search(self.pattern, line):
                found.update(range(at + 1, _end(text, at) + 1))
        return found


def _end(text, at):
    """The number of the last line of the block that line `at` (from 0) opens; its own when it opens none."""
    if not _OPENS.search(text[at]) and text[at + 1:at + 2] != ['{']:
        return at + 1
    indent = _INDENT.match(text[at])[0]
    for end in range(at + 1, len(text)):
        if text[end].startswith(indent + '}'):
            return end + 1
    return len(text)


class BadList(Exception):
    """The list of exclusions cannot be read; the text says where and why."""


def read_exclusions(path):
    """A line each: FILES | REGULAR EXPRESSION | REASON."""
    found = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        parts = [part.strip() for part in line.split(' | ')]
        where = f'{path.name}:{number}'
        if len(parts) != 3 or not all(parts):
            raise BadList(f'{where}: an exclusion is FILES | REGULAR EXPRESSION | REASON, three parts')
        try:
            re.compile(parts[1])
        except re.error as error:
            raise BadList(f'{where}: "{parts[1]}" is no regular expression: {error}') from None
        found.append(Exclusion(where, *parts))
    return found


@dataclass
class File:
    path: str
    lines: int = 0      # that count: executable and not excluded
    uncovered: list = field(default_factory=list)
    excluded: list = field(default_factory=list)  # and not executed

    @property
    def covered(self):
        return self.lines - len(self.uncovered)


def judge(lines, exclusions):
    """-> (Files, exclusions that match no line of code). A line that was executed counts, whatever is excluded."""
    used = set()
    files = [_file(path, known, exclusions, used) for path, known in sorted(lines.files.items())]
    return files, [exclusion for exclusion in exclusions if exclusion not in used]


def _file(path, known, exclusions, used):
    text = (ROOT / path).read_text().splitlines()
    known = {line: executed for line, executed in known.items() if text[line - 1].strip() not in BRACES}
    out = set()
    for exclusion in exclusions:
        if exclusion.applies(path):
            reach = exclusion.reach(text) & known.keys()
            if reach:
                used.add(exclusion)
            out |= reach
    missed = sorted(line for line, executed in known.items() if not executed)
    file = File(path, uncovered=[line for line in missed if line not in out],
                excluded=[line for line in missed if line in out])
    file.lines = len(known) - len(file.excluded)
    return file
