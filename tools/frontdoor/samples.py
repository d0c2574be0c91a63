# SPDX-License-Identifier: MIT
"""Where the simulator spends its time: perf's samples, with the functions of the programs that it runs named.

perf knows the functions of the simulator, but programs lie in the simulated machine's memory. The simulator writes down
where and when it loads each (--places), and the build has their symbols. So that other tools can name them, too, the same
is left as a perf map: "ADDRESS BYTES NAME" for each function, the form of /tmp/perf-PID.map.
"""

import subprocess
from collections import Counter
from dataclasses import dataclass

from . import counts
from .measure import NotMeasured

PERF = 'perf'
NM = 'nm'
EVENT = 'cpu-clock'  # there is one on every machine
RATE = '5000'        # samples per second


@dataclass(frozen=True)
class Place:
    """A program from a time on."""
    time: float
    base: int
    bytes: int
    name: str


def recording(command, data):
    """The command under perf. Its clock is the one that the simulator writes with."""
    return [PERF, 'record', '-q', '-e', EVENT, '-F', RATE, '-k', 'CLOCK_MONOTONIC', '-o', str(data), '--', *command]


def read_places(text):
    found = []
    for line in text.splitlines():
        time, base, size, name = line.split(' ', 3)
        found.append(Place(float(time), int(base, 16), int(size, 16), name))
    return found


class Names:
    """Names of addresses in programs, at a time."""

    def __init__(self, places, files):
        self.places, self.files, self.symbols = places, files, {}

    def of(self, name):
        if name not in self.symbols:
            self.symbols[name] = counts.Symbols(self.files[name], tool=NM) if name in self.files else None
        return self.symbols[name]

    def __call__(self, time, address):
        """"program: function", or None outside of all programs. Of several at a place, the last before the time."""
        here = [place for place in self.places
                if place.base <= address < place.base + place.bytes and place.time <= time]
        if not here:
            return None
        place = max(here, key=lambda each: each.time)
        symbols = self.of(place.name)
        return f'{place.name}: {symbols.name(address - place.base)}' if symbols else f'{place.name}: unknown'

    def map_lines(self):
        """The perf map of all programs, where they were last."""
        last = {place.base: place for place in sorted(self.places, key=lambda each: each.time)}
        for base, place in sorted(last.items()):
            symbols = self.of(place.name)
            addresses = symbols.addresses if symbols else []
            for at, address in enumerate(addresses):
                end = min(place.bytes, addresses[at + 1] if at + 1 < len(addresses) else place.bytes)
                if address < end:
                    yield f'{base + address:x} {end - address:x} {place.name}:{symbols.functions[at][1]}'


def read_samples(data):
    """(time, address, what perf calls it) of each sample."""
    said = subprocess.run([PERF, 'script', '-i', str(data), '--ns', '-F', 'time,ip,sym,dso'], capture_output=True, text=True,
                          errors='replace')
    if said.returncode:
        raise NotMeasured(f'perf cannot read what it has recorded: {said.stderr.strip()}')
    for line in said.stdout.splitlines():
        time, address, rest = (line.split(None, 2) + [''])[:3]
        yield float(time.rstrip(':')), int(address, 16), rest


def table(samples, names, shown=40):
    """Lines for people: samples by function."""
    spent = Counter()
    for time, address, said in samples:
        spent[names(time, address) or f'host: {said}'] += 1
    total = sum(spent.values())
    yield f'{total:8} samples in all'
    for name, count in spent.most_common(shown):
        yield f'{count:8} {100 * count / total:5.1f} % {name}'
