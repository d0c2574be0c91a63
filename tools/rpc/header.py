# SPDX-License-Identifier: MIT
"""The header of a service, for its clients and its server."""

from rpc.layout import comment, wrap
from rpc.marshal import inputs, reply_head, stub_head


def struct_member(field):
    name = field.c_name
    if field.is_list:
        return [f'    size_t {name}_count;', f'    {field.c_type()} {name}[{field.constant}];']
    if field.kind == 'string':
        return [f'    char {name}[{field.constant} + 1];']
    if field.kind == 'bytes':
        return [f'    size_t {name}_bytes;', f'    uint8_t {name}[{field.constant}];']
    return [f'    {field.c_type()} {name};']


def first_lines(source):
    return ['/* SPDX-License-Identifier: MIT */', f'/* Made by tools/rpcgen of {source}: change that. */']


def header(service, source):
    guard = f'{service.name.upper()}_RPC_H'
    prefix = service.name
    out = first_lines(source) + (comment(service.doc) if service.doc else [])
    out += [f'#ifndef {guard}', f'#define {guard}', '', '#include <mudskipper/rpc/channel.h>',
            '#include <mudskipper/rpc/server.h>', '', f'#define {prefix.upper()}_VERSION {service.version}u', '']
    constants = [(field.constant, field.max) for owner in service.structs for field in owner.fields if field.max]
    constants += [(field.constant, field.max) for method in service.methods
                  for field in method.arguments + method.results if field.max]
    if constants:
        width = max(len(name) for name, _ in constants)
        out += [f'#define {name:<{width}} {value}u' for name, value in constants] + ['']
    out += [f'enum {prefix}_method {{']
    out += [f'    {prefix.upper()}_METHOD_{method.name.upper()} = {method.number},' for method in service.methods]
    out += ['};', '']
    for struct in service.structs:
        out += comment(struct.doc) if struct.doc else []
        out += [f'struct {struct.c_name} {{']
        out += [line for field in struct.fields for line in struct_member(field)] + ['};', '']
    out += ['/* ---- client: each blocks until the call has ended, or the deadline of the channel. Results are written',
            ' * on success only; memory of strings, bytes, structs and lists may have been changed before an error. */',
            '']
    for method in service.methods:
        head, items = stub_head(service, method)
        out += comment(method.doc) if method.doc else []
        out += wrap('MUST_USE ' + head, items, ');') + ['']
    out += ['/* ---- server: handlers, of which any may be NULL (mudskipper/rpc/server.h says how they answer) */', '',
            f'struct {prefix}_ops {{']
    for method in service.methods:
        items = ['void *context', 'struct rpc_request *request'] + inputs(method.arguments)
        out += wrap(f'    err_t (*{method.c_name})(', items, ');')
    out += ['};', '', f'extern const struct rpc_interface {prefix}_interface;', '']
    for method in service.methods:
        if method.results:
            head, items = reply_head(service, method)
            out += wrap('MUST_USE ' + head, items, ');') + ['']
    return out + ['#endif']
