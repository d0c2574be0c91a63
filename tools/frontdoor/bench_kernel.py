# SPDX-License-Identifier: MIT
"""Figures of area "kernel": what operations cost. docs/performance.md defines them.

Programs of tests/benchmark do the work and check what came of it. On virt the plugin counts their instructions between
markers; on the simulator they are timed, and compared with what this host's own kernel needs for the like
(tests/benchmark/host/peers.c) in the same run.
"""

import re
import statistics
from dataclasses import dataclass

from . import bench_masked, builds, counts, launch, measure, paths, samples, tap, worlds
from .measure import Measured, NotMeasured

ALONE, SYSTEM = 'bench-kernel', 'bench-calls'  # the first program of a machine; one that the shell starts
PEER_PROGRAM = 'tests/benchmark/host/bench-peers'
LIMIT = 300.0  # seconds for one program: a hang detector
ROUNDS = 5     # of simulator and peers, in turns
SIMULATOR_CORES = {ALONE: 1, SYSTEM: 2}

# What is counted, by the program that does it; beside it what others need, in the same unit.
COUNTED = {
    ALONE: {'null': 'Barrelfish 155', 'yield_alone': 'seL4 306, Barrelfish 354', 'switch_2': 'seL4 1088',
            'call_0': 'seL4 413', 'call_8': 'seL4 1368, Barrelfish 2227', 'notify': 'seL4 339',
            'copy': 'seL4 648, Barrelfish 6609', 'delete': 'seL4 613, Barrelfish 17202',
            'retype_page': 'seL4 1088 (2800 zeroed), Barrelfish 11616', 'delete_page': 'seL4 635',
            'revoke_0': 'seL4 505, Barrelfish 48953', 'revoke_16': 'seL4 4121, Barrelfish 360016',
            'map': 'seL4 535, Barrelfish 8278', 'unmap': 'seL4 487', 'protect': 'seL4 544'},
    SYSTEM: {'rpc_same_core': 'Barrelfish 5300', 'rpc_cross_core': 'Barrelfish 5210', 'lookup': 'Barrelfish 71000',
             'alloc_page': ''},
}
# What is timed on the simulator, and the peer that it is divided by.
TIMED = {
    'null.per_getpid': ('null', 'getpid'),
    'yield_alone.per_sched_yield': ('yield_alone', 'sched_yield'),
    'copy.per_dup_close': ('copy', 'dup_close'),
    'map.per_mmap_munmap': ('map', 'mmap_munmap'),
    'call_8.per_futex': ('call_8', 'futex_1'),
    'rpc_same_core.per_pipe': ('rpc_same_core', 'pipe_1'),
    'rpc_cross_core.per_futex': ('rpc_cross_core', 'futex_2'),
}
MASKED = 'kernel.irqs_off_max.insns'


def _key(name):
    return f'kernel.{name}'


def _insns(name):
    return f'kernel.{name}.insns'


FIGURES = {**{_insns(name): 'insns' for names in COUNTED.values() for name in names}, MASKED: 'insns',
           **{_key(name): 'ratio' for name in TIMED}}
EXACT = tuple(key for key, unit in FIGURES.items() if unit == 'insns')
LIMITS = {MASKED: bench_masked.LIMIT}
PEERS = {_insns(name): beside for names in COUNTED.values() for name, beside in names.items() if beside}
FLOORS = {}
WORLDS = {key: 'virt' for key in EXACT}


def targets(world):
    """What has to be built beside the system."""
    return (PEER_PROGRAM,) if world.simulated else (launch.PLUGIN,)


def measure_all(only, quick=False):
    """Yields (key, Measured or NotMeasured) for the keys in `only`."""
    for program, names in COUNTED.items():
        wanted = [name for name in names if _insns(name) in only]
        if wanted:
            found = _or_reason(wanted, lambda program=program: count_program(program)[0])
            yield from ((_insns(name), found[name]) for name in wanted)
    if MASKED in only:
        yield MASKED, _or_reason([MASKED], lambda: {MASKED: bench_masked.longest(quick)})[MASKED]
    wanted = [name for name in TIMED if _key(name) in only]
    if wanted:
        found = _or_reason(wanted, lambda: compare_with_peers(wanted, 1 if quick else ROUNDS))
        yield from ((_key(name), found[name]) for name in wanted)


def _or_reason(names, find):
    """What `find` finds by name, or for every name the reason why there is nothing."""
    try:
        found = find()
    except NotMeasured as reason:
        return dict.fromkeys(names, reason)
    return {name: found.get(name) or NotMeasured('the program that measures it did not say it') for name in names}


# ---- what programs say

@dataclass(frozen=True)
class Said:
    """A line of a program that measures: tests/benchmark/figures.h."""
    samples: int
    nanos: tuple  # of one operation: the mean of each batch


_SAID = re.compile(r'# figure (\S+) (\d+) (\d+)((?: \d+)+)$')


def read_said(lines):
    """The figures in a program's output, in their order. Its tests have to have passed."""
    document = tap.parse('\n'.join(line for line in lines if tap.is_tap(line)))
    wrong = [test.name for test in document.tests if test.outcome != tap.PASSED] + document.problems()
    if wrong:
        raise NotMeasured(f'what was measured did not do its work: {wrong[0]}')
    return of_lines(lines)


def of_lines(lines):
    found = {}
    for line in lines:
        if said := _SAID.match(line):
            nanos = tuple(int(batch) / int(said[3]) for batch in said[4].split())
            found[said[1]] = Said(int(said[2]), nanos)
    return found


# ---- counted, on virt

def _wishes(program, cores, extra=()):
    if program == ALONE:
        return launch.Wishes(cores=cores, append=f'init={program}', timeout=LIMIT, extra=list(extra))
    return launch.Wishes(cores=cores, script=f'spawn {program}\npoweroff\n'.encode(), timeout=LIMIT, extra=list(extra))


def run(world_name, wishes, folder):
    """A machine's console, when it has ended well."""
    world = worlds.find(world_name)
    console = counts.Console()
    product = launch.of_build(world, worlds.build_for(world, 'plain'))
    outcome = launch.run(world, product, wishes, folder, console.feed, stdin=launch.NO_INPUT)
    console.close()
    if outcome.status:
        why = outcome.sentence or f'the system ended with status {outcome.status}'
        raise NotMeasured(f'{why}; it said: {telling_line(console.lines)}')
    return console


def telling_line(lines):
    """The first thing that failed, and else the last that was said."""
    failed = [line for line in lines if line.startswith('not ok')]
    return next(iter(failed + [line for line in reversed(lines) if line]), 'nothing')


def count_program(program, pieces=False):
    """What a program's figures cost by name, and all that was counted."""
    folder = builds.AARCH64.path
    with paths.run_folder(folder) as own:
        out = own / 'counts'
        extra = [*counts.DETERMINISTIC, *counts.words(folder / launch.PLUGIN, out, pieces)]
        said = read_said(run('virt', _wishes(program, None, extra), own).lines)
        counted = counts.read(out)
    return match(said, counted), counted


def match(said, counted):
    """Samples by the name that the program gave them: it has set as many markers as it says, or nothing counts."""
    taken = [counted.figures.get(number, []) for number in range(1, len(said) + 1)]
    for (name, figure), found in zip(said.items(), taken):
        if len(found) != figure.samples:
            raise NotMeasured(f'{name} says that it took {figure.samples} samples, and {len(found)} were counted')
    if len(counted.figures) != len(said):
        raise NotMeasured(f'{len(said)} figures were said, and {len(counted.figures)} counted')
    return {name: Measured(tuple(sample.insns for sample in found),
                           (f'of them {statistics.median(sample.kernel for sample in found):g} in the kernel',))
            for name, found in zip(said, taken)}


# ---- timed, on the simulator

def time_program(program):
    build = builds.CONFIGS['plain']
    with paths.run_folder(build.path) as own:
        return read_said(run('hostsim', _wishes(program, SIMULATOR_CORES[program]), own).lines)


def time_peers():
    path = builds.CONFIGS['plain'].path / PEER_PROGRAM
    try:
        result = measure.run_to_end([str(path)], LIMIT)
    except OSError as error:
        raise NotMeasured(f'the peers cannot be run: {path}: {error.strerror}') from None
    return of_lines(result)


def compare_with_peers(names, rounds):
    """For each name how often as long as its peer it takes, once per round: the fastest batches of both, since the host
    does other things, too."""
    found = {name: [] for name in names}
    programs = [program for program in COUNTED if any(TIMED[name][0] in COUNTED[program] for name in names)]
    for _ in range(rounds):
        peers, ours = time_peers(), {}
        for program in programs:
            ours.update(time_program(program))
        for name in names:
            figure, peer = TIMED[name]
            for known, what, where in ((ours, figure, 'the simulator'), (peers, peer, PEER_PROGRAM)):
                if what not in known:
                    raise NotMeasured(f'{where} did not measure {what}')
            found[name].append((min(ours[figure].nanos), min(peers[peer].nanos)))
    return {name: Measured(tuple(own / other for own, other in pairs),
                           (f'{statistics.median(own for own, _ in pairs):.0f} ns, and '
                            f'{statistics.median(other for _, other in pairs):.0f} ns',))
            for name, pairs in found.items()}


# ---- profile

def profile(world_name):
    """Where the programs that measure spend instructions (on virt) or time (on the simulator): (program, lines)."""
    if world_name == worlds.DEFAULT:
        yield from ((program, sample_program(program)) for program in COUNTED)
        return
    names = counts.Names(builds.AARCH64.path)
    for program in COUNTED:
        _, counted = count_program(program, pieces=True)
        yield program, counts.table(counted, names)


def sample_program(program):
    """The program on the simulator under perf; leaves a perf map beside the build."""
    build, world = builds.CONFIGS['plain'], worlds.find(worlds.DEFAULT)
    with paths.run_folder(build.path) as own:
        wishes = _wishes(program, SIMULATOR_CORES[program], ['--places', str(own / 'places')])
        command = launch.command(world, launch.of_build(world, build), wishes, own)
        measure.run_to_end(samples.recording(command, own / 'data'), LIMIT)
        places = samples.read_places((own / 'places').read_text())
        names = samples.Names(places, {path.name: path for path in counts.programs(build.path)})
        map_file = paths.runs(build.path) / f'perf-{program}.map'
        map_file.write_text('\n'.join([*names.map_lines(), '']))
        found = list(samples.table(samples.read_samples(own / 'data'), names))
    return [*found, f'perf map: {paths.named(map_file)}']
