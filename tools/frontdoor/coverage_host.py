# SPDX-License-Identifier: MIT
"""Lines that code of this host has executed: unit tests, and the kernel inside the simulator.

The compiler's counters (clang --coverage) are written at the end of each process; GCOV_PREFIX puts them into a folder of
the run, where they lie under the path of the object file. `llvm-cov gcov` brings them and the compiler's notes together.
"""

import os
import re
import subprocess

from .console import Refusal
from .coverage_lines import in_core

GCOV = ('llvm-cov', 'gcov', '-t')
AT_ONCE = 64  # object files for one gcov
_SOURCE = re.compile(r' *-: *0:Source:(.*)$')
_LINE = re.compile(r' *([0-9]+\*?|#####|=====): *([0-9]+):')


def environment(folder):
    """What a process needs that is to leave its counters in `folder`. Random tests need not be long for that."""
    return {'GCOV_PREFIX': str(folder), 'CAP_RANDOM_OPERATIONS': '20000'}


def add(lines, build, folder):
    """Adds what the processes have left in `folder` to `lines`. Object files none of whose code ran count, too."""
    notes = []
    for note in sorted(build.rglob('*.gcno')):
        beside = folder / note.relative_to('/')
        beside.parent.mkdir(parents=True, exist_ok=True)
        if not beside.exists():
            beside.symlink_to(note)
        notes.append(str(beside))
    for at in range(0, len(notes), AT_ONCE):
        _take(lines, build, _gcov(build, notes[at:at + AT_ONCE]))


def _gcov(build, notes):
    try:
        ran = subprocess.run([*GCOV, *notes], cwd=build, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             errors='replace')
    except OSError as error:
        raise Refusal(f'{GCOV[0]} could not be started: {error.strerror}') from None
    if ran.returncode:
        said = ran.stderr.strip().splitlines()
        raise Refusal(f'{" ".join(GCOV)} ended with status {ran.returncode}: {said[-1] if said else "it said nothing"}')
    return ran.stdout


def _take(lines, build, text):
    path = None
    for line in text.splitlines():
        if source := _SOURCE.match(line):
            path = in_core(os.path.join(build, source[1]))
        elif path and (found := _LINE.match(line)):
            lines.note(path, int(found[2]), found[1][0].isdigit())
