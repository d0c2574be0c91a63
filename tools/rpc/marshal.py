# SPDX-License-Identifier: MIT
"""C that builds and reads messages, and the parameters that stand for fields in functions."""

from rpc.interface import NUMBERS
from rpc.layout import assign, call, wrap


def inputs(fields):
    """Parameters through which values are given: arguments of a stub or handler, results of a reply."""
    out = []
    for field in fields:
        name = field.c_name
        if field.is_list:
            out += [f'const {field.c_type()} *{name}', f'size_t {name}_count']
        elif field.kind == 'string':
            out.append(f'const char *{name}')
        elif field.kind == 'bytes':
            out += [f'const void *{name}', f'size_t {name}_bytes']
        elif field.kind == 'struct':
            out.append(f'const {field.c_type()} *{name}')
        else:
            out.append(f'{field.c_type()} {name}')
    return out


def outputs(fields):
    """Parameters through which a stub gives results."""
    out = []
    for field in fields:
        name = field.c_name
        if field.is_list:
            out += [f'{field.c_type()} *{name}', f'size_t {name}_room', f'size_t *{name}_count']
        elif field.kind == 'string':
            out += [f'char *{name}', f'size_t {name}_room']
        elif field.kind == 'bytes':
            out += [f'void *{name}', f'size_t {name}_room', f'size_t *{name}_bytes']
        else:
            out.append(f'{field.c_type()} *{name}')
    return out


def stub_head(service, method):
    return f'err_t {service.name}_{method.name}(', (['const struct rpc_channel *channel'] + inputs(method.arguments)
                                                    + outputs(method.results))


def reply_head(service, method):
    return f'err_t {service.name}_{method.name}_reply(', ['struct rpc_request *request'] + inputs(method.results)


def put_one(field, message, value, is_pointer, indent):
    if field.kind in NUMBERS:
        return [f'{indent}rpc_put_{field.kind}({message}, {value});']
    if field.kind == 'struct':
        return [f'{indent}put_{field.struct.name}({message}, {"" if is_pointer else "&"}{value});']
    return [f'{indent}rpc_put_cap({message}, {value}, {"true" if field.kind == "cap?" else "false"});']


def put(field, message, owner='', error=None):
    """Statements that append a field; `owner` is what stands before its name."""
    value = owner + field.c_name
    if field.is_list:
        return ([f'    rpc_put_count({message}, {value}_count, {field.constant});',
                 f'    for (size_t i = 0; err_ok({error}) && i < {value}_count; i++) {{']
                + put_one(field, message, f'{value}[i]', False, ' ' * 8) + ['    }'])
    if field.kind == 'string':
        return [f'    rpc_put_string({message}, {value}, {field.constant});']
    if field.kind == 'bytes':
        return call('    ', 'rpc_put_bytes', message, value, f'{value}_bytes', field.constant)
    return put_one(field, message, value, not owner, '    ')


def got(field, reader):
    """The expression that reads a number or capability."""
    if field.kind in NUMBERS:
        return f'rpc_get_{field.kind}({reader})'
    return f'rpc_get_cap({reader}, {"true" if field.kind == "cap?" else "false"})'


def get_one(field, reader, value, indent):
    if field.kind == 'struct':
        return [f'{indent}get_{field.struct.name}({reader}, &{value});']
    return [f'{indent}{value} = {got(field, reader)};']


def get_member(field):
    """Statements that read a field into v."""
    value, smallest = f'v->{field.c_name}', field.one(True)[0]
    if field.is_list:
        return (assign('    ', f'{value}_count', 'rpc_get_count', 'r', field.constant, str(smallest))
                + [f'    for (size_t i = 0; i < {value}_count; i++) {{']
                + get_one(field, 'r', f'{value}[i]', ' ' * 8) + ['    }'])
    if field.kind == 'string':
        return call('    ', 'rpc_copy_string', 'r', value, f'sizeof({value})', field.constant)
    if field.kind == 'bytes':
        return assign('    ', f'{value}_bytes', 'rpc_copy_bytes', 'r', value, f'sizeof({value})', field.constant)
    return get_one(field, 'r', value, '    ')


def put_struct(struct):
    head = wrap(f'static void put_{struct.name}(', ['struct rpc_message *m', f'const struct {struct.c_name} *v'], ')')
    body = [line for field in struct.fields for line in put(field, 'm', 'v->', 'm->error')]
    return head + ['{'] + body + ['}', '']


def get_struct(struct):
    head = wrap(f'static void get_{struct.name}(', ['struct rpc_reader *r', f'struct {struct.c_name} *v'], ')')
    body = [line for field in struct.fields for line in get_member(field)]
    return head + ['{'] + body + ['}', '']
