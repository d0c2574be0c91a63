# SPDX-License-Identifier: MIT
"""The boot archive: what mkarchive writes, other programs read; the same files are the same bytes."""

import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from frontdoor import archive

ROOT = Path(__file__).resolve().parent.parent.parent
MKARCHIVE = ROOT / 'tools' / 'mkarchive'
MODE = archive.FILE_MODE


class Format(unittest.TestCase):
    def test_what_is_written_is_read_back(self):
        files = {'bin/a': (b'x' * 5, archive.PROGRAM_MODE), 'b': (b'', MODE), 'boot/file': (bytes(range(256)), MODE)}
        self.assertEqual(archive.read(archive.write(files)), files)

    def test_order_of_the_files_does_not_matter(self):
        one = archive.write({'a': (b'1', MODE), 'b': (b'2', MODE)})
        other = archive.write({'b': (b'2', MODE), 'a': (b'1', MODE)})
        self.assertEqual(one, other)

    def test_first_entry_byte_for_byte(self):
        header = (b'070701' b'00000001' b'000081A4' b'00000000' b'00000000' b'00000001' b'00000000' b'00000003'
                  b'00000000' b'00000000' b'00000000' b'00000000' b'00000002' b'00000000')
        # 110 bytes of header and "a\0" are a multiple of four; three bytes of data take one of padding.
        self.assertEqual(archive.write({'a': (b'xyz', MODE)})[:116], header + b'a\0' + b'xyz\0')

    def test_whole_blocks(self):
        for length in range(0, 600, 37):
            self.assertEqual(len(archive.write({'a': (bytes(length), MODE)})) % archive.BLOCK, 0)

    def test_later_archive_replaces_files_of_an_earlier_one(self):
        joined = archive.write({'a': (b'1', MODE), 'b': (b'2', MODE)}) + archive.write({'b': (b'3', MODE)})
        self.assertEqual(archive.read(joined), {'a': (b'1', MODE), 'b': (b'3', MODE)})

    def test_names_that_are_refused(self):
        for name in ('', '/etc/passwd', 'a//b', '../a', 'a/./b', 'a/', 'a\nb', archive.TRAILER):
            with self.subTest(name), self.assertRaises(archive.ArchiveError):
                archive.write({name: (b'', MODE)})

    def test_damaged_archives_are_refused(self):
        whole = archive.write({'a': (b'data', MODE)})
        for damaged in (b'not an archive', whole[:50], whole[:112], b'070702' + whole[6:],
                        whole[:6] + b'zz' + whole[8:]):
            with self.subTest(damaged[:12]), self.assertRaises(archive.ArchiveError):
                archive.read(damaged)


class Tool(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / 'program').write_bytes(b'\x7fELF')
        (self.folder / 'program').chmod(0o751)
        (self.folder / 'text').write_text('hello\n')

    def run_tool(self, *words):
        return subprocess.run([MKARCHIVE, *words], cwd=self.folder, capture_output=True, text=True)

    def test_list_shows_names_sizes_and_modes(self):
        self.assertEqual(self.run_tool('-o', 'a.cpio', '--prefix', 'bin/', 'program', 'etc/motd=text').returncode, 0)
        listed = self.run_tool('--list', 'a.cpio').stdout
        self.assertEqual([line.split() for line in listed.splitlines()],
                         [['4', '0755', 'bin/program'], ['6', '0644', 'etc/motd']])

    def test_time_and_owner_of_the_files_do_not_matter(self):
        self.run_tool('-o', 'one.cpio', 'program', 'text')
        os.utime(self.folder / 'text', (1, 1))
        self.run_tool('-o', 'two.cpio', 'text', 'program')
        self.assertEqual((self.folder / 'one.cpio').read_bytes(), (self.folder / 'two.cpio').read_bytes())

    def test_two_files_with_one_name_are_refused(self):
        refused = self.run_tool('-o', 'a.cpio', 'x=text', 'x=program')
        self.assertEqual((refused.returncode, (self.folder / 'a.cpio').exists()), (1, False))
        self.assertIn('"x"', refused.stderr)

    def test_missing_file_is_named(self):
        refused = self.run_tool('-o', 'a.cpio', 'nothing')
        self.assertEqual(refused.returncode, 1)
        self.assertIn('nothing', refused.stderr)

    def test_debug_information_is_left_out_on_request(self):
        source, program = self.folder / 'a.c', self.folder / 'a'
        source.write_text('int main(void) { return 0; }\n')
        subprocess.run(['gcc', '-g3', source, '-o', program], check=True)
        sizes = []
        for words in ((), ('--strip', 'objcopy')):
            self.run_tool(*words, '-o', self.folder / 'out', f'bin/a={program}', f'text={source}')
            files = archive.read((self.folder / 'out').read_bytes())
            sizes.append(len(files['bin/a'][0]))
            self.assertEqual(files['text'][0], source.read_bytes())
        self.assertLess(sizes[1], sizes[0])
        self.assertEqual(sizes[0], program.stat().st_size)

    @unittest.skipUnless(shutil.which('cpio'), 'cpio is not installed')
    def test_cpio_reads_it(self):
        self.run_tool('-o', 'a.cpio', 'program', 'text')
        listed = subprocess.run(['cpio', '-it', '--quiet', '-F', 'a.cpio'], cwd=self.folder, capture_output=True,
                                text=True)
        self.assertEqual((listed.stdout.split(), listed.returncode), (['program', 'text'], 0))
