# SPDX-License-Identifier: MIT
"""tools/msk sim: many runs of the deterministic machine, one for each seed."""

import argparse
import itertools
import os
import re
import shlex
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from . import simulation
from .command_run import positive
from .console import Refusal, progress, say

ABOUT = 'run tests or commands on the deterministic machine, once for each of many seeds'

EXAMPLES = """\
examples:
  tools/msk sim --seeds 1..200 --ops 5000                      random operations, with the usual faults
  tools/msk sim --seeds 1..200 --ops 5000 --faults kill,delay  with some
  tools/msk sim --seeds 1..20 --ops 5000 --config det-asan     under the address sanitizer, which takes longer
  tools/msk sim --seeds 1..200 --test conformance-rpc-cross
  tools/msk sim --seeds 1..50 --twice -c 'ns ls; poweroff'     each seed twice: its runs must be the same

A seed that fails is named with the command that repeats its run; one of --ops is shrunk before, to fewer faults and
operations. Exit status: 0 all is well; 1 some seed failed.
"""

AT_ONCE = 64  # runs asked for ahead, for each machine
NICE = 10  # machines that never wait for anything run for a long time beside what somebody else does
MOST_SHOWN = 10  # failing seeds that are told in full


def seeds(text):
    match = re.fullmatch(r'(\d+)(?:\.\.(\d+))?', text, re.ASCII)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last < 1 << 64:
        raise argparse.ArgumentTypeError(f'"{text}" are no seeds: A..B, both 1 or more, or one number')
    return range(first, last + 1)


def add_arguments(parser):
    parser.add_argument('--seeds', metavar='A..B', type=seeds, required=True, help='which, both ends included')
    parser.add_argument('--twice', action='store_true', help='run each seed twice and compare')
    parser.add_argument('--jobs', metavar='N', type=positive, default=len(os.sched_getaffinity(0)),
                        help='how many machines at once (default: one for each processor)')
    simulation.add_arguments(parser)


def one(machine, work, seed, twice):
    first = simulation.run(machine, work, seed)
    if twice and not first.problems:
        again = simulation.run(machine, work, seed)
        if again.trace != first.trace:
            problem = f'its runs differ: {first.events} events, trace {first.trace}; {again.events}, {again.trace}'
            return simulation.Run(seed, (problem,), first.trace, first.events)
    return first


def all_runs(machine, work, options):
    """In the order of their seeds, of which there may be any number."""
    seeds_left = iter(options.seeds)
    with ThreadPoolExecutor(options.jobs) as pool:
        while batch := list(itertools.islice(seeds_left, AT_ONCE * options.jobs)):
            yield from pool.map(lambda seed: one(machine, work, seed, options.twice), batch)


def tell(machine, work, run):
    for problem in run.problems:
        say(f'seed {run.seed}: {problem}')
    if work.operations and run.trace:
        work = simulation.shrink(machine, work, run.seed)
    say(f'again: tools/msk replay {run.seed} {shlex.join(work.words())}')


def main(options, extra):
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk sim', 2)
    work = simulation.work_of(options)
    machine = simulation.prepare(work.config, options.yes)
    os.nice(NICE)
    traces, faults, events, failed, count = set(), Counter(), 0, 0, 0
    for run in all_runs(machine, work, options):
        progress.update('simulating', f'seed {run.seed}, {failed} failed')
        traces.add(run.trace)
        count += 1
        events += run.events
        faults += run.faults
        if run.problems:
            failed += 1
            if failed <= MOST_SHOWN:
                tell(machine, work, run)
    progress.done()
    print(f'{count} seeds, {failed} failed, {len(traces)} different traces, {events} events')
    if work.operations:
        print(f'{count * work.operations} operations')
    if work.faults:
        print('faults: ' + ', '.join(f'{faults[kind]} {kind}' for kind in sorted(faults)))
    return 1 if failed else 0
