# SPDX-License-Identifier: MIT
"""What the tools say to people. Everything goes to the error output: standard output belongs to the system that
runs, or to the answer that was asked for."""

import os
import sys

# Exit statuses that the tools give a meaning of their own (docs: architecture, "exit status").
STATUS_NOTHING_SELECTED = 2
STATUS_RESET = 123
STATUS_TIMEOUT = 124
STATUS_TOOL = 125
STATUS_INTERRUPTED = 130
STATUS_PANIC = 134  # the kernel's own


class Refusal(Exception):
    """The tool cannot do what was asked; the text is one sentence for the person who asked."""

    def __init__(self, sentence, status=STATUS_TOOL):
        super().__init__(sentence)
        self.status = status


def say(text):
    """One line to the person at the terminal."""
    progress.clear()
    print(f'msk: {text}', file=sys.stderr, flush=True)


def show(text):
    """Output of another program that the person needs to see, as it is."""
    progress.clear()
    sys.stderr.write(text if text.endswith('\n') else text + '\n')
    sys.stderr.flush()


class Progress:
    """One line that is overwritten in place on a terminal, and said once where there is none."""

    def __init__(self):
        self.shown = False
        self.topic = None

    def update(self, topic, detail=''):
        if sys.stderr.isatty():
            columns = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            line = f'msk: {topic} {detail}'.rstrip()[:columns - 1]
            sys.stderr.write(f'\r\033[K{line}')
            sys.stderr.flush()
            self.shown = True
        elif topic != self.topic:
            print(f'msk: {topic}', file=sys.stderr, flush=True)
        self.topic = topic

    def clear(self):
        if self.shown:
            sys.stderr.write('\r\033[K')
            sys.stderr.flush()
            self.shown = False

    def done(self):
        self.clear()
        self.topic = None


progress = Progress()
