# SPDX-License-Identifier: MIT
"""Build folders: one per configuration of the simulator, one per compiler for the aarch64 Image.

A folder is configured once and then only kept up to date by ninja, so that the second start costs a glance. A lock per
folder keeps two of our own runs from building the same folder at the same time.
"""

import fcntl
import os
import re
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

from . import packages
from .console import Refusal, progress, say, show
from .paths import ROOT, cache, named

CONFIGURED = ('build.ninja',)  # the target that only keeps Meson's own files up to date
WAIT_SAID_AFTER = 1.0  # seconds of waiting for another build before saying so


@dataclass(frozen=True)
class Build:
    name: str
    folder: str
    about: str
    needs: tuple
    compiler: str = ''
    options: tuple = ()
    setup: str = ''  # Meson test setup that this configuration runs under
    slowness: int = 1  # what time-outs of tests are multiplied with
    deterministic: bool = False  # one seed, one run
    deps: tuple = ()         # commands of our own that fill the cache before Meson configures

    @property
    def path(self):
        return ROOT / self.folder


def _host(name, folder, about, compiler='clang', option=None, needs=(), **more):
    return Build(name, folder, about, packages.HOST + packages.C_LIBRARY + needs, compiler,
                 (f'-Dconfig={option or name}',), **more)


def _cross(name, folder, about, cross_file, needs):
    libfdt = str(cache() / 'libfdt')
    return Build(name, folder, about, packages.CROSS + packages.C_LIBRARY + needs,
                 options=('--cross-file', str(ROOT / cross_file), f'-Dlibfdt={libfdt}'),
                 deps=(('fetch-arm64', libfdt),))


# Configurations of the simulator, in the order in which `--all` runs them.
CONFIGS = {build.name: build for build in (
    _host('plain', 'build', 'clang, no checker'),
    _host('gcc', 'build-gcc', 'gcc, no checker', compiler='gcc', option='plain'),
    _host('asan', 'build-asan', 'address and undefined-behaviour sanitizers', slowness=4),
    _host('tsan', 'build-tsan', 'thread sanitizer', slowness=8),
    _host('valgrind', 'build', 'the plain build under Valgrind', option='plain', setup='valgrind', slowness=20),
    _host('det', 'build-det', 'one thread, virtual time, repeated by --seed', slowness=4, needs=(packages.GDB,),
          deterministic=True),
    _host('det-asan', 'build-det-asan', 'the same under address and undefined-behaviour sanitizers', slowness=8,
          needs=(packages.GDB,), deterministic=True),
    _host('coverage', 'build-coverage', 'line coverage', slowness=2),
)}

# Not a configuration of the system: libFuzzer's programs, for tools/msk fuzz.
FUZZ = Build('fuzz', 'build-fuzz', 'libFuzzer and sanitizers, targets of tests/fuzz only',
             packages.HOST + packages.C_LIBRARY, 'clang', ('-Dfuzz=true',))

AARCH64 = _cross('aarch64', 'build-aarch64', 'the Image, gcc', 'arch/aarch64/cross.txt', ())
AARCH64_CLANG = _cross('aarch64-clang', 'build-aarch64-clang', 'the Image, clang', 'arch/aarch64/cross-clang.txt',
                       packages.CROSS_CLANG)


@contextmanager
def locked(folder):
    """Only one of our runs at a time configures or builds a folder, or fills the cache."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / '.msk-lock', 'w') as lock:
        started, said = time.monotonic(), False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not said and time.monotonic() - started > WAIT_SAID_AFTER:
                    say(f'waiting for another msk that works on {named(folder)}')
                    said = True
                time.sleep(0.1)
        yield


def ensure(build, targets=()):
    """Configures the folder if that was never done, builds what is out of date of `targets` (none: everything). The
    packages are there already."""
    with locked(build.path):
        if not (build.path / 'build.ninja').exists():
            configure(build)
        compile_(build, targets)


def environment(build):
    env = dict(os.environ, MUDSKIPPER_CACHE=str(cache()), NINJA_STATUS='[%f/%t] ')
    if build.compiler:
        env['CC'] = build.compiler
    return env


def configure(build):
    # A first attempt that failed half-way leaves state that Meson would take for a configured folder.
    for rest in ('meson-private', 'meson-info'):
        shutil.rmtree(build.path / rest, ignore_errors=True)
    for tool, *words in build.deps:
        run_tool(build.folder, tool, words, environment(build))
    progress.update(f'configuring {build.folder}')
    command = ['meson', 'setup', str(build.path), str(ROOT), *build.options]
    result = subprocess.run(command, env=environment(build), stdin=subprocess.DEVNULL, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        show(result.stdout)
        raise Refusal(f'Meson could not configure {build.folder}; its words are above')
    progress.done()


def run_tool(what, tool, words, env=None):
    """Our own tools that fill the cache find out by themselves when there is nothing to do."""
    progress.update(f'preparing {what} with tools/{tool}')
    with locked(cache()):
        result = subprocess.run([str(ROOT / 'tools' / tool), *words], env=env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        show(result.stdout)
        raise Refusal(f'tools/{tool} could not prepare {what}; its words are above')
    progress.done()


def compile_(build, targets):
    """Runs ninja. Says nothing when nothing is out of date; shows what failed, and only that."""
    ninja = subprocess.Popen(['ninja', '-C', str(build.path), *targets], env=environment(build), text=True,
                             errors='replace', stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    rest = []
    try:
        for line in ninja.stdout:
            step = re.match(r'\[(\d+)/(\d+)\] ', line)
            if step:
                progress.update(f'building {build.folder}', f'{step[1]}/{step[2]}')
            elif not line.startswith(('ninja: Entering', 'ninja: no work')):
                rest.append(line)
        status = ninja.wait()
    finally:
        if ninja.poll() is None:
            ninja.terminate()
            ninja.wait()
    progress.done()
    if status:
        # What Meson said before, when it configured anew, is not of interest.
        steps = [at for at, line in enumerate(rest) if line.startswith('FAILED: ') and 'build.ninja' not in line]
        show(''.join(rest[steps[0] if steps else 0:]))
        raise Refusal(f'building {build.folder} failed; what the compiler said is above')
