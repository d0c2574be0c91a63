# SPDX-License-Identifier: MIT
"""What the checks have in common: which files there are, how a finding is told, the command line."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

C_FILES = ('.c', '.h', '.S', '.def')


class Tree:
    """The source files below a folder: those that git tracks or would track, else all but build folders."""

    def __init__(self, root):
        self.root = Path(root).resolve()
        self.names = sorted(self._from_git() or self._from_disk())
        self._texts = {}

    def _from_git(self):
        if not (self.root / '.git').exists() or not shutil.which('git'):
            return None
        listed = subprocess.run(['git', '-C', str(self.root), 'ls-files', '-z', '--cached', '--others',
                                 '--exclude-standard'], capture_output=True, text=True)
        if listed.returncode:  # git refuses a clone that belongs to somebody else
            return None
        return [name for name in listed.stdout.split('\0') if name and (self.root / name).is_file()]

    def _from_disk(self):
        for folder, folders, files in os.walk(self.root):
            folders[:] = [name for name in folders if name not in ('.git', '__pycache__')
                          and not name.startswith('build')]
            for name in files:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def text(self, name):
        """The file's text, or None when it is binary."""
        if name not in self._texts:
            data = (self.root / name).read_bytes()
            self._texts[name] = None if b'\0' in data else data.decode(errors='replace')
        return self._texts[name]

    def below(self, *folders, endings=None):
        """Names in these folders (all when none is given), with these endings (any)."""
        for name in self.names:
            inside = not folders or any(name.startswith(folder + '/') for folder in folders)
            if inside and (endings is None or name.endswith(tuple(endings))):
                yield name


def without_comments(text):
    """C text with comments and the contents of strings blanked out, so that line numbers stay."""
    out = []
    at = 0
    while at < len(text):
        two = text[at:at + 2]
        if two == '//':
            end = text.find('\n', at)
            end = len(text) if end < 0 else end
        elif two == '/*':
            end = text.find('*/', at + 2)
            end = len(text) if end < 0 else end + 2
        elif text[at] in '"\'':
            end = _literal_end(text, at)
            out.append(text[at:end])
            at = end
            continue
        else:
            out.append(text[at])
            at += 1
            continue
        out.append(''.join(c if c == '\n' else ' ' for c in text[at:end]))
        at = end
    return ''.join(out)


def _literal_end(text, start):
    at = start + 1
    while at < len(text) and text[at] not in (text[start], '\n'):
        at += 2 if text[at] == '\\' else 1
    return min(at + 1, len(text))


def main(doc, check, argv=None, arguments=None):
    """check(tree, options) -> findings ("file:line: sentence"); the exit status is 1 when there are any."""
    summary, _, more = doc.strip().partition('\n')
    parser = argparse.ArgumentParser(description=summary, epilog=more, allow_abbrev=False,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--root', default=ROOT, help='the tree to check (default: the clone this tool belongs to)')
    if arguments:
        arguments(parser)
    options = parser.parse_args(argv)
    findings = check(Tree(options.root), options)
    for finding in findings:
        print(finding)
    if findings:
        print(f'{Path(sys.argv[0]).name}: {len(findings)} found', file=sys.stderr)
    return 1 if findings else 0
