# SPDX-License-Identifier: MIT
"""One child process: started, watched until its end or its deadline, never left behind."""

import ctypes
import os
import selectors
import signal
import subprocess
import time

GRACE = 2.0  # seconds between asking a process to end and ending it
CHUNK = 65536
PR_SET_PDEATHSIG = 1


class Terminated(BaseException):
    """Somebody sent SIGTERM or SIGHUP; a BaseException, like KeyboardInterrupt, so that clean-up runs."""

    def __init__(self, number):
        super().__init__(number)
        self.status = 128 + number


def catch_termination():
    def handler(number, _frame):
        raise Terminated(number)

    signal.signal(signal.SIGTERM, handler)
    signal.signal(signal.SIGHUP, handler)


_libc = ctypes.CDLL(None)


def _die_with_parent():
    """In the child: a tool that is killed outright takes its machine with it."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end_with_parent():
    """Of ourselves: when who started us is gone, however that came, we end as if asked to."""
    parent = os.getppid()
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def in_background():
    """The same, for a child beside the one that has the terminal: Ctrl-C is not for it."""
    _die_with_parent()
    os.setpgid(0, 0)


def shell_status(returncode):
    """Popen's return code as a shell would show it."""
    return 128 - returncode if returncode < 0 else returncode


def end(child):
    """Ends the child, politely first. Returns when it is gone."""
    for action in (child.terminate, child.kill):
        if child.poll() is not None:
            return
        action()
        _wait(child, GRACE)
    child.wait()


def _wait(child, seconds):
    """Whether the child ended within `seconds`."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def watch(command, timeout=None, output=None, on_timeout=None, **popen):
    """Runs `command` to its end; returns its shell status, or None when `timeout` seconds were not enough.

    output(bytes): called with what comes on the child's standard output and error, as it comes. None: the child
    writes where we write. on_timeout(): called while the child still lives; it may ask the child to end.
    """
    if output:
        popen.update(stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    deadline = None if timeout is None else time.monotonic() + timeout
    with subprocess.Popen(command, preexec_fn=_die_with_parent, **popen) as child:
        try:
            in_time = _read(child, output, deadline) if output else True
            if in_time:
                try:
                    return shell_status(child.wait(None if deadline is None else max(0, deadline - time.monotonic())))
                except subprocess.TimeoutExpired:
                    pass
            if on_timeout:
                on_timeout()
                _wait(child, GRACE)
            return None
        finally:
            end(child)
            if output:
                _drain(child, output)


def _read(child, output, deadline):
    """Passes the child's output on until it closes it; False when the deadline came first."""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            if selector.select(left):
                data = os.read(child.stdout.fileno(), CHUNK)
                if not data:
                    return True
                output(data)


def _drain(child, output):
    """What a child that has ended left in the pipe; does not wait for grandchildren that hold it open."""
    os.set_blocking(child.stdout.fileno(), False)
    try:
        while data := os.read(child.stdout.fileno(), CHUNK):
            output(data)
    except BlockingIOError:
        pass
