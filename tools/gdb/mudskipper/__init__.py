# SPDX-License-Identifier: MIT
"""Mudskipper in gdb, by topic.

    world.py       where the kernel's data is, and what runs on which core: the simulator's process, or QEMU's processors
    memory.py      structures and bytes, of the kernel and of programs that do not run
    kernel.py      cores, capabilities, dispatchers: the kernel's own structures, the same in every world
    tables.py      page tables, and the frames behind them
    elf.py         what a program's file says of itself
    programs.py    files of programs and their symbols
    threads.py     threads of a program, and where they stand
    processes.py   what the core servers know of processes
    waits.py       who waits for whom
    circle.py      and those who wait for each other
    breaks.py      breakpoints in programs
    commands.py    what one types
"""
