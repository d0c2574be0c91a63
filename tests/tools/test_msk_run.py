# SPDX-License-Identifier: MIT
"""tools/msk run and its command line as people use them, on a small clone (clone.py)."""

import os
import signal
import subprocess
import time

from clone import Command


class CommandLine(Command):
    def test_help_has_examples_at_every_level(self):
        for words in ((), ('run',), ('test',), ('bench',)):
            with self.subTest(words):
                help_ = self.msk(*words, '--help')
                self.assertEqual(help_.returncode, 0)
                self.assertIn('examples:', help_.stdout)

    def test_no_command_is_an_error(self):
        self.assertEqual(self.msk().returncode, 2)

    def test_world_that_is_planned_is_refused_in_one_sentence(self):
        refused = self.msk('run', '--on', 'colibri-imx8x')
        self.assertEqual((refused.returncode, len(refused.stderr.splitlines())), (125, 1))
        self.assertIn('colibri-imx8x', refused.stderr)

    def test_world_that_is_unknown_is_refused_with_the_list(self):
        refused = self.msk('run', '--on', 'mars')
        self.assertEqual(refused.returncode, 2)
        self.assertIn('virt-gicv2', refused.stderr)

    def test_wrong_values_are_refused_before_anything_is_built(self):
        for words in (('-smp', '0'), ('--cores', '65'), ('--cores', 'two'), ('-m', '3Q'), ('--mem', 'much'), ('--mem', '0'),
                      ('--timeout', '-1'), ('--script', 'nothing'), ('--with', 'nothing'), ('--with', '.'), ('-c',),
                      ('--config', 'fast'), ('--with', 'meson.build=../x'), ('--script', 'a', '-c', 'b'), ('--nonsense',),
                      ('--on', 'virt', '--config', 'asan'), ('--on', 'virt', '--dtb', 'meson.build'),
                      ('--on', 'verdin-imx8mp', '--cores', '5'), ('--on', 'imx8mp-evk', '-m', '9G'),
                      ('--on', 'verdin-imx8mp', '--dtb', 'nothing')):
            with self.subTest(words):
                refused = self.msk('run', *words)
                self.assertEqual((refused.returncode, refused.stdout), (2, ''))
                self.assertRegex(refused.stderr, r'\Amsk: [^\n]+\n\Z')
        self.assertFalse((self.clone.root / 'build').exists())


class Run(Command):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.msk('run')

    def test_first_run_builds_and_says_so(self):
        self.assertEqual((self.first.returncode, self.first.stdout), (0, '> '))
        self.assertIn('building build', self.first.stderr)

    def test_second_run_is_quiet_and_quick(self):
        before = time.monotonic()
        again = self.msk('run')
        self.assertEqual((again.returncode, again.stdout, again.stderr), (0, '> ', ''))
        self.assertLess(time.monotonic() - before, 2.0)

    def test_changed_source_is_built(self):
        source = self.clone.root / 'hostsim.c'
        text = source.read_text()
        self.addCleanup(source.write_text, text)
        source.write_text(text.replace('"[%s]\\n"', '"<%s>\\n"'))
        self.assertEqual(self.msk('run', '--', 'x').stdout, '<x>\n')

    def test_source_that_does_not_compile(self):
        source = self.clone.root / 'hostsim.c'
        text = source.read_text()
        self.addCleanup(source.write_text, text)
        source.write_text('not C')
        broken = self.msk('run')
        self.assertEqual((broken.returncode, broken.stdout), (125, ''))
        self.assertIn('hostsim.c:1:', broken.stderr)

    def test_options_reach_the_simulator(self):
        said = self.msk('run', '-smp', '2', '-m', '1G', '--append', 'a b', '--timeout', '9', '--with', 'meson.build=m',
                        '--', '--more').stdout
        self.assertEqual(said.splitlines(), ['[--cores]', '[2]', '[--mem]', '[1024M]', '[--with]',
                                             f'[{self.clone.root}/meson.build=m]', '[--append]', '[a b]', '[--timeout]',
                                             '[9]', '[--more]'])

    def test_commands_scripts_and_standard_input(self):
        script = self.clone.write('demo.msk', 'one\ntwo\n')
        self.assertEqual(self.msk('run', '-c', 'one').stdout, 'one\n')
        self.assertEqual(self.msk('run', '--script', script).stdout, 'one\ntwo\n')
        self.assertEqual(self.msk('run', '--script', '-', stdin='three\n').stdout, 'three\n')

    def test_status_is_the_scripts_own(self):
        for status in (0, 1, 3, 77, 134):
            with self.subTest(status):
                self.assertEqual(self.msk('run', '-c', f'exit {status}').returncode, status)

    def test_crash_is_no_success(self):
        self.assertEqual(self.msk('run', '-c', 'crash').returncode, 128 + signal.SIGABRT)

    def test_works_from_any_folder(self):
        self.assertEqual(self.msk('run', '-c', 'x', cwd='/').stdout, 'x\n')

    def test_gdb_runs_the_simulator_and_knows_mud(self):
        said = self.msk('run', '--gdb', '-c', 'echo seen', stdin='run\nmud programs\nquit\n')
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertRegex(said.stdout, r'(?s)Starting program: .*seen')
        self.assertIn('no machine runs', said.stderr)

    def test_gdb_waits_only_where_it_can_be_attached(self):
        refused = self.msk('run', '--gdb=wait')
        self.assertEqual((refused.returncode, len(refused.stderr.splitlines())), (2, 1))

    def test_print_command_can_be_pasted(self):
        line = self.msk('run', '-c', 'a b', '--print-command').stdout
        self.assertEqual(subprocess.run(line, shell=True, capture_output=True, text=True).stdout, 'a b\n')

    def test_nothing_is_left_behind(self):
        self.msk('run', '-c', 'exit 1')
        left = [path.name for path in (self.clone.root / 'build' / 'msk-runs').glob('run-*')]
        self.assertEqual(left, [])

    def test_interrupt_ends_the_machine(self):
        self.end_with(signal.SIGINT, 130)

    def test_termination_ends_the_machine(self):
        self.end_with(signal.SIGTERM, 128 + signal.SIGTERM)

    def end_with(self, number, status):
        tool = subprocess.Popen([self.clone.root / 'tools' / 'msk', 'run', '-c', 'here\nhang'], stdout=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, text=True, stderr=subprocess.DEVNULL)
        with tool.stdout:
            self.assertEqual(tool.stdout.readline(), 'here\n')
            child = int(subprocess.run(['pgrep', '-P', str(tool.pid)], capture_output=True, text=True).stdout)
            tool.send_signal(number)
            self.assertEqual(tool.wait(10), status)
        with self.assertRaises(ProcessLookupError):
            os.kill(child, 0)

    def test_many_runs_at_once(self):
        tools = [subprocess.Popen([self.clone.root / 'tools' / 'msk', 'run', '-c', f'exit {number}'],
                                  stdin=subprocess.DEVNULL) for number in range(4)]
        self.assertEqual([tool.wait(30) for tool in tools], [0, 1, 2, 3])
