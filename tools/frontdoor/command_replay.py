# SPDX-License-Identifier: MIT
"""tools/msk replay: one run of the deterministic machine once more, with all that it says."""

import os
import sys

from . import simulation
from .console import Refusal
from .command_run import seed

ABOUT = 'repeat the run of one seed on the deterministic machine'

EXAMPLES = """\
examples:
  tools/msk replay 21 --test conformance-rpc-cross
  tools/msk replay 21 -c 'spawn lost-update; poweroff' --gdb     under gdb: the run is the same

Exit status: the machine's own.
"""


def add_arguments(parser):
    parser.add_argument('seed', metavar='SEED', type=seed, help='1 or more')
    parser.add_argument('--gdb', action='store_true', help='under gdb')
    simulation.add_arguments(parser)


def main(options, extra):
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk replay', 2)
    words = simulation.command(simulation.prepare(options.yes), simulation.work_of(options), options.seed)
    if options.gdb:
        ignored = [part for name in ('SIGSEGV', 'SIGTRAP', 'SIGUSR1')
                   for part in ('-ex', f'handle {name} nostop noprint pass')]
        words = ['gdb', '-q', *ignored, '--args', *words]
    sys.stdout.flush()
    os.execvp(words[0], words)
