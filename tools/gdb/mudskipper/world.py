# SPDX-License-Identifier: MIT
"""Where the kernel's data is, and what runs on which core.

The kernel's structures are the same in all worlds. What differs: on the simulator a core is a thread of the process (on
the deterministic machine a fibre) and a program lies in a window of its addresses; in QEMU a core is a "thread" of the
remote target, and the kernel is seen only once a core has switched its MMU on."""

from contextlib import contextmanager

import gdb

from . import memory

KERNEL_HALF = 1 << 63
PAGE = 4096
EL_MASK, EL1H = 0xf, 0x5  # of CPSR
SVC_0 = bytes.fromhex('010000d4')
TABLE_MASK = (1 << 48) - 2  # of TTBR0_EL1: without ASID and CnP


def simulated():
    return gdb.lookup_static_symbol('windows') is not None


def _machine():
    """The kernel's table of cores (core/kernel/boot.c)."""
    for symbol in gdb.lookup_static_symbols('machine'):
        if {'cores', 'wakeups'} <= {field.name for field in symbol.type.strip_typedefs().fields()}:
            return symbol.value()
    raise gdb.GdbError('this is no Mudskipper kernel: its symbols have no table of cores')


def _started():
    """Whether the kernel's data can be seen from the selected thread, and is there."""
    try:
        return int(_machine()['cores']) != 0
    except gdb.MemoryError:
        return False


@contextmanager
def privileged():
    """While inside, the selected thread may read what the kernel may: QEMU shows a debugger what the processor could
    access, and in a program it cannot access the kernel. It runs no instruction meanwhile."""
    status = None if simulated() else _register('cpsr')
    if status is None or status & EL_MASK:
        yield
        return
    gdb.newest_frame().select()
    gdb.execute(f'set $cpsr = {status | EL1H:#x}', to_string=True)
    try:
        yield
    finally:
        gdb.newest_frame().select()
        gdb.execute(f'set $cpsr = {status:#x}', to_string=True)


@contextmanager
def _seen_from(thread):
    """Whether the kernel is seen from there; it is while inside."""
    thread.switch()
    with privileged():
        try:
            yield _started()
        finally:
            thread.switch()


@contextmanager
def sight():
    """While inside, a thread is selected from which the kernel is seen; the selected one, if it is. What is given: the
    programs that run (in_programs), who cannot be asked meanwhile."""
    before = gdb.selected_thread()
    if before is None:
        raise gdb.GdbError('no machine runs')
    if any(thread.is_running() for thread in gdb.selected_inferior().threads()):
        raise gdb.GdbError('the machine runs: stop it first, with Ctrl-C')
    frame, in_use = gdb.selected_frame(), in_programs()
    try:
        for thread in (before, *gdb.selected_inferior().threads()):
            with _seen_from(thread) as seen:
                if seen:
                    yield in_use
                    return
        raise gdb.GdbError('the kernel has not begun')
    finally:
        before.switch()
        if frame.is_valid():
            frame.select()


def cores():
    """Their structures."""
    table = _machine()['cores']
    return [table[i].dereference() for i in range(int(table[0]['info']['cores']))]


def window():
    """Distance between where the kernel sees RAM and its physical address."""
    return int(cores()[0]['caps']['window'])


def _register(name):
    return int(gdb.newest_frame().read_register(name)) & (1 << 64) - 1


def registers():
    """Program counter and frame pointer of the selected thread."""
    return (_register('rip'), _register('rbp')) if simulated() else (_register('pc'), _register('x29'))


def return_address():
    """Of the selected thread, if it stands at the first instruction of a function."""
    if not simulated():
        return _register('x30')
    try:
        return memory.word(_register('rsp'))
    except gdb.MemoryError:
        return 0


def _simulated_space(pc):
    """(address of the record, number of its core) of the window that an address lies in, or None."""
    machine = gdb.lookup_global_symbol('sim').value()
    for i in range(int(machine['cores_count'])):
        space = machine['cores'][i]['spaces']
        while int(space):
            if int(space['base']) <= pc < int(space['base']) + int(space['bytes']):
                return int(space), i
            space = space['next']
    return None


def space_in_use():
    """The address of the kernel's record of the address space (core/kernel/vspace_record.h) whose program the selected
    thread runs; None: it is in the kernel, or idle."""
    pc = registers()[0]
    if simulated():
        found = _simulated_space(pc)
        return found[0] if found else None
    if pc >= KERNEL_HALF or _register('cpsr') & EL_MASK:
        return None
    with privileged():
        return (_register('TTBR0_EL1') & TABLE_MASK) + PAGE + window() & (1 << 64) - 1


def simulated_core():
    """The core whose program the selected thread of a simulator runs."""
    return cores()[_simulated_space(registers()[0])[1]]


def saved_registers(area):
    """The same in a struct save_area."""
    return (int(area['rip']), int(area['rbp'])) if simulated() else (int(area['pc']), int(area['x'][29]))


ARGUMENTS = ('rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9', 'rax', 'r10', 'r11', 'rbx', 'r12', 'r13', 'r14', 'r15')


def all_registers():
    """General registers of the selected thread of a simulator, the program counter first."""
    return tuple(_register(name) for name in ('rip', 'rsp', 'rbp', *ARGUMENTS))


def all_saved(area):
    """The same in its struct save_area."""
    return tuple(int(area[name]) for name in ('rip', 'rsp', 'rbp')) + tuple(
        int(area['argument'][i]) for i in range(len(ARGUMENTS)))


def in_system_call(context, reader):
    """Where rt_syscall (arch/*/user/syscall.S) of a program that is in the kernel returns to, and the frame pointer there.
    None: it was not a system call that brought it there."""
    if simulated():  # the gate returns to where rbp points; what was there, and the caller, are on the stack
        area = context['registers']
        sp = int(area['rsp'])
        return (reader.word(sp + 56), reader.word(sp + 48)) if int(area['rbp']) == int(area['rip']) else None
    area = context['regs']
    made = reader.read(int(area['pc']) - 4, 4) == SVC_0
    return (int(area['x'][30]), int(area['x'][29])) if made else None


# Where rt_switch (arch/*/user) leaves program counter and frame pointer on the stack of a thread that has given way.
SWITCHED = {True: (56, 48), False: (8, 0)}  # simulated or not


def switched_registers(reader, stack_pointer):
    return tuple(reader.word(stack_pointer + place) for place in SWITCHED[simulated()])


def in_programs():
    """Record of an address space in use -> program counter, frame pointer and perhaps return address of the thread that
    uses it."""
    before, found = gdb.selected_thread(), {}
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        record = space_in_use()
        if record is not None:
            found[record] = (*registers(), return_address())
    before.switch()
    return found
