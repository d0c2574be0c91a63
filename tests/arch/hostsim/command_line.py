#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests the simulator as a program: options, ways to end, terminal. TAP on standard output."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import termios
import time

PATIENCE = 60  # seconds; a hang detector

USAGE = """usage: command_line.py EXECUTABLE CONFIG SOURCE
EXECUTABLE the kernel that tests its port, CONFIG what it is built for, SOURCE the folder with .valgrindrc"""

tests = []
machine = ""
config = ""
source = ""


def test(identity, sentence):
    """Registers a test function: it returns None, or what is wrong."""
    def register(function):
        tests.append((identity, sentence, function))
        return function
    return register


def run(*options, stdin=""):
    return subprocess.run([machine, *options], input=stdin, capture_output=True, text=True, timeout=PATIENCE)


def ends(result, status, *texts):
    """None when the run ended with this status and said all of the texts (regular expressions)."""
    said = result.stdout + result.stderr
    missing = [text for text in texts if not re.search(text, said)]
    if result.returncode != status or missing:
        return f"status {result.returncode}, wanted {status}; not said: {missing}; output:\n{said}"
    return None


def refuses(*options):
    """None when the options are refused in exactly one sentence."""
    result = run(*options)
    if result.returncode != 125 or result.stdout or not re.fullmatch(r"hostsim: [^\n]+\n", result.stderr):
        return f"{options}: status {result.returncode}, output:\n{result.stdout}{result.stderr}"
    return None


def first(complaints):
    return next((complaint for complaint in complaints if complaint), None)


@test("HOSTSIM-CLI-001", "--help explains the options and gives examples")
def _():
    return ends(run("--help"), 0, "--cores", "--timeout", "Examples:")


@test("HOSTSIM-CLI-002", "wrong options are refused in one sentence with status 125")
def _():
    wrong = [("--cores", "0"), ("--cores", "65"), ("--cores", "two"), ("--cores", "-1"), ("--cores", ""),
             ("--mem", "1"), ("--mem", "3Q"), ("--mem", "99999999999G"), ("--timeout", "0"), ("--timeout", "soon"),
             ("--window", "1K"), ("--seed", "x"), ("--nonsense",), ("--cores",), ("surplus",), ("-q",),
             ("--archive", "/nonexistent/archive"), ("--with", "/nonexistent/program"),
             ("--script", "/nonexistent/script"), ("--archive", "/"), ("--places", "/nonexistent/places")]
    return first(refuses(*options) for options in wrong)


@test("HOSTSIM-CLI-003", "the machine's exit code is the process's")
def _():
    return first(ends(run("--append", f"exit={code}"), code) for code in (0, 1, 7, 255))


@test("HOSTSIM-CLI-004", "a reset is not a success")
def _():
    return ends(run("--append", "reset"), 123)


@test("HOSTSIM-CLI-005", "a kernel panic ends with 134 and a back-trace")
def _():
    return ends(run("--append", "panic"), 134, "asked for with 2 arguments", r"kernel\+0x")


@test("HOSTSIM-CLI-006", "a fault in the kernel is a panic that names the address")
def _():
    return ends(run("--append", "fault"), 134, "bad memory access in the kernel, address 0x8", r"kernel\+0x")


@test("HOSTSIM-CLI-007", "a kernel stack that overflows is a panic")
def _():
    return ends(run("--append", "overflow"), 134, "bad memory access in the kernel", r"kernel\+0x")


@test("HOSTSIM-CLI-008", "a time-out says where each core is: a kernel that hangs, with a back-trace")
def _():
    return ends(run("--append", "hang", "--timeout", "0.5", "--cores", "2"), 124, "time-out", "core 0 is in the kernel",
                r"#0 kernel\+0x", "core 1 is idle")


@test("HOSTSIM-CLI-009", "a time-out of an idle machine says so")
def _():
    return ends(run("--append", "idle", "--timeout", "0.3", "--cores", "1"), 124, "core 0 is idle")


@test("HOSTSIM-CLI-010", "one core and sixty-four cores can be had")
def _():
    return first(ends(run("--cores", cores, "--append", "exit=3"), 3) for cores in ("1", "64"))


@test("HOSTSIM-CLI-011", "files of the command line are in the archive, behind the archive's own")
def _():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "tool")
        archive = os.path.join(folder, "a.cpio")
        with open(program, "w", encoding="ascii") as f:
            f.write("12345")
        first_archive = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input="tool\n", capture_output=True,
                                       cwd=folder, text=True, check=False) if has_cpio() else None
        options = ["--append", "archive", "--with", program, "--with", program + "=other", "-c", "ls"]
        wanted = [r"bin/tool 5\n", r"bin/other 5\n", r"boot/script 3\n"]
        if first_archive is not None:
            with open(archive, "w", encoding="ascii") as f:
                f.write(first_archive.stdout)
            options += ["--archive", archive]
            wanted += [r"(?m)^tool 5\n"]
        return ends(run(*options), 0, *wanted)


def has_cpio():
    return shutil.which("cpio") is not None


@test("HOSTSIM-CLI-012", "a script can come from standard input")
def _():
    return ends(run("--append", "archive", "--script", "-", stdin="one\ntwo\n"), 0, r"boot/script 8\n")


@test("HOSTSIM-CLI-013", "standard input reaches the machine")
def _():
    return ends(run("--append", "echo", stdin="hello, fish\n"), 0, "hello, fish")


def signalled(number, status):
    process = subprocess.Popen([machine, "--append", "idle"], stdin=subprocess.DEVNULL)
    time.sleep(0.5)
    process.send_signal(number)
    code = process.wait(PATIENCE)
    return None if code == status else f"status {code}, wanted {status}"


@test("HOSTSIM-CLI-014", "SIGINT ends with 130, SIGTERM with 143")
def _():
    return signalled(signal.SIGINT, 130) or signalled(signal.SIGTERM, 143)


@test("HOSTSIM-CLI-015", "a reader that goes away does not matter")
def _():
    read, write = os.pipe()
    os.close(read)
    process = subprocess.Popen([machine, "--append", "panic"], stdin=subprocess.DEVNULL, stdout=write)
    os.close(write)
    code = process.wait(PATIENCE)
    return None if code == 134 else f"status {code}"


def terminal(command, keys, wanted):
    """Runs on a pseudo-terminal, types keys once it is raw; what is wrong with status, output and terminal, or None."""
    child, master = pty.fork()
    if child == 0:
        before = termios.tcgetattr(0)
        status = subprocess.run([machine, "--append", command], check=False).returncode
        os._exit(status if termios.tcgetattr(0) == before else 99)
    text = b""
    if keys:
        until(lambda: not termios.tcgetattr(master)[3] & termios.ICANON)
        os.write(master, keys)
    while True:
        try:
            ready = select.select([master], [], [], PATIENCE)[0]
            more = os.read(master, 4096) if ready else b""
        except OSError:
            break  # the other side is closed
        if not more:
            os.kill(child, signal.SIGKILL)
            break
        text += more
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(master)
    if status != wanted[0] or not re.search(wanted[1], text):
        return f"status {status} (99: the terminal was not restored), wanted {wanted[0]}; output: {text}"
    return None


def reported(command, text):
    """None when the tool built into the machine stopped the command with these words."""
    result = run("--append", command, "--cores", "2")
    if result.returncode == 0 or not re.search(text, result.stdout + result.stderr):
        return f"status {result.returncode}, not said: {text}; output:\n{result.stdout}{result.stderr}"
    return None


def valgrind(folder, *options):
    return subprocess.run(["valgrind", "--error-exitcode=99", machine, *options], stdin=subprocess.DEVNULL, cwd=folder,
                          capture_output=True, text=True, timeout=PATIENCE, check=False)


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)


@test("HOSTSIM-CLI-016", "Ctrl-A x leaves, and the terminal is as before")
def _():
    return terminal("idle", b"abc\x01x", (0, b""))


@test("HOSTSIM-CLI-017", "Ctrl-C ends a machine that nobody listens in")
def _():
    return terminal("idle", b"\x03", (130, b""))


@test("HOSTSIM-CLI-018", "keys reach the machine as they are, once")
def _():
    return terminal("echo", b"fi\x01\x01sh\r", (0, b"^fi\x01sh\r"))


@test("HOSTSIM-CLI-019", "the terminal is restored after a panic")
def _():
    return terminal("panic", b"", (134, b"Bail out!"))


@test("HOSTSIM-CLI-020", "a machine all of whose cores stopped ends, with 1")
def _():
    return ends(run("--append", "stop"), 1, "every core stopped")


def add_controls():
    """Faults that the configuration's tool must report."""
    if config == "asan":
        test("HOSTSIM-TOOL-001", "a use of free memory by the kernel is reported")(
            lambda: reported("use-free", "use-after-poison"))
        test("HOSTSIM-TOOL-002", "undefined behaviour of the kernel is reported")(
            lambda: reported("shift", "runtime error: shift exponent 40"))
    if config == "tsan":
        test("HOSTSIM-TOOL-003", "a race between two cores of the kernel is reported")(
            lambda: reported("race", "data race"))
    if config == "plain" and shutil.which("valgrind"):
        test("HOSTSIM-TOOL-004", "Valgrind reports a use of free memory by the kernel")(
            lambda: ends(valgrind(source, "--append", "use-free"), 99, "Invalid read of size 8"))
        test("HOSTSIM-TOOL-005", "Valgrind finds nothing in a run without faults, and no leak")(
            lambda: ends(valgrind(source, "--append", "exit=0"), 0, "ERROR SUMMARY: 0 errors", "no leaks are possible"))
        test("HOSTSIM-TOOL-006", "without .valgrindrc Valgrind is refused in one sentence")(
            lambda: ends(valgrind("/", "--append", "exit=0"), 125, "hostsim: Valgrind needs the options in .valgrindrc"))


def main():
    global machine, config, source
    if len(sys.argv) != 4:
        sys.exit(USAGE)
    machine, config, source = os.path.abspath(sys.argv[1]), *sys.argv[2:]
    add_controls()
    failed = 0
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    for number, (identity, sentence, function) in enumerate(tests, 1):
        try:
            complaint = function()
        except (OSError, subprocess.SubprocessError) as error:
            complaint = str(error)
        failed += complaint is not None
        for line in (complaint or "").splitlines():
            print("# " + line)
        print(f"{'not ok' if complaint else 'ok'} {number} - {identity} {sentence}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
