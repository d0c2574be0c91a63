# SPDX-License-Identifier: MIT
"""Which tests a configured build folder has, and which of them were asked for.

Every test bears two Meson suites, its kind and its subsystem; one that boots an aarch64 Image also bears its world.
"""

import fnmatch
import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from . import worlds
from .console import Refusal

KINDS = ('unit', 'conformance', 'scenario', 'simulation', 'stress', 'fuzz', 'model', 'arch', 'boot', 'plant')
SUBSYSTEMS = ('caps', 'mm', 'vspace', 'proc', 'msg', 'rpc', 'names', 'hal', 'boards', 'shell', 'terminal', 'sim', 'tools')
HOST_KINDS = ('unit', 'fuzz', 'model', 'plant')  # these run on the development machine itself, in no world
HOST = 'host'
_ID = re.compile(r'"([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-\d{3})(?![\w-])')  # at the beginning of a string


@dataclass(frozen=True)
class Test:
    name: str
    kind: str
    subsystem: str
    world: str
    protocol: str
    sources: tuple = ()
    command: tuple = ()  # as Meson runs it
    needs: tuple = ()    # files that have to be built for it, in the build folder


@dataclass
class Selection:
    """What was asked for; an empty part selects everything. `ids`: names of tests, or of sub-tests in their sources."""
    kinds: list = field(default_factory=list)
    subsystems: list = field(default_factory=list)
    ids: list = field(default_factory=list)
    pattern: str = None

    def __bool__(self):
        return bool(self.kinds or self.subsystems or self.ids or self.pattern)

    def takes(self, test):
        return ((not self.kinds or test.kind in self.kinds)
                and (not self.subsystems or test.subsystem in self.subsystems)
                and (not self.pattern or matches(self.pattern, test.name))
                and (not self.ids or any(test.name == word or mentions(test, word) for word in self.ids)))

    def words(self):
        parts = [*self.kinds, *self.subsystems, *self.ids]
        if self.pattern:
            parts.append(f'-k {self.pattern}')
        return ' '.join(parts) or 'everything'


def select(words, pattern=None):
    """Sorts the words of the command line into kinds, subsystems and IDs."""
    selection = Selection(pattern=pattern)
    for word in words:
        part = (selection.kinds if word in KINDS else
                selection.subsystems if word in SUBSYSTEMS else selection.ids)
        part.append(word)
    return selection


def matches(pattern, name):
    """-k: a part of the name, or a pattern with * and ?."""
    return fnmatch.fnmatch(name, pattern if any(c in pattern for c in '*?[') else f'*{pattern}*')


def has_id(text, word):
    """Whether an ID stands in a text as a word of its own: CAP-1 is not in CAP-10."""
    return re.search(rf'(?<![\w-]){re.escape(word)}(?![\w-])', text) is not None


def _texts(test):
    """The test's own sources."""
    for path in test.sources:
        try:
            yield Path(path).read_text(encoding='utf-8', errors='replace')
        except OSError:
            continue  # made by the build, and not built yet


def mentions(test, word):
    """Whether a sub-test's ID stands in the test's own sources."""
    return any(has_id(text, word) for text in _texts(test))


def ids_of(test):
    """IDs of the sub-tests that the sources begin a name with, in their order. IDs that are put together are not found."""
    return list(dict.fromkeys(word for text in _texts(test) for word in _ID.findall(text)))


def of_folder(path, default_world):
    """The tests of a configured build folder, in Meson's order."""
    info = path / 'meson-info'
    try:
        listed = json.loads((info / 'intro-tests.json').read_text())
        targets = json.loads((info / 'intro-targets.json').read_text())
    except (OSError, ValueError) as error:
        raise Refusal(f'Meson left no list of tests in {path}: {error}') from None
    known = _Targets(targets, path)
    tests = [_test(entry, known, default_world) for entry in listed]
    names = [test.name for test in tests]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise Refusal(f'two tests of {path.name} have one name, so neither can be selected: {", ".join(sorted(twice))}')
    return tests


def _test(entry, targets, default_world):
    suites = [suite.split(':')[-1] for suite in entry['suite']]

    def axis(values, otherwise):
        return next((suite for suite in suites if suite in values), otherwise)

    kind = axis(KINDS, '-')
    world = axis(worlds.WORLDS, HOST if kind in HOST_KINDS else default_world)
    return Test(entry['name'], kind, axis(SUBSYSTEMS, '-'), world, entry['protocol'], targets.sources_of(entry),
                tuple(entry['cmd']), targets.needs_of(entry))


class _Targets:
    """What Meson builds from what."""

    def __init__(self, targets, folder):
        self.folder = folder
        self.by_id = {target['id']: target for target in targets}
        self.by_file = {name: target for target in targets for name in target['filename']}

    def sources_of(self, entry):
        """Source files of the programs that a test runs: its own, and those in the boot archive that it names."""
        words = set(re.findall(r'[\w.-]+', ' '.join(entry['cmd'])))
        found = set()
        for target in entry['depends']:
            for source in self._inputs(self.by_id.get(target, {})):
                made = self.by_file.get(source)
                if made is None:
                    found.add(source)
                elif made['name'] in words:
                    found.update(self._inputs(made))
        return tuple(sorted(found))

    def needs_of(self, entry):
        """What Meson would build before it runs the test."""
        return tuple(os.path.relpath(name, self.folder) for target in entry['depends'] if target in self.by_id
                     for name in self.by_id[target]['filename'])

    @staticmethod
    def _inputs(target):
        return [source for part in target.get('target_sources', ()) for source in part.get('sources', ())]
