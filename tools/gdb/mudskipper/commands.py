# SPDX-License-Identifier: MIT
"""What one types. Every command takes names of programs, or numbers of processes; none: all."""

import gdb

from . import breaks, kernel, processes, programs, tables, threads, waits, world


def table(rows, right=()):
    """Columns side by side; those in `right` end where they end."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [cell.rjust(width) if i in right else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))]
        print('  '.join(cells).rstrip())


def heading(dispatcher):
    print(f'{dispatcher.name}, process {dispatcher.process} on core {dispatcher.core.id}')


class Mud(gdb.Command):
    """Mudskipper: programs, threads, capabilities, address spaces; breakpoints in programs."""

    def __init__(self):
        super().__init__('mud', gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class Look(gdb.Command):
    """A command that shows something of programs."""

    name = ''

    def __init__(self):
        super().__init__(f'mud {self.name}', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        with world.sight() as in_use:
            self.show(kernel.dispatchers(gdb.string_to_argv(argument)), in_use)

    def show(self, dispatchers, in_use):
        raise NotImplementedError


class Programs(Look):
    """Programs of the machine: core, process, state, where it lies, file. `mud programs [NAME...]`"""

    name = 'programs'

    def show(self, dispatchers, in_use):
        table([['CORE', 'PID', 'PROGRAM', 'STATE', 'IMAGE', 'FILE'],
               *([d.core.id, d.process, d.name, d.state(), f'{d.image:#x}', programs.file_of(d.name) or '-']
                 for d in dispatchers)], right=(0, 1, 4))


class Threads(Look):
    """Threads of programs, and where they stand. `mud threads [NAME|PID...]`"""

    name = 'threads'

    def show(self, dispatchers, in_use):
        for d in dispatchers:
            heading(d)
            threads.show(d, in_use)


class Caps(Look):
    """Capabilities of programs: slot, type, rights, what they name. `mud caps [NAME|PID...]`"""

    name = 'caps'

    def show(self, dispatchers, in_use):
        for d in dispatchers:
            heading(d)
            table([['SLOT', 'TYPE', 'RIGHTS', 'ADDRESS', 'SIZE', 'OWNER', 'BADGE'],
                   *(self.row(place, slot) for place, slot in d.capabilities())], right=(3, 4, 5, 6))

    @staticmethod
    def row(place, slot):
        badge = slot.badge()
        return [kernel.slot_name(place), kernel.type_name(slot.type) + kernel.flag_names(slot),
                kernel.letters(slot.rights), f'{slot.base:#x}', f'{slot.size:#x}', slot.owner,
                f'{badge:#x}' if badge else '-']


class Vspace(Look):
    """Address spaces: what is mapped, with what rights, and the frame behind it. `mud vspace [NAME|PID...]`"""

    name = 'vspace'

    def show(self, dispatchers, in_use):
        for d in dispatchers:
            heading(d)
            table([['ADDRESS', 'SIZE', 'RIGHTS', 'MEMORY', 'PHYSICAL', 'FRAME'],
                   *(self.row(run) for run in tables.runs(d))], right=(0, 1, 4))

    @staticmethod
    def row(run):
        frame = f'{run.object[0]:#x}+{run.object[1]:#x}' if run.object else '-'
        return [f'{run.address:#x}', f'{run.bytes:#x}', tables.rights(run), run.memory, f'{run.physical:#x}', frame]


class Waits(Look):
    """Who waits for whom, processes and their threads. `mud waits [NAME|PID...]`"""

    name = 'waits'

    def show(self, dispatchers, in_use):
        waits.show(dispatchers, in_use)


class Processes(gdb.Command):
    """Processes as the core servers know them, also those that have ended: parent, state or how they ended."""

    def __init__(self):
        super().__init__('mud processes', gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        with world.sight():
            table([['CORE', 'PID', 'PARENT', 'PROGRAM', 'STATE'], *processes.rows()], right=(0, 1, 2))


class Symbols(Look):
    """Symbols of programs, for `print`, `list` and breakpoints. `mud symbols NAME...`"""

    name = 'symbols'

    def show(self, dispatchers, in_use):
        for d in dispatchers:
            if d.root_table() is not None:
                programs.know(programs.need_file(d.name), d.image)


class File(gdb.Command):
    """Where the file of a program lies that is not in the build folder: `mud file NAME PATH`"""

    def __init__(self):
        super().__init__('mud file', gdb.COMMAND_FILES, gdb.COMPLETE_FILENAME)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if len(words) != 2:
            raise gdb.GdbError('mud file NAME PATH')
        programs.given[words[0]] = words[1]


class Break(gdb.Command):
    """Stops in a program, whether it runs already or is started later: `mud break PROGRAM FUNCTION|FILE:LINE`"""

    def __init__(self):
        super().__init__('mud break', gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if len(words) != 2:
            raise gdb.GdbError('mud break PROGRAM FUNCTION|FILE:LINE')
        breaks.wish(*words)


def define():
    for command in (Mud, Programs, Threads, Caps, Vspace, Waits, Processes, Symbols, File, Break):
        command()
    breaks.watch()
