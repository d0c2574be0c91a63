#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shell in the hands of a person: keys through a pseudo-terminal, and what appears on it.

A story is a list of steps. Each waits until what it names has appeared behind what the step before waited for, then types:
nothing depends on how fast anybody is. The terminal has to be at the end as it was found, however the machine ended.
"""

import argparse
import codecs
import fcntl
import os
import pty
import re
import selectors
import signal
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'tools'))

from frontdoor import boards, qemu, worlds  # noqa: E402

PATIENCE = 60 * float(os.environ.get('MUDSKIPPER_SLOWNESS') or 1)  # seconds

PROMPT = 'msk> '
ENTER, TAB = '\r', '\t'
BACKSPACE = '\x7f'
CTRL_A, CTRL_C, CTRL_D, CTRL_R, CTRL_U, CTRL_BACKSLASH = '\x01', '\x03', '\x04', '\x12', '\x15', '\x1c'
LEFT, UP, HOME = '\x1b[D', '\x1b[A', '\x1b[H'


class Again:
    """A command that is given again until what it prints fits a pattern."""

    def __init__(self, command, pattern):
        self.command, self.pattern = command, pattern


class Key:
    """Keys typed again, once a second, until what appears fits all of these patterns."""

    def __init__(self, keys, *patterns):
        self.keys, self.patterns = keys, patterns
        self.pattern = ' and '.join(patterns)


# While the shell waits for a program called endless.
WAITING = (r'core 0: shell \(\d+\) waits for an answer of init \(1\), has not run for \d+\.\d+ s',
           r'core 0: endless \(\d+\) runs\n', r'core 0: terminal \(\d+\) waits for a message', r'core 1: init \(2\) ')


def missing(shown, *patterns):
    found = [pattern for pattern in patterns if not re.search(pattern, shown)]
    return f'{found} did not appear' if found else None


class Story:
    steps = ()        # (what appears, or what is asked until it does; what is typed then)
    status = 0
    words = ()        # further words for the machine
    signal = None     # sent to the machine behind the last step

    def check(self, shown):
        """What is wrong with all that appeared, or None."""


class Edit(Story):
    """The banner, editing, history and its search; Ctrl-C drops a line, Ctrl-D leaves."""
    steps = [('Ctrl-A x', ''), (PROMPT, 'echo helo' + LEFT + 'l' + ENTER),
             ('\nhello\n', ''), (PROMPT, UP + HOME + 'echo again; ' + ENTER),
             ('\nagain\nhello\n', ''), (PROMPT, 'echo "two  words" no' + CTRL_U + 'echo "three  words"' + ENTER),
             ('\nthree  words\n', ''), (PROMPT, CTRL_R + 'again' + ENTER),
             ('\nagain\nhello\n', ''), (PROMPT, 'echo dropped' + CTRL_C),
             ('^C', ''), (PROMPT, 'nonsense' + ENTER),
             ('nonsense: there is no such command; help lists them\n', ''), (PROMPT, 'jobs' + ENTER),
             (PROMPT, CTRL_D)]


class Tab(Story):
    """Completes commands, programs, files and processes, and lists what is possible."""
    steps = [(PROMPT, 'upt' + TAB), ('ime ', ENTER), ('\nup ', ''),
             (PROMPT, 'spawn hell' + TAB), ('o ', 'x' + ENTER), ('\nhello from hello on core 0, argument count 2', ''),
             (PROMPT, 'cat boo' + TAB), ('t', CTRL_U),
             ('', 'kill termi' + TAB), ('nal ', CTRL_U),
             ('', 're' + TAB), ('reboot  repeat', CTRL_U),
             ('', 'exit' + ENTER)]


class Interrupt(Story):
    """Ctrl-C ends a sleep, the wait for a job, which goes on, and a program in the foreground."""
    steps = [(PROMPT, 'echo lies down; sleep 100000000' + ENTER), ('\nlies down\n', CTRL_C),
             ('sleep: interrupted\n', ''), (PROMPT, 'spawn endless' + ENTER),
             ('\nendless: about to loop\n', CTRL_C), ('spawn: endless: interrupted\n', ''),
             (PROMPT, 'spawn endless quietly &' + ENTER), ('[1] endless\n', ''),
             (PROMPT, 'echo waits; wait %1' + ENTER), ('\nwaits\n', CTRL_C),
             ('wait: interrupted; endless goes on\n', ''), (PROMPT, 'jobs' + ENTER),
             ('running', ''), (PROMPT, 'kill %1' + ENTER), ('[1] endless quietly: killed\n', ''),
             (PROMPT, 'exit 4' + ENTER)]
    status = 4


class Keyboard(Story):
    """A program in the foreground has the keyboard, but not Ctrl-C; one in the background has none."""
    steps = [(PROMPT, 'spawn echo-lines reader' + ENTER), ('reader: type lines, end with Ctrl-D\n', 'some words' + ENTER),
             ('1: some words\n', CTRL_D), ('1 lines\n', ''),
             (PROMPT, 'spawn echo-lines reader' + ENTER), ('reader: type lines, end with Ctrl-D\n', 'more' + CTRL_C),
             ('spawn: echo-lines: interrupted\n', ''),
             (PROMPT, 'spawn echo-lines job &' + ENTER), ('0 lines\n', 'wait %1' + ENTER),
             ('echo-lines: ended with exit code 0\n', ''),
             (PROMPT, 'spawn sort-lines' + ENTER), ('sort-lines: type lines, end with Ctrl-D\n', 'pear' + ENTER),
             ('pear\n', 'appx' + BACKSPACE + 'le' + ENTER), ('appx\b \ble\n', CTRL_D),
             ('apple\npear\n2 lines, 4.50 bytes each\n', ''),
             (PROMPT, 'spawn shell' + ENTER), ('Mudskipper', ''), (PROMPT, 'echo inner; sleep 100000000' + ENTER),
             ('\ninner\n', CTRL_C), ('sleep: interrupted\n', ''), (PROMPT, 'exit 3' + ENTER),
             ('spawn: shell: ended with exit code 3\n', ''), (PROMPT, 'poweroff 6' + ENTER)]
    status = 6


class Flood(Story):
    """Programs write more than the console can show, a person types more than the shell can take: nothing is lost, and both
    go on."""
    lines, writers = 200, ('one', 'two', 'three')
    pasted = 300
    text = (': a line that is longer than what one message of the kernel can carry, to see whether it stays whole when others '
            'write, too')

    def __init__(self):
        self.steps = [(PROMPT, f'spawn flood {name} {self.lines} &' + ENTER) for name in self.writers]
        self.steps += [(PROMPT, ''.join(f'echo "p"asted {n}' + ENTER for n in range(self.pasted))),
                       (f'\npasted {self.pasted - 1}\n', ''),
                       *((PROMPT, f'wait %{n}; echo over' + ENTER) if n == 1 else ('over\n', f'wait %{n}; echo over' + ENTER)
                         for n in (1, 2, 3)),
                       ('over\n', 'poweroff' + ENTER)]

    def check(self, shown):
        lines = shown.split('\n')
        for name in self.writers:
            for n in range(self.lines):
                if shown.count(f'{name} {n}{self.text}\n') != 1:
                    return f'{name} {n} is missing, or was cut'
        pasted = [line for line in lines if line.startswith('pasted ')]
        return None if pasted == [f'pasted {n}' for n in range(self.pasted)] else f'of what was pasted came {pasted}'


class Waits(Story):
    """Who waits for whom, as soon as they do, on this core and others."""
    steps = [(PROMPT, "spawn shell -c 'spawn endless quietly' &" + ENTER), ('[1] shell\n', ''),
             (Again('waits -n', r'\n +0  shell +end +endless '), ''),
             (PROMPT, "spawn shell -c 'spawn -c 1 endless quietly' &" + ENTER), ('[2] shell\n', ''),
             (Again('waits', r'(\n +0 +\d+ +- +[0-9.]+ \w+  shell +end +endless .*){2}\n(?:.*\n)*'
                             r' +1 +\d+ +- +[0-9.]+ \w+  names +call +init '), ''),
             (PROMPT, 'poweroff' + ENTER)]


class Leave(Story):
    """Ctrl-A x, in the middle of what can not be interrupted."""
    steps = [(PROMPT, 'spawn endless' + ENTER), ('\nendless: about to loop\n', CTRL_A + 'x')]


class Terminate(Story):
    """Somebody ends the simulator."""
    steps = [(PROMPT, 'spawn endless' + ENTER), ('\nendless: about to loop\n', '')]
    signal = signal.SIGTERM
    status = -int(signal)


class Told(Story):
    """Ctrl-\\, in the middle of what the shell knows nothing of: where the cores are, and who waits for whom."""
    steps = [(PROMPT, 'spawn endless' + ENTER), ('\nendless: about to loop\n', ''),
             (Key(CTRL_BACKSLASH, r'hostsim: core 0 runs endless at ', r'hostsim: core 1 is idle\n', *WAITING), CTRL_C),
             ('spawn: endless: interrupted\n', ''), (PROMPT, 'exit 4' + ENTER)]
    status = 4


class TimeOut(Story):
    steps = [(PROMPT, 'spawn endless' + ENTER), ('\nendless: about to loop\n', '')]

    def check(self, shown):
        return missing(shown, *WAITING)

    words = ['--timeout', '2']
    status = 124


STORIES = {'edit': Edit, 'tab': Tab, 'interrupt': Interrupt, 'keyboard': Keyboard, 'flood': Flood, 'waits': Waits,
           'leave': Leave,
           'terminate': Terminate, 'told': Told, 'time-out': TimeOut}


class Ended(Exception):
    pass


class Terminal:
    """A machine on a pseudo-terminal of its own."""

    def __init__(self, command):
        self.ours, self.theirs = pty.openpty()
        self.found = termios.tcgetattr(self.theirs)
        self.machine = subprocess.Popen(command, stdin=self.theirs, stdout=self.theirs, stderr=self.theirs,
                                        start_new_session=True, preexec_fn=self._take_terminal)
        self.shown, self.half = '', ''
        self.decoder = codecs.getincrementaldecoder('utf-8')(errors='backslashreplace')
        self.at = 0  # what was waited for lies before
        self.end = time.monotonic() + PATIENCE

    def _take_terminal(self):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read(self, until=float('inf')):
        """More of what appears, until that time; Ended when nothing will."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.ours, selectors.EVENT_READ)
            while not selector.select(0.2):  # the terminal does not tell that the machine has ended: we have it open
                if time.monotonic() > until:
                    return
                if self.machine.poll() is not None:
                    raise Ended('the machine has ended')
                if time.monotonic() > self.end:
                    raise Ended('time-out')
        text = self.half + self.decoder.decode(os.read(self.ours, 65536))
        self.half = '\r' if text.endswith('\r') else ''  # of a line's end
        self.shown += text.removesuffix('\r').replace('\r\n', '\n')

    def ask_until(self, again):
        while True:
            self.wait_for(PROMPT)
            before = self.at
            self.type(again.command + ENTER)
            self.wait_for('\n' + PROMPT)
            self.at -= len(PROMPT)
            if re.search(again.pattern, self.shown[before:]):
                return

    def type_until(self, key):
        while True:
            before, again = len(self.shown), time.monotonic() + 1
            self.type(key.keys)
            while time.monotonic() < again:
                self.read(again)
                if not missing(self.shown[before:], *key.patterns):
                    self.at = len(self.shown)
                    return

    def wait_for(self, text):
        if isinstance(text, Again):
            self.ask_until(text)
            return
        if isinstance(text, Key):
            self.type_until(text)
            return
        while (at := self.shown.find(text, self.at)) < 0:
            self.read()
        self.at = at + len(text)

    def type(self, keys):
        """Not here: a machine that is asked to take much and show much does neither until we read."""
        threading.Thread(target=self._type, args=[keys.encode()], daemon=True).start()

    def _type(self, keys):
        while keys:
            keys = keys[os.write(self.ours, keys):]

    def finish(self):
        """Reads until the machine has ended; its status."""
        try:
            while True:
                self.read()
        except Ended as ended:
            if str(ended) == 'time-out':
                self.machine.kill()
                self.machine.wait()
                raise
        return self.machine.wait()

    def restored(self):
        return termios.tcgetattr(self.theirs) == self.found


def tell(story, terminal):
    """What went wrong, as sentences."""
    try:
        for text, keys in story.steps:
            step = f'{getattr(text, "pattern", text)!r} did not appear'
            terminal.wait_for(text)
            step = 'it did not end'
            terminal.type(keys)
        if story.signal:
            terminal.machine.send_signal(story.signal)
        status = terminal.finish()
    except Ended as ended:
        terminal.machine.kill()
        return [f'{step}: {ended}', f'what came since: {terminal.shown[terminal.at:]!r}',
                f'before that: {terminal.shown[:terminal.at]!r}']
    problems = []
    if status not in (story.status, 128 - story.status if story.status < 0 else story.status):
        problems.append(f'the machine ended with status {status}, not {story.status}: {terminal.shown[terminal.at:]!r}')
    if wrong := story.check(terminal.shown):
        problems.append(wrong)
    if not terminal.restored():
        problems.append('the terminal is not as it was found')
    return problems


def command(options, story):
    world = worlds.find(options.world)
    if world.machine:
        return qemu.command(world, options.image, options.archive, 4, 512, '')
    return [options.executable, '--archive', options.archive, *story.words]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('story', choices=STORIES)
    parser.add_argument('world')
    parser.add_argument('--archive', required=True)
    parser.add_argument('--executable', help='of the simulator')
    parser.add_argument('--image', help='of the kernel')
    parser.add_argument('--symbols', help='not used; where other runners take it')
    parser.add_argument('--show', action='store_true', help='print what appeared')
    options = parser.parse_args()
    if reason := boards.missing(worlds.find(options.world)):
        print(f'skipped: {options.world}: {reason}')
        return boards.SKIPPED
    story = STORIES[options.story]()
    terminal = Terminal(command(options, story))
    problems = tell(story, terminal)
    if options.show:
        print(terminal.shown)
    for problem in problems:
        print(f'keyboard {options.story} on {options.world}: {problem}')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
