# SPDX-License-Identifier: MIT
"""gdb on a system that is about to run: with the symbols of the kernel and what tools/gdb knows of programs.

The simulator is a process that gdb starts. QEMU is started by us, held before its first instruction, and gdb attached to
it by a socket in the run's folder; the machine's console goes to the terminal, the keyboard belongs to gdb."""

import os
import shlex
import signal
import subprocess
import time

from . import hang, packages, process, qemu
from .console import STATUS_TIMEOUT, STATUS_TOOL, Refusal, say

START, WAIT = 'start', 'wait'  # --gdb, --gdb=wait
SCRIPT = hang.GDB_SCRIPT
SOCKET_NAME_MOST = 107  # bytes, Linux
SOCKET_SECONDS = 10.0   # for QEMU to make its socket


def package(simulated):
    return packages.GDB if simulated else packages.GDB_CROSS


def _quoted(path):
    """As a word of a gdb command."""
    return '"' + str(path).replace('\\', '\\\\').replace('"', '\\"') + '"'


def _files(wishes):
    """Programs of the person's own are not below the build folder."""
    return [word for path, name in wishes.files for word in ('-ex', f'mud file {_quoted(name)} {_quoted(path)}')]


def of_simulator(words, wishes):
    """The command line that runs `words` under gdb."""
    return ['gdb', '-q', '-x', str(SCRIPT), *_files(wishes), *wishes.gdb_words, '--args', *words]


def of_machine(product, wishes, socket):
    return ['gdb-multiarch', '-q', '-ex', f'symbol-file -o {hang.KERNEL_PLACE:#x} {_quoted(product.symbols)}',
            '-x', str(SCRIPT), *_files(wishes), '-ex', f'target remote {socket}', *wishes.gdb_words]


def socket_in(folder):
    """Where QEMU waits for gdb, so that no port is taken."""
    path = folder / 'gdb'
    if len(os.fsencode(path)) > SOCKET_NAME_MOST:
        raise Refusal(f'--gdb needs a socket, and {path} is longer than the {SOCKET_NAME_MOST} bytes '
                      'its name may have: use a clone whose path is shorter')
    return path


def say_how(product, wishes, socket):
    say(f'waiting for a debugger: {shlex.join(of_machine(product, wishes, socket))}')


def _await(socket, machine):
    deadline = time.monotonic() + SOCKET_SECONDS
    while not socket.exists():
        if machine.poll() is not None or time.monotonic() > deadline:
            raise Refusal('QEMU did not start; what it said is above', STATUS_TOOL)
        time.sleep(0.01)


def run_machine(words, product, wishes, socket):
    """Runs QEMU (its command line: `words`) and gdb on it to the end of gdb, whose status it is."""
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C is gdb's
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, preexec_fn=process.in_background) as machine:
        try:
            _await(socket, machine)
            status = process.watch(of_machine(product, wishes, socket), wishes.timeout)
        finally:
            process.end(machine)
    if status is None:
        return qemu.Outcome(STATUS_TIMEOUT, f'time-out after {wishes.timeout:g} s; gdb and the machine were ended')
    return qemu.Outcome(status)
