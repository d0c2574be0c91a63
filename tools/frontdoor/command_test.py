# SPDX-License-Identifier: MIT
"""tools/msk test: builds what the tests need, runs those that were asked for, tells the result."""

import itertools
import os
import re
import subprocess
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from . import boards, builds, coverage, debugger, launch, packages, paths, process, report, serial_board, suites, tap, worlds
from .command_run import positive
from .console import STATUS_NOTHING_SELECTED, Refusal, progress, say, show

ABOUT = 'build and run tests: by kind, by subsystem, by ID'

EXAMPLES = f"""\
kinds:      {' '.join(suites.KINDS)}
subsystems: {' '.join(suites.SUBSYSTEMS)}

examples:
  tools/msk test                          unit tests, the plain simulator, QEMU virt
  tools/msk test unit                     one kind
  tools/msk test conformance caps         that kind, that subsystem (both have to fit)
  tools/msk test CAP-RETYPE-004           one test, by its ID
  tools/msk test -k ring --repeat 20      tests with "ring" in their name, twenty times
  tools/msk test libc --until-fail        again and again, until it fails
  tools/msk test --config asan            the simulator under AddressSanitizer
  tools/msk test --config coverage        which lines of core/ run, on the simulator and on virt
  tools/msk test --on virt-gicv2          one world
  tools/msk test --on verdin-imx8mp --serial /dev/ttyUSB3 --tftp /srv/tftp
                                          conformance tests and scenarios on a board of yours
  tools/msk test --all --require virt     everything; a test skipped on virt is a failure
  tools/msk test --list scenario          what there is, without running it

The last line is the verdict: "N passed, N failed" (", N skipped"). Exit status: 0 all passed; 1 something failed, or
nothing passed; 2 nothing fits the selection; 125 the tool itself; 130 Ctrl-C. Meson's own reports (text, JSON, JUnit)
lie in the build folders under meson-logs/.
"""

# Kinds that a configuration runs, where it does not run all of them. det: the rest is what plain runs, too.
RUNS = {'valgrind': ('unit', 'conformance', 'scenario'), 'det': ('arch', 'conformance', 'scenario', 'simulation'),
        'det-asan': ('arch', 'conformance', 'scenario', 'simulation')}

# With --all each test runs in each world, and under each checker that may see more than the others; not everywhere:
# gcc makes the Image, too, and all its tests run there; what the deterministic machine finds without a sanitizer it need
# not find again with one; Memcheck and the deterministic machine are not asked for stories that asan has read, nor the
# thread sanitizer for the longest of them, nor Memcheck for what takes it half a minute each; what a shell says is no
# matter of the interrupt controller, the exception level and the Image's compiler, nor is what cores say to each other
# one of the exception level at which they were entered. `--config` and `--on` run all of it.
ALL_RUNS = {**RUNS, 'gcc': ('arch',), 'det-asan': ('simulation',)}
STORIES = ('bad-input-*', 'outside-*', 'keyboard-*', 'console-*', 'kernel-*', 'boot-*')
LONG = ('*_random', 'boards_dt', 'boards_ram', 'mm_reserve', 'mm_figures', 'cap_delete', 'conformance-processes-*', 'conformance-shortage-*',
        'shell-cores-*')
ALL_WITHOUT = {'valgrind': (*STORIES, *LONG), 'tsan': ('bad-input-*',), 'det': (*STORIES, 'shell-*')}
VARIANTS = {'virt': ('arch', 'boot', 'conformance', 'fuzz'), 'virt-gicv2': ('arch', 'boot', 'conformance'),
            'virt-el2': ('arch', 'boot')}
VARIANT_STORIES = ('first-*', 'console-*', 'conformance-cores*')

# What executes core/: unit tests here, the whole system in QEMU.
COVERAGE_RUNS = ('unit', 'fuzz')
COVERAGE_WITHOUT = ('rpcgen',)
COVERAGE_MACHINE_RUNS = ('conformance', 'fuzz', 'scenario')  # arch has kernels of its own at the same addresses
COVERAGE_MACHINE_WITHOUT = ('outside-*', 'bad-input-*', 'conformance-shortage-*')  # the last: a minute for a few lines
SERIAL_RUNNERS = ('run-tap', 'run-scenario')  # they boot what they are told to; other tests are about QEMU
SERIAL_SLOWNESS = 6  # U-Boot, and loading
COVERAGE_MACHINE_SLOWNESS = 4  # QEMU with the plugin takes twice as long


@dataclass(frozen=True)
class Part:
    """The tests of one build folder under one configuration."""
    build: builds.Build
    worlds: tuple        # worlds whose tests are taken; () on the simulator: all tests of the folder
    kinds: tuple = suites.KINDS + ('-',)
    skip_tools: bool = True  # most tests of our tools do not depend on how the system is built: once is enough
    covers: bool = False     # tests leave what they executed
    without: tuple = ()      # patterns of names of tests that are not taken
    also: tuple = ()         # of those that are, whatever their kind
    everything: bool = False  # is built, not what the tests need
    leaves: 'Part' = None     # another part, to which tests are left that it takes
    serial: serial_board.Serial = None  # on a board

    @property
    def simulated(self):
        return self.build.name in builds.CONFIGS

    @property
    def slowness(self):
        if self.serial:
            return SERIAL_SLOWNESS
        return self.build.slowness if self.simulated or not self.covers else COVERAGE_MACHINE_SLOWNESS

    @property
    def label(self):
        """Tells its logs from those of other parts of its build folder."""
        return '-coverage' if self.covers else f'-{self.worlds[0]}' if self.also else ''

    def takes(self, test):
        if self.skip_tools and test.subsystem == 'tools' and test.world == suites.HOST:
            return False
        if self.covers and test.subsystem == 'tools':
            return False
        if self.serial and not any(Path(word).name in SERIAL_RUNNERS for word in test.command):
            return False
        if any(suites.matches(pattern, test.name) for pattern in self.without) or self.leaves and self.leaves.takes(test):
            return False
        wanted = test.kind in self.kinds or any(suites.matches(pattern, test.name) for pattern in self.also)
        return wanted and (self.simulated or test.world in self.worlds)

    def build_for(self, tests, selection):
        """Builds what the tests need; everything, where nothing was selected: it is a test of its own that all can be built."""
        if self.everything and not selection:
            builds.ensure(self.build)
        elif needed := tuple(dict.fromkeys(file for test in tests for file in test.needs)):
            builds.ensure(self.build, needed)
        if self.covers and not self.simulated:
            builds.ensure(self.build, (launch.PLUGIN,))

    def place(self, test):
        plain = self.build.name in ('plain', builds.AARCH64.name)
        if self.covers:
            return f'{test.world}/{coverage.CONFIG}'
        suffix = '' if plain else '/clang' if self.build is builds.AARCH64_CLANG else f'/{self.build.name}'
        return test.world + suffix


def add_arguments(parser):
    parser.add_argument('what', nargs='*', metavar='KIND|SUBSYSTEM|ID', help='what to run; all of it when left out')
    parser.add_argument('--all', action='store_true', help='every configuration and every world')
    parser.add_argument('--on', metavar='WORLD', help='only this world: ' + ', '.join(worlds.WORLDS))
    parser.add_argument('--config', metavar='C', choices=builds.CONFIGS,
                        help='only this configuration of the simulator: ' + ', '.join(builds.CONFIGS))
    parser.add_argument('--list', action='store_true', help='print the selected tests instead of running them')
    parser.add_argument('-k', dest='pattern', metavar='PATTERN', help='tests with PATTERN in their name (* and ? work)')
    parser.add_argument('--repeat', metavar='N', type=positive, help='run each test N times')
    parser.add_argument('--until-fail', action='store_true',
                        help='run them all again and again until one fails; with --repeat N times at most')
    parser.add_argument('--require', metavar='WORLD', action='append', default=[],
                        help='run this world, too; a test skipped there, or none run there, is a failure')
    serial_board.add_arguments(parser)
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def parts(options):
    """Which build folders and worlds the words ask for."""
    if sum(bool(choice) for choice in (options.all, options.on, options.config)) > 1:
        raise Refusal('--all, --on and --config exclude one another', 2)
    for world in options.require:
        worlds.find(world)
    if options.serial or options.tftp:
        if not options.on:
            raise Refusal('--serial: say with --on which board it is', 2)
        world = worlds.find(options.on)
        return [Part(builds.AARCH64, (world.name,), serial=serial_board.Serial.of_options(options, world))]
    plain = Part(builds.CONFIGS['plain'], (), skip_tools=False, everything=True)
    if options.config == coverage.CONFIG:
        return coverage_parts()
    if options.config:
        config = builds.CONFIGS[options.config]
        return [Part(config, (), RUNS.get(config.name, Part.kinds), skip_tools=options.config != 'plain',
                     everything=options.config == 'plain')]
    if options.on:
        world = worlds.find(options.on)
        return [plain] if world.simulated else [Part(builds.AARCH64, (world.name,), everything=True)]
    if not options.all:
        required = [name for name in options.require if not worlds.WORLDS[name].simulated]
        return [plain, Part(builds.AARCH64, tuple(dict.fromkeys(['virt', *required])), everything=True)]
    return all_parts(plain, options)


def all_parts(plain, options):
    """Every test once in each configuration and world; on virt under the eyes of coverage, where that counts."""
    configs = [Part(builds.CONFIGS[name], (), ALL_RUNS.get(name, Part.kinds), without=ALL_WITHOUT.get(name, ()))
               for name in ('gcc', 'asan', 'tsan', 'valgrind', 'det', 'det-asan')]
    wanted = [world.name for world in worlds.WORLDS.values() if world.board and world.name in options.require]
    host, machine = coverage_parts()
    return [plain, *configs, host, Part(builds.AARCH64, ('virt', *wanted), everything=True, leaves=machine), machine,
            variant(builds.AARCH64, 'virt-gicv2'), variant(builds.AARCH64, 'virt-el2'), variant(builds.AARCH64_CLANG, 'virt')]


def variant(build, name):
    return Part(build, (name,), VARIANTS[name], also=VARIANT_STORIES)


def coverage_parts():
    return [Part(builds.CONFIGS[coverage.CONFIG], (), COVERAGE_RUNS, covers=True, without=COVERAGE_WITHOUT),
            Part(builds.AARCH64, ('virt',), COVERAGE_MACHINE_RUNS, covers=True, without=COVERAGE_MACHINE_WITHOUT)]


def main(options, extra):
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk test', 2)
    selection = suites.select(options.what, options.pattern)
    asked = parts(options)
    install(asked, options)
    summary = report.Report()
    found = prepare_all(asked, selection, options, summary)
    if not any(tests for _, tests in found) and not summary.results:
        raise Refusal(f'no test fits: {selection.words()} (tools/msk test --list prints all)', STATUS_NOTHING_SELECTED)
    if options.list:
        for part, tests in found:
            print_list(part, tests)
        return summary.status() if summary.results else 0
    with gathering(asked, options) as gathered:
        run_all(found, selection, options, summary, gathered)
        covered = gathered.text() if gathered and summary.programs else ''
    for word in selection.ids:
        summary.expect(word, [test for _, tests in found for test in tests])
    for world in options.require:
        summary.require(world)
    print(f'{covered}\n\n{summary.text()}' if covered else summary.text(), flush=True)
    return summary.status()


def gathering(asked, options):
    """Where tests leave what they executed, when a part asks for that."""
    if options.list or not any(part.covers for part in asked):
        return nullcontext()
    return coverage.gathering(builds.CONFIGS[coverage.CONFIG].path)


def prepare_all(asked, selection, options, summary):
    """(part, its tests) of all that could be built."""
    found = []
    for part in asked:
        try:
            found.append((part, prepare(part, selection, options)))
        except Refusal as refusal:
            blame(part, refusal, summary, options)
    return found


def run_all(found, selection, options, summary, gathered):
    """Once; or again and again, until something has failed, --repeat times at most."""
    repeat = 1 if options.until_fail else options.repeat or 1
    for number in itertools.count(1):
        try:
            for part, tests in found:
                if tests:
                    run_part(part, tests, selection, repeat, summary, gathered)
        except KeyboardInterrupt:
            if options.until_fail:
                say(f'in round {number}, and nothing had failed')
            raise
        if not options.until_fail:
            return
        if summary.count(tap.FAILED) or number == options.repeat:
            say(f'round {number}' + (' failed' if summary.count(tap.FAILED) else ', and nothing has failed'))
            return


def install(asked, options):
    """All that the parts need, in one go, so that the person is asked at most once."""
    needs = [package for part in asked for package in part.build.needs]
    if not options.list:
        needs += [package for part in asked for name in part.worlds for package in worlds.WORLDS[name].needs]
        needs += packages.BOARD if any(worlds.WORLDS[name].board for part in asked for name in part.worlds) else []
        needs += [] if all(part.skip_tools for part in asked) else packages.TESTS
        needs += {debugger.package(part.simulated) for part in asked}
    packages.ensure(needs, 'listing tests' if options.list else 'testing', options.yes)
    for part in asked if not options.list else ():
        if part.serial:
            serial_board.prepare(worlds.find(part.worlds[0]), part.build, None, options.yes)
    for name in dict.fromkeys(name for part in asked if not part.serial for name in part.worlds):
        try:
            if not options.list:
                boards.prepare(worlds.WORLDS[name], tests=True)
        except Refusal as refusal:
            say(f'{refusal}: its tests are skipped')


def blame(part, refusal, summary, options):
    """A part that could not be prepared fails, and the others still run."""
    if len(parts(options)) == 1:
        raise refusal
    say(str(refusal))
    place = part.worlds[0] if part.worlds else 'hostsim'
    summary.note('build', f'{place}/{part.build.name}', part.build.folder, tap.FAILED, str(refusal))


def prepare(part, selection, options):
    """Returns the selected tests of a part, with what they need built."""
    builds.ensure(part.build, builds.CONFIGURED)
    found = suites.of_folder(part.build.path, worlds.DEFAULT if part.simulated else 'virt')
    tests = [test for test in found if part.takes(test) and selection.takes(test)]
    if not options.list:
        part.build_for(tests, selection)
    return tests


def print_list(part, tests):
    for test in tests:
        print(f'{test.kind:12} {test.subsystem:8} {part.place(test):20} {test.name}')


def run_part(part, tests, selection, repeat, summary, gathered=None):
    """Runs the tests with Meson; takes its log apart; shows the output of what failed."""
    folder = part.build.path
    logs = folder / 'meson-logs'
    base = f'testlog-run-{os.getpid()}'  # several runs may test one folder at once
    for left in logs.glob('testlog-run-*'):  # of runs that were ended before they could rename them
        if not paths.alive(re.split('[-.]', left.name)[2]):
            left.unlink(missing_ok=True)
    command = ['meson', 'test', '-C', str(folder), '--no-rebuild', '--logbase', base, '--repeat', str(repeat),
               '-t', str(part.slowness)]
    setup = f'-{part.build.setup}' if part.build.setup else ''
    if setup:
        command += ['--setup', part.build.setup]
    more = gathered.environment(part) if part.covers else {}
    if part.serial:
        command += ['--num-processes', '1']
        more = part.serial.environment()
    try:
        said = follow([*command, *(test.name for test in tests)], part, more)
        log = logs / f'{base}{setup}.json'
        if log.exists():
            take_results(log, part, tests, selection, summary)
            keep_logs(logs, base, setup, part.label)
            if part.covers:
                take_lines(part, gathered, summary)
        else:
            show(said)
            summary.note('build', part.place(tests[0]), folder.name, tap.FAILED, 'meson test did not start')
    finally:
        for left in logs.glob(f'{base}[-.]*'):  # it was interrupted
            left.unlink(missing_ok=True)


def take_lines(part, gathered, summary):
    try:
        gathered.take(part)
    except Refusal as refusal:
        say(str(refusal))
        summary.note('build', f'{worlds.DEFAULT}/{coverage.CONFIG}', part.build.folder, tap.FAILED, str(refusal))


def take_results(log, part, tests, selection, summary):
    here = report.Report()
    here.add(*report.read_log(log, {test.name: test for test in tests}, part.place, selection.ids))
    here.junit(log.with_suffix('.junit.xml'))
    summary.add(here.results, here.programs)
    silent = {test.name for test in tests} - {program.test for program in here.programs}
    for name in sorted(silent):
        summary.note('build', worlds.DEFAULT, name, tap.FAILED, 'was selected but not run')
    for program in here.programs:
        if program.meson not in ('OK', 'SKIP', 'EXPECTEDFAIL'):
            show(f'--- {program.test} ({program.place}): {program.meson.lower()} after {program.seconds:.1f} s\n'
                 f'{program.output.rstrip()}\n---')


def follow(command, part, more):
    """Runs `meson test`, showing how far it is; returns what it said."""
    said = []
    count = re.compile(r'\s*(\d+/\d+) ')
    topic = f'testing {part.build.folder}' + (f' under {part.build.setup}' if part.build.setup else '')

    def output(data):
        text = data.decode(errors='replace')
        said.append(text)
        for line in text.splitlines():
            if step := count.match(line):
                progress.update(topic, step[1])

    env = dict(builds.environment(part.build), MUDSKIPPER_SLOWNESS=str(part.slowness), **more)
    process.watch(command, None, output, env=env, stdin=subprocess.DEVNULL)
    progress.done()
    return ''.join(said)


def keep_logs(logs, base, setup, label):
    """Gives the logs of this run Meson's usual names; the last run wins."""
    for ending in ('.txt', '.json', '.junit.xml'):
        written = logs / f'{base}{setup}{ending}'
        if written.exists():
            written.replace(logs / f'testlog{setup}{label}{ending}')
