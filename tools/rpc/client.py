# SPDX-License-Identifier: MIT
"""A function per method: marshals, calls, reads the results."""

from rpc.header import first_lines
from rpc.interface import sizes
from rpc.layout import assign, call, wrap
from rpc.marshal import get_one, get_struct, got, put, put_struct, stub_head


def stub_results(method):
    """Local variables, statements that read, statements that hand over."""
    local, read, give = [], [], []
    reader = '&call.results'
    for field in method.results:
        name, smallest = field.c_name, field.one(True)[0]
        if field.is_list:
            local.append(f'size_t {name}_count;')
            read += assign('    ', f'got.{name}_count', 'rpc_copy_count', reader, f'{name}_room', field.constant,
                           str(smallest))
            read += [f'    for (size_t i = 0; i < got.{name}_count; i++) {{']
            read += get_one(field, reader, f'{name}[i]', ' ' * 8) + ['    }']
            give.append(f'*{name}_count = got.{name}_count;')
        elif field.kind == 'string':
            read += call('    ', 'rpc_copy_string', reader, name, f'{name}_room', field.constant)
        elif field.kind == 'bytes':
            local.append(f'size_t {name}_bytes;')
            read += assign('    ', f'got.{name}_bytes', 'rpc_copy_bytes', reader, name, f'{name}_room', field.constant)
            give.append(f'*{name}_bytes = got.{name}_bytes;')
        elif field.kind == 'struct':
            read.append(f'    get_{field.struct.name}({reader}, {name});')
        else:
            local.append(f'{field.c_type()} {name};')
            read.append(f'    got.{name} = {got(field, reader)};')
            give.append(f'*{name} = got.{name};')
    return local, read, give


def stub(service, method):
    head, items = stub_head(service, method)
    local, read, give = stub_results(method)
    size, caps = sizes(method.results)
    out = wrap(head, items, ')') + ['{', '    struct rpc_call call;']
    if local:
        out += ['    struct {'] + [f'        {line}' for line in local] + ['    } got;']
    out += ['    err_t e;'] if give else []
    out += ['', f'    rpc_call_begin(&call, channel, {service.name.upper()}_METHOD_{method.name.upper()});']
    for field in method.arguments:
        out += put(field, '&call.request', error='call.request.error')
    out += [f'    rpc_call_perform(&call, {size}, {caps});'] + read
    if not give:
        return out + ['    return rpc_call_end(&call);', '}', '']
    return (out + ['    e = rpc_call_end(&call);', '    if (err_ok(e)) {'] + [f'        {line}' for line in give]
            + ['    }', '    return e;', '}', ''])


def client(service, source, include):
    out = first_lines(source) + [f'#include "{include}"', '']
    arguments = [field for method in service.methods for field in method.arguments]
    results = [field for method in service.methods for field in method.results]
    for struct in service.reachable(arguments):
        out += put_struct(struct)
    for struct in service.reachable(results):
        out += get_struct(struct)
    for method in service.methods:
        out += stub(service, method)
    return out[:-1]
