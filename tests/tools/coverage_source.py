# SPDX-License-Identifier: MIT
"""covered.c, and what its comments say of its lines: for tests of both halves of coverage."""

from pathlib import Path
from unittest import mock

from frontdoor import coverage_lines

SOURCE = Path(__file__).resolve().parent / 'covered.c'
NAME = str(SOURCE.relative_to(coverage_lines.ROOT))


def promised(words):
    """Numbers of the lines with this comment."""
    return {number for number, line in enumerate(SOURCE.read_text().splitlines(), 1) if f'/* {words} */' in line}


RUN, NOT_RUN = promised('runs'), promised('does not run')


def counted():
    """While this holds, lines of tests/ count, not those of core/."""
    coverage_lines.in_core.cache_clear()
    return mock.patch.object(coverage_lines, 'CORE', 'tests/')
