#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants bugs of concurrency, one after the other, in a copy of this source tree, and looks for them by simulation.

usage: mutants.py [--seeds N] [--ops N] [NAME...]

Prints, for each, the first seed that finds it and passes without it, or that none did. Exit status 0: at least nine of ten
were found. Takes a minute for each bug, and some more for those that are hard to find.
"""

import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / 'tools'))

from frontdoor import command_run, simulation  # noqa: E402  (the line above has to come first)


PRODUCTS = ('hostsim', 'archive.cpio')


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    right: str
    wrong: str
    about: str


MUTANTS = (
    Mutant('reader-sleeps-blindly', 'core/msg/ump.c',
           '    if (is_expected(r, line_look(next_line(r)))) {\n        ump_awake(r);',
           '    if (r->broken) {\n        ump_awake(r);',
           'a reader says that it sleeps and does not look once more'),
    Mutant('writer-sleeps-blindly', 'core/msg/ump.c',
           '    look_at_progress(w);\n    if (!w->broken && w->limit - w->position >= lines) {\n        (void)line_change',
           '    if (w->broken) {\n        (void)line_change',
           'a writer says that it waits for room and does not look once more'),
    Mutant('wakeup-cleared-late', 'core/kernel/wakeup.c',
           '    atomic_store(&w->pending, 0);\n    for (uint64_t words = atomic_exchange(&w->summary, 0);'
           ' words != 0; words &= words - 1) {\n'
           '        take_word(w, (unsigned)__builtin_ctzll(words), each, context);\n    }\n',
           '    for (uint64_t words = atomic_exchange(&w->summary, 0); words != 0; words &= words - 1) {\n'
           '        take_word(w, (unsigned)__builtin_ctzll(words), each, context);\n    }\n'
           '    atomic_store(&w->pending, 0);\n',
           'a core forgets interrupts that come while it looks at what they were about'),
    Mutant('summary-before-bit', 'core/kernel/wakeup.c',
           '    if (atomic_fetch_or(&w->bits[channel / 64], bit) & bit) {\n        return;\n    }\n'
           '    atomic_fetch_or(&w->summary, word);\n',
           '    atomic_fetch_or(&w->summary, word);\n'
           '    if (atomic_fetch_or(&w->bits[channel / 64], bit) & bit) {\n        return;\n    }\n',
           'the summary of signals is set before the signal itself'),
    Mutant('condition-gap', 'core/rt/sync.c',
           '    unlock_entered(m);\n    signalled = block_in',
           '    unlock_entered(m);\n    sched_leave();\n    sched_enter();\n    signalled = block_in',
           'between the mutex and the condition a signal is lost'),
    Mutant('slots-without-lock', 'core/rt/slot.c',
           '        sched_enter();\n        e = take(count, &taken);\n        sched_leave();\n',
           '        e = take(count, &taken);\n',
           'two threads take the same slots'),
    Mutant('heap-without-lock', 'core/vspace/process_heap.c',
           '    mutex_lock(&mutex);\n}\n\nstatic void unlock(void *unused)\n{\n    (void)unused;\n    mutex_unlock(&mutex);\n',
           '}\n\nstatic void unlock(void *unused)\n{\n    (void)unused;\n',
           'two threads change the heap'),
    Mutant('notification-gap', 'core/rt/notify.c',
           '    came = n->set;\n    n->set = false;\n    if (!came) {',
           '    came = n->set;\n    sched_leave();\n    sched_enter();\n    n->set = false;\n    if (!came) {',
           'a notification between looking and clearing is lost'),
    Mutant('gone-early', 'services/init/channels.c',
           '        asking->gone_early = true;', '        asking->gone_early = false;',
           'a server that ends before its client knows that it was accepted'),
    Mutant('pager-needs-lock', 'core/rt/fault.c',
           'needed->owner == t', 'needed->owner == t && t->joiner == t',
           'a thread that holds the lock of the address space faults'),
)


def copy_of_source(folder):
    files = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, files.decode().split('\0')):
        to = folder / name
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to)


def build(folder):
    subprocess.run(['ninja', '-C', str(folder / 'build-det'), *PRODUCTS], stdout=subprocess.DEVNULL, check=True)


def configure(folder):
    subprocess.run(['meson', 'setup', 'build-det', '-Dconfig=det', '-Dwerror=false'], cwd=folder, stdout=subprocess.DEVNULL, check=True,
                   env={'CC': 'clang', **os.environ})
    build(folder)
    for name in PRODUCTS:
        (folder / 'right').mkdir(exist_ok=True)
        shutil.copy2(folder / 'build-det' / name, folder / 'right' / name)


def plant(folder, mutant):
    file = folder / mutant.file
    text = file.read_text()
    if text.count(mutant.right) != 1:
        raise SystemExit(f'{mutant.name}: its place is not once in {mutant.file}')
    file.write_text(text.replace(mutant.right, mutant.wrong))
    return text


def of_seed(work, seed):
    """Want of memory explains more outcomes than all the rest: every other run goes without."""
    return work if seed % 2 else replace(work, faults=tuple(f for f in work.faults if f not in ('refuse', 'starve')))


def first_failure(folder, work, seeds, jobs):
    """The first run that fails, and does not without the bug; or None."""
    def run_of(which, seed):
        return simulation.run(folder / which / 'hostsim', of_seed(work, seed), seed)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for first in range(1, seeds + 1, jobs):
            batch = range(first, min(first + jobs, seeds + 1))
            for run in pool.map(lambda seed: run_of('build-det', seed), batch):
                if run.problems and not run_of('right', run.seed).problems:
                    return run
    return None


def look_for(folder, mutant, options):
    whole = plant(folder, mutant)
    build(folder)
    work = simulation.Work(options.ops, faults=simulation.USUAL_FAULTS, least_patience=20)
    run = first_failure(folder, work, options.seeds, options.jobs)
    (folder / mutant.file).write_text(whole)
    outcome = f'seed {run.seed}: {run.problems[0]}' if run else f'not found by {options.seeds} seeds'
    print(f'{mutant.name}: {mutant.about}\n    {outcome}', flush=True)
    return run is not None


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help='only these')
    parser.add_argument('--seeds', type=command_run.positive, default=400, help='how many are tried (default %(default)s)')
    parser.add_argument('--ops', type=command_run.positive, default=1000, help='operations of each (default %(default)s)')
    parser.add_argument('--jobs', type=command_run.positive, default=len(os.sched_getaffinity(0)), help='machines at once')
    options = parser.parse_args()
    known = [m.name for m in MUTANTS]
    for name in options.names:
        if name not in known:
            parser.error(f'there is no planted bug {name}; there are: {", ".join(known)}')
    return options


def main():
    options = arguments()
    wanted = [m for m in MUTANTS if not options.names or m.name in options.names]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_of_source(folder)
        configure(folder)
        found = sum(look_for(folder, mutant, options) for mutant in wanted)
    print(f'{found} of {len(wanted)} found')
    return 0 if found * 10 >= 9 * len(wanted) else 1


if __name__ == '__main__':
    sys.exit(main())
