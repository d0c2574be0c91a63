#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The watchdog of i.MX 8M Plus, armed before the kernel starts as U-Boot does it, only more impatient. Prints TAP.

The debugger's stub of QEMU writes the register that arms it: 4 s, and nothing but service or a reset ends that. The
kernel has to find it running and serve it, whatever programs do; and when the kernel no longer does (the stub takes
its list of watchdogs away), the machine has to be reset: what the first part relies on.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))

from frontdoor import archive, boards, qemu, worlds  # noqa: E402
from machine import Machine  # noqa: E402

WCR = 0x30280000                        # of WDOG1
ARMED = (0x0734).to_bytes(2, 'little')  # (7 + 1) half seconds; enabled; the bits whose 0 is a reset
PATIENCE = 4.0                          # seconds
ALIVE = 60                              # seconds, many times that
IMAGE = 0x40200000
STATUS = 7                              # the scripts' own

LOAD = ''.join(f'spawn -c {core} endless quietly &\n' for core in range(4)) + f'sleep {ALIVE}000\npoweroff {STATUS}\n'
IDLE = f'sleep {3 * PATIENCE:.0f}000\npoweroff {STATUS}\n'
NO_END = f'echo up\nsleep {ALIVE}000\npoweroff {STATUS}\n'


class Failure(Exception):
    """What went wrong, in one line."""


def start(options, folder, script):
    whole = folder / 'archive.cpio'
    whole.write_bytes(options.archive.read_bytes() + archive.write({'boot/script': (script.encode(), archive.FILE_MODE)}))
    debugger = folder / 'gdb'
    debugger.unlink(missing_ok=True)
    words = qemu.command(worlds.find(options.world), options.image, whole, 4, 1024, '', debugger=debugger)
    machine = Machine(words, folder, debugger)
    stub = machine.debug()
    stub.write(WCR, ARMED)
    if stub.read(WCR, 2) != ARMED:
        machine.kill()
        raise Failure('the watchdog was not armed')
    stub.release()
    return machine


def lives(options, folder, script, seconds):
    machine = start(options, folder, script)
    began = time.monotonic()
    status = machine.wait(seconds + 120)
    if machine.event('WATCHDOG') is not None:
        raise Failure(f'the watchdog ran out after {time.monotonic() - began:.0f} s; it said {machine.said[-200:]!r}')
    if status != STATUS:
        raise Failure(f'status {status}, not {STATUS}; it said {machine.said[-200:]!r}')
    if time.monotonic() - began < seconds:
        raise Failure('it ended before its time')


def under_load(options, folder):
    lives(options, folder, LOAD, ALIVE)


def idle(options, folder):
    lives(options, folder, IDLE, 3 * PATIENCE)


def symbol(options, name):
    said = subprocess.run(['aarch64-linux-gnu-nm', options.symbols], capture_output=True, text=True, check=True).stdout
    found = re.search(rf'^([0-9a-f]+) . {name}$', said, re.MULTILINE)
    if not found:
        raise Failure(f'the kernel has no {name}')
    return int(found[1], 16)


def unserved(options, folder):
    list_of_them = IMAGE + symbol(options, 'watchdogs')
    machine = start(options, folder, NO_END)
    end = time.monotonic() + 60
    while b'\nup\n' not in machine.said:
        if time.monotonic() > end or machine.qemu.poll() is not None:
            machine.kill()
            raise Failure(f'it did not come up; it said {machine.said[-200:]!r}')
        time.sleep(0.05)
    stub = machine.debug()
    if stub.read(list_of_them, 8) == bytes(8):
        machine.kill()
        raise Failure('the kernel serves no watchdog')
    stub.write(list_of_them, bytes(8))
    stub.release()
    began = time.monotonic()
    status = machine.wait(ALIVE / 2)
    if status is None:
        raise Failure(f'it still ran {ALIVE / 2:.0f} s after the last service')
    if machine.event('WATCHDOG') is None:
        raise Failure(f'it ended with status {status}, but not by its watchdog')
    if time.monotonic() - began > 3 * PATIENCE:
        raise Failure(f'the watchdog waited {time.monotonic() - began:.0f} s')


CASES = (
    ('WATCHDOG-LIVE-001', f'armed with {PATIENCE:.0f} s, the system lives for {ALIVE} s with all cores busy', under_load),
    ('WATCHDOG-LIVE-002', 'and with all cores asleep', idle),
    ('WATCHDOG-LIVE-003', 'a kernel that stops serving it is reset', unserved),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('world', choices=[world.name for world in worlds.WORLDS.values() if world.board])
    parser.add_argument('--image', type=Path, required=True)
    parser.add_argument('--archive', type=Path, required=True)
    parser.add_argument('--symbols', type=Path, required=True, help='ELF file of the image')
    parser.add_argument('--only', default='', metavar='TEXT', help='the cases with TEXT in their identifier')
    options = parser.parse_args()
    if reason := boards.missing(worlds.find(options.world)):
        print(f'1..0 # SKIP {reason}')
        return 0
    cases = [case for case in CASES if options.only in case[0]]
    print(f'1..{len(cases)}', flush=True)
    failed = 0
    for number, (identifier, sentence, function) in enumerate(cases, 1):
        word = 'ok'
        with tempfile.TemporaryDirectory() as folder:
            try:
                function(options, Path(folder))
            except (Failure, OSError, EOFError, ValueError, subprocess.CalledProcessError) as error:
                word = 'not ok'
                failed += 1
                print(f'# {error}')
        print(f'{word} {number} - {identifier} {sentence}', flush=True)
    return 1 if failed or not cases else 0


if __name__ == '__main__':
    sys.exit(main())
