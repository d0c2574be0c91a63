# SPDX-License-Identifier: MIT
"""Threads of a program (core/rt/sched.h), and where they stand."""

from dataclasses import dataclass
from pathlib import Path

import gdb

from . import elf, memory, programs, tables, world

MOST_FRAMES = 24
NEVER = (1 << 64) - 1  # NANOS_NEVER
FAR_OFF = NEVER // 2  # what nobody waits for
SECOND = 10 ** 9


@dataclass(frozen=True)
class Thread:
    name: str
    state: str
    frames: tuple  # program counters, innermost first; empty: it runs, or its stack cannot be read
    address: int


def _nearest(pc):
    """Of what was written in assembly."""
    words = gdb.execute(f'info symbol {pc:#x}', to_string=True).split()
    return words[0] if 'section' in words else f'{pc:#x}'


def describe(pc):
    """FUNCTION FILE:LINE, as far as it is known."""
    where = gdb.find_pc_line(pc)
    block = gdb.block_for_pc(pc)
    while block is not None and block.function is None:
        block = block.superblock
    function = block.function.name if block is not None else _nearest(pc)
    return f'{function} {Path(where.symtab.filename).name}:{where.line}' if where.symtab else function


def _frames(reader, pc, fp):
    """From a program counter and a frame pointer outwards."""
    found = [pc]
    try:
        while fp and fp % 8 == 0 and len(found) < MOST_FRAMES:
            outer, pc = reader.word(fp), reader.word(fp + 8)
            if not pc:
                break
            found.append(pc)
            fp = outer
    except gdb.MemoryError:
        pass  # the outermost frame
    return found


def _is_entry(pc):
    """The first instruction of a function, where the frame pointer is still the caller's."""
    block = gdb.block_for_pc(pc)
    while block is not None and block.function is None:
        block = block.superblock
    return block is not None and block.start == pc


def _current(dispatcher, reader, in_use):
    """Frames of the thread that its program runs, or stands in the kernel with."""
    if (registers := in_use.get(int(dispatcher.value['vspace']))) is not None:
        pc, fp, link = registers
        return [pc, *_frames(reader, link, fp)] if _is_entry(pc) else _frames(reader, pc, fp)
    context = dispatcher.value['context']
    registers = world.saved_registers(context['registers' if world.simulated() else 'regs'])
    if (caller := world.in_system_call(context, reader)) is not None:
        return [registers[0], *_frames(reader, *caller)]
    return _frames(reader, *registers)


def _others(reader, copy):
    """Frames of a thread that does not run: it was interrupted, or has given way."""
    return _frames(reader, *(world.saved_registers(copy['save']) if bool(copy['preempted'])
                             else world.switched_registers(reader, int(copy['stack_pointer']))))


def is_blocked(copy):
    return str(copy['state']) == 'THREAD_BLOCKED'


def until(copy):
    """Of a thread that waits, if it does not wait for ever."""
    deadline = int(copy['deadline'])
    return f' until {deadline / SECOND:.6f} s' if is_blocked(copy) and deadline < FAR_OFF else ''


def _state(copy):
    return str(copy['state']).removeprefix('THREAD_').lower() + until(copy)


def _thread(dispatcher, reader, address, copy, current, in_use):
    state = _state(copy)
    if address == current:
        state = {'waiting': 'waits in the kernel'}.get(dispatcher.state(), dispatcher.state())
    try:
        frames = _current(dispatcher, reader, in_use) if address == current else _others(reader, copy)
    except gdb.MemoryError:
        frames = ()
    return Thread(reader.text(int(copy['name'])) if int(copy['name']) else '?', state, tuple(frames), address)


def with_copies(dispatcher, objfile, in_use):
    """(Thread, copy of its structure) of a program whose symbols are known. `in_use`: world.in_programs()."""
    symbol = objfile.lookup_global_symbol('sched')
    if symbol is None:
        return []
    reader, kind = tables.reader(dispatcher), symbol.type
    place = dispatcher.image + elf.symbols(objfile.filename)['sched'][0]
    sched = reader.value(place, kind)
    every = reader.members(sched['all'], place + memory.offset(kind, 'all'), sched['first'].type, 'all_node')
    return [(_thread(dispatcher, reader, address, copy, int(sched['current']), in_use), copy) for address, copy in every]


def show(dispatcher, in_use):
    path = programs.file_of(dispatcher.name)
    if dispatcher.root_table() is None:
        print('  it has ended')
        return
    if path is None:
        pc = _current(dispatcher, tables.reader(dispatcher), in_use)[0]
        print(f'  at {pc:#x}; no file of this name was found')
        return
    with programs.symbols(path, dispatcher.image) as objfile:
        try:
            for thread, _ in with_copies(dispatcher, objfile, in_use):
                print(f'  {thread.name}: {thread.state}')
                for i, pc in enumerate(thread.frames):
                    print(f'      {describe(pc - 1 if i else pc)}')  # the call, not what follows it
                if not thread.frames:
                    print('      its stack cannot be read')
        except gdb.MemoryError as error:
            print(f'  {error}')
