#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plays traces of ring.pml with the C code (replay.c). TAP on standard output.

Executions of the model, chosen at random, must be played to their end without a difference. What the model does with a
mistake must differ from the code; and what it does without one, from code with a planted bug.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

import spin  # noqa: E402
from variants import USUAL, VARIANTS  # noqa: E402

MESSAGES = 60
# Lines, what the reader keeps untold (an eighth of the lines in C), room that the writer waits for (0: what it needs).
RINGS = ((1, 0, 0), (2, 0, 0), (4, 0, 0), (16, 1, 0), (16, 1, 12))
SEEDS = range(1, 4)

# Their mistake is not ump.c's: what wakes, and what callers wait for.
NOT_THE_CODE = ('bell_forgets', 'spare', 'bell_waits')


def played(program, lines, messages, trace):
    """Exit status, and what it said."""
    done = subprocess.run([program, str(lines), str(messages)], input=''.join(line + '\n' for line in trace), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=spin.PATIENCE, check=False)
    return done.returncode, done.stdout.strip()


def ring(lines, keeps, spare):
    return {'lines': lines, 'keeps': keeps, 'spare': spare, 'messages': MESSAGES}


def same(traces, program):
    """All traces are played without a difference: (complaint, what was done)."""
    steps = 0
    for lines, trace in traces:
        status, said = played(program, lines, MESSAGES, trace)
        if status:
            return f'{lines} lines: {said}', ''
        steps += len(trace)
    return None, f'{len(traces)} executions, {steps} steps'


def first_difference(traces, program):
    """One of the traces is not: (complaint, what differs)."""
    for lines, trace in traces:
        status, said = played(program, lines, MESSAGES, trace)
        if status == 1 and said.startswith('differs at'):
            return None, f'{lines} lines: {said}'
        if status:
            return f'{lines} lines: status {status}: {said}', ''
    return f'{len(traces)} executions, and no difference', ''


def counter_example(model, variant, program):
    """The shortest execution in which a mistake shows is not the code's."""
    lines, messages = (variant.changed.get(name, model.usual[name]) for name in ('lines', 'messages'))
    model.check(variant.changed)
    status, said = played(program, lines, messages, model.counter_example(variant.changed))
    if status == 1 and said.startswith('differs at'):
        return None, said
    return f'status {status}: {said}', ''


def mistakes():
    """Those that show without store buffers, in rings that C can make."""
    return [v for v in VARIANTS if v.model == 'ring' and v.memory == 'sc' and v.violates
            and not any(name in v.changed for name in NOT_THE_CODE)]


def tests(model, options):
    """(sentence, a function that returns a complaint or None, and what it did)"""
    executions = {shape: [(shape[0], model.simulate(ring(*shape), seed)[0]) for seed in SEEDS] for shape in RINGS}
    every = [trace for traces in executions.values() for trace in traces]
    for (lines, _, spare), traces in executions.items():
        waits = f', the writer waits for {spare}' if spare else ''
        yield f'executions of {lines} lines{waits} are the code\'s', lambda t=traces: same(t, options.replay)
    for v in mistakes():
        if v.changed.get('keeps', 0) == 0:
            yield f'{v.id} ({v.says}) is not', lambda v=v: counter_example(model, v, options.replay)
        else:  # a counter-example of its own ring, which C would not make
            traces = [(16, model.simulate({**ring(16, 1, 16), **v.changed, 'lines': 16, 'messages': MESSAGES}, seed)[0])
                      for seed in SEEDS]
            yield f'{v.id} ({v.says}) is not', lambda t=traces: first_difference(t, options.replay)
    for word in ('control_stored', 'control_loaded', 'progress_stored', 'progress_loaded', 'changed'):
        traces = [(2, model.simulate({**ring(2, 0, 0), word: 'relaxed'}, 1)[0])]
        yield f'executions with {word} relaxed are not', lambda t=traces: first_difference(t, options.replay)
    for program in options.planted:
        yield f'{program.name} is not the model', lambda p=program: first_difference(every, p)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--spin', default='spin')
    parser.add_argument('--compiler', default='cc')
    parser.add_argument('replay', type=Path, help='the player')
    parser.add_argument('planted', type=Path, nargs='*', help='players with a planted bug')
    options = parser.parse_args()
    options.replay = options.replay.absolute()
    options.planted = [program.absolute() for program in options.planted]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        model = spin.Model('ring', USUAL['ring'], (options.spin, options.compiler.split()), Path(folder))
        number = 0
        for number, (sentence, test) in enumerate(tests(model, options), 1):
            wrong, did = test()
            failed += wrong is not None
            for line in (wrong or did).splitlines():
                print('# ' + line)
            print(f"{'not ok' if wrong else 'ok'} {number} - MODEL-REPLAY-{number:03} {sentence}", flush=True)
        print(f'1..{number}')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
