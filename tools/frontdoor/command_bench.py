# SPDX-License-Identifier: MIT
"""tools/msk bench: measures, prints a table, writes JSON. An area is a module with FIGURES, WORLDS, measure_all."""

import json
import os
import platform
import subprocess
import time

from . import bench_boot, builds, launch, measure, packages, worlds
from .console import Refusal, progress, say
from .paths import ROOT

AREAS = {'boot': bench_boot}
ABOUT = 'measure the system'

EXAMPLES = f"""\
areas: {' '.join(AREAS)}

examples:
  tools/msk bench                    all areas
  tools/msk bench boot --json f.json one area; figures as one flat JSON object, key to number, and "meta"
  tools/msk bench --on virt          only what is measured there
  tools/msk bench boot --quick       one run instead of five, seconds at rest instead of a minute: for a look

docs/performance.md says what each figure is. Exit status: 0 all measured; 1 some could not be (the table says why).
"""


def add_arguments(parser):
    parser.add_argument('areas', nargs='*', metavar='AREA', help='what to measure; all when left out')
    parser.add_argument('--on', metavar='WORLD', help='only figures of this world')
    parser.add_argument('--quick', action='store_true', help='fewer and shorter runs: for a look, not for the record')
    parser.add_argument('--json', metavar='FILE', help='write the figures here, too')
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def keys_of(area, world):
    return [key for key in area.FIGURES if world in (None, area.WORLDS.get(key, worlds.DEFAULT))]


def main(options, extra):
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk bench', 2)
    for name in options.areas:
        if name not in AREAS:
            raise Refusal(f'there is no area called "{name}"; there are: {", ".join(AREAS)}', 2)
    if options.on:
        worlds.find(options.on)
    areas = [AREAS[name] for name in dict.fromkeys(options.areas or AREAS)]
    wanted = {area: keys_of(area, options.on) for area in areas}
    if not any(wanted.values()):
        raise Refusal(f'nothing is measured on {options.on} in {", ".join(options.areas or AREAS)}', 2)
    on = [worlds.find(name) for name in dict.fromkeys(area.WORLDS.get(key, worlds.DEFAULT)
                                                      for area in areas for key in wanted[area])]
    packages.ensure([package for world in on for package in world.needs + worlds.build_for(world, 'plain').needs],
                    'measuring', options.yes)
    for world in on:
        builds.ensure(worlds.build_for(world, 'plain'), launch.targets(world))
    figures, missing = {}, {}
    for area in areas:
        progress.update('measuring')
        for key, value in area.measure_all(wanted[area], options.quick):
            (missing if isinstance(value, measure.NotMeasured) else figures)[key] = value
            progress.update('measuring', key)
    progress.done()
    print_table(areas, figures, missing)
    if options.json:
        write_json(options, figures, missing)
    return 1 if missing else 0


def print_table(areas, figures, missing):
    for area in areas:
        for key, unit in area.FIGURES.items():
            if key in figures:
                print(f'{key:20} {figures[key]:10.4g} {unit:10} {beside(area, key, figures[key])}'.rstrip())
            elif key in missing:
                print(f'{key:20} {"-":>10} {missing[key]}')


def beside(area, key, value):
    """What the figure is compared with."""
    if key in area.PEERS:
        return area.PEERS[key]
    if key not in area.LIMITS:
        return ''
    return f'{"within" if value <= area.LIMITS[key] else "MISSES"} {area.LIMITS[key]:g}'


def write_json(options, figures, missing):
    path = options.json
    rounded = {key: value if isinstance(value, int) else float(f'{value:.6g}') for key, value in figures.items()}
    meta = {'date': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'revision': revision(),
            'host': platform.machine(), 'kernel': platform.release(), 'processors': len(os.sched_getaffinity(0)),
            'quick': options.quick, 'not measured': {key: str(reason) for key, reason in missing.items()}}
    try:
        with open(path, 'w', encoding='utf-8') as file:
            json.dump({**rounded, 'meta': meta}, file, indent=2)
            file.write('\n')
    except OSError as error:
        raise Refusal(f'cannot write {path}: {error.strerror}') from None
    say(f'{len(figures)} figures are in {path}')


def revision():
    """The commit, with a plus when the tree has changes; empty outside git."""
    try:
        named = subprocess.run(['git', '-C', str(ROOT), 'describe', '--always', '--dirty=+', '--abbrev=12'],
                               capture_output=True, text=True)
    except FileNotFoundError:
        return ''
    return named.stdout.strip()
