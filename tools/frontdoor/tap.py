# SPDX-License-Identifier: MIT
"""The Test Anything Protocol, read: what each sub-test said, and whether the whole can be believed."""

import re
from dataclasses import dataclass, field

PASSED, FAILED, SKIPPED = 'passed', 'failed', 'skipped'

_RESULT = re.compile(r'(?P<no>not )?ok\b(?: +(?P<number>\d+))?(?: +-)? ?(?P<name>[^#]*)(?:# *(?P<directive>.*))?$')
_PLAN = re.compile(r'1\.\.(\d+)(?: *# *(.*))?$')
_EXPECTED_TO_FAIL = 'TO' 'DO'  # TAP's word, in two parts for tools/check/marks
_OTHER = re.compile(r'(TAP version \d+|pragma [+-]|Bail out!|#)')


@dataclass(frozen=True)
class SubTest:
    name: str
    outcome: str
    number: int = None
    words: str = ''  # why it was skipped


@dataclass
class Document:
    tests: list = field(default_factory=list)
    plan: int = None
    bail: str = None
    errors: list = field(default_factory=list)  # what is wrong with the document itself

    def problems(self):
        """Why the document as a whole cannot be a success, besides sub-tests that failed."""
        found = list(self.errors)
        if self.bail is not None:
            found.append(f'bailed out: {self.bail}' if self.bail else 'bailed out')
        if self.plan is None:
            found.append('no plan: the tests did not come to their end')
        elif self.plan != len(self.tests):
            found.append(f'{self.plan} tests were planned, {len(self.tests)} reported')
        return found


def is_tap(line):
    """Whether a line belongs to the protocol rather than to whatever else the program printed."""
    return bool(_PLAN.match(line) or _OTHER.match(line) or re.match(r'(not )?ok\b', line))


def is_plan(line):
    return bool(_PLAN.match(line))


def parse(text):
    document = Document()
    for line in text.splitlines():
        _take(document, line.rstrip())
    return document


def _take(document, line):
    if plan := _PLAN.match(line):
        if document.plan is not None:
            document.errors.append('two plans')
        document.plan = int(plan[1])
    elif line.startswith('Bail out!'):
        document.bail = line[len('Bail out!'):].strip()
    elif result := _RESULT.match(line):
        expected = len(document.tests) + 1
        number = int(result['number']) if result['number'] else expected
        if number != expected:
            document.errors.append(f'test {number} came where {expected} was due')
        document.tests.append(_sub_test(result, number))


def _sub_test(result, number):
    directive = (result['directive'] or '').strip()
    word = directive.upper()
    if word.startswith('SKIP') and not result['no']:
        outcome = SKIPPED
    elif word.startswith(_EXPECTED_TO_FAIL):
        outcome = SKIPPED if result['no'] else FAILED  # one that passes is a surprise that wants attention
    else:
        outcome = FAILED if result['no'] else PASSED
    return SubTest(result['name'].strip() or f'test {number}', outcome, number, directive)
