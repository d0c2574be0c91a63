#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tools/rpcgen: its output byte for byte, and what it says about wrong interfaces. Prints TAP.

The golden files are made anew with: tests/unit/rpc/test_rpcgen.py --update"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
RPCGEN = ROOT / 'tools' / 'rpcgen'
GOLDEN = {'--header': 'demo_rpc.h', '--client': 'demo_client.c', '--server': 'demo_server.c'}

sys.path[:0] = [str(ROOT / 'tests' / 'tools'), str(ROOT / 'tools')]

import tap_main  # noqa: E402
from rpc.interface import CAPS_MAX, CODES, MESSAGE_MAX  # noqa: E402
from rpc.server import FORMAT  # noqa: E402


def run(*arguments):
    return subprocess.run([str(RPCGEN), *map(str, arguments)], capture_output=True, text=True)


def generate(interface, folder):
    folder = Path(folder)
    outputs = [word for option, name in GOLDEN.items() for word in (option, folder / name)]
    result = run(interface, *outputs)
    return result, {name: (folder / name).read_text() for name in GOLDEN.values() if (folder / name).exists()}


class Golden(unittest.TestCase):
    maxDiff = None

    def test_output_is_what_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            result, made = generate(HERE / 'demo.rpc', folder)
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        for name, text in made.items():
            self.assertEqual(text, (HERE / 'golden' / name).read_text(), name)

    def test_every_interface_of_the_tree_is_right(self):
        for path in [*ROOT.glob('services/*/*.rpc'), *ROOT.glob('tests/**/*.rpc'), *ROOT.glob('examples/*/*.rpc')]:
            with self.subTest(path.name):
                result = run(path, '--check')
                self.assertEqual((result.returncode, result.stderr), (0, ''))

    def test_output_compiles_without_a_warning(self):
        include = [f'-I{ROOT}/core/include', f'-I{ROOT}/arch/hostsim/include']
        for path in [HERE / 'demo.rpc', *ROOT.glob('services/*/*.rpc')]:
            with self.subTest(path.name), tempfile.TemporaryDirectory() as folder:
                stem = Path(folder) / path.stem
                run(path, '--header', f'{stem}_rpc.h', '--client', f'{stem}_client.c', '--server', f'{stem}_server.c')
                for side in ('client', 'server'):
                    result = subprocess.run(['cc', '-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', *include,
                                             '-fsyntax-only', f'{stem}_{side}.c'], capture_output=True, text=True)
                    self.assertEqual(result.stderr, '')


class SameAsInC(unittest.TestCase):
    def header(self, name):
        return (ROOT / 'core/include/mudskipper/rpc' / name).read_text()

    def test_limits(self):
        self.assertIn(f'#define RPC_MESSAGE_MAX {MESSAGE_MAX}u', self.header('wire.h'))
        self.assertIn(f'#define RPC_CAPS_MAX    {CAPS_MAX}u', self.header('wire.h'))
        self.assertIn(f'#define RPC_DESCRIPTION_FORMAT {FORMAT}u', self.header('describe.h'))

    def test_type_codes(self):
        for name, code in CODES.items():
            c_name = {'cap?': 'CAP_OPTIONAL'}.get(name, name.upper())
            self.assertIn(f'RPC_TYPE_{c_name} = {code},', self.header('describe.h'))


# Interface, line, a part of what is said. Each begins with "service s 1" unless it has a service of its own.
MISTAKES = [
    ('', 1, 'service expected, not the end of the file'),
    ('method a()', 1, 'service expected, not method'),
    ('service Big 1', 1, 'the name of the service expected, not Big'),
    ('service s', 1, 'its version expected, 1 .. 4294967295'),
    ('service s 0', 1, 'its version expected'),
    ('service s 010', 1, 'its version expected'),
    ('service s 1\n', 2, 'a service needs at least one method'),
    ('service s 1\nmethod a() %', 2, "'%' means nothing here"),
    ('service s 1\nenum a', 2, 'struct or method expected, not enum'),
    ('@method a', 2, '( expected, not the end of the file'),
    ('@method a(', 2, 'a type expected'),
    ('@method a() ->', 2, '( expected'),
    ('@method a(u32)', 2, 'a name expected, not )'),
    ('@method a(u32 x u32 y)', 2, ', expected, not u32'),
    ('@method a(i32 x)', 2, 'there is no type i32'),
    ('@method a(point x)', 2, 'there is no type point; structs stand before what uses them'),
    ('@method a(struct x)', 2, 'there is no type struct'),
    ('@method a(u32? x)', 2, 'a name expected, not ?'),
    ('@method a(string x)', 2, 'x needs its greatest length: string x<100>'),
    ('@method a(string x<0>)', 2, 'the greatest length expected, 1 .. 65536, not 0'),
    ('@method a(string x<65537>)', 2, 'the greatest length expected'),
    ('@method a(string x<65536>)', 2, 'a request of a can be 65541 bytes long; 65536 is the limit'),
    ('@method a() -> (u64 x<8192>)', 2, 'a reply of a can be 65540 bytes long'),
    ('@method a(cap x<200>, cap y<56>)', 2, 'a request of a can have 256 capabilities; 255 is the limit'),
    ('@method a(u8 x, u8 x)', 2, 'method a has two things that are called x'),
    ('@method a(u8 x) -> (u8 x)', 2, 'method a has two things that are called x'),
    ('@method a(bytes x<4>, u8 x_bytes)', 2, 'method a has two things that are called x_bytes'),
    ('@method a(u8 call)', 2, 'call is a name of the generated code'),
    ('@method a(u8 size_t)', 2, 'size_t is a name of the generated code'),
    ('@method a()\n\nmethod a()', 4, 'there is a method a already'),
    ('@method describe()', 2, 'every service has a method describe already'),
    ('@method a() -> (u8 x)\nmethod a_reply()', 3, 's_a_reply would be defined twice: here and for line 2'),
    ('@method interface()', 2, 's_interface would be defined twice'),
    ('@struct p {}\nmethod a()', 2, 'struct p is empty'),
    ('@struct p { u8 x }\nstruct p { u8 x }\nmethod a()', 3, 'there is a type p already'),
    ('@struct u8 { u8 x }\nmethod a()', 2, 'there is a type u8 already'),
    ('@struct p { p x }\nmethod a()', 2, 'there is no type p'),
    ('@struct ops { u8 x }\nmethod a()', 2, 's_ops would be defined twice'),
    ('@struct p { u8 x\nmethod a()', 3, 'there is no type method'),
    ('@struct p { u64 x<9000> }\nmethod a()', 2, 'struct p can be 72004 bytes long'),
    ('@method a' + 'b' * 63 + '()', 2, 'at most 63'),
]


class Mistakes(unittest.TestCase):
    def test_each_is_named_with_its_line(self):
        for number, (text, line, wanted) in enumerate(MISTAKES):
            with self.subTest(number), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / 'wrong.rpc'
                path.write_text(text.replace('@', 'service s 1\n'))
                result, made = generate(path, folder)
                self.assertEqual((result.returncode, made), (1, {}))
                self.assertTrue(result.stderr.startswith(f'{path}:{line}: '), result.stderr)
                self.assertIn(wanted, result.stderr)
                self.assertEqual(result.stderr.count('\n'), 1)

    def test_files_that_are_none(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run(Path(folder) / 'missing.rpc', '--check')
            self.assertEqual(result.returncode, 1)
            self.assertIn('No such file', result.stderr)
            path = Path(folder) / 'binary.rpc'
            path.write_bytes(b'service \xff 1')
            self.assertIn('not UTF-8', run(path, '--check').stderr)

    def test_nothing_to_make(self):
        self.assertEqual(run(HERE / 'demo.rpc').returncode, 2)


class Comments(unittest.TestCase):
    def header_of(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / 'x.rpc'
            path.write_text(text)
            result, made = generate(path, folder)
            self.assertEqual(result.stderr, '')
            return made['demo_rpc.h']

    def test_right_above_means_this(self):
        text = self.header_of('# no\n\n# yes\nservice s 1\n# not this\n\n# this\n# and this\nmethod a() # nor this\nmethod b()\n')
        self.assertIn('/* yes */', text)
        self.assertIn('/* this and this */\nMUST_USE err_t s_a(', text)
        self.assertNotIn('no', text.replace('not', '').split('#ifndef')[0])
        self.assertNotIn('not this', text)
        self.assertNotIn('nor this', text)

    def test_what_would_end_a_comment_does_not(self):
        self.assertIn('/* a * / b / * c */', self.header_of('service s 1\n# a */ b /* c\nmethod a()\n'))


def update():
    for option, name in GOLDEN.items():
        subprocess.run([str(RPCGEN), str(HERE / 'demo.rpc'), option, str(HERE / 'golden' / name)], check=True)


if __name__ == '__main__':
    if sys.argv[1:] == ['--update']:
        update()
        sys.exit(0)
    tests = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    outcome = tap_main.TapResult()
    tests.run(outcome)
    print(f'1..{outcome.count}')
    sys.exit(0 if outcome.wasSuccessful() else 1)
