# SPDX-License-Identifier: MIT
"""What a machine in QEMU that hangs is doing: where its cores are, and who waits for whom. The simulator says it itself."""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import packages, paths, process

KERNEL_PLACE = 0xFFFF000000000000 + 0x40200000  # window on physical memory, and where QEMU's virt loads an Image
GDB_SCRIPT = paths.ROOT / 'tools' / 'gdb' / 'mudskipper.py'
QMP_SECONDS = 2.0   # for an answer of a machine that is to be killed anyway
GDB_SECONDS = 40.0  # for gdb to read all symbols, on a host that is busy
TALE = re.compile(r'(core \d+: |    |circle: )')  # lines of `mud waits`


def parse(data):
    """QMP's messages."""
    messages = []
    for line in data.splitlines():
        try:
            messages.append(json.loads(line))
        except ValueError:
            continue  # a line cut off by the end of the machine
    return messages


def monitor(channel, command):
    """What QEMU's monitor answers; None when it does not."""
    channel.settimeout(QMP_SECONDS)
    ask = {'execute': 'human-monitor-command', 'id': command, 'arguments': {'command-line': command}}
    try:
        channel.sendall(json.dumps(ask).encode() + b'\n')
        data = b''
        while chunk := channel.recv(process.CHUNK):
            data += chunk
            for message in parse(data):
                if message.get('id') == command:
                    return message.get('return', '')
    except OSError:
        pass
    return None


def report(channel, symbols):
    """All of it, in lines that begin with a newline. `symbols`: the kernel's ELF file, or None."""
    return who_runs(channel, symbols) + (who_waits(channel, symbols) if symbols else '')


def who_runs(channel, symbols):
    """Where each core is; '' when the machine does not answer."""
    cores = re.findall(r'CPU#(\d+)\s+PC=([0-9a-fA-F]+)', monitor(channel, 'info registers -a') or '')
    return ''.join(f'\n  core {core} at 0x{pc}{_symbol(symbols, pc)}' for core, pc in cores)


def _symbol(symbols, pc):
    """Function and line of an address in the kernel, which is linked at 0 and runs where it was loaded; with what the
    compiler put it into."""
    if not symbols:
        return ''
    places = [f'{place:x}' for place in (int(pc, 16) - KERNEL_PLACE, int(pc, 16)) if place >= 0]
    try:
        answer = subprocess.run(['aarch64-linux-gnu-addr2line', '-a', '-f', '-i', '-e', str(symbols), *places], capture_output=True,
                                text=True, timeout=QMP_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ''
    for place in re.split(r'^0x\w+\n', answer.stdout, flags=re.MULTILINE):
        said = place.splitlines()
        chain = [f'{function} ({line.split("/")[-1]})' for function, line in zip(said[::2], said[1::2]) if function != '??']
        if chain:
            return ' ' + ' in '.join(chain)
    return ''


def who_waits(channel, symbols):
    """gdb on the machine, which stands still meanwhile."""
    if not shutil.which(packages.GDB_CROSS):
        return f'\n  with the package {packages.GDB_CROSS}, who waits for whom would be said here'
    with tempfile.TemporaryDirectory(prefix='msk-') as folder:  # a short name: sockets have no long ones
        socket = Path(folder) / 'gdb'
        if monitor(channel, 'stop') is None or monitor(channel, f'gdbserver unix:{socket},server=on,wait=off') is None:
            return ''
        words = [packages.GDB_CROSS, '-q', '-batch', '-iex', 'set width 0', '-ex', f'symbol-file -o {KERNEL_PLACE:#x} "{symbols}"',
                 '-x', str(GDB_SCRIPT), '-ex', f'target remote {socket}', '-ex', 'mud waits']
        try:
            said = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace',
                                  timeout=GDB_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f'\n  who waits for whom is not known: {error}'
        finally:
            monitor(channel, 'gdbserver none')  # or QEMU 7.2 refuses the next: "duplicate yank instance"
    lines = [line for line in said.stdout.splitlines() if TALE.match(line)]
    if not lines:
        return f'\n  who waits for whom is not known: {(said.stderr.splitlines() or ["gdb said nothing"])[-1]}'
    return ''.join(f'\n  {line}' for line in lines)
