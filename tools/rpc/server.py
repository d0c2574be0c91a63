# SPDX-License-Identifier: MIT
"""Dispatch, a reply function per method, and the description."""

from rpc.header import first_lines
from rpc.interface import CODES, MESSAGE_MAX, Mistake, sizes
from rpc.layout import assign, wrap
from rpc.marshal import get_one, get_struct, got, inputs, put, put_struct, reply_head

STACK_STRUCT = 256  # larger arguments are read into memory of the request
FORMAT = 1          # of descriptions: core/include/mudskipper/rpc/describe.h


def take_arguments(method):
    """Local variables, statements that read, arguments of the handler."""
    local, read, pass_on = [], [], []
    for field in method.arguments:
        name, smallest = field.c_name, field.one(True)[0]
        pass_on.append(name)
        if field.is_list:
            local += [f'size_t {name}_count;', f'{field.c_type()} *{name};']
            pass_on.append(f'{name}_count')
            read += assign('    ', f'{name}_count', 'rpc_get_count', 'r', field.constant, str(smallest))
            read += [f'    {name} = {name}_count > 0 ? rpc_scratch(request, {name}_count * sizeof(*{name})) : NULL;',
                     f'    for (size_t i = 0; {name} != NULL && i < {name}_count; i++) {{']
            read += get_one(field, 'r', f'{name}[i]', ' ' * 8) + ['    }']
        elif field.kind == 'string':
            local.append(f'const char *{name};')
            read.append(f'    {name} = rpc_get_string(r, {field.constant});')
        elif field.kind == 'bytes':
            local += [f'size_t {name}_bytes;', f'const void *{name};']
            pass_on.append(f'{name}_bytes')
            read += assign('    ', name, 'rpc_get_bytes', 'r', field.constant, f'&{name}_bytes')
        elif field.kind == 'struct' and field.struct.memory() > STACK_STRUCT:
            local.append(f'{field.c_type()} *{name};')
            read += [f'    {name} = rpc_scratch(request, sizeof(*{name}));', f'    if ({name} != NULL) {{',
                     f'        get_{field.struct.name}(r, {name});', '    }']
        elif field.kind == 'struct':
            local.append(f'{field.c_type()} {name};')
            read.append(f'    get_{field.struct.name}(r, &{name});')
            pass_on[-1] = f'&{name}'
        else:
            local.append(f'{field.c_type()} {name};')
            read.append(f'    {name} = {got(field, "r")};')
    return local, read, pass_on


def take(service, method):
    local, read, pass_on = take_arguments(method)
    out = wrap(f'static err_t take_{method.name}(', [f'const struct {service.name}_ops *ops', 'void *context',
                                                     'struct rpc_request *request'], ')')
    out += ['{'] + (['    struct rpc_reader *r = &request->arguments;'] if read else [])
    out += [f'    {line}' for line in local] + ['    err_t e;', ''] + read
    out += [f'    e = rpc_reader_end({"r" if read else "&request->arguments"});', '    if (!err_ok(e)) {',
            '        return e;', '    }', f'    if (ops->{method.c_name} == NULL) {{',
            '        return err_make(ERR_NOT_SUPPORTED, 0);', '    }']
    handler = f'ops->{method.c_name}('
    arguments = ['context', 'request'] + pass_on
    if method.results:
        out += wrap(f'    return {handler}', arguments, ');')
    else:
        out += wrap(f'    e = {handler}', arguments, ');') + ['    return rpc_reply_empty(request, e);']
    return out + ['}', '']


def reply(service, method):
    head, items = reply_head(service, method)
    out = wrap(head, items, ')') + ['{', '    struct rpc_message m;', '', '    rpc_reply_begin(request, &m);']
    for field in method.results:
        out += put(field, '&m', error='m.error')
    return out + ['    return rpc_reply_send(request, &m);', '}', '']


def description_lines(service):
    """The bytes of the description, in pieces that say one thing each."""
    def number(value, size):
        return value.to_bytes(size, 'little')

    def text(value):
        raw = value.encode()
        return number(len(raw), 4) + raw + b'\0'

    def fields(items):
        out = number(len(items), 2)
        for field in items:
            out += number(CODES[field.kind], 1) + number(field.is_list, 1)
            out += number(service.structs.index(field.struct) if field.struct else 0, 2)
            out += number(field.max or 0, 4) + text(field.name)
        return out

    yield number(FORMAT, 1) + number(service.version, 4) + text(service.name) + text(service.doc)
    yield number(len(service.structs), 2)
    for struct in service.structs:
        yield text(struct.name) + text(struct.doc) + fields(struct.fields)
    yield number(len(service.methods), 2)
    for method in service.methods:
        yield (number(method.number, 2) + text(method.name) + text(method.doc) + fields(method.arguments)
               + fields(method.results))


def quote(raw):
    """C string literals of at most 100 columns."""
    out, line = [], ''
    for i, byte in enumerate(raw):
        char = chr(byte)
        piece = char if 32 <= byte < 127 and char not in '"\\?' else f'\\{byte:03o}'
        if len(line) + len(piece) > 100:
            out.append(f'"{line}"')
            line = ''
        line += piece
    return out + [f'"{line}"']


def description(service):
    lines = [line for piece in description_lines(service) for line in quote(piece)]
    size = sum(len(piece) for piece in description_lines(service))
    if size > MESSAGE_MAX - 4:
        raise Mistake(1, f'the description is {size} bytes long; {MESSAGE_MAX - 4} is the limit')
    lines[-1] += ';'
    return ['static const uint8_t description[] ='] + [f'    {line}' for line in lines] + ['']


def server(service, source, include):
    prefix = service.name
    out = first_lines(source) + [f'#include "{include}"', '']
    arguments = [field for method in service.methods for field in method.arguments]
    results = [field for method in service.methods for field in method.results]
    for struct in service.reachable(arguments):
        out += get_struct(struct)
    for struct in service.reachable(results):
        out += put_struct(struct)
    for method in service.methods:
        out += take(service, method)
    out += ['static err_t dispatch(const void *ops, void *context, struct rpc_request *request)', '{',
            '    switch (request->method) {']
    for method in service.methods:
        out += [f'    case {prefix.upper()}_METHOD_{method.name.upper()}:',
                f'        return take_{method.name}(ops, context, request);']
    out += ['    default:', '        return err_make(ERR_MSG_NO_METHOD, request->method);', '    }', '}', '']
    out += description(service)
    out += [f'const struct rpc_interface {prefix}_interface = {{',
            f'    .name = "{prefix}",', f'    .version = {prefix.upper()}_VERSION,', '    .description = description,',
            '    .description_bytes = sizeof(description) - 1,', '    .dispatch = dispatch,', '};', '']
    largest = max(sizes(fields)[0] for method in service.methods for fields in (method.arguments, method.results))
    out += [f'CLAIM(the_longest_message_is_short_enough, {largest} <= RPC_MESSAGE_MAX);', '']
    for method in service.methods:
        if method.results:
            out += reply(service, method)
    return out[:-1]
