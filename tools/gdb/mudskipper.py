# SPDX-License-Identifier: MIT
"""Mudskipper in gdb, on the simulator: what runs on the machine, and where its threads are.

    gdb -x tools/gdb/mudskipper.py build/hostsim
    (gdb) mud programs               the programs that are there, with their places
    (gdb) mud threads                the threads of all of them, with where they stand
    (gdb) mud threads names          of the programs called so
    (gdb) mud symbols names          symbols of the programs called so, for breakpoints and `print`

Files of programs are looked for below the folder of the executable. A program's memory lies in a window of the
simulator's own addresses: with its symbols known it is looked at like anything else.
"""

import pathlib
import re
import subprocess

import gdb

PASSED_ON = ('SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGUSR1')  # how programs come back to the kernel
MOST_FRAMES = 24


class Program:
    """A program in a window."""

    def __init__(self, window):
        self.base = int(window['program_base'])
        self.name = window['program'].string()
        folder = pathlib.Path(gdb.objfiles()[0].filename).parent
        self.path = next((path for path in folder.rglob(self.name) if path.is_file()), None)

    def place_of(self, symbol):
        """Where one of its symbols lies now."""
        lines = subprocess.run(['nm', str(self.path)], capture_output=True, text=True, check=True).stdout
        found = re.search(rf'^([0-9a-f]+) \w {symbol}$', lines, re.MULTILINE)
        if found is None:
            raise gdb.GdbError(f'{self.path} has no {symbol}')
        return self.base + int(found[1], 16)

    def load(self):
        gdb.execute(f'add-symbol-file {self.path} -o {self.base:#x}', to_string=True)

    def unload(self):
        gdb.execute(f'remove-symbol-file -a {self.place_of("_start"):#x}', to_string=True)


def programs(names):
    """Those that are there, or of them those with these names."""
    windows = gdb.parse_and_eval('windows')
    every = [windows[i] for i in range(int(gdb.parse_and_eval('windows_seen')))]
    found = [Program(w) for w in every if bool(w['used']) and w['program'].string()]
    return [p for p in found if not names or p.name in names]


def word(address):
    return int.from_bytes(gdb.selected_inferior().read_memory(address, 8).tobytes(), 'little')


def describe(pc):
    """FUNCTION FILE:LINE, as far as it is known."""
    where = gdb.find_pc_line(pc)
    block = gdb.block_for_pc(pc)
    while block is not None and block.function is None:
        block = block.superblock
    function = block.function.name if block is not None else f'{pc:#x}'
    return f'{function} {pathlib.Path(where.symtab.filename).name}:{where.line}' if where.symtab else function


def frames(pc, fp):
    """From a program counter and a frame pointer outwards."""
    found = [pc]
    try:
        while fp and fp % 8 == 0 and len(found) < MOST_FRAMES:
            found.append(word(fp + 8))
            fp = word(fp)
    except gdb.MemoryError:
        pass  # the outermost frame
    return found


def registers(thread):
    """Program counter and frame pointer of a thread that does not run: it was interrupted, or has given way
    (arch/hostsim/user/syscall.S draws what lies on its stack then)."""
    if bool(thread['preempted']):
        return int(thread['save']['rip']), int(thread['save']['rbp'])
    sp = int(thread['stack_pointer'])
    return word(sp + 56), word(sp + 48)


def members(head, kind, field):
    """The structures of a list (core/include/mudskipper/pure/list.h)."""
    offset = next(f.bitpos // 8 for f in gdb.lookup_type(kind).fields() if f.name == field)
    node = head['head']['next']
    while node and int(node) != int(head['head'].address):
        yield gdb.Value(int(node) - offset).cast(gdb.lookup_type(kind).pointer()).dereference()
        node = node['next']


def show_thread(thread, current):
    runs = int(thread.address) == current
    state = 'runs' if runs else str(thread['state']).removeprefix('THREAD_').lower()
    print(f'  {thread["name"].string() if thread["name"] else "?"}: {state}')
    if not runs:
        try:
            for pc in frames(*registers(thread)):
                print(f'      {describe(pc)}')
        except gdb.MemoryError:
            print('      its stack cannot be read')


def show_threads(program):
    program.load()
    try:
        sched = gdb.parse_and_eval(f'*(struct sched *){program.place_of("sched"):#x}')
        for thread in members(sched['all'], 'struct thread', 'all_node'):
            show_thread(thread, int(sched['current']))
    except gdb.error as error:
        print(f'  {error}')
    finally:
        program.unload()


class Mud(gdb.Command):
    """Mudskipper: programs, threads, symbols."""

    def __init__(self):
        super().__init__('mud', gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class Programs(gdb.Command):
    """Programs of the machine: place, name, file."""

    def __init__(self):
        super().__init__('mud programs', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        for p in programs(argument.split()):
            print(f'{p.base:#x}  {p.name}  {p.path or "no file of this name was found"}')


class Threads(gdb.Command):
    """Threads of programs (all, or those named), and where they stand."""

    def __init__(self):
        super().__init__('mud threads', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        for p in programs(argument.split()):
            print(f'{p.name} at {p.base:#x}')
            if p.path is not None:
                show_threads(p)


class Symbols(gdb.Command):
    """Symbols of the programs named, for breakpoints and `print`."""

    def __init__(self):
        super().__init__('mud symbols', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        for p in programs(argument.split()):
            if p.path is not None:
                p.load()


for name in PASSED_ON:
    gdb.execute(f'handle {name} nostop noprint pass', to_string=True)
for command in (Mud, Programs, Threads, Symbols):
    command()
