# SPDX-License-Identifier: MIT
"""Lines of traces: numbers, as the models print them, in words."""

from dataclasses import dataclass

from spin import ORDERS

ACCESSES = ('load', 'store', 'exchange')


@dataclass(frozen=True)
class Words:
    cores: tuple
    steps: tuple  # that are no accesses
    places: tuple
    lines: tuple = ()  # what follows the places, of each line


WORDS = {
    'ring': Words(('reader', 'writer'), ('rings', 'sleeps', 'wakes', 'begins'), ('progress', 'waiting', 'sleeping'),
                  ('payload', 'control')),
    'calls': Words(('caller', 'callee'), ('rings', 'sleeps', 'wakes'),
                   ('callee_sleeps', 'caller_sleeps', 'payload[0]', 'payload[1]', 'control[0]', 'control[1]')),
    'wakeup': Words(('taker', 'core 1', 'core 2'), ('interrupts', 'takes'),
                    ('pending', 'summary', 'up', 'word 0', 'word 1', 'data of 1', 'data of 2')),
}


def place(words, number):
    if number < len(words.places):
        return words.places[number]
    line, which = divmod(number - len(words.places), len(words.lines))
    return f'{words.lines[which]}[{line}]'


def readable(model, line):
    """Who does what, to what. The state behind it is left out."""
    words = WORDS[model]
    core, step, where, value, order, got = (int(word) for word in line.split()[:6])
    does = (*ACCESSES, *words.steps)[step]
    who = words.cores[core]
    if does not in ACCESSES:
        return f'{who} {does}' + (f' {where} wanting {value}' if does == 'begins' else '')
    what = {'load': f' -> {got}', 'store': f' := {value}', 'exchange': f' := {value}, was {got}'}[does]
    return f'{who} {does} {place(words, where)}{what} ({ORDERS[order]})'
