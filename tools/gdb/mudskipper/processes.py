# SPDX-License-Identifier: MIT
"""The core servers' own tables of processes (services/init/processes.h): what they know beyond the kernel."""

import gdb

from . import kernel, programs, tables

SERVER = 'init'
TABLE = 'init/processes.c', 'first'
HOW = {0: 'exit {}', 1: 'killed', 2: 'fault'}  # enum exit_reason


def _table(objfile):
    """Where the first record is named: a static whose name others have, too."""
    file, name = TABLE
    for symbol in gdb.lookup_static_symbols(name):
        if symbol.symtab.objfile == objfile and symbol.symtab.filename.endswith(file):
            return symbol
    raise gdb.GdbError(f'{objfile.filename} has no {name} of {file}')


def records(server):
    """Of one core server: (number, parent, name, state), ascending."""
    with programs.symbols(programs.need_file(SERVER), server.image) as objfile:
        symbol, reader = _table(objfile), tables.reader(server)
        address = reader.word(int(symbol.value().address))
        while address:
            record = reader.value(address, symbol.type.target())
            yield record
            address = int(record['next'])


def _state(record, states):
    if not bool(record['ended']):
        return states.get(int(record['number']), 'unknown to the kernel')
    how = HOW.get(int(record['exit']['how']), '?').format(int(record['exit']['code']))
    return f'ended: {how}' + ('' if bool(record['taken_back']) else ', has memory yet')


def rows():
    """Of all cores."""
    for core in kernel.cores():
        dispatchers = core.dispatchers()
        states = {d.process: d.state() for d in dispatchers}
        for server in (d for d in dispatchers if d.name == SERVER and d.root_table() is not None):
            yield core.id, server.process, '-', SERVER, server.state()
            for record in records(server):
                yield (core.id, int(record['number']), int(record['parent']) or '-',
                       record['name'].string('utf-8', 'replace'), _state(record, states))
