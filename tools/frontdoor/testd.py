# SPDX-License-Identifier: MIT
"""The log channel of the tests that run inside the system (services/testd/README.md), taken apart.

    testd: planned NAME        for each program, before the first runs
    testd: NAME: LINE          TAP, plan first, and whatever else the program prints
    testd: NAME: end HOW       "exit 0" is the only good one
    testd: end                 all have run

What comes out is one TAP document with the results of all programs, numbered anew, its plan last. What a program did
not do is a failure that names it: report what it planned, end well, run at all.
"""

import re
from dataclasses import dataclass, field

from . import tap

GOOD_END = 'exit 0'

# Results that stand for sub-tests that did not report (Channel.close).
INCOMPLETE = re.compile(r': (\d+) tests were planned, (\d+) reported$', re.MULTILINE)
UNPLANNED = re.compile(r': (?:never ran|did not come to its end|no plan: .*)$', re.MULTILINE)

_PLANNED = re.compile(r'testd: planned (\S+)$')
_END = re.compile(r'testd: end$')
_LINE = re.compile(r'testd: ([^\s:]+): ?(.*)$')
_RESULT = re.compile(r'(not )?ok\b(?: +\d+)?(.*)$')


@dataclass
class Program:
    lines: list = field(default_factory=list)
    end: str = None

    def problems(self):
        if self.end is None:
            return ['never ran' if not self.lines else 'did not come to its end']
        document = tap.parse('\n'.join(self.lines))
        failed = any(test.outcome == tap.FAILED for test in document.tests)
        found = document.problems()
        if self.end != GOOD_END and not (failed and self.end.startswith('exit ')):
            found.append(f'ended: {self.end}')
        if self.end == GOOD_END and failed:
            found.append('tests failed, yet it ended as if all were well')
        if self.lines and document.plan is not None and not tap.is_plan(next(filter(tap.is_tap, self.lines))):
            found.append('its plan did not come first')
        return found


def words(names, seconds, manifest=None):
    """The kernel's command line that boots testd in place of the shell and has it run these programs, each of which it
    ends after so many seconds."""
    found = ['boot=test/boot', f'env=TESTS={",".join(names)}', f'env=TEST_SECONDS={seconds}']
    return ' '.join(found + ([f'env=TEST_MANIFEST={manifest}'] if manifest else []))


class Channel:
    """Console bytes in, TAP lines out."""

    def __init__(self, write, asked=()):
        self.write = write
        self.programs = {name: Program() for name in asked}
        self.ended = False
        self.count = 0
        self.rest = b''

    def feed(self, data):
        *whole, self.rest = (self.rest + data).split(b'\n')
        for line in whole:
            self.line(line.decode(errors='replace').rstrip('\r'))

    def line(self, line):
        if planned := _PLANNED.match(line):
            self.programs.setdefault(planned[1], Program())
        elif _END.match(line):
            self.ended = True
        elif (said := _LINE.match(line)) and said[1] in self.programs:
            return self.of_program(said[1], said[2])
        return self.write(f'# {line}'.rstrip())

    def of_program(self, name, line):
        program = self.programs[name]
        if line.startswith('end ') and program.end is None:
            program.end = line[len('end '):]
        elif tap.is_tap(line):
            program.lines.append(line)
            if result := _RESULT.match(line):
                self.count += 1
                return self.write(f'{result[1] or ""}ok {self.count}{result[2]}')
        return self.write(f'# {name}: {line}')

    def close(self):
        """What is missing, as results; then the plan. Returns the problems of the channel as a whole."""
        if self.rest:
            self.feed(b'\n')
        for name, program in self.programs.items():
            for problem in program.problems():
                self.count += 1
                self.write(f'not ok {self.count} - {name}: {problem}')
        self.write(f'1..{self.count}')
        return [] if self.ended else ['testd did not come to its end']
