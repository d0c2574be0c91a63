# SPDX-License-Identifier: MIT
"""Lines of traces: numbers, as the models print them, and words."""

from spin import ORDERS

CORES = ('reader', 'writer')
STEPS = ('load', 'store', 'exchange', 'rings', 'sleeps', 'wakes', 'begins')
ACCESSES = ('load', 'store', 'exchange')
WORDS = ('progress', 'waiting', 'sleeping')


def place(number):
    if number < len(WORDS):
        return WORDS[number]
    line, control = divmod(number - len(WORDS), 2)
    return f'{"control" if control else "payload"}[{line}]'


def readable(line):
    """`@ 0 1 …` of ring.pml: who does what, to what; then the state."""
    words = line.split()
    core, step, where, value, order, got = (int(word) for word in words[:6])
    does = STEPS[step]
    who = CORES[core]
    if does not in ACCESSES:
        return f'{who} {does}' + (f' {where} wanting {value}' if does == 'begins' else '')
    what = {'load': f' -> {got}', 'store': f' := {value}', 'exchange': f' := {value}, was {got}'}[does]
    return f'{who} {does} {place(where)}{what} ({ORDERS[order]})'
