# SPDX-License-Identifier: MIT
"""Mudskipper in gdb, on a simulator and in QEMU: what runs on the machine, what it has and where it stands.

    tools/msk run --gdb                starts gdb with all this; so does tools/msk run --on virt --gdb
    (gdb) mud programs                 the programs that are there
    (gdb) mud threads names            threads of the programs called so, and where they stand
    (gdb) mud caps names               their capabilities
    (gdb) mud vspace names             their address spaces
    (gdb) mud break names main         stops there, also in those that are started later
    (gdb) mud symbols names            their symbols, for `print` and `list`

Files of programs are looked for below the folder of the kernel's executable. By hand: gdb -x tools/gdb/mudskipper.py
build/hostsim, or gdb-multiarch and `target remote`, with the kernel's symbols (tools/msk run --gdb=wait says how).
"""

import sys
from pathlib import Path

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from mudskipper import commands, world  # noqa: E402  (the lines above have to come first)

PASSED_ON = ('SIGALRM', 'SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGUSR1')  # how a simulator's programs come back to its kernel

if world.simulated():
    gdb.execute(f'handle {" ".join(PASSED_ON)} nostop noprint pass', to_string=True)
commands.define()
