# SPDX-License-Identifier: MIT
"""The machine one sits at, and what is installed there, as far as figures depend on it."""

import os
import platform
import subprocess
import time

from . import boards, builds
from .paths import ROOT

CROSS_COMPILER = 'aarch64-linux-gnu-gcc'


def first_line(command):
    """What a program says of itself; '' when it is not there."""
    try:
        said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError:
        return ''
    return said.stdout.splitlines()[0].strip() if said.returncode == 0 and said.stdout.strip() else ''


def cpu_model():
    """As the kernel names it: "model name", or on Arm its numbers."""
    try:
        with open('/proc/cpuinfo', encoding='utf-8', errors='replace') as file:
            fields = dict([part.strip() for part in line.split(':', 1)] for line in file if ':' in line)
    except OSError:
        return ''
    numbers = [fields[name] for name in ('CPU implementer', 'CPU part') if name in fields]
    return fields.get('model name') or ' '.join(numbers)


def revision():
    """The commit, with a plus when the tree has changes; empty outside git."""
    return first_line(['git', '-C', str(ROOT), 'describe', '--always', '--dirty=+', '--abbrev=12'])


def describe(simulated, qemu):
    """For the record: where and with what figures came about. `simulated`, `qemu`: which worlds were measured."""
    about = {'date': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'revision': revision(),
             'host': platform.machine(), 'kernel': platform.release(), 'cpu': cpu_model(),
             'processors': len(os.sched_getaffinity(0)), 'load': round(os.getloadavg()[0], 2)}
    if simulated:
        about['compiler hostsim'] = first_line([builds.CONFIGS['plain'].compiler, '--version'])
    if qemu:
        about['compiler aarch64'] = first_line([CROSS_COMPILER, '--version'])
        about['qemu'] = first_line([boards.QEMU, '--version'])
    return about
