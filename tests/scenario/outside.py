#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that are built outside of the tree, with the one line of docs/howto/own-program.md, and run by --with.

usage: outside.py ARGS COMPILER... -- WORDS OF RUN-TAP; ARGS is the folder of program.args
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))

from frontdoor import runner  # noqa: E402

WITH_C_LIBRARY = r'''
#include <math.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    char text[40];

    snprintf(text, sizeof(text), "%s %d %.3f", argv[0], argc, sqrt(2 * argc));
    return strcmp(text, "renamed 2 2.000") == 0 ? 0 : 1; /* a script ends where a program fails */
}
'''


def build(folder, compiler, args, name, text):
    (folder / f'{name}.c').write_text(text)
    subprocess.run([*compiler, f'{name}.c', f'@{args}', '-o', name], cwd=folder, check=True)


def main(argv):
    at = argv.index('--')
    place, compiler = Path(argv[0]).resolve(), argv[1:at]
    parser = argparse.ArgumentParser()
    runner.add_arguments(parser)
    options = parser.parse_args(argv[at + 1:])
    said = bytearray()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, compiler, place / 'program.args', 'mine', (ROOT / 'examples/hello/hello.c').read_text())
        build(folder, compiler, place / 'c-program.args', 'other', WITH_C_LIBRARY)
        options.files = [str(folder / 'mine'), f'{folder / "other"}=renamed']
        outcome = runner.boot(options, [], b'spawn mine a b\nspawn renamed a\npoweroff 9\n', said.extend)
    wanted = ['hello from mine on core 0, argument count 3, calls 1']
    text = said.decode(errors='replace')
    missing = [line for line in wanted if line not in text.splitlines()]
    if missing or outcome.status != 9:
        print(f'status {outcome.status}, wanted 9; not said: {missing}; it said:\n{text}{outcome.sentence}')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
