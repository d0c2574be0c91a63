# SPDX-License-Identifier: MIT
"""What has to be installed, and installing it: Debian packages only, only those that are missing, after asking."""

import os
import shutil
import subprocess
import sys

from .console import Refusal, progress, say, show

HOST = ('meson', 'ninja-build', 'pkg-config', 'python3', 'libc6-dev', 'libcmocka-dev', 'libfdt-dev', 'valgrind',
        'clang', 'libclang-rt-14-dev', 'lld', 'llvm', 'gcc', 'spin')
C_LIBRARY = ('newlib-source',)  # tools/newlib builds it
BOARD = ('mtools', 'u-boot-tools')  # media for boards
TESTS = ('clang-format-14', 'cpio', 'device-tree-compiler', 'procps', *BOARD)  # what tests of our own tools use
CROSS = ('meson', 'ninja-build', 'python3', 'gcc-aarch64-linux-gnu', 'device-tree-compiler',
         'gcc', 'libc6-dev')  # the plugin for QEMU is a program of this machine
GDB, GDB_CROSS = 'gdb', 'gdb-multiarch'
PROFILE = ('linux-perf',)  # what tools/msk bench --profile samples the simulator with
CROSS_CLANG = ('clang', 'lld', 'llvm')

LOCK_SECONDS = 600  # how long apt may wait for another apt


def missing(names):
    """Those of `names` that are not installed. Asks dpkg only, so it costs a few milliseconds."""
    names = sorted(set(names))
    try:
        answer = subprocess.run(['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', *names],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except FileNotFoundError:
        raise Refusal('dpkg-query is not here, so this is not a Debian system: '
                      f'install the equivalent of {" ".join(names)} and use Meson directly (README.md)') from None
    installed = {line.split()[0] for line in answer.stdout.splitlines() if line.endswith(' installed')}
    return [name for name in names if name not in installed]


def ensure(names, purpose, yes):
    """Installs what is missing of `names`; asks once unless root or `yes`."""
    wanted = missing(names)
    if not wanted:
        return
    command = ['apt-get', 'install', '-y', '--no-install-recommends', '-o', f'DPkg::Lock::Timeout={LOCK_SECONDS}',
               *wanted]
    root = os.geteuid() == 0
    if not root:
        if not shutil.which('sudo'):
            raise Refusal(f'{purpose} needs packages that only root can install: apt-get install {" ".join(wanted)}')
        command.insert(0, 'sudo')
    if not root and not yes:
        ask(purpose, wanted)
    progress.update(f'installing packages for {purpose}:', ' '.join(wanted))
    if not install(command):
        run_quietly(command[:command.index('install')] + ['update'])  # lists may be absent or old
        if not install(command, last=True):
            raise Refusal(f'apt-get could not install what {purpose} needs: {" ".join(wanted)}')
    progress.done()


def ask(purpose, wanted):
    if not sys.stdin.isatty():
        raise Refusal(f'{purpose} needs packages; say -y to let apt-get install them: {" ".join(wanted)}')
    say(f'{purpose} needs packages that are not installed: {" ".join(wanted)}')
    answer = input('msk: install them with sudo apt-get? [Y/n] ').strip().lower()
    if answer not in ('', 'y', 'yes'):
        raise Refusal('nothing was installed, nothing was built')


def install(command, last=False):
    result = run_quietly(command)
    if result.returncode and last:
        show(result.stdout)
    return result.returncode == 0


def run_quietly(command):
    # A password question of sudo goes to the terminal itself; the environment is passed by `env` because sudo drops it.
    at = command.index('apt-get')
    command = [*command[:at], 'env', 'DEBIAN_FRONTEND=noninteractive', *command[at:]]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
