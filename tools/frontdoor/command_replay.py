# SPDX-License-Identifier: MIT
"""tools/msk replay: one run of the deterministic machine once more, with all that it says."""

import os
import sys

from . import debugger, simulation
from .command_run import positive, seed
from .console import Refusal, say

ABOUT = 'repeat the run of one seed on the deterministic machine, and go back in it'

EXAMPLES = """\
examples:
  tools/msk replay 21 --test conformance-rpc-cross
  tools/msk replay 21 --ops 300 --faults kill --trace FILE       what happened, a line for each event
  tools/msk replay 21 --ops 300 --faults kill --until 45000      up to that event; where the cores are
  tools/msk replay 21 --ops 300 --faults kill --back 100 --gdb   under gdb, a hundred events before the end

In gdb, `mud threads` shows the threads of all programs, `mud symbols NAME` makes a program's variables known
(tools/gdb). A run is the same each time: to go further back is to start anew. Exit status: the machine's own; 124 the
event was reached.
"""


def add_arguments(parser):
    parser.add_argument('seed', metavar='SEED', type=seed, help='1 or more')
    parser.add_argument('--until', metavar='EVENT', type=positive, help='stop there')
    parser.add_argument('--back', metavar='N', type=positive,
                        help='stop so many events before that, or before the end of the run')
    parser.add_argument('--trace', metavar='FILE', help='write all events there')
    parser.add_argument('--gdb', action='store_true', help='under gdb, which stops there, too')
    simulation.add_arguments(parser)


def last_event(machine, work, number):
    """Without a word, since it runs once more."""
    say('running to the end first, to know how far back that is')
    events = simulation.run(machine, work, number).events
    if not events:
        raise Refusal(f'seed {number} does not sum its run up: say --until, or leave --back out')
    return events


def stop(machine, work, options):
    """The words for the machine."""
    event = options.until
    if options.back:
        event = max(1, (event or last_event(machine, work, options.seed)) - options.back)
    return ['--until', str(event)] if event else []


def main(options, extra):
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk replay', 2)
    work = simulation.work_of(options)
    machine = simulation.prepare(work.config, options.yes, options.gdb)
    words = simulation.command(machine, work, options.seed) + stop(machine, work, options)
    if options.trace:
        words += ['--trace', options.trace]
    if options.gdb:
        words = ['gdb', '-q', '-x', str(debugger.SCRIPT), '-ex', 'break det_reached', '--args', *words]
    sys.stdout.flush()
    os.execvp(words[0], words)
