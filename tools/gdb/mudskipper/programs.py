# SPDX-License-Identifier: MIT
"""Files of programs, and their symbols.

On the simulator programs lie side by side, so the symbols of many can be known at a time. In QEMU they all have the same
addresses: then only those of one are, and where the machine stops in another one they change."""

import os
from contextlib import contextmanager
from pathlib import Path

import gdb

from . import elf

ELSEWHERE = 1 << 40  # where nothing is: for asking a file about itself

given = {}  # name -> path: files that lie elsewhere
_found = {}
_loaded = {}  # where -> path


def folder():
    """Of the kernel's executable: the build folder."""
    return Path(gdb.objfiles()[0].filename).parent


def _index():
    """Executables below the build folder; of equal names the first by path."""
    for here, folders, files in os.walk(folder()):
        folders[:] = sorted(name for name in folders if not name.endswith(('.p', 'meson-private')))
        for name in sorted(files):
            if '.' not in name and name not in _found and elf.is_elf(path := os.path.join(here, name)):
                _found[name] = path
    return _found


def file_of(name):
    """Its path, or None."""
    return given.get(name) or (_found or _index()).get(name)


def need_file(name):
    path = file_of(name)
    if path is None:
        raise gdb.GdbError(f'there is no program {name} below {folder()}; `mud file {name} PATH` says where it is')
    return path


def _add(path, base):
    before = gdb.objfiles()
    gdb.execute(f'add-symbol-file "{path}" -o {base:#x}', to_string=True)
    return next(objfile for objfile in gdb.objfiles() if objfile not in before)


def _remove(path, base):
    gdb.execute(f'remove-symbol-file -a {base + elf.entry(path):#x}', to_string=True)


def forget(base, end):
    """The symbols of programs that are said to lie in [base, end), and do not."""
    for place, path in list(_loaded.items()):
        if place < end and place + elf.end(path) > base:
            _remove(path, place)
            del _loaded[place]


def know(path, base):
    """From now on the program's symbols are known there. False: they were."""
    if _loaded.get(base) == path:
        return False
    forget(base, base + elf.end(path))
    _add(path, base)
    _loaded[base] = path
    return True


@contextmanager
def symbols(path, base=ELSEWHERE):
    """The program's symbols at this place, for a moment: the objfile."""
    there = {place: other for place, other in _loaded.items() if place < base + elf.end(path) and place + elf.end(other) > base}
    for place, other in there.items():
        _remove(other, place)
    objfile = _add(path, base)
    try:
        yield objfile
    finally:
        _remove(path, base)
        for place, other in there.items():
            _add(other, place)


def offsets(path, where):
    """Where in the program "FUNCTION" or "FILE:LINE" lies: there can be several places, or none."""
    with symbols(path) as objfile:
        try:
            lines = gdb.decode_line(where)[1] or ()
        except gdb.error:
            return []
        return sorted({line.pc - ELSEWHERE for line in lines if line.symtab and line.symtab.objfile == objfile})
