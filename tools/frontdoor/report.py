# SPDX-License-Identifier: MIT
"""Results of test runs: counted by kind, subsystem and place, and told so that the last line is the verdict."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from xml.etree import ElementTree

from . import suites, tap, testd

SLOWEST = 10
_MESON_GOOD = ('OK', 'EXPECTEDFAIL')
_PLANT = re.compile(r'^plant (\S+) \((\S+)\): (.+) said "(.*)" in (\S+)$', re.MULTILINE)  # tests/plants/find.py
_XML_REFUSES = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')


@dataclass(frozen=True)
class Result:
    """One sub-test, or one test program that has none."""
    kind: str
    subsystem: str
    place: str  # world, and configuration unless plain: "hostsim/asan"
    test: str
    name: str
    outcome: str
    words: str = ''


@dataclass(frozen=True)
class Program:
    """One run of a test program."""
    test: str
    place: str
    seconds: float
    meson: str  # Meson's word for its result
    output: str


def read_log(path, tests, place_of, ids=()):
    """Meson's testlog.json -> (results, programs). `tests`: name -> suites.Test."""
    results, programs = [], []
    for line in path.read_text(errors='replace').splitlines():
        entry = json.loads(line)
        test = tests[entry['name'].rsplit(' / ', 1)[-1]]
        output = entry.get('stdout', '') + entry.get('stderr', '')
        kept = '' if entry['result'] in _MESON_GOOD else output  # of many runs it is much, and nobody asks
        programs.append(Program(test.name, place_of(test), entry['duration'], entry['result'], kept))
        results += _results(test, place_of(test), entry, ids)
    return results, programs


def _results(test, place, entry, ids):
    def result(name, outcome, words=''):
        return Result(test.kind, test.subsystem, place, test.name, name, outcome, words)

    meson = entry['result']
    document = tap.parse(entry.get('stdout', '') if test.protocol == 'tap' else '')
    found = [result(sub.name, sub.outcome, sub.words) for sub in document.tests]
    silent = [] if test.protocol != 'tap' or meson in (*_MESON_GOOD, 'SKIP') else _silent(test, document)
    if ids and test.name not in ids:
        found = [item for item in found if any(suites.has_id(item.name, word) for word in ids)]
        silent = [word for word in silent if word in ids]
        if meson in _MESON_GOOD:
            return found  # none: the ID stands in the source, but the program did not report it
    if meson in _MESON_GOOD:
        return found or [result(test.name, tap.PASSED)]
    if meson == 'SKIP':
        return found or [result(test.name, tap.SKIPPED, 'skipped as a whole')]
    if not any(item.outcome == tap.FAILED for item in found):
        found.append(result(test.name, tap.FAILED, _words(meson, document)))
    return found + [result(word, tap.FAILED, 'never ran') for word in silent]


def _words(meson, document):
    missing = _missing(document)
    return f'{meson.lower()}; {missing} of {document.plan} never ran' if missing else meson.lower()


def _missing(document):
    """How many sub-tests did not report; None: nobody said how many there are."""
    names = '\n'.join(test.name for test in document.tests)
    if inside := testd.INCOMPLETE.search(names):
        return int(inside[1]) - int(inside[2])
    if document.plan is None or testd.UNPLANNED.search(names):
        return None
    return document.plan - len(document.tests)


def _silent(test, document):
    """IDs of those, if it is clear which they are: the sources of a test may name others, too."""
    missing = _missing(document)
    silent = [word for word in suites.ids_of(test) if not any(suites.has_id(sub.name, word) for sub in document.tests)]
    return silent if missing is None or missing == len(silent) else []


class Report:
    """Gathers results; prints the summary."""

    def __init__(self):
        self.results = []
        self.programs = []

    def add(self, results, programs=()):
        self.results += results
        self.programs += programs

    def note(self, kind, place, name, outcome, words):
        """Something that is no test but counts: a build that failed, a world that could not be had."""
        self.results.append(Result(kind, '-', place, name, name, outcome, words))

    def count(self, outcome):
        return sum(result.outcome == outcome for result in self.results)

    def status(self):
        """0 only when something passed and nothing failed: skipped is not passed."""
        return 0 if self.count(tap.PASSED) and not self.count(tap.FAILED) else 1

    def expect(self, word, tests):
        """An ID that was asked for and that nobody reported is a failure. `tests`: those that ran."""
        if not any(word == result.test or suites.has_id(result.name, word) for result in self.results):
            known = any(suites.mentions(test, word) for test in tests)
            words = 'stands in the tests that ran, but none reported it' if known else 'no test that fits has it'
            self.note('select', suites.HOST, word, tap.FAILED, words)

    def require(self, world):
        """Turns what was skipped in a world, or a world where nothing ran, into a failure."""
        here = [result for result in self.results if result.place.split('/')[0] == world]
        skipped = sum(result.outcome == tap.SKIPPED for result in here)
        if skipped or not any(result.outcome == tap.PASSED for result in here):
            words = f'{skipped} skipped there' if skipped else 'no test ran there'
            self.note('require', world, f'--require {world}', tap.FAILED, words)

    def table(self):
        """Rows: kind and subsystem; columns: places; cells: how many ran, and failed and skipped if there are any."""
        cells = defaultdict(lambda: defaultdict(int))
        places = list(dict.fromkeys(result.place for result in self.results))
        for result in self.results:
            cells[result.kind, result.subsystem, result.place][result.outcome] += 1
        rows = [['kind', 'subsystem', *places]]
        for kind, subsystem in sorted({(result.kind, result.subsystem) for result in self.results}):
            rows.append([kind, subsystem, *(_cell(cells[kind, subsystem, place]) for place in places)])
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        return '\n'.join('  '.join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in rows)

    def slowest(self):
        order = sorted(self.programs, key=lambda program: -program.seconds)[:SLOWEST]
        return '\n'.join(f'{program.seconds:8.2f} s  {program.test}  ({program.place})' for program in order)

    def plants(self):
        """Which walker found which planted bug (tests/plants), as the tests said."""
        found = {match.groups() for program in self.programs for match in _PLANT.finditer(program.output)}
        rows = sorted((name, invariant, test, f'{walker}: {sentence}')
                      for name, invariant, walker, sentence, test in found)
        widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
        lines = ('  '.join(word.ljust(width) for word, width in zip(row, widths)) for row in rows)
        return '\n'.join(f'  {line}'.rstrip() for line in lines)

    def failures(self):
        return '\n'.join(f'  {item.place}: {item.test}' + (f': {item.name}' if item.name != item.test else '')
                         + (f' ({item.words})' if item.words else '')
                         for item in self.results if item.outcome == tap.FAILED)

    def closing(self):
        line = f'{self.count(tap.PASSED)} passed, {self.count(tap.FAILED)} failed'
        skipped = self.count(tap.SKIPPED)
        return f'{line}, {skipped} skipped' if skipped else line

    def junit(self, path):
        """The results as JUnit reads them. Meson's own file leaves time-outs and broken programs out."""
        root = ElementTree.Element('testsuites')
        output = {(program.test, program.place): program.output for program in self.programs}
        for test, place in dict.fromkeys((result.test, result.place) for result in self.results):
            cases = [result for result in self.results if (result.test, result.place) == (test, place)]
            outcomes = [case.outcome for case in cases]
            seconds = sum(program.seconds for program in self.programs
                          if (program.test, program.place) == (test, place))
            suite = ElementTree.SubElement(root, 'testsuite', name=f'{place}/{test}', tests=str(len(cases)), errors='0',
                                           failures=str(outcomes.count(tap.FAILED)),
                                           skipped=str(outcomes.count(tap.SKIPPED)), time=f'{seconds:.3f}')
            for case in cases:
                _junit_case(suite, case)
            if tap.FAILED in outcomes:
                ElementTree.SubElement(suite, 'system-out').text = _XML_REFUSES.sub('?', output.get((test, place), ''))
        ElementTree.ElementTree(root).write(path, encoding='utf-8', xml_declaration=True)

    def text(self):
        parts = [f'Ran, by kind, subsystem and place (F failed, S skipped):\n{self.table()}']
        if plants := self.plants():
            parts.append(f'Planted bugs, the test in which each was found, and who said what:\n{plants}')
        if self.programs:
            parts.append(f'Slowest {min(SLOWEST, len(self.programs))}:\n{self.slowest()}')
        if self.count(tap.FAILED):
            parts.append(f'Failed:\n{self.failures()}')
        return '\n\n'.join([*parts, self.closing()])


def _junit_case(suite, result):
    case = ElementTree.SubElement(suite, 'testcase', name=_XML_REFUSES.sub('?', result.name),
                                  classname=f'{result.kind}.{result.subsystem}')
    if result.outcome != tap.PASSED:
        element = 'failure' if result.outcome == tap.FAILED else 'skipped'
        ElementTree.SubElement(case, element, message=_XML_REFUSES.sub('?', result.words))


def _cell(counts):
    ran = counts[tap.PASSED] + counts[tap.FAILED]
    words = [str(ran)] if ran or not counts[tap.SKIPPED] else []
    if not ran and not counts[tap.SKIPPED]:
        return ''
    if counts[tap.FAILED]:
        words.append(f'{counts[tap.FAILED]}F')
    if counts[tap.SKIPPED]:
        words.append(f'{counts[tap.SKIPPED]}S')
    return ' '.join(words)
