# SPDX-License-Identifier: MIT
"""A machine in QEMU: its command line, and what its end means.

QEMU's own exit status does not tell the whole story:

    the system's own status, by semihosting     that status, no SHUTDOWN event
    PSCI SYSTEM_OFF                              0, event with reason guest-shutdown
    reset (-no-reboot)                           0, event with reason guest-reset     must not look like success
    Ctrl-A x                                     0, event with reason host-qmp-quit
    QEMU cannot start                            1, no greeting                       not the system's 1

So we listen on a QMP channel (a socket pair: no name, no port). Its few hundred bytes fit the socket's buffer; they are
read after the end. Events are sent only once we have said hello, so the machine is held until then.
"""

import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import boards, hang, process, worlds
from .console import STATUS_RESET, STATUS_TIMEOUT, STATUS_TOOL

NO_OWN_STATUS = 1
COVER = 'MUDSKIPPER_COVER'  # names a folder with the plugin, where each machine leaves which code it executed
COVER_PLUGIN = 'plugin.so'
COVER_MACHINES = 'machine-'


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit status, and a sentence when there is something to say."""
    status: int
    sentence: str = ''


def command(world, image, archive, cores, memory, append, extra=(), debugger=None, tree=None):
    """QEMU's command line for one machine; memory in MiB. `tree`: in place of the board's own."""
    # mon:stdio by name: -nographic gives Ctrl-A x up as soon as there is another monitor, and run() adds one.
    words = [boards.emulator(world), *world.machine, '-smp', str(cores), '-m', str(memory), '-nographic']
    if world.board:
        tree = tree or boards.tree(world)
        words += [*['-serial', 'null'] * boards.console_port(tree), '-dtb', str(tree)]
    words += ['-serial', 'mon:stdio', '-kernel', str(image)]
    if archive:
        words += ['-initrd', str(archive)]
    words += ['-append', ' '.join(word for word in (append, 'semihosting') if word),
              '-semihosting-config', 'enable=on,target=native', '-no-reboot']
    if debugger:
        words += ['-S', '-chardev', f'socket,path={debugger},server=on,wait=off,id=debugger',
                  '-gdb', 'chardev:debugger']
    return [*words, *covering(), *extra]


def covering():
    """More words, when the tests want to know which code runs (coverage.py)."""
    if not os.environ.get(COVER):
        return []
    folder = Path(os.environ[COVER])
    handle, out = tempfile.mkstemp(prefix=COVER_MACHINES, dir=folder)
    os.close(handle)
    return ['-plugin', f'{escaped(folder / COVER_PLUGIN)},out={escaped(out)},blocks=only']


def escaped(path):
    """A path as a value of QEMU's options."""
    return str(path).replace(',', ',,')


def run(words, timeout=None, output=None, stdin=None, symbols=None):
    """Runs the machine to its end. `symbols`: the kernel's ELF file, for the report of a time-out."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            start = b'' if '-S' in words else b'{"execute": "cont"}\n'  # -S: a debugger starts it
            ours.sendall(b'{"execute": "qmp_capabilities"}\n' + start)
            channel = ['-S', '-chardev', f'socket,fd={theirs.fileno()},id=msk', '-mon', 'chardev=msk,mode=control']
            where = []
            status = process.watch([*words, *channel], timeout, output, stdin=stdin, pass_fds=(theirs.fileno(),),
                                   on_timeout=lambda: where.append(give_up(ours, symbols)))
        if status is None:
            return Outcome(STATUS_TIMEOUT, f'time-out after {timeout:g} s; the machine was ended{where[0]}')
        return judge(status, _messages(ours))


def judge(status, messages):
    """What QEMU's exit status and its events say together."""
    if not any('QMP' in message for message in messages):
        return Outcome(STATUS_TOOL, 'QEMU did not start; what it said is above')
    reasons = [message['data'].get('reason') for message in messages if message.get('event') == 'SHUTDOWN']
    if 'guest-reset' in reasons:
        return Outcome(STATUS_RESET, 'the machine was reset instead of powered off, so the run counts as failed')
    if 'guest-shutdown' in reasons:
        return Outcome(NO_OWN_STATUS, 'the machine went off without telling its status, so the run counts as failed')
    return Outcome(status)


def _messages(channel):
    data = b''
    channel.settimeout(hang.QMP_SECONDS)
    try:
        while chunk := channel.recv(process.CHUNK):
            data += chunk
    except (ConnectionResetError, TimeoutError):
        pass
    return hang.parse(data)


def give_up(channel, symbols):
    """Says what a machine that hangs does, and asks QEMU to end."""
    found = hang.report(channel, symbols)
    try:
        channel.sendall(b'{"execute": "quit"}\n')
    except OSError:
        pass  # it has just ended
    return found
