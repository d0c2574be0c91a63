#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks each variant of the models with Spin: those that hold in every state, those that do not by a counter-example.
TAP on standard output.

    check.py ring                          all variants of a model
    check.py ring --table                  the same, as a table for README.md
    check.py ring --show MODEL-RING-011    its shortest counter-example, step by step
    check.py ring --with memory_kind=weak messages=5        the code as it is but for these switches of the model
"""

import argparse
import re
import resource
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import spin  # noqa: E402
import traces  # noqa: E402
from variants import USUAL, VARIANTS, Variant  # noqa: E402


def seconds():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def complaint(variant, outcome):
    """None, or what is wrong."""
    if outcome.violated != variant.violates:
        return f'violated: {outcome.violated or "nothing"}; expected: {variant.violates or "nothing"}\n{outcome.output}'
    if variant.violates is None and not outcome.whole:
        return f'not every state was visited\n{outcome.output}'
    return None


def check(model, variant):
    before = seconds()
    outcome = model.check(variant.changed)
    steps = model.counter_example(variant.changed) if outcome.violated else []
    wrong = complaint(variant, outcome)
    if wrong is None and outcome.violated and not steps:
        wrong = 'the counter-example has no step'
    return outcome, len(steps), seconds() - before, wrong


def never_violated(model, variants):
    """Properties that no variant violates: they might say nothing."""
    asserted = set(re.findall(r'assert\(!(\w+)\)', model.file.read_text()))
    return sorted(asserted - {variant.violates for variant in variants})


def tap(model, variants):
    idle = never_violated(model, variants)
    failed = bool(idle)
    print(f'TAP version 13\n1..{len(variants) + 1}', flush=True)
    for number, variant in enumerate(variants, 1):
        outcome, steps, took, wrong = check(model, variant)
        failed += wrong is not None
        for line in (wrong or '').splitlines():
            print('# ' + line)
        verdict = f'breaks {variant.violates} in {steps} steps' if variant.violates else 'every state'
        print(f"{'not ok' if wrong else 'ok'} {number} - {variant.id} {variant.memory}: {variant.says}\n"
              f'# {verdict}; {outcome.states} states, {took:.1f} s', flush=True)
    print(f"{'not ok' if idle else 'ok'} {len(variants) + 1} - MODEL-{model.file.stem.upper()}-PROPERTIES each is violated by a"
          f" variant{': ' if idle else ''}{' '.join(idle)}")
    return failed


def table(model, variants):
    print('| test | memory | variant | verdict | states | s |\n|---|---|---|---|---:|---:|')
    for variant in variants:
        outcome, steps, took, wrong = check(model, variant)
        verdict = f'`{outcome.violated}`, {steps} steps' if outcome.violated else 'holds'
        print(f'| {variant.id} | {variant.memory} | {variant.says} | {verdict}{" (NOT EXPECTED)" if wrong else ""} | '
              f'{outcome.states:,} | {took:.1f} |', flush=True)
    return 0


def show(model, variant):
    if variant.violates:
        print(f'{variant.id}, {variant.memory}: {variant.says}: {model.check(variant.changed).violated}')
        print('\n'.join(traces.readable(variant.model, line) for line in model.counter_example(variant.changed)))
    else:
        print('\n'.join(traces.readable(variant.model, line) for line in model.simulate(variant.changed, 1)[0]))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', choices=USUAL)
    parser.add_argument('--spin', default='spin')
    parser.add_argument('--compiler', default='cc', help='words of its command, separated by blanks')
    parser.add_argument('--table', action='store_true')
    parser.add_argument('--show', metavar='ID')
    parser.add_argument('--with', dest='switches', metavar='SWITCH=VALUE', nargs='+')
    options = parser.parse_args()
    variants = [v for v in VARIANTS if v.model == options.model and options.show in (None, v.id)]
    if not variants:
        parser.error(f'there is no variant {options.show}')
    with tempfile.TemporaryDirectory() as folder:
        model = spin.Model(options.model, USUAL[options.model], (options.spin, options.compiler.split()), Path(folder))
        model.compile()
        if options.switches:
            changed = dict(word.split('=', 1) for word in options.switches)
            return table(model, [Variant('', options.model, changed.get('memory_kind', 'sc'), 'as told', changed)])
        if options.show:
            return show(model, variants[0])
        return (table if options.table else tap)(model, variants)


if __name__ == '__main__':
    sys.exit(1 if main() else 0)
