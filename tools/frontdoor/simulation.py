# SPDX-License-Identifier: MIT
"""Runs of the deterministic machine: what sim and replay have in common."""

import re
import subprocess
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import builds, command_run, launch, packages, testd, worlds
from .console import Refusal

CONFIG = 'det'  # when nothing is said
VIRTUAL_SECONDS = 3600  # a test program may take so long on the machine's own clock
REPORT = re.compile(r'^(?:simulation: (?:worker|cores?) .*|kernel panic.*|hostsim: core \d+, while no kernel runs: .*|hostsim: a wrong .*|.*ERROR: AddressSanitizer: .*|'
                    r'.*: runtime error: .*)$', re.MULTILINE)  # of the workload, a kernel, a sanitizer
SUMMARY = re.compile(r'^hostsim: seed (\d+): (\d+) events, trace ([0-9a-f]{16})((?:, \d+ [a-z]+)*)$', re.MULTILINE)
CHECK_EVERY = 200  # entries into the kernel, between two runs of its walkers

# Faults of the workload's own (tests/simulation), beside those of the machine: the words of its command line for them.
OPERATION_FAULTS = {'kill': 'may-die', 'starve': 'may-starve', 'refuse': 'may-be-refused', 'forget': 'may-forget',
                    'stop': 'may-stop'}
SERVER = 'sim-server'
REFUSED = ('init', 'names', SERVER, 'simulation')
MACHINE_FAULTS = ('stall', 'delay', 'spurious', 'clock', 'linger', 'stop')
USUAL_FAULTS = ('stall', 'delay', 'spurious', 'clock', 'linger', 'kill', 'starve', 'refuse')  # when nothing is said


@dataclass(frozen=True)
class Work:
    """What each run does: random operations, test programs, or commands of the shell."""
    operations: int = 0
    tests: str = ''
    commands: str = ''
    faults: tuple = ()
    cores: int = launch.DEFAULT_CORES
    config: str = CONFIG
    least_patience: float = 120  # seconds of the host: a hang detector

    @property
    def patience(self):
        return (self.least_patience + self.operations / 20) * (1 if self.config == CONFIG else 3)

    def words(self):
        """As a person would type it behind tools/msk replay SEED."""
        what = ['--test', self.tests] if self.tests else ['-c', self.commands]
        if self.operations:
            what = ['--ops', str(self.operations)]
        if self.faults or self.operations:
            what += ['--faults', ','.join(self.faults) or 'none']
        what += ['--cores', str(self.cores)] if self.cores != launch.DEFAULT_CORES else []
        return what + (['--config', self.config] if self.config != CONFIG else [])


@dataclass(frozen=True)
class Run:
    """How one run ended."""
    seed: int
    problems: tuple
    trace: str
    events: int
    faults: Counter = field(default_factory=Counter)


def faults(text):
    return () if text == 'none' else tuple(text.split(','))


def add_arguments(parser):
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument('--ops', metavar='N', type=command_run.positive, default=0,
                      help='random operations on the whole system, checked (tests/simulation)')
    what.add_argument('--test', metavar='NAMES', default='', help='test programs of testd, with commas between them')
    what.add_argument('-c', metavar='CMDS', dest='commands', default='', help='commands for the shell')
    parser.add_argument('--faults', metavar='LIST', type=faults,
                        help=f'what may go wrong: none, or {", ".join(MACHINE_FAULTS)}; with --ops also '
                        f'{", ".join(fault for fault in OPERATION_FAULTS if fault not in MACHINE_FAULTS)} (default: all but forget '
                        'and stop), else kill:PROGRAM, refuse:PROGRAM (default: none)')
    parser.add_argument('--cores', '-smp', metavar='N', type=command_run.cores, default=launch.DEFAULT_CORES,
                        help='how many cores (default %(default)s)')
    machines = [name for name, build in builds.CONFIGS.items() if build.deterministic]
    parser.add_argument('--config', metavar='C', choices=machines, default=CONFIG,
                        help='how the machine is built: ' + ', '.join(machines))
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def work_of(options):
    """Checks all that the person gave."""
    wanted = options.faults if options.faults is not None else USUAL_FAULTS if options.ops else ()
    for fault in wanted:
        named = not options.ops and re.fullmatch(r'(kill|refuse):[^,:]+', fault)
        if not named and fault not in MACHINE_FAULTS and not (options.ops and fault in OPERATION_FAULTS):
            known = dict.fromkeys((*MACHINE_FAULTS, *OPERATION_FAULTS)) if options.ops else (*MACHINE_FAULTS, 'kill:PROGRAM', 'refuse:PROGRAM')
            raise Refusal(f'--faults: there is no fault "{fault}" {"with" if options.ops else "without"} --ops; there are: '
                          f'{", ".join(known)}', 2)
    return Work(options.ops, options.test, options.commands, wanted, options.cores, options.config)


def prepare(config, yes, gdb=False):
    """The built machine."""
    world, build = worlds.find(worlds.DEFAULT), builds.CONFIGS[config]
    packages.ensure([*world.needs, *build.needs, *([packages.GDB] if gdb else [])], 'simulating', yes)
    builds.ensure(build, launch.targets(world))
    return launch.of_build(world, build).executable


def machine_faults(work):
    """As the machine calls them: the servers of the workload are those that may be killed."""
    victims = {'kill': (SERVER,), 'refuse': REFUSED, 'starve': (), 'forget': ()}
    named = [fault if name is None else f'{fault}:{name}' for fault in work.faults for name in
             (victims[fault] if work.operations and fault in victims else (None,))]
    return ['--faults', ','.join(named)] if named else []


def operations(work, seed):
    words = [OPERATION_FAULTS[fault] for fault in work.faults if fault in OPERATION_FAULTS]
    return ' '.join(['spawn -p log,inspect,manage simulation', str(seed), str(work.operations), *words])


def command(machine, work, seed):
    words = [str(machine), '--archive', str(Path(machine).parent / launch.ARCHIVE), '--seed', str(seed), '--cores',
             str(work.cores), *machine_faults(work)]
    if work.tests:
        return [*words, '--append', f'boot=test/boot env=TESTS={work.tests} env=TEST_SECONDS={VIRTUAL_SECONDS}']
    if work.operations:
        return [*words, '--append', f'check={CHECK_EVERY}', '-c', operations(work, seed)]
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
    problems = judge(work, done)
    summary = SUMMARY.search(errors)
    if done.returncode and not problems:
        problems.append(f'ended with status {done.returncode}')
    if summary is None:
        problems.append('the machine did not sum its run up' + (f': {errors.splitlines()[-1]}' if errors else ''))
    if summary is None:
        return Run(seed, tuple(problems), '', 0)
    counts = Counter({kind: int(count) for count, kind in re.findall(r', (\d+) ([a-z]+)', summary[4])})
    return Run(seed, tuple(problems), summary[3], int(summary[2]), counts)


def judge(work, done):
    """What the programs said, if any did, a panic, and a sanitizer."""
    if not work.tests:
        return REPORT.findall((done.stdout + done.stderr).decode(errors='replace'))
    lines = []
    channel = testd.Channel(lines.append, work.tests.split(','))
    channel.feed(done.stdout)
    problems = channel.close()
    return [line for line in lines if line.startswith('not ok')] + problems + REPORT.findall(done.stderr.decode(errors='replace'))


def shrink(machine, work, seed):
    """Less work with which this seed still fails."""
    def fails(less):
        return bool(run(machine, less, seed).problems)

    for fault in work.faults:
        less = replace(work, faults=tuple(f for f in work.faults if f != fault))
        if fails(less):
            work = less
    passes, least = 0, work.operations
    while least - passes > max(1, least // 20):
        middle = (passes + least) // 2
        if fails(replace(work, operations=middle)):
            least = middle
        else:
            passes = middle
    return replace(work, operations=least)
