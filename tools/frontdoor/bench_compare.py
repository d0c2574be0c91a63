# SPDX-License-Identifier: MIT
"""Figures compared with those of an earlier run: what is a change, and what is noise. Every figure is a cost, so that
more is worse.

Counts of instructions are alike in every run: a change of 1 % is one. What is timed has a spread, which is seen from the
samples: a change is one when the medians differ by more than 5 % and by more than three times the error that medians of
so many samples have. Of fewer than four samples nothing is known about the spread: then it takes 25 %.
"""

import json
import math
import statistics
from dataclasses import dataclass

from .console import Refusal

EXACT_PART, NOISY_PART, UNKNOWN_PART = 0.01, 0.05, 0.25
ERRORS = 3.0           # by how many standard errors medians have to differ
FEW = 4                # samples
MAD_TO_SIGMA = 1.4826  # of a normal distribution: from the median deviation from the median
MEDIAN_ERROR = 1.2533  # of a normal distribution: error of the median in errors of the mean
MACHINE = ('host', 'cpu', 'processors')  # of "meta": what makes two machines different ones
TOOLS = ('compiler hostsim', 'compiler aarch64', 'qemu')

SAME, BETTER, WORSE, NEW, GONE = 'same', 'better', 'WORSE', 'new', 'GONE'


@dataclass(frozen=True)
class Row:
    key: str
    old: float
    new: float
    verdict: str

    @property
    def bad(self):
        return self.verdict in (WORSE, GONE)


def read(path):
    """(meta, key -> samples) of a file that `--json` has written; a figure without samples is one sample."""
    try:
        with open(path, encoding='utf-8') as file:
            figures = json.load(file)
    except OSError as error:
        raise Refusal(f'cannot read {path}: {error.strerror}', 2) from None
    except ValueError as error:
        raise Refusal(f'{path} is no JSON: {error}', 2) from None
    meta = figures.pop('meta', None) if isinstance(figures, dict) else None
    if not isinstance(meta, dict):
        raise Refusal(f'{path} is not what tools/msk bench --json writes: it has no "meta"', 2)
    samples = meta.get('samples', {})
    known = {key: samples.get(key, [value]) if isinstance(samples, dict) else None for key, value in figures.items()}
    for key, values in known.items():
        if not isinstance(values, list) or not values or not all(_is_number(value) for value in values):
            raise Refusal(f'{path} is not what tools/msk bench --json writes: {key} is no figure', 2)
    return meta, known


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def check_machine(path, old, new, keys, exact):
    """Times of another machine say nothing; counted instructions do, if the same tools made the code. Returns what is to
    be said beside the comparison."""
    other = [f'{name} {old.get(name)}, here {new.get(name)}' for name in MACHINE if old.get(name) != new.get(name)]
    timed = [key for key in keys if key not in exact]
    if other and timed:
        raise Refusal(f'{path} was measured on another machine ({"; ".join(other)}), so its times cannot be compared: '
                      f'{timed[0]}; counted instructions can: kernel --on virt', 2)
    said = [f'{path}: {name}: {old[name]}; now {new[name]}' for name in TOOLS
            if name in old and name in new and old[name] != new[name]]
    if old.get('quick') != new.get('quick'):
        said.append(f'{path} was measured {"with" if old.get("quick") else "without"} --quick')
    return said


def error_of_median(samples):
    middle = statistics.median(samples)
    sigma = MAD_TO_SIGMA * statistics.median(abs(value - middle) for value in samples)
    return MEDIAN_ERROR * sigma / math.sqrt(len(samples))


def verdict(old, new, exact=False, floor=0.0):
    """What two lists of samples say."""
    before, now = statistics.median(old), statistics.median(new)
    change = now - before
    if exact:
        wanted = EXACT_PART * abs(before)
    elif min(len(old), len(new)) < FEW:
        wanted = UNKNOWN_PART * abs(before)
    else:
        wanted = max(NOISY_PART * abs(before), ERRORS * math.hypot(error_of_median(old), error_of_median(new)))
    if change == 0 or abs(change) < max(wanted, floor):
        return SAME
    return WORSE if change > 0 else BETTER


def compare(old, new, keys, exact=(), floors=None):
    """A row for each of `keys` that either has."""
    rows = []
    for key in keys:
        if key in old and key in new:
            judged = verdict(old[key], new[key], key in exact, (floors or {}).get(key, 0.0))
        elif key in old:
            judged = GONE
        elif key in new:
            judged = NEW
        else:
            continue
        rows.append(Row(key, *(statistics.median(side[key]) if key in side else None for side in (old, new)), judged))
    return rows


def lines(rows):
    """The table: old, new, ratio, verdict."""
    width = max((len(row.key) for row in rows), default=0)
    yield f'{"figure":{width}} {"old":>10} {"new":>10} {"ratio":>7}'
    for row in rows:
        old, new = (f'{value:10.4g}' if value is not None else f'{"-":>10}' for value in (row.old, row.new))
        ratio = f'{row.new / row.old:7.3f}' if row.old and row.new is not None else f'{"-":>7}'
        yield f'{row.key:{width}} {old} {new} {ratio}  {row.verdict}'
