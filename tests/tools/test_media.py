# SPDX-License-Identifier: MIT
"""What tools/msk image writes: card, Easy Installer package, folders, sums, and the script that U-Boot runs. That it
boots is seen by tests/boot/uboot.py."""

import hashlib
import io
import json
import re
import struct
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

from clone import Command
from frontdoor import command_image, media, sdcard, uboot
from frontdoor.console import Refusal

VERDIN = media.BOARDS['verdin-imx8mp']
IMAGE = struct.pack('<IIQQQ24s4sI', 0x14000010, 0, 0, 0x4c000, 0xa, b'', b'ARM\x64', 0) + b'kernel'
TREES = {'imx8mp-verdin-wifi-dev.dtb': b'tree' * 100, 'imx8mp-verdin-nonwifi-dahlia.dtb': b'tree' * 50}


class Written(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.work = self.folder / 'work'
        self.work.mkdir()

    def write(self, name, trees=None):
        files = media.contents(VERDIN, IMAGE, b'initrd' * 1000, trees or TREES, 'log=debug', self.work)
        target = self.folder / name
        target.mkdir()
        media.write(VERDIN, files, '0.1', target, self.work)
        return target

    def test_the_same_files_give_the_same_bytes(self):
        one, two = self.write('one'), self.write('two')
        self.assertEqual((one / 'SHA256SUMS').read_text(), (two / 'SHA256SUMS').read_text())

    def test_sums_are_those_of_the_files(self):
        target = self.write('one')
        lines = (target / 'SHA256SUMS').read_text().splitlines()
        self.assertEqual(len(lines), sum(path.is_file() for path in target.rglob('*')) - 1)
        for line in lines:
            total, name = line.split('  ')
            self.assertEqual(hashlib.sha256((target / name).read_bytes()).hexdigest(), total)

    def test_the_card_has_one_bootable_partition_with_all_files(self):
        card = self.write('one') / 'sd.img'
        table = card.read_bytes()[446:512]
        self.assertEqual(table[64:], b'\x55\xaa')
        bootable, kind, start, size = table[0], table[4], *struct.unpack_from('<II', table, 8)
        self.assertEqual((bootable, kind, start), (0x80, 0x0c, sdcard.START // 512))
        self.assertEqual((start + size) * 512, card.stat().st_size)
        said = subprocess.run(['mdir', '-b', '-i', f'{card}@@{sdcard.START}', '::/'], capture_output=True, text=True,
                              check=True).stdout
        self.assertEqual({line.removeprefix('::/') for line in said.split()},
                         {'Image', 'initrd.img', 'boot.scr', 'boot-tezi.scr', 'extlinux.conf', *TREES})

    def test_the_easy_installer_package(self):
        target = self.write('one') / 'tezi'
        described = json.loads((target / 'image.json').read_text())
        self.assertIn('0058', described['supported_product_ids'])
        content = described['blockdevs'][0]['partitions'][0]['content']
        packed = (target / content['filename']).read_bytes()
        self.assertLess(len(packed), content['uncompressed_size'] << 20)
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            self.assertLess({'Image', 'boot.scr', 'boot-tezi.scr', 'initrd.img'}, set(tar.getnames()))

    def test_the_folder_for_uuu_has_what_its_commands_name(self):
        target = self.write('one') / 'uuu'
        named = re.findall(r'^FB: download -f (\S+)$', (target / 'uuu.auto').read_text(), re.MULTILINE)
        self.assertEqual(len(named), 4)
        for name in named:
            self.assertTrue((target / name).is_file(), name)

    def test_an_own_tree_is_taken_whatever_u_boot_thinks(self):
        text = uboot.script(VERDIN, 'b', 0x4c000, 6000, {'mine.dtb': b'tree'}, '')
        self.assertNotIn('fdtfile', text)
        self.assertIn('setenv msk_file mine.dtb', text)
        self.assertTrue((self.write('one', {'mine.dtb': b'tree'}) / 'uuu' / 'mine.dtb').is_file())


class Script(unittest.TestCase):
    def text(self, arguments=''):
        return uboot.script(VERDIN, 'b', 0x4c000, 6000, TREES, arguments)

    def test_everything_is_filled_in(self):
        self.assertNotIn('@', self.text() + uboot.menu('x') + uboot.uuu(VERDIN, 'a.dtb'))

    def test_no_apostrophe_between_quotation_marks(self):
        for line in self.text().splitlines():
            for quoted in re.findall(r'"([^"]*)"', line):
                self.assertNotIn("'", quoted)

    def test_words_that_would_break_it_are_refused(self):
        for words in ('a"b', "it's", 'a;reset', '$x', 'a`b', 'a\nb', 'a\\b'):
            with self.subTest(words), self.assertRaises(Refusal):
                self.text(words)
        self.assertIn('setenv bootargs "log=debug check=200"', self.text('log=debug check=200'))

    def test_an_image_without_a_header_is_refused(self):
        for image in (b'', b'\x7fELF' + bytes(100)):
            with self.assertRaises(Refusal):
                media.image_bytes(image)
        self.assertEqual(media.image_bytes(IMAGE), 0x4c000)


class Folder(unittest.TestCase):
    def test_what_somebody_else_has_there_is_not_removed(self):
        with tempfile.TemporaryDirectory() as name:
            theirs = Path(name) / 'tftp'
            theirs.mkdir()
            with self.assertRaises(Refusal):
                command_image.clean(Path(name))
            self.assertTrue(theirs.is_dir())
            (Path(name) / 'SHA256SUMS').touch()
            command_image.clean(Path(name))
            self.assertFalse(theirs.exists())


class Refusals(Command):
    def test_in_one_sentence(self):
        for words, said in ((('--on', 'apalis-imx8'), 'verdin-imx8mp'), ((), '--on'),
                            (('--on', 'verdin-imx8mp', '--dtb', 'nothing.dtb'), 'nothing.dtb'),
                            (('--on', 'verdin-imx8mp', '--script', 'nothing'), 'nothing')):
            with self.subTest(words):
                refused = self.msk('image', *words)
                self.assertEqual((refused.returncode, refused.stdout), (2, ''))
                self.assertEqual(len(refused.stderr.splitlines()), 1)
                self.assertIn(said, refused.stderr)

    def test_offline_without_trees(self):
        refused = self.msk('image', '--on', 'colibri-imx8x', '--offline')
        self.assertEqual(refused.returncode, 125)
        self.assertRegex(refused.stderr, 'tools/fetch-trees|packages are missing')


if __name__ == '__main__':
    unittest.main()
