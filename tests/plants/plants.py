#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The plants: for Meson, for the compiler, for people.

usage: plants.py list [FILE...]         a line each: NAME SUBSYSTEM FILE INSIDE TEST CHECK
       plants.py write NAME FROM TO     the source with the wrong line
       plants.py table                  invariant → walker → plant → test, as Markdown
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True

import calls  # noqa: E402  (the line above has to come first)
import caps  # noqa: E402
import kernel  # noqa: E402
import memory  # noqa: E402
import names  # noqa: E402
import services  # noqa: E402
from plant import Misfit  # noqa: E402

TABLES = (caps, memory, kernel, calls, names, services)
SUBSYSTEM_OF = {plant: table.SUBSYSTEM for table in TABLES for plant in table.PLANTS}
PLANTS = {plant.name: plant for plant in SUBSYSTEM_OF}


def list_all(*_files):  # Meson looks again when they change
    for plant, subsystem in SUBSYSTEM_OF.items():
        print(plant.name, subsystem, plant.file, plant.inside or 'host', plant.found_by, plant.check)


def write(name, source, target):
    plant = PLANTS[name]
    text = plant.put_into(Path(source).read_text())
    Path(target).write_text(f'#line 1 "{plant.file}"\n{text}')


def table():
    print('| invariant | walker | plant | what is wrong | found by |\n|---|---|---|---|---|')
    for plant in sorted(PLANTS.values(), key=lambda plant: order(plant.invariant)):
        print(f'| {plant.invariant} | `{plant.walker}`: {plant.says} | `{plant.name}` | {plant.about} '
              f'| `{plant.found_by}` |')


def order(invariant):
    return invariant[:1], int(invariant[1:]) if invariant[1:].isdigit() else 0


def main(words):
    commands = {'list': (list_all, None), 'write': (write, 3), 'table': (table, 0)}
    command, count = commands.get(words[0] if words else '', (None, 0))
    if command is None or count not in (None, len(words) - 1):
        sys.exit(__doc__)
    if len(PLANTS) != len(SUBSYSTEM_OF):
        sys.exit('two plants have one name')
    try:
        command(*words[1:])
    except Misfit as misfit:
        sys.exit(str(misfit))


if __name__ == '__main__':
    main(sys.argv[1:])
