# SPDX-License-Identifier: MIT
"""The longest stretch with interrupts off: counted by the plugin over every conformance test of virt, random system calls
(conformance-fuzz) among them.

A stretch is what one processor executes from an exception that takes it from a program into the kernel until it goes
back, waits, or reads which interrupt is pending (tools/qemu-plugin/processor.h). What a processor does at boot, before it
first runs a program or waits, does not count.
"""

import re
from dataclasses import dataclass

from . import builds, counts, launch, paths, suites, testd, worlds
from .console import progress
from .measure import Measured, NotMeasured

LIMIT = 3000        # instructions
WORLD = 'virt'      # the plugin sees how GICv3 is asked for pending interrupts, which is an instruction
KIND = 'conformance'
QUICK = ('conformance-caps', 'conformance-fuzz')
SECONDS = 600       # for one machine: a hang detector
PATH_SHOWN = 12     # functions of the worst; of the others
PATH_OTHERS = 4
NO_INPUT = launch.NO_INPUT
_TEST = re.compile(r'(?:testd: [^\s:]+: )?(?:not )?ok \d+ - (.*)$')


@dataclass
class Found:
    """The longest stretch of one machine."""
    test: str  # as Meson calls it
    during: str
    stretch: counts.Stretch
    spent: list  # (function, instructions), most first


def longest(quick=False):
    """The longest of all, with its path and those of other tests that are above the limit."""
    tests = [test for test in conformance_tests() if not quick or any(test.name.startswith(name) for name in QUICK)]
    if not tests:
        raise NotMeasured(f'{builds.AARCH64.folder} has no conformance tests of {WORLD}')
    symbols = counts.kernel_symbols(builds.AARCH64.path / launch.SYMBOLS)
    found = []
    for number, test in enumerate(tests):
        progress.update('measuring', f'interrupts off, {number + 1}/{len(tests)}: {test.name}')
        found.append(of_test(test, symbols))
    found.sort(key=lambda each: -each.stretch.insns)
    return Measured((found[0].stretch.insns,), tuple(notes(found)))


def notes(found):
    """The worst with its path, then what else is above the limit."""
    for number, each in enumerate(found):
        if number == 0 or each.stretch.insns > LIMIT:
            shown = PATH_SHOWN if number == 0 else PATH_OTHERS
            path = ', '.join(f'{name} {insns}' for name, insns in each.spent[:shown])
            yield f'{each.stretch.insns} in {each.test}, {each.during}: {path}'


def conformance_tests():
    return [test for test in suites.of_folder(builds.AARCH64.path, WORLD) if (test.kind, test.world) == (KIND, WORLD)]


def words_after(command, option):
    return command[command.index(option) + 1] if option in command else ''


def append_of(test):
    """The kernel's command line that Meson's test gives its machine."""
    append, programs = words_after(test.command, '--append'), words_after(test.command, '--tests')
    if programs:
        append = f'{append} {testd.words(programs.split(","), SECONDS)}'.strip()
    if not append:
        raise NotMeasured(f'{test.name} does not say what it boots')
    return append


def of_test(test, symbols):
    """Boots what the test boots, and finds the longest stretch."""
    build = builds.AARCH64
    world = worlds.find(WORLD)
    console = counts.Console()
    with paths.run_folder(build.path) as own:
        out = own / 'counts'
        wishes = launch.Wishes(append=append_of(test), timeout=SECONDS,
                               extra=[*counts.DETERMINISTIC, *counts.words(build.path / launch.PLUGIN, out)])
        outcome = launch.run(world, launch.of_build(world, build), wishes, own, console.feed, stdin=NO_INPUT)
        console.close()
        if outcome.status:
            why = outcome.sentence or f'its system ended with status {outcome.status}'
            raise NotMeasured(f'{test.name}: {why}')
        counted = counts.read(out)
    if counted.unseen:
        raise NotMeasured(f'{test.name}: the kernel writes DAIF in a way of which the plugin cannot see what it does')
    if not counted.longest:
        raise NotMeasured(f'{test.name}: no stretch with interrupts off was seen')
    spent = counts.by_function(counted.longest.steps, lambda _piece, address: symbols.name(address))
    return Found(test.name, during(console), counted.longest, spent)


def during(console):
    """Which sub-test was on when the stretch was told: the next to report."""
    at = console.told[-1][1] if console.told else 0
    ends = [said[1] for line in console.lines[at:] if (said := _TEST.match(line))]
    return f'during {ends[0]}' if ends else 'outside of its tests'
