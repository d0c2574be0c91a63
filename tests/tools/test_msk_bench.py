# SPDX-License-Identifier: MIT
"""tools/msk bench as people use it, on a small clone (clone.py)."""

import json

from clone import Command


class Bench(Command):
    def test_figures_of_one_world_as_table_and_json(self):
        file = self.clone.root / 'figures.json'
        result = self.msk('bench', 'boot', '--quick', '--on', 'hostsim', '--json', file)
        self.assertEqual(result.returncode, 0, result.stderr)
        figures = json.loads(file.read_text())
        meta = figures.pop('meta')
        keys = ['boot.hostsim_s', 'boot.build_s', 'boot.again_s', 'boot.idle_hostsim', 'boot.rss_mib']
        self.assertEqual((list(figures), [line.split()[0] for line in result.stdout.splitlines()[1:]]), (keys, keys))
        self.assertTrue(all(isinstance(value, float) for value in figures.values()))
        self.assertGreater(figures['boot.build_s'], figures['boot.hostsim_s'])
        self.assertGreater(figures['boot.rss_mib'], 0.1)
        self.assertEqual((meta['not measured'], meta['quick']), ({}, True))
        self.assertEqual({key: len(samples) for key, samples in meta['samples'].items()}, dict.fromkeys(keys, 1))
        self.assertIn('clang', meta['compiler hostsim'])
        self.assertRegex(result.stdout, r'boot.rss_mib .* MiB .* 1 within 64\n')

    def figures(self, name, value, **meta):
        about = {'host': 'h', 'cpu': 'c', 'processors': 1, **meta, 'samples': {'boot.hostsim_s': [value] * 5}}
        return self.clone.write(name, json.dumps({'boot.hostsim_s': value, 'meta': about}))

    def test_comparison_of_two_files(self):
        old = self.figures('old.json', 0.2)
        for value, status, verdict in ((0.2, 0, 'same'), (0.3, 1, 'WORSE'), (0.1, 0, 'better')):
            with self.subTest(value):
                result = self.msk('bench', '--load', self.figures('new.json', value), '--compare', old, '--raw')
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertRegex(result.stdout, rf'boot.hostsim_s +0.2 +{value:g} +\S+  {verdict}\n')
                self.assertIn(f'    {value:g} {value:g} {value:g}', result.stdout)

    def test_file_of_another_machine_is_refused(self):
        old = self.figures('old.json', 0.2, cpu='another')
        result = self.msk('bench', 'boot', '--load', self.figures('new.json', 0.2), '--compare', old)
        self.assertEqual(result.returncode, 2)
        self.assertIn('another machine (cpu another, here c)', result.stderr)

    def test_comparison_that_cannot_be_made_is_refused(self):
        new = self.figures('new.json', 0.2)
        for old, words in ((self.clone.write('none.json', '{}'), 'has no "meta"'),
                           (self.clone.write('other.json', '{"x": 1, "meta": {}}'), 'no figure of those'),
                           (self.clone.root / 'absent.json', 'cannot read')):
            with self.subTest(words):
                result = self.msk('bench', 'boot', '--load', new, '--compare', old)
                self.assertEqual(result.returncode, 2)
                self.assertIn(words, result.stderr)

    def test_figure_that_cannot_be_had_is_no_success(self):
        source = self.clone.root / 'hostsim.c'
        text = source.read_text()
        self.addCleanup(source.write_text, text)
        source.write_text('#include <stdio.h>\nint main(void) { puts("cannot boot"); return 1; }\n')
        file = self.clone.root / 'missing.json'
        result = self.msk('bench', 'boot', '--quick', '--on', 'hostsim', '--json', file)
        self.assertEqual(result.returncode, 1)
        self.assertIn('cannot boot', json.loads(file.read_text())['meta']['not measured']['boot.hostsim_s'])

    def test_unknown_areas_and_worlds_are_refused(self):
        for words in (('speed',), ('--on', 'mars'), ('--on', 'virt-gicv2'), ('boot', '--profile'),
                      ('kernel', '--profile'), ('boot', '--profile', '--on', 'virt')):
            with self.subTest(words):
                self.assertEqual(self.msk('bench', *words).returncode, 2)
