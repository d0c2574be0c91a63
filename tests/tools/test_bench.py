# SPDX-License-Identifier: MIT
"""What tools/msk bench makes of samples: figures, comparisons, what programs say, what is missing."""

import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from frontdoor import bench_compare, bench_kernel, bench_masked, counts, host, measure, samples, suites
from frontdoor.console import Refusal

QUIET = [100.0, 101.0, 99.0, 100.5, 99.5, 100.2]
LOUD = [100.0, 180.0, 60.0, 140.0, 90.0, 110.0]


def scaled(samples, factor):
    return [sample * factor for sample in samples]


class Verdicts(unittest.TestCase):
    def check(self, old, new, wanted, **more):
        self.assertEqual(bench_compare.verdict(old, new, **more), wanted, (old, new))

    def test_change_beyond_the_noise_is_one(self):
        self.check(QUIET, scaled(QUIET, 1.1), bench_compare.WORSE)
        self.check(QUIET, scaled(QUIET, 0.9), bench_compare.BETTER)

    def test_change_within_the_noise_is_none(self):
        self.check(QUIET, scaled(QUIET, 1.03), bench_compare.SAME)
        self.check(LOUD, scaled(LOUD, 1.2), bench_compare.SAME)
        self.check(QUIET, scaled(LOUD, 1.2), bench_compare.SAME)

    def test_large_change_is_seen_through_noise(self):
        self.check(LOUD, scaled(LOUD, 3), bench_compare.WORSE)

    def test_one_outlier_changes_nothing(self):
        self.check(QUIET, [*QUIET, 100000.0], bench_compare.SAME)
        self.check([*QUIET, 100000.0], scaled(QUIET, 1.1), bench_compare.WORSE)

    def test_few_samples_need_a_large_change(self):
        self.check([100.0], [120.0], bench_compare.SAME)
        self.check([100.0], [130.0], bench_compare.WORSE)
        self.check(QUIET, [120.0] * 3, bench_compare.SAME)

    def test_counts_differ_from_one_per_cent_on(self):
        self.check([1000] * 40, [1009] * 40, bench_compare.SAME, exact=True)
        self.check([1000] * 40, [1010] * 40, bench_compare.WORSE, exact=True)
        self.check([1000], [990], bench_compare.BETTER, exact=True)

    def test_changes_below_the_floor_are_none(self):
        self.check([0.0], [0.004], bench_compare.SAME, floor=0.005)
        self.check([0.0], [0.006], bench_compare.WORSE, floor=0.005)
        self.check([0.0], [0.0], bench_compare.SAME)

    def test_missing_keys(self):
        rows = bench_compare.compare({'a': [1], 'b': [1]}, {'b': [1], 'c': [1]}, ['a', 'b', 'c', 'd'])
        self.assertEqual([(row.key, row.verdict, row.bad) for row in rows],
                         [('a', bench_compare.GONE, True), ('b', bench_compare.SAME, False),
                          ('c', bench_compare.NEW, False)])
        self.assertRegex('\n'.join(bench_compare.lines(rows)), r'a +1 +- +-  GONE\nb +1 +1 +1.000  same\nc +- +1')


class Files(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
            file.write(text)
            file.flush()
            return bench_compare.read(file.name)

    def test_samples_and_figures_without_them(self):
        meta, figures = self.read('{"a": 2, "b": 3.5, "meta": {"host": "x", "samples": {"a": [1, 2, 3]}}}')
        self.assertEqual((meta['host'], figures), ('x', {'a': [1, 2, 3], 'b': [3.5]}))

    def test_what_is_none_of_ours_is_refused(self):
        for text in ('', '[]', '{"a": 1}', '{"a": "x", "meta": {}}', '{"a": 1, "meta": {"samples": {"a": []}}}',
                     '{"a": 1, "meta": {"samples": {"a": [1, null]}}}', '{"a": 1, "meta": {"samples": [1]}}',
                     '{"a": NaN, "meta": {}}', '{"a": true, "meta": {}}'):
            with self.subTest(text), self.assertRaises(Refusal) as refused:
                self.read(text)
            self.assertEqual(refused.exception.status, 2)
        with self.assertRaisesRegex(Refusal, 'No such file'):
            bench_compare.read('/nonexistent/figures.json')

    def test_times_of_another_machine_are_refused_counts_are_not(self):
        here, there = {'host': 'x86_64', 'cpu': 'A', 'processors': 2}, {'host': 'x86_64', 'cpu': 'B', 'processors': 2}
        with self.assertRaisesRegex(Refusal, 'another machine .cpu B, here A.*: time;'):
            bench_compare.check_machine('f', there, here, ['count', 'time'], {'count'})
        self.assertEqual(bench_compare.check_machine('f', there, here, ['count'], {'count'}), [])
        said = bench_compare.check_machine('f', {**here, 'qemu': '7', 'quick': True}, {**here, 'qemu': '10'}, ['time'], ())
        self.assertEqual(said, ['f: qemu: 7; now 10', 'f was measured with --quick'])


class Percentiles(unittest.TestCase):
    def test_of_known_samples(self):
        found = measure.Measured(tuple(range(1, 11)))
        self.assertEqual((found.value, found.percentile(90), found.percentile(100), found.percentile(0)), (5.5, 9, 10, 1))
        self.assertEqual(measure.Measured((7,)).percentile(90), 7)


class Programs(unittest.TestCase):
    LINES = ['1..2', '# figure null 2 10 1000 2000 3000', 'ok 1 - null', 'noise', '# figure copy 1 1 5', 'ok 2 - copy']

    def test_figures_are_read_with_their_batches(self):
        said = bench_kernel.read_said(self.LINES)
        self.assertEqual((list(said), said['null'].samples, said['null'].nanos), (['null', 'copy'], 2, (100, 200, 300)))

    def test_figure_that_did_not_do_its_work_counts_for_none(self):
        for lines in ([*self.LINES[:-1], 'not ok 2 - copy'], self.LINES[1:], self.LINES[:-1]):
            with self.subTest(lines), self.assertRaises(measure.NotMeasured):
                bench_kernel.read_said(lines)

    def test_markers_have_to_be_as_many_as_the_program_says(self):
        said = bench_kernel.read_said(self.LINES)
        sample = counts.Sample(10, 5)
        found = bench_kernel.match(said, counts.Counts(figures={1: [sample, sample], 2: [sample]}))
        self.assertEqual(found['null'].samples, (10, 10))
        for figures in ({1: [sample], 2: [sample]}, {1: [sample, sample]},
                        {1: [sample, sample], 2: [sample], 3: [sample]}):
            with self.subTest(figures), self.assertRaises(measure.NotMeasured):
                bench_kernel.match(said, counts.Counts(figures=figures))

    def measured(self, ours, peers):
        said = [dict.fromkeys(names, bench_kernel.Said(0, (nanos,))) for names, nanos in ((ours, 50.0), (peers, 100.0))]
        with mock.patch.object(bench_kernel, 'time_program', return_value=said[0]), \
                mock.patch.object(bench_kernel, 'time_peers', return_value=said[1]):
            return dict(bench_kernel.measure_all(['kernel.null.per_getpid', 'kernel.copy.per_dup_close']))

    def test_ratio_to_peers(self):
        found = self.measured(['null', 'copy'], ['getpid', 'dup_close'])
        self.assertEqual(found['kernel.null.per_getpid'].samples, (0.5,) * bench_kernel.ROUNDS)

    def test_missing_peer_fails_the_run(self):
        for ours, peers in ((['null', 'copy'], ['getpid']), (['null'], ['getpid', 'dup_close'])):
            with self.subTest(peers):
                found = self.measured(ours, peers)
                self.assertTrue(all(isinstance(value, measure.NotMeasured) for value in found.values()), found)
                self.assertIn('did not measure', str(found['kernel.null.per_getpid']))

    def test_peers_that_are_not_there_fail_the_run(self):
        with mock.patch.object(bench_kernel, 'PEER_PROGRAM', 'no/such/program'):
            self.assertRaises(measure.NotMeasured, bench_kernel.time_peers)


class Masked(unittest.TestCase):
    def during(self, data):
        console = counts.Console()
        console.feed(data)
        console.close()
        return bench_masked.during(console)

    def test_stretch_belongs_to_the_test_that_reports_next(self):
        self.assertEqual(self.during(b'\x1eirqs-off 9\x1fok 1 - A\nx\x1eirqs-off 10\x1f\nok 2 - B two\nok 3 - C\n'),
                         'during B two')
        self.assertEqual(self.during(b'testd: t: ok 1 - A\ntestd: t: \x1eirqs-off 10\x1fnot ok 2 - B\n'), 'during B')
        self.assertEqual(self.during(b'ok 1 - A\n\x1eirqs-off 10\x1f'), 'outside of its tests')

    def test_what_a_test_boots_is_taken_from_its_command(self):
        def of(*command):
            return bench_masked.append_of(suites.Test('t', 'conformance', 'caps', 'virt', 'tap', command=command))

        self.assertEqual(of('run-tap', '--append', 'init=x', 'virt'), 'init=x')
        self.assertRegex(of('run-tap', '--tests', 'a,b', 'virt'), r'^boot=test/boot env=TESTS=a,b env=TEST_SECONDS=\d+$')
        self.assertRaises(measure.NotMeasured, of, 'run-tap', 'virt')

    def test_all_that_is_above_the_limit_is_named(self):
        def found(name, insns):
            return bench_masked.Found(name, 'during T', counts.Stretch(insns, 0, 0, 0), [('f', insns - 1), ('g', 1)])

        lines = list(bench_masked.notes([found('a', 9000), found('b', bench_masked.LIMIT + 1), found('c', 10)]))
        self.assertEqual([line.split(':')[0] for line in lines], ['9000 in a, during T', '3001 in b, during T'])
        self.assertTrue(lines[0].endswith('f 8999, g 1'))


class Host(unittest.TestCase):
    def test_what_was_measured_with_is_told(self):
        about = host.describe(True, True)
        for key in ('date', 'revision', 'cpu', 'compiler hostsim', 'compiler aarch64', 'qemu'):
            self.assertIn(key, about)


class Names(unittest.TestCase):
    def test_functions_are_added_up_most_first(self):
        pieces = [counts.Piece(0, 2, 10), counts.Piece(8, 1, 1), counts.Piece(4, 2, 5)]
        names = {0: 'a', 4: 'b', 8: 'c'}
        self.assertEqual(counts.by_function(pieces, lambda piece, address: names[address]),
                         [('b', 15), ('a', 10), ('c', 6)])

    def test_address_below_all_functions_is_told_as_it_is(self):
        symbols = counts.Symbols.__new__(counts.Symbols)
        symbols.functions, symbols.addresses = [(16, 'f')], [16]
        self.assertEqual((symbols.name(15), symbols.name(99)), ('0xf', 'f'))


class Places(unittest.TestCase):
    """Names of what perf has sampled in the simulator's programs."""

    def names(self):
        places = samples.read_places('1.000000000 1000 100 hello world\n2.5 1000 80 other\n1.0 5000 40 unbuilt\n')
        names = samples.Names(places, {})
        for name, functions in (('hello world', [(0, 'a'), (0x20, 'b')]), ('other', [(0x10, 'c'), (0x90, 'beyond')])):
            symbols = counts.Symbols.__new__(counts.Symbols)
            symbols.functions, symbols.addresses = functions, [address for address, _ in functions]
            names.symbols[name] = symbols
        return names

    def test_names_are_those_of_the_program_that_was_there_then(self):
        names = self.names()
        for time, address, wanted in ((1.5, 0x1000, 'hello world: a'), (1.5, 0x1021, 'hello world: b'),
                                      (3.0, 0x1011, 'other: c'), (3.0, 0x1080, 'hello world: b'), (0.5, 0x1000, None),
                                      (3.0, 0x5000, 'unbuilt: unknown'), (3.0, 0x6000, None)):
            with self.subTest(time=time, address=address):
                self.assertEqual(names(time, address), wanted)

    def test_perf_map_has_functions_of_the_last_program(self):
        self.assertEqual(list(self.names().map_lines()), ['1010 70 other:c'])

    def test_table_counts_programs_and_host(self):
        lines = list(samples.table([(3.0, 0x1011, ''), (3.0, 0x1012, ''), (3.0, 1, 'main (/x/hostsim)')], self.names()))
        self.assertEqual([line.split() for line in lines],
                         [['3', 'samples', 'in', 'all'], ['2', '66.7', '%', 'other:', 'c'],
                          ['1', '33.3', '%', 'host:', 'main', '(/x/hostsim)']])
