# SPDX-License-Identifier: MIT
"""tools/msk fuzz: libFuzzer on the targets of tests/fuzz, for as long as one likes."""

import re
import subprocess

from . import builds, packages, paths, process
from .command_run import positive
from .console import Refusal, progress, say

ABOUT = 'look for input that harms, with libFuzzer'

EXAMPLES = """\
examples:
  tools/msk fuzz elf                         a minute
  tools/msk fuzz all --seconds 180           each target in turn, three minutes each
  tools/msk fuzz names --seconds 3600 --jobs 2

It begins with tests/fuzz/corpus/TARGET and with what earlier runs have come upon, which is kept in
build-fuzz/corpus/TARGET. An input that does harm is kept in build-fuzz/found/TARGET, and named. Exit status: 0 nothing
was found; 1 something was.
"""

SOURCES = paths.ROOT / 'tests' / 'fuzz'
PREFIX = 'libfuzzer-'
HANG = 10  # seconds for one input
MEGABYTES = 2048
ALL = 'all'
FINAL = re.compile(r'^stat::(\w+):\s+(\d+)$', re.MULTILINE)
COVERAGE = re.compile(r'\bcov: (\d+) ft: (\d+) corp: (\d+)')
FOUND = re.compile(r'Test unit written to (\S+)')


def add_arguments(parser):
    parser.add_argument('target', metavar='TARGET', help=f'a folder of tests/fuzz/corpus, or "{ALL}"')
    parser.add_argument('--seconds', metavar='N', type=positive, default=60,
                        help='for each target (default %(default)s)')
    parser.add_argument('--jobs', metavar='N', type=positive, default=1,
                        help='how many processes (default %(default)s)')
    parser.add_argument('-y', '--yes', action='store_true', help='install missing packages without asking')


def targets():
    """The control's corpus is the driver's alone."""
    names = {folder.name for folder in (SOURCES / 'corpus').iterdir() if folder.is_dir()}
    return sorted(names - {'control'})


def chosen(word):
    known = targets()
    if word == ALL:
        return known
    if word not in known:
        raise Refusal(f'there is no target "{word}"; there are: {", ".join([*known, ALL])}', 2)
    return [word]


def command(target, options):
    folder = builds.FUZZ.path
    own, found = folder / 'corpus' / target, folder / 'found' / target
    own.mkdir(parents=True, exist_ok=True)
    found.mkdir(parents=True, exist_ok=True)
    program = folder / 'tests' / 'fuzz' / (PREFIX + target)
    words = [str(program), f'-max_total_time={options.seconds}', f'-timeout={HANG}', f'-rss_limit_mb={MEGABYTES}',
             '-print_final_stats=1', f'-artifact_prefix={found}/']
    if options.jobs > 1:
        words.append(f'-fork={options.jobs}')
    return [*words, str(own), str(SOURCES / 'corpus' / target)]


def run(target, options):
    """What libFuzzer said, and its status; the progress on the way."""
    said = []

    def take(data):
        said.append(data.decode(errors='replace'))
        if seen := COVERAGE.findall(said[-1]):
            progress.update(f'fuzzing {target}', f'{seen[-1][0]} places, {seen[-1][2]} inputs')

    progress.update(f'fuzzing {target}')
    try:
        status = process.watch(command(target, options), output=take, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise Refusal(f'{PREFIX}{target}: {error.strerror}') from None
    progress.done()
    return ''.join(said), status


def tell_find(target, text, path):
    """The report is long; what counts stands near its beginning."""
    at = text.find('does not hold:')
    start = text.rfind('\n', 0, at) + 1 if at >= 0 else max(text.find('=='), 0)
    for line in text[start:].splitlines()[:25]:
        print(f'  {line}')
    say(f'{target}: found {paths.named(path)}')
    say(f'again: {paths.named(builds.FUZZ.path)}/tests/fuzz/{PREFIX}{target} {paths.named(path)}')
    say(f'smaller: the same with -minimize_crash=1 -runs=100000; when it is mended: cp {paths.named(path)} '
        f'tests/fuzz/corpus/{target}/WHAT-IT-SHOWS')


def tell(target, text, status, options):
    """One line for each target; true when nothing was found."""
    stats, seen = dict(FINAL.findall(text)), COVERAGE.findall(text)
    runs, rate = stats.get('number_of_executed_units', '?'), stats.get('average_exec_per_sec', '?')
    places, _, inputs = seen[-1] if seen else ('?', '?', '?')
    print(f'{target}: {runs} runs in {options.seconds} s, {rate} each second, {places} places covered, {inputs} inputs')
    if found := FOUND.findall(text):
        tell_find(target, text, found[-1])
        return False
    if status:
        print(text[-2000:])
        say(f'{target}: libFuzzer ended with status {status}')
    return not status


def main(options, extra):
    if extra:
        raise Refusal('words after "--" mean nothing to tools/msk fuzz', 2)
    names = chosen(options.target)
    packages.ensure(builds.FUZZ.needs, 'fuzzing', options.yes)
    builds.ensure(builds.FUZZ, [f'tests/fuzz/{PREFIX}{name}' for name in names])
    good = [tell(name, *run(name, options), options) for name in names]
    return 0 if all(good) else 1
