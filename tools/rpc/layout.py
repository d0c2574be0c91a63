# SPDX-License-Identifier: MIT
"""Lays out C as clang-format does with the .clang-format of this tree."""

COLUMNS = 110


def wrap(head, items, tail):
    """head item, item, … tail; what is too long goes on below the first item, as clang-format does it."""
    lines, line = [], head
    for i, item in enumerate(items):
        piece = item + (',' if i < len(items) - 1 else tail)
        space = '' if line == head and head.endswith('(') else ' '
        if i > 0 and len(line) + len(space) + len(piece) > COLUMNS:
            lines.append(line)
            line = ' ' * len(head) + piece
        else:
            line += space + piece
    return lines + [line if items else head + tail]


def comment(text, indent=''):
    """A block comment, filled. What would end or begin one inside is pulled apart."""
    text = text.replace('*/', '* /').replace('/*', '/ *')
    lines, line = [], indent + '/*'
    for word in (text + ' */').split():
        if len(line) + 1 + len(word) > COLUMNS - 10 and word != '*/':
            lines.append(line)
            line = indent + ' *'
        line += ' ' + word
    return lines + [line]


def call(indent, function, *arguments):
    return wrap(f'{indent}{function}(', list(arguments), ');')


def assign(indent, target, function, *arguments):
    return wrap(f'{indent}{target} = {function}(', list(arguments), ');')
