#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes core/msg/ump.c with a planted bug: plant.py NAME ump.c line.h OUTPUT. `plant.py` alone lists the names."""

import sys
from pathlib import Path

# name: (the right text, which stands there once; the wrong one)
BUGS = {
    'reader-looks-once': ('    if (is_expected(r, line_look(next_line(r)))) {\n        ump_awake(r);',
                          '    if (r->broken) {\n        ump_awake(r);'),
    'writer-looks-once': ('    look_at_progress(w);\n    if (!w->broken && w->limit - w->position >= lines) {\n        (void)line_change',
                          '    if (!w->broken && w->limit - w->position >= lines) {\n        (void)line_change'),
    'exchange-relaxed': ('memory_order_acq_rel', 'memory_order_relaxed'),
    'control-relaxed': ('control, memory_order_release', 'control, memory_order_relaxed'),
    'payload-last': ('{\n    if (bytes == UMP_PAYLOAD) {\n        mem_copy(line',
                     '{\n    atomic_store_explicit(&line->control, control, memory_order_release);\n'
                     '    if (bytes == UMP_PAYLOAD) {\n        mem_copy(line'),
    'told-before-copied': ('    if (!line_read(next_line(r)',
                           '    r->position++;\n    tell_progress(r);\n    r->position--;\n    if (!line_read(next_line(r)'),
    'nobody-is-woken': ('*wake = last && ', '*wake = last && w->broken && '),
    'turn-ignored': ('== ((r->position + 1) & TURN_MASK)', '!= 0 && !r->broken'),
    'asleep-untold': ('    if (r->told != r->position) {', '    if (r->broken) {'),
    'told-too-much': ('&r->ring->progress, r->position,', '&r->ring->progress, r->position + 1,'),
    'still-asleep': ('{\n    (void)line_change(&r->ring->sleeping, 0);\n}', '{\n    (void)r;\n}'),
}
INCLUDE = '#include "line.h"\n'


def planted(name, source, header):
    right, wrong = BUGS[name]
    if source.count(INCLUDE) != 1:
        raise SystemExit('ump.c does not include line.h')
    whole = source.replace(INCLUDE, header)
    if whole.count(right) != 1:
        raise SystemExit(f'{name}: its place is not once in ump.c and line.h')
    return whole.replace(right, wrong)


def main():
    if len(sys.argv) == 1:
        print('\n'.join(BUGS))
        return
    name, source, header, output = sys.argv[1:]
    Path(output).write_text(planted(name, Path(source).read_text(), Path(header).read_text()))


if __name__ == '__main__':
    main()
