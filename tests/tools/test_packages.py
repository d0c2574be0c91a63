# SPDX-License-Identifier: MIT
"""Installing packages, with stand-ins for dpkg-query, apt-get and sudo that keep a diary."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from frontdoor import packages
from frontdoor.console import Refusal

DPKG_QUERY = """#!/bin/sh
for name in $(cat installed); do echo "$name installed"; done
echo half unpacked
"""

# Knows the packages in `known` only after an update; then they are installed.
APT_GET = """#!/bin/sh
echo "$@" >>diary
case $1 in
update) printf '%s' "$wanted" >known ;;
install) [ -s known ] || exit 100
         for word; do case $word in -*|install|DPkg*) ;; *) echo $word >>installed ;; esac; done ;;
esac
"""

SUDO = """#!/bin/sh
echo sudo >>diary
exec "$@"
"""


class Packages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)
        for name, text in (('dpkg-query', DPKG_QUERY), ('apt-get', APT_GET), ('sudo', SUDO)):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        (self.folder / 'installed').write_text('here\n')
        (self.folder / 'known').write_text('yes\n')
        self.patch(mock.patch.dict(os.environ, PATH=f'{self.folder}:/usr/bin:/bin', wanted='yes'))
        self.be_root(True)

    def patch(self, patcher):
        patcher.start()
        self.addCleanup(patcher.stop)

    def be_root(self, root):
        self.patch(mock.patch('os.geteuid', return_value=0 if root else 1000))

    def diary(self):
        file = self.folder / 'diary'
        return file.read_text().splitlines() if file.exists() else []

    def test_nothing_missing_calls_no_apt(self):
        packages.ensure(['here'], 'a test', yes=True)
        self.assertEqual(self.diary(), [])

    def test_only_what_is_missing_is_installed(self):
        packages.ensure(['here', 'there', 'there', 'half'], 'a test', yes=False)
        self.assertEqual(len(self.diary()), 1)
        self.assertTrue(self.diary()[0].endswith(' half there'))
        self.assertEqual(packages.missing(['here', 'there']), [])

    def test_lists_are_updated_when_a_package_is_unknown(self):
        (self.folder / 'known').write_text('')
        packages.ensure(['there'], 'a test', yes=True)
        self.assertEqual([line.split()[0] for line in self.diary()], ['install', 'update', 'install'])

    def test_failure_is_one_sentence_with_the_packages(self):
        (self.folder / 'known').write_text('')
        with mock.patch.dict(os.environ, wanted=''), self.assertRaisesRegex(Refusal, 'there'):
            packages.ensure(['there'], 'a test', yes=True)

    def test_others_than_root_are_asked_and_use_sudo(self):
        self.be_root(False)
        with mock.patch('sys.stdin.isatty', return_value=True), mock.patch('builtins.input', return_value='') as asked:
            packages.ensure(['there', 'elsewhere'], 'a test', yes=False)
        self.assertEqual((asked.call_count, self.diary()[0]), (1, 'sudo'))

    def test_no_is_respected(self):
        self.be_root(False)
        with mock.patch('sys.stdin.isatty', return_value=True), mock.patch('builtins.input', return_value='n'):
            with self.assertRaises(Refusal):
                packages.ensure(['there'], 'a test', yes=False)
        self.assertEqual(self.diary(), [])

    def test_nobody_to_ask(self):
        self.be_root(False)
        with mock.patch('sys.stdin.isatty', return_value=False), self.assertRaisesRegex(Refusal, '-y'):
            packages.ensure(['there'], 'a test', yes=False)

    def test_no_debian(self):
        (self.folder / 'dpkg-query').unlink()
        self.patch(mock.patch.dict(os.environ, PATH=str(self.folder)))
        with self.assertRaisesRegex(Refusal, 'not a Debian'):
            packages.missing(['here'])
