# SPDX-License-Identifier: MIT
"""Breakpoints in programs, also in those that do not run yet.

On the simulator each process has addresses of its own, and what loads a program writes over breakpoints that are
instructions: they are the processor's, set when the kernel says that a program was loaded (hal_note_program). In QEMU all
programs lie at the same addresses and a breakpoint is none of their business: it is set at once, and asks each time whose
address space is in use."""

from dataclasses import dataclass

import gdb

from . import kernel, memory, programs, world

LAYOUT_IMAGE = 0x400000  # where spawners put a program, from the beginning of its address space on (abi/layout.h)
PROCESSOR_HAS = 4        # breakpoints, of a host's

_wishes = []
_loading = None


class IsProgram(gdb.Function):
    """Whether the selected thread runs a program called so: $_mud_program("names")"""

    def __init__(self):
        super().__init__('_mud_program')
        self.last = {}  # program counter -> Visit

    def invoke(self, name):
        running = kernel.running()
        if running is None or running.name != name.string():
            return False
        return not (world.simulated() and self.comes_again(running))

    def comes_again(self, running):
        """While it stood here the host's timer ran out, and the kernel came before the program took the step that leaves
        the breakpoint behind: it has come back to where it stood, and has done nothing."""
        now = Visit.of(running)
        before = self.last.get(now.registers[0])
        self.last[now.registers[0]] = now
        return (before is not None and (now.process, now.registers) == (before.process, before.registers)
                and now.kept == now.registers and now.marks != before.marks)


@dataclass(frozen=True)
class Visit:
    """How a program stood at a breakpoint."""
    process: int
    registers: tuple
    kept: tuple   # what the kernel has of them, from the last time
    marks: tuple  # what changes when the kernel comes

    @staticmethod
    def of(running):
        dispatcher = memory.at(running.dispatcher, 'struct dispatcher')
        kept = world.all_saved(dispatcher['context']['registers'])
        core = world.simulated_core()
        marks = [int(core[name]) for name in ('running_since', 'slice_end', 'timer_set')]
        return Visit(running.process, world.all_registers(), kept, (kept, int(dispatcher['cpu_time']), *marks))


class Wish:
    """A place in all programs of a name."""

    def __init__(self, name, where):
        self.name, self.where = name, where
        path = programs.need_file(name)
        self.offsets = programs.offsets(path, where)
        self.places = {}  # address -> breakpoint
        self.refused = set()
        if not self.offsets:
            raise gdb.GdbError(f'{path} has no {where}')

    def set(self, image):
        programs.know(programs.need_file(self.name), image)
        for address in (image + offset for offset in self.offsets):
            if address in self.places:
                continue
            if world.simulated() and _in_use() >= PROCESSOR_HAS:
                self.complain(image)
                return
            self.places[address] = gdb.Breakpoint(f'*{address:#x}', type=gdb.BP_HARDWARE_BREAKPOINT)
            self.places[address].condition = f'$_mud_program("{self.name}")'

    def complain(self, image):
        if image not in self.refused:
            print(f'[mud] the processor has {PROCESSOR_HAS} breakpoints, and none is left for {self.name} at {image:#x}')
        self.refused.add(image)

    def clear(self, address):
        self.places.pop(address).delete()


def _in_use():
    return sum(breakpoint.type == gdb.BP_HARDWARE_BREAKPOINT for breakpoint in gdb.breakpoints())


def _windows():
    """Image -> name, of the programs of a simulator, as it knows them itself (arch/hostsim/kernel/window.c)."""
    try:
        table = gdb.lookup_static_symbol('windows').value()
        count = int(gdb.lookup_static_symbol('windows_seen').value())
        every = [table[i] for i in range(count)] if int(table) else []
        return {int(w['program_base']): w['program'].string() for w in every if bool(w['used']) and int(w['program'][0])}
    except gdb.MemoryError:
        return {}  # it does not run yet


class Loading(gdb.Breakpoint):
    """A simulator has loaded a program: breakpoints that are wished for there are set, and on it goes."""

    def __init__(self):
        super().__init__('hal_note_program', internal=True)
        self.commands = 'silent\npython import mudskipper.breaks; mudskipper.breaks.loaded()\ncontinue'

    def stop(self):
        name = gdb.newest_frame().read_var('name').string()
        return any(wish.name == name for wish in _wishes)


def loaded():
    frame = gdb.newest_frame()
    _set_all({**_windows(), int(frame.read_var('base')): frame.read_var('name').string()})


def _set_all(there):
    """Those of programs that are not there any more go first: the processor has few."""
    for wish in _wishes:
        for address in list(wish.places):
            if not any(address - offset in there and there[address - offset] == wish.name for offset in wish.offsets):
                wish.clear(address)
    for wish in _wishes:
        for image in (image for image, name in there.items() if name == wish.name):
            wish.set(image)


def wish(name, where):
    global _loading
    new = Wish(name, where)
    _wishes.append(new)
    if not world.simulated():
        new.set(LAYOUT_IMAGE)
        return
    _loading = _loading if _loading is not None and _loading.is_valid() else Loading()
    _set_all(_windows() if gdb.selected_inferior().pid else {})
    if not new.places:
        print(f'[mud] no {name} runs yet: it will stop there when it does')


def _deleted(breakpoint):
    """By a person: it is not to come back."""
    for each in list(_wishes):
        if breakpoint in each.places.values():
            _wishes.remove(each)


def _stopped(event):
    """Says which program it was, whose symbols are known from here on."""
    if isinstance(event, gdb.BreakpointEvent) and any(isinstance(each, Loading) for each in event.breakpoints):
        return
    try:
        running = kernel.running()
        if running is None:
            return
        path = programs.file_of(running.name)
        new = path is not None and programs.know(path, running.image)
        print(f'[mud] {running.name}, process {running.process}')
        if new:
            gdb.execute('frame')
    except gdb.error:
        pass  # a stop is no place to complain: the machine ends, or has not begun


def watch():
    IsProgram()
    gdb.events.breakpoint_deleted.connect(_deleted)
    gdb.events.stop.connect(_stopped)
