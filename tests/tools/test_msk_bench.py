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
        self.assertEqual((list(figures), [line.split()[0] for line in result.stdout.splitlines()]), (keys, keys))
        self.assertTrue(all(isinstance(value, float) for value in figures.values()))
        self.assertGreater(figures['boot.build_s'], figures['boot.hostsim_s'])
        self.assertGreater(figures['boot.rss_mib'], 0.1)
        self.assertEqual((meta['not measured'], meta['quick']), ({}, True))
        self.assertRegex(result.stdout, r'boot.rss_mib .* MiB +within 64\n')

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
        for words in (('speed',), ('--on', 'mars'), ('--on', 'virt-gicv2')):
            with self.subTest(words):
                self.assertEqual(self.msk('bench', *words).returncode, 2)
