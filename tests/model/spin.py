# SPDX-License-Identifier: MIT
"""Running Spin: a model is compiled once, its switches are told to each run."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PATIENCE = 600  # seconds; a hang detector

ORDERS = ('relaxed', 'acquire', 'release', 'acq_rel', 'seq_cst')
MEMORIES = ('sc', 'tso', 'weak')
NAMES = {name: str(number) for names in (ORDERS, MEMORIES) for number, name in enumerate(names)}


def number(value):
    """Of a switch: numbers stand for themselves."""
    return NAMES.get(value, str(value))


@dataclass
class Outcome:
    violated: str  # the property, None when all hold
    whole: bool    # every state was visited
    states: int
    depth: int
    output: str


def run(words, folder, env=None):
    done = subprocess.run(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    return done.returncode, done.stdout


def must(words, folder):
    status, said = run(words, folder)
    if status:
        raise SystemExit(f'{words[0]}: status {status}\n{said}')
    return said


class Model:
    """A .pml file and how its switches stand in the code as it is."""

    def __init__(self, name, usual, tools, folder):
        self.file = HERE / f'{name}.pml'
        self.usual = usual
        self.spin, self.compiler = tools
        self.folder = folder / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.compiled = False

    def settings(self, changed):
        unknown = set(changed) - set(self.usual)
        if unknown:
            raise SystemExit(f'{self.file.name} has no switch {", ".join(sorted(unknown))}')
        return {name: number(value) for name, value in {**self.usual, **changed}.items()}

    def compile(self):
        if self.compiled:
            return
        must([self.spin, '-a', '-DCOMPILED', str(self.file)], self.folder)
        # Breadth first: a counter-example is the shortest there is. No -O: compiling takes longer than running.
        must([*self.compiler, '-w', '-O0', '-DBFS', '-DSAFETY', '-DNOCLAIM', '-o', 'pan', 'pan.c'], self.folder)
        self.compiled = True

    def check(self, changed):
        """Visits every state, up to the first that violates a property."""
        self.compile()
        for left in self.folder.glob('*.trail'):
            left.unlink()
        status, said = run(['./pan', '-m1000000', '-w20'], self.folder, {**os.environ, **self.settings(changed)})
        states = re.search(r'(\d+) states, stored', said)
        if status or not states:
            raise SystemExit(f'{self.file.name}: the check did not end well\n{said}')
        broken = re.search(r'assertion violated +!\((\w+)\)', said) or re.search(r'(invalid end state)', said.split('Full')[0])
        errors = int(re.search(r'errors: (\d+)', said)[1])
        if bool(errors) != bool(broken):
            raise SystemExit(f'{self.file.name}: not understood\n{said}')
        whole = not errors and 'Search not completed' not in said and 'max search depth too small' not in said
        return Outcome(broken[1] if broken else None, whole, int(states[1]),
                       int(re.search(r'depth reached (\d+)', said)[1]), said)

    def counter_example(self, changed):
        """The accesses of the trail that the last check left."""
        trail = next(self.folder.glob('*.trail'), None)
        if trail is None:
            raise SystemExit(f'{self.file.name}: the check left no trail')
        shutil.copy2(self.file, self.folder)
        _, said = run(['./pan', '-r', trail.name], self.folder, {**os.environ, **self.settings(changed)})
        return [line.strip()[2:] for line in said.splitlines() if line.strip().startswith('@ ')]

    def simulate(self, changed, seed):
        """The accesses of one execution, chosen at random; whether it violated a property."""
        defines = [f'-D{name}_IS={value}' for name, value in self.settings(changed).items()]
        status, said = run([self.spin, '-T', f'-n{seed}', '-u1000000', *defines, str(self.file)], self.folder)
        accesses = [line.strip()[2:] for line in said.splitlines() if line.strip().startswith('@ ')]
        if not accesses or 'blocks' in said or '-------------\ndepth-limit' in said:
            raise SystemExit(f'{self.file.name}: this is no execution\n{said}')
        return accesses, status != 0
