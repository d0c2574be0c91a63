#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs are loaded by the simulated machine from the archive it has read, not mapped from files of the host: no file
but the simulator and the host's libraries is mapped while a program runs. TAP on standard output."""

import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 60  # seconds; a hang detector

USAGE = 'usage: maps.py EXECUTABLE ARCHIVE'


def maps(process):
    return Path(f'/proc/{process.pid}/maps').read_text(encoding='utf-8').splitlines()


def runs_a_program(lines):
    """Code from the machine's memory file: a program has been mapped into its window."""
    return any('/memfd:mudskipper-ram' in line and 'r-xs' in line for line in lines)


def files(lines):
    """Of the host, by name; memory files are none."""
    names = {line.split(maxsplit=5)[5] for line in lines if len(line.split(maxsplit=5)) == 6}
    return {name for name in names if name.startswith('/') and not name.startswith('/memfd:')}


def look(executable, archive):
    """None, or what is wrong."""
    process = subprocess.Popen([executable, '--archive', archive, '--append', 'init=endless'], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE
        lines = maps(process)
        while not runs_a_program(lines):
            if time.monotonic() > end or process.poll() is not None:
                return 'no program was mapped'
            time.sleep(0.01)
            lines = maps(process)
    finally:
        process.kill()
        process.wait()
    strange = {name for name in files(lines) if Path(name) != executable and '.so' not in Path(name).name}
    return f'mapped: {sorted(strange)}' if strange else None


def main():
    if len(sys.argv) != 3:
        sys.exit(USAGE)
    complaint = look(*(Path(word).resolve() for word in sys.argv[1:]))
    print('1..1')
    if complaint:
        print('# ' + complaint)
    print(f"{'not ok' if complaint else 'ok'} 1 - HOSTSIM-MAPS-001 no file of a program is mapped into the simulator")
    return 1 if complaint else 0


if __name__ == '__main__':
    sys.exit(main())
