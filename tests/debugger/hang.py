#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is said of a machine in QEMU that is given up: a program computes for ever, and another waits for it. Words:
those of run-tap that say what is booted."""

import argparse
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools'))

from frontdoor import hang, launch, paths, process, runner, worlds  # noqa: E402

SCRIPT = b'spawn endless\n'
SIGN = b'endless: about to loop'
PATIENCE = 60.0  # seconds: a hang detector
WANTED = (r'\n  core 0 at 0x0*40[0-9a-f]{4}\n', r'\n  core 1 at 0xffff\w+ (.* in )?trap_idle \(trap\.c:\d+\)\n',
          r'\n  core 0: endless \(\d+\) runs\n      main: runs\n', r'\n  core 0: shell \(\d+\) waits for an answer of init \(1\)\n',
          r'\n      main: waits for an answer of init \(1\)\n', r'\n  core 3: init \(4\) waits for a message\n')


def arguments(argv):
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    runner.add_arguments(parser)
    return parser.parse_args(argv)


def missing(said):
    return [pattern for pattern in WANTED if not re.search(pattern, said)]


def asked(channel, symbols):
    """Asks until the others have done what they had to do when the program began; the last answer."""
    end = time.monotonic() + PATIENCE
    while True:
        said = hang.report(channel, symbols)
        if not missing(said) or time.monotonic() > end:
            return said
        hang.monitor(channel, 'cont')  # unless gdb has left it running


def report_of(options, folder):
    """Boots, waits for the sign, and asks; ends the machine."""
    product = launch.Product(image=options.image, archive=options.archive)
    wishes = launch.Wishes(options.cores, options.mem, SCRIPT, [], options.append)
    words = launch.qemu_command(worlds.find(options.world), product, wishes, folder)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b'{"execute": "qmp_capabilities"}\n')
        words += ['-chardev', f'socket,fd={theirs.fileno()},id=msk', '-mon', 'chardev=msk,mode=control']
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, pass_fds=[theirs.fileno()]) as machine:
            try:
                said = b''
                while SIGN not in said:
                    line = machine.stdout.readline()
                    if not line:
                        return f'{said.decode(errors="replace")}\nthe machine ended'
                    said += line
                return asked(ours, options.symbols)
            finally:
                process.end(machine)


def main(argv):
    options = arguments(argv)
    with paths.run_folder(options.image.parent) as folder:
        said = report_of(options, folder)
    lacking = missing(said)
    print('1..1')
    print(f'{"not " if lacking else ""}ok 1 - HANG-001 where the cores are and who waits for whom is said of a machine that hangs')
    if lacking:
        print(f'# missing: {lacking}' + said.replace('\n', '\n# '))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
