# SPDX-License-Identifier: MIT
"""tools/msk bench: measures, prints a table, writes JSON, compares. An area is a module with FIGURES, EXACT, LIMITS, PEERS,
FLOORS, WORLDS, measure_all, and maybe targets and profile."""

import json

from . import bench_boot, bench_compare, bench_kernel, builds, host, launch, measure, packages, worlds
from .console import Refusal, progress, say

AREAS = {'boot': bench_boot, 'kernel': bench_kernel}
ABOUT = 'measure the system'
WORSE = 1  # exit status
PROFILED = ('virt', worlds.DEFAULT)

EXAMPLES = f"""\
areas: {' '.join(AREAS)}

examples:
  tools/msk bench                    all areas
  tools/msk bench boot --json f.json one area; figures as one flat JSON object, key to number, and "meta"
  tools/msk bench kernel --on virt   only what is measured there
  tools/msk bench kernel --raw       every sample, too
  tools/msk bench kernel --compare f.json
                                     what has changed since f.json was written, noise apart
  tools/msk bench --load g.json --compare f.json
                                     the same for two files; nothing is measured
  tools/msk bench kernel --on virt --profile
                                     and where the instructions go, by program and function
  tools/msk bench kernel --on hostsim --profile
                                     the same for time, by perf's samples
  tools/msk bench boot --quick       one run instead of five, seconds at rest instead of a minute: for a look

docs/performance.md says what each figure is, and when a difference is one. Exit status: 0 all measured, nothing worse;
1 some could not be measured (the table says why), or --compare found something worse; 2 FILE is of another machine or
none of ours.
"""


def add_arguments(parser):
    parser.add_argument('areas', nargs='*', metavar='AREA', help='what to measure; all when left out')
    parser.add_argument('--on', metavar='WORLD', help='only figures of this world')
    parser.add_argument('--quick', action='store_true', help='fewer and shorter runs: for a look, not for the record')
    parser.add_argument('--json', metavar='FILE', help='write the figures here, too, with all samples')
    parser.add_argument('--raw', action='store_true', help='print all samples')
    parser.add_argument('--compare', metavar='FILE', help='compare with what --json has written here')
    parser.add_argument('--load', metavar='FILE', help='take the figures from here instead of measuring')
    parser.add_argument('--profile', action='store_true', help='print where instructions (--on virt) or time (--on hostsim) go')
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def keys_of(area, world):
    return [key for key in area.FIGURES if world in (None, area.WORLDS.get(key, worlds.DEFAULT))]


def main(options, extra):
    areas, wanted = selection(options, extra)
    keys = [key for area in areas for key in wanted[area]]
    old = bench_compare.read(options.compare) if options.compare else None
    if options.load:
        meta, loaded = bench_compare.read(options.load)
        figures, missing = {key: measure.Measured(tuple(loaded[key])) for key in keys if key in loaded}, {}
    else:
        figures, missing = measure_areas(areas, wanted, options)
        meta = about(options, areas, wanted, figures, missing)
    print_table(areas, figures, missing, options.raw)
    if options.json:
        write_json(options.json, figures, meta)
    if options.profile:
        print_profile(areas, options)
    worse = compare(options, old, meta, figures, keys, areas) if old else False
    return WORSE if missing or worse else 0


def selection(options, extra):
    """The areas that were asked for, and the keys of each."""
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk bench', 2)
    for name in options.areas:
        if name not in AREAS:
            raise Refusal(f'there is no area called "{name}"; there are: {", ".join(AREAS)}', 2)
    if options.on:
        worlds.find(options.on)
    areas = [AREAS[name] for name in dict.fromkeys(options.areas or AREAS)]
    if options.profile:
        check_profile(options, areas)
    wanted = {area: keys_of(area, options.on) for area in areas}
    if not any(wanted.values()):
        raise Refusal(f'nothing is measured on {options.on} in {", ".join(options.areas or AREAS)}', 2)
    return areas, wanted


def check_profile(options, areas):
    if options.load:
        raise Refusal('--profile runs the system, and --load does not: take one of them', 2)
    if options.on not in PROFILED or not any(hasattr(area, 'profile') for area in areas):
        raise Refusal(f'--profile is for area kernel, --on {" or --on ".join(PROFILED)}', 2)


def worlds_of(areas, wanted):
    return [worlds.find(name) for name in dict.fromkeys(area.WORLDS.get(key, worlds.DEFAULT)
                                                        for area in areas for key in wanted[area])]


def measure_areas(areas, wanted, options):
    """Builds what is needed; (key -> Measured, key -> NotMeasured)."""
    on = worlds_of(areas, wanted)
    packages.ensure([package for world in on for package in world.needs + worlds.build_for(world, 'plain').needs],
                    'measuring', options.yes)
    if options.profile and options.on == worlds.DEFAULT:
        packages.ensure(packages.PROFILE, 'profiling the simulator', options.yes)
    for world in on:
        more = [target for area in areas if hasattr(area, 'targets') for target in area.targets(world)]
        builds.ensure(worlds.build_for(world, 'plain'), [*launch.targets(world), *more])
    figures, missing = {}, {}
    for area in areas:
        progress.update('measuring')
        for key, value in area.measure_all(wanted[area], options.quick):
            (missing if isinstance(value, measure.NotMeasured) else figures)[key] = value
            progress.update('measuring', key)
    progress.done()
    return figures, missing


# ---- what comes out

def print_table(areas, figures, missing, raw=False):
    keys = [key for area in areas for key in area.FIGURES if key in figures or key in missing]
    width = max((len(key) for key in keys), default=0)
    if keys:
        print(f'{"figure":{width}} {"median":>10} {"unit":10} {"min":>10} {"p90":>10} {"samples":>7}')
    for area in areas:
        for key, unit in area.FIGURES.items():
            if key in figures:
                print_figure(area, key, unit, figures[key], width, raw)
            elif key in missing:
                print(f'{key:{width}} {"-":>10} {missing[key]}')


def print_figure(area, key, unit, found, width, raw):
    line = (f'{key:{width}} {found.value:10.5g} {unit:10} {min(found.samples):10.5g} {found.percentile(90):10.5g} '
            f'{len(found.samples):7} {beside(area, key, found.value)}')
    print(line.rstrip())
    for note in found.notes:
        print(f'    {note}')
    if raw:
        print('    ' + ' '.join(f'{sample:.6g}' for sample in found.samples))


def beside(area, key, value):
    """What the figure is compared with."""
    if key in area.PEERS:
        return area.PEERS[key]
    if key not in area.LIMITS:
        return ''
    return f'{"within" if value <= area.LIMITS[key] else "MISSES"} {area.LIMITS[key]:g}'


def print_profile(areas, options):
    # What is built and installed for a profile is what the counted figures have needed.
    for area in areas:
        if hasattr(area, 'profile'):
            for program, lines in area.profile(options.on):
                print(f'\n{program}')
                for line in lines:
                    print(line)


def compare(options, old, meta, figures, keys, areas):
    """Prints what has changed; whether something is worse."""
    exact = {key for area in areas for key in area.EXACT}
    floors = {key: floor for area in areas for key, floor in area.FLOORS.items()}
    old_meta, old_figures = old
    new = {key: found.samples for key, found in figures.items()}
    both = [key for key in keys if key in old_figures and key in new]
    if not both:
        raise Refusal(f'{options.compare} has no figure of those that were asked for', 2)
    for line in bench_compare.check_machine(options.compare, old_meta, meta, both, exact):
        say(line)
    rows = bench_compare.compare(old_figures, new, keys, exact, floors)
    print()
    for line in bench_compare.lines(rows):
        print(line)
    return any(row.bad for row in rows)


def about(options, areas, wanted, figures, missing):
    on = worlds_of(areas, wanted)
    return {**host.describe(any(world.simulated for world in on), any(not world.simulated for world in on)),
            'quick': options.quick, 'not measured': {key: str(reason) for key, reason in missing.items()},
            'samples': {key: [_rounded(sample) for sample in found.samples] for key, found in figures.items()},
            'notes': {key: list(found.notes) for key, found in figures.items() if found.notes}}


def _rounded(value):
    return value if isinstance(value, int) else float(f'{value:.6g}')


def write_json(path, figures, meta):
    try:
        with open(path, 'w', encoding='utf-8') as file:
            json.dump({**{key: _rounded(found.value) for key, found in figures.items()}, 'meta': meta}, file, indent=2)
            file.write('\n')
    except OSError as error:
        raise Refusal(f'cannot write {path}: {error.strerror}') from None
    say(f'{len(figures)} figures are in {path}')
