# SPDX-License-Identifier: MIT
"""What modules of the front door want of each other is there: also on the way that is taken once a month."""

import ast
import importlib
import unittest
from pathlib import Path

import frontdoor

FOLDER = Path(frontdoor.__file__).parent


def siblings(tree):
    """Name in this module -> module, of those beside it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module is None:
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)


def wanted(tree):
    """(line, module, name) of all that is taken from a module beside this one."""
    known = dict(siblings(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known:
            yield node.lineno, known[node.value.id], node.attr


class Modules(unittest.TestCase):
    def test_all_that_is_wanted_is_there(self):
        missing = []
        for file in sorted(FOLDER.glob('*.py')):
            for line, module, name in wanted(ast.parse(file.read_text())):
                if not hasattr(importlib.import_module(f'frontdoor.{module}'), name):
                    missing.append(f'{file.name}:{line}: {module}.{name}')
        self.assertEqual(missing, [])

    def test_what_is_not_there_is_found(self):
        self.assertEqual(list(wanted(ast.parse('from . import paths\npaths.NOTHING'))), [(2, 'paths', 'NOTHING')])


if __name__ == '__main__':
    unittest.main()
