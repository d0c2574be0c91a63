# SPDX-License-Identifier: MIT
"""The command line: which command, with which words."""

import argparse
import os
import sys

from . import (command_bench, command_fuzz, command_image, command_replay, command_run, command_sim, command_test,
               process)
from .console import STATUS_INTERRUPTED, Refusal, say

COMMANDS = {'run': command_run, 'test': command_test, 'sim': command_sim, 'replay': command_replay, 'fuzz': command_fuzz,
            'bench': command_bench, 'image': command_image}

STATUS_USAGE = 2

EXAMPLES = """\
examples:
  tools/msk run                  build everything and boot the simulated machine to its shell
  tools/msk run --on virt        the same system in QEMU
  tools/msk test                 the tests that fit a short break
  tools/msk test --all -y        every test in every configuration and world, as CI runs it
  tools/msk sim --seeds 1..20 --ops 1000
                                 random operations and faults, in twenty runs each of which can be repeated
  tools/msk fuzz elf             hostile input for one reader, for a minute
  tools/msk image --on verdin-imx8mp
                                 a memory card for a board
  tools/msk bench boot           how soon there is a prompt, and what it costs

`tools/msk COMMAND --help` tells more. What is missing is installed with apt-get, after asking (-y: without).
"""


class Parser(argparse.ArgumentParser):
    """One that refuses in one sentence, without the whole usage."""

    def error(self, message):
        say(f'{message}; {self.prog} --help tells more')
        sys.exit(STATUS_USAGE)


def parser():
    top = Parser(prog='tools/msk', allow_abbrev=False, epilog=EXAMPLES,
                                  description='The front door of Mudskipper: builds the system, runs it, tests it.',
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest='command', metavar='COMMAND', required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.ABOUT, description=module.ABOUT, epilog=module.EXAMPLES,
                                      allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add_arguments(command)
    return top


def main(argv):
    """Everything that can happen ends in an exit status and, unless all is well, one sentence."""
    extra = []
    if '--' in argv:
        at = argv.index('--')
        argv, extra = argv[:at], argv[at + 1:]
    options = parser().parse_args(argv)
    process.catch_termination()
    try:
        return COMMANDS[options.command].main(options, extra)
    except Refusal as refusal:
        say(str(refusal))
        return refusal.status
    except KeyboardInterrupt:
        say('interrupted')
        return STATUS_INTERRUPTED
    except process.Terminated as terminated:
        return terminated.status
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody listens: no second error at exit
        return STATUS_INTERRUPTED
