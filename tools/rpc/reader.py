# SPDX-License-Identifier: MIT
"""Reads an interface file into a Service, or says what is wrong with it."""

import re

from rpc.interface import CAPS_MAX, CODES, MESSAGE_MAX, Field, Method, Mistake, Service, Struct, sizes

BUILT_IN = {'describe'}
# Names of the generated code, and those of functions and types that it uses.
OURS = {'call', 'channel', 'context', 'e', 'got', 'i', 'm', 'ops', 'r', 'request', 'results', 'v'}
TAKEN = re.compile(r'(rpc|err|put|get|take)_|.*_t\Z')

TOKEN = re.compile(r'(?P<comment>#[^\n]*)|(?P<space>[ \t\r]+)|(?P<line>\n)|(?P<number>0[xX][0-9a-fA-F]+|[0-9]+)'
                   r'|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>->|[(){}<>,?])|(?P<other>.)')
NAME = re.compile(r'[a-z][a-z0-9_]{0,62}\Z')


class Tokens:
    """Words, numbers and signs; `doc` is the comment right above the next one."""

    def __init__(self, text):
        self.items = []  # (line, kind, text, doc)
        line, doc, begins = 1, [], True
        for match in TOKEN.finditer(text):
            kind, value = match.lastgroup, match[0]
            if kind == 'line':
                line += 1
                if begins:
                    doc = []
                begins = True
            elif kind == 'comment':
                if begins:
                    doc.append(value[1:].strip())
                begins = False
            elif kind == 'other':
                raise Mistake(line, f'{value!r} means nothing here')
            elif kind != 'space':
                self.items.append((line, kind, value, ' '.join(word for word in doc if word)))
                doc, begins = [], False
        self.items.append((line, 'end', 'the end of the file', ''))
        self.at = 0

    @property
    def line(self):
        return self.items[self.at][0]

    def next(self):
        item = self.items[self.at]
        self.at += item[1] != 'end'
        return item

    def peek(self, text):
        return self.items[self.at][2] == text and self.items[self.at][1] != 'end'

    def take(self, text):
        found = self.peek(text)
        self.at += found
        return found

    def expect(self, text):
        line, _, found, _ = self.items[self.at]
        if not self.take(text):
            raise Mistake(line, f'{text} expected, not {found}')

    def name(self, what):
        line, kind, text, _ = self.next()
        if kind != 'word' or not NAME.match(text):
            raise Mistake(line, f'{what} expected, not {text}: small letters, digits and _, at most 63')
        return text

    def number(self, what, most):
        line, kind, text, _ = self.next()
        value = int(text, 0) if kind == 'number' and not re.match(r'0[0-9]', text) else 0
        if not 1 <= value <= most:
            raise Mistake(line, f'{what} expected, 1 .. {most}, not {text}')
        return value


def read_field(tokens, structs):
    line = tokens.line
    kind = tokens.name('a type')
    if kind == 'cap' and tokens.take('?'):
        kind = 'cap?'
    field = Field(line, kind, None)
    if kind in structs:
        field.kind, field.struct = 'struct', structs[kind]
    elif kind not in CODES or kind == 'struct':
        raise Mistake(line, f'there is no type {kind}; structs stand before what uses them')
    field.name = tokens.name('a name')
    if field.name in OURS or TAKEN.match(field.name):
        raise Mistake(line, f'{field.name} is a name of the generated code, or looks like one')
    if tokens.take('<'):
        field.max = tokens.number('the greatest length', MESSAGE_MAX)
        field.is_list = kind not in ('string', 'bytes')
        tokens.expect('>')
    elif kind in ('string', 'bytes'):
        raise Mistake(line, f'{field.name} needs its greatest length: {kind} {field.name}<100>')
    return field


def read_list(tokens, structs):
    fields = []
    tokens.expect('(')
    while not tokens.take(')'):
        if fields:
            tokens.expect(',')
        fields.append(read_field(tokens, structs))
    return fields


def check_names(fields, what):
    seen = set()
    for field in fields:
        names = {field.c_name}
        if field.max and field.kind != 'string':
            names.add(field.c_name + ('_count' if field.is_list else '_bytes'))
        if field.max:
            names.add(field.c_name + '_room')
        if names & seen:
            raise Mistake(field.line, f'{what} has two things that are called {sorted(names & seen)[0]} in C')
        seen |= names


def check_size(line, fields, what):
    size, caps = sizes(fields)
    if size > MESSAGE_MAX:
        raise Mistake(line, f'{what} can be {size} bytes long; {MESSAGE_MAX} is the limit')
    if caps > CAPS_MAX:
        raise Mistake(line, f'{what} can have {caps} capabilities; {CAPS_MAX} is the limit')


def read_struct(tokens, service, doc):
    line = tokens.line
    name = tokens.name('the name of the struct')
    structs = {struct.name: struct for struct in service.structs}
    if name in structs or name in CODES:
        raise Mistake(line, f'there is a type {name} already')
    struct = Struct(line, name, doc)
    tokens.expect('{')
    while not tokens.take('}'):
        struct.fields.append(read_field(tokens, structs))
    if not struct.fields:
        raise Mistake(line, f'struct {name} is empty')
    check_names(struct.fields, f'struct {name}')
    check_size(line, struct.fields, f'struct {name}')
    service.structs.append(struct)


def read_method(tokens, service, doc):
    line = tokens.line
    name = tokens.name('the name of the method')
    if name in BUILT_IN:
        raise Mistake(line, f'every service has a method {name} already')
    if any(method.name == name for method in service.methods):
        raise Mistake(line, f'there is a method {name} already')
    method = Method(line, name, doc, len(service.methods) + 1)
    structs = {struct.name: struct for struct in service.structs}
    method.arguments = read_list(tokens, structs)
    if tokens.take('->'):
        method.results = read_list(tokens, structs)
    check_names(method.arguments + method.results, f'method {name}')
    check_size(line, method.arguments, f'a request of {name}')
    check_size(line, method.results, f'a reply of {name}')
    service.methods.append(method)


def name_constants(service):
    """C names of bounds; all names that the header defines are different."""
    prefix = service.name
    seen = {f'{prefix}_interface': 1, f'{prefix.upper()}_VERSION': 1, f'{prefix.upper()}_RPC_H': 1}

    def claim(line, name):
        if name in seen:
            raise Mistake(line, f'{name} would be defined twice: here and for line {seen[name]}')
        seen[name] = line

    for struct in service.structs:
        if struct.name in ('ops', 'method'):
            raise Mistake(struct.line, f'{prefix}_{struct.name} would be defined twice')
    for method in service.methods:
        claim(method.line, f'{prefix}_{method.name}')
        claim(method.line, f'{prefix.upper()}_METHOD_{method.name.upper()}')
        if method.results:
            claim(method.line, f'{prefix}_{method.name}_reply')
    for owner, fields in ([(s, s.fields) for s in service.structs]
                          + [(m, m.arguments + m.results) for m in service.methods]):
        if isinstance(owner, Struct):
            owner.c_name = f'{prefix}_{owner.name}'
        for field in fields:
            if field.max:
                field.constant = f'{prefix}_{owner.name}_{field.name}_MAX'.upper()
                claim(field.line, field.constant)


def read_interface(text):
    tokens = Tokens(text)
    _, _, _, doc = tokens.items[0]
    tokens.expect('service')
    service = Service(tokens.name('the name of the service'), tokens.number('its version', 0xffffffff), doc)
    while True:
        line, kind, word, doc = tokens.next()
        if kind == 'end':
            break
        if word == 'struct':
            read_struct(tokens, service, doc)
        elif word == 'method':
            read_method(tokens, service, doc)
        else:
            raise Mistake(line, f'struct or method expected, not {word}')
    if not service.methods:
        raise Mistake(tokens.line, 'a service needs at least one method')
    if len(service.methods) > 0xffff:
        raise Mistake(tokens.line, 'too many methods')
    name_constants(service)
    return service
