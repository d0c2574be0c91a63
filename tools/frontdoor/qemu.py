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

import json
import re
import socket
import subprocess
from dataclasses import dataclass

from . import boards, process
from .console import STATUS_RESET, STATUS_TIMEOUT, STATUS_TOOL

QMP_SECONDS = 2.0  # for an answer of a machine that is to be killed anyway
NO_OWN_STATUS = 1
KERNEL_PLACE = 0xFFFF000000000000 + 0x40200000  # window on physical memory, and where QEMU's virt loads an Image


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
    return [*words, *extra]


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
    channel.settimeout(QMP_SECONDS)
    try:
        while chunk := channel.recv(process.CHUNK):
            data += chunk
    except (ConnectionResetError, TimeoutError):
        pass
    return _parse(data)


def _parse(data):
    messages = []
    for line in data.splitlines():
        try:
            messages.append(json.loads(line))
        except ValueError:
            continue  # a line cut off by the end of the machine
    return messages


def give_up(channel, symbols):
    """Says where each core of a machine that hangs is, and asks QEMU to end."""
    where = who_runs(channel, symbols)
    try:
        channel.sendall(b'{"execute": "quit"}\n')
    except OSError:
        pass  # it has just ended
    return where


def who_runs(channel, symbols):
    """Where each core of a machine that hangs is; '' when it does not answer."""
    channel.settimeout(QMP_SECONDS)
    try:
        channel.sendall(b'{"execute": "human-monitor-command", "id": "who", '
                        b'"arguments": {"command-line": "info registers -a"}}\n')
        data = b''
        while True:
            chunk = channel.recv(process.CHUNK)
            data += chunk
            answer = [message for message in _parse(data) if message.get('id') == 'who']
            if answer or not chunk:
                break
    except OSError:
        return ''
    if not answer:
        return ''
    cores = re.findall(r'CPU#(\d+)\s+PC=([0-9a-fA-F]+)', answer[0].get('return', ''))
    return ''.join(f'\n  core {core} at 0x{pc}{_symbol(symbols, pc)}' for core, pc in cores)


def _symbol(symbols, pc):
    """Function and line of an address in the kernel, which is linked at 0 and runs where it was loaded."""
    if not symbols:
        return ''
    places = [f'{place:x}' for place in (int(pc, 16) - KERNEL_PLACE, int(pc, 16)) if place >= 0]
    try:
        answer = subprocess.run(['aarch64-linux-gnu-addr2line', '-f', '-e', str(symbols), *places], capture_output=True,
                                text=True, timeout=QMP_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ''
    said = answer.stdout.splitlines()
    for function, line in zip(said[::2], said[1::2]):
        if function != '??':
            return f' {function} ({line.split("/")[-1]})'
    return ''
