# SPDX-License-Identifier: MIT
"""The log channel of testd, taken apart: what is missing is a failure that names the program."""

import unittest

from frontdoor import tap, testd

GOOD = """\
Mudskipper 0.1.0
testd: planned a
testd: planned b
testd: a: 1..2
testd: a: ok 1 - A-001 holds
testd: a: ok 2 - A-002 holds, too
testd: a: end exit 0
ok 7 - said by somebody else
testd: b: 1..1
testd: b: # of interest
testd: b: ok 1 - B-001 holds
testd: b: end exit 0
testd: end
"""


def take(text, asked=('a', 'b')):
    written = []
    channel = testd.Channel(written.append, asked)
    data = text.encode()
    for at in range(0, len(data), 7):  # lines come in pieces
        channel.feed(data[at:at + 7])
    problems = channel.close()
    return tap.parse('\n'.join(written)), problems, written


def failures(text, asked=('a', 'b')):
    document, _, _ = take(text, asked)
    assert not document.problems(), document.problems()
    return [test.name for test in document.tests if test.outcome == tap.FAILED]


class Channel(unittest.TestCase):
    def test_results_of_all_programs_are_one_document(self):
        document, problems, written = take(GOOD)
        self.assertEqual(problems, [])
        self.assertEqual(document.problems(), [])
        self.assertEqual([test.name for test in document.tests], ['A-001 holds', 'A-002 holds, too', 'B-001 holds'])
        self.assertIn('# ok 7 - said by somebody else', written)
        self.assertIn('# b: # of interest', written)

    def test_a_test_that_failed_is_one_failure(self):
        text = GOOD.replace('ok 2 - A', 'not ok 2 - A').replace('a: end exit 0', 'a: end exit 1')
        self.assertEqual(failures(text), ['A-002 holds, too'])

    def test_a_failure_without_an_exit_code(self):
        self.assertEqual(failures(GOOD.replace('ok 2 - A', 'not ok 2 - A'))[1:],
                         ['a: tests failed, yet it ended as if all were well'])

    def test_fewer_tests_than_planned(self):
        self.assertEqual(failures(GOOD.replace('testd: a: ok 2 - A-002 holds, too\n', '')),
                         ['a: 2 tests were planned, 1 reported'])

    def test_no_plan(self):
        self.assertEqual(failures(GOOD.replace('testd: b: 1..1\n', '')),
                         ['b: no plan: the tests did not come to their end'])

    def test_plan_at_the_end(self):
        text = GOOD.replace('testd: b: 1..1\n', '').replace('testd: b: end', 'testd: b: 1..1\ntestd: b: end')
        self.assertEqual(failures(text), ['b: its plan did not come first'])

    def test_a_program_that_died(self):
        self.assertEqual(failures(GOOD.replace('a: end exit 0', 'a: end fault at 0x0')), ['a: ended: fault at 0x0'])
        self.assertEqual(failures(GOOD.replace('a: end exit 0', 'a: end exit 3')), ['a: ended: exit 3'])

    def test_a_system_that_died(self):
        text = GOOD[:GOOD.index('testd: a: ok 2')] + 'panic\n'
        document, problems, _ = take(text)
        self.assertEqual([test.name for test in document.tests if test.outcome == tap.FAILED],
                         ['a: did not come to its end', 'b: never ran'])
        self.assertEqual(problems, ['testd did not come to its end'])

    def test_nothing_at_all(self):
        document, problems, _ = take('')
        self.assertEqual([test.name for test in document.tests], ['a: never ran', 'b: never ran'])
        self.assertTrue(problems)

    def test_a_program_that_is_not_in_the_manifest(self):
        text = 'testd: planned c\ntestd: c: end not in test/manifest\ntestd: end\n'
        self.assertIn('c: ended: not in test/manifest', failures(text, ['c']))


if __name__ == '__main__':
    unittest.main()
