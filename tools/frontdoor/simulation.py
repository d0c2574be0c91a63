# SPDX-License-Identifier: MIT
"""Runs of the deterministic machine: what sim and replay have in common."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import builds, command_run, launch, packages, testd, worlds
from .console import Refusal

CONFIG = 'det'
VIRTUAL_SECONDS = 3600  # a test program may take so long on the machine's own clock
SUMMARY = re.compile(r'^hostsim: seed (\d+): (\d+) events, trace ([0-9a-f]{16})$', re.MULTILINE)


@dataclass(frozen=True)
class Work:
    """What each run does: test programs, or commands of the shell."""
    tests: str = ''
    commands: str = ''
    cores: int = launch.DEFAULT_CORES
    patience: float = 120  # seconds of the host: a hang detector

    def words(self):
        """As a person would type it behind tools/msk replay SEED."""
        what = ['--test', self.tests] if self.tests else ['-c', self.commands]
        return what + (['--cores', str(self.cores)] if self.cores != launch.DEFAULT_CORES else [])


@dataclass(frozen=True)
class Run:
    """How one run ended."""
    seed: int
    problems: tuple
    trace: str
    events: int


def add_arguments(parser):
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('--test', metavar='NAMES', default='', help='test programs of testd, with commas between them')
    what.add_argument('-c', metavar='CMDS', dest='commands', default='', help='commands for the shell')
    parser.add_argument('--cores', '-smp', metavar='N', type=command_run.cores, default=launch.DEFAULT_CORES,
                        help='how many cores (default %(default)s)')
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def work_of(options):
    return Work(options.test, options.commands, options.cores)


def prepare(yes):
    """The built machine."""
    world, build = worlds.find(worlds.DEFAULT), builds.CONFIGS[CONFIG]
    packages.ensure([*world.needs, *build.needs], 'simulating', yes)
    builds.ensure(build, launch.targets(world))
    return launch.of_build(world, build).executable


def command(machine, work, seed):
    words = [str(machine), '--archive', str(Path(machine).parent / launch.ARCHIVE), '--seed', str(seed), '--cores',
             str(work.cores)]
    if work.tests:
        return [*words, '--append', f'boot=test/boot env=TESTS={work.tests} env=TEST_SECONDS={VIRTUAL_SECONDS}']
    return [*words, '-c', work.commands]


def run(machine, work, seed):
    try:
        done = subprocess.run(command(machine, work, seed), stdin=launch.NO_INPUT, capture_output=True,
                              timeout=work.patience)
    except subprocess.TimeoutExpired:
        return Run(seed, (f'did not end in {work.patience:g} s',), '', 0)
    except OSError as error:
        raise Refusal(f'{machine}: {error.strerror}') from None
    errors = done.stderr.decode(errors='replace')
    problems = judge(work, done.stdout)
    summary = SUMMARY.search(errors)
    if done.returncode and not problems:
        problems.append(f'ended with status {done.returncode}')
    if summary is None:
        problems.append('the machine did not sum its run up' + (f': {errors.splitlines()[-1]}' if errors else ''))
    return Run(seed, tuple(problems), summary[3] if summary else '', int(summary[2]) if summary else 0)


def judge(work, output):
    """What test programs said, if any ran."""
    if not work.tests:
        return []
    lines = []
    channel = testd.Channel(lines.append, work.tests.split(','))
    channel.feed(output)
    problems = channel.close()
    return [line for line in lines if line.startswith('not ok')] + problems
