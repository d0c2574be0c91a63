# SPDX-License-Identifier: MIT
"""Figures of area "boot": how soon one has a prompt, what a system at rest costs. docs/performance.md defines them."""

import subprocess
import sys
import time

from . import builds, launch, measure, paths, worlds
from .console import Refusal
from .paths import ROOT

READY = 'ready'
COMMANDS = ('ns ls', f'echo {READY}')
SERVICES = ('sys.names.0',)  # names that "ns ls" has to list before it counts as up
RUNS = 5                     # median of
LIMIT = 60.0                 # seconds for one boot
IDLE = 60.0                  # seconds a resting system is watched
QUICK_IDLE = 2.0

FIGURES = {
    'boot.hostsim_s': 's',
    'boot.virt_s': 's',
    'boot.build_s': 's',
    'boot.again_s': 's',
    'boot.idle_hostsim': 'processors',
    'boot.idle_virt': 'processors',
    'boot.rss_mib': 'MiB',
    'boot.kernel_text': 'bytes',
}
LIMITS = {'boot.hostsim_s': 0.3, 'boot.virt_s': 3, 'boot.build_s': 180, 'boot.again_s': 2, 'boot.idle_hostsim': 0.02,
          'boot.idle_virt': 0.02, 'boot.rss_mib': 64}
PEERS = {'boot.kernel_text': 'seL4 31700, Barrelfish 134000'}
EXACT = ('boot.kernel_text',)
FLOORS = {'boot.idle_hostsim': 0.005, 'boot.idle_virt': 0.005}  # a change of less is nothing
WORLDS = {'boot.virt_s': 'virt', 'boot.idle_virt': 'virt', 'boot.kernel_text': 'virt'}  # the others: hostsim


class How:
    """For the record, or for a look (--quick): one run, and a glance at rest."""
    runs, idle = RUNS, IDLE


def measure_all(only, quick=False):
    """Yields (key, Measured or NotMeasured) for the keys in `only`."""
    How.runs, How.idle = (1, QUICK_IDLE) if quick else (RUNS, IDLE)
    for key in FIGURES:
        if key in only:
            try:
                yield key, _measured(MEASURES[key]())
            except measure.NotMeasured as reason:
                yield key, reason


def _measured(found):
    return found if isinstance(found, measure.Measured) else measure.Measured((found,))


def command(world_name, folder, script):
    """The system in its default shape, as `tools/msk run` starts it, without msk."""
    world = worlds.find(world_name)
    product = launch.of_build(world, worlds.build_for(world, 'plain'))
    return launch.command(world, product, launch.Wishes(script=script), folder)


def boot_seconds(world_name):
    folder = worlds.build_for(worlds.find(world_name), 'plain').path
    with paths.run_folder(folder) as own:
        words = command(world_name, own, '\n'.join([*COMMANDS, '']).encode())
        return measure.samples_of(How.runs, lambda: measure.seconds_until(words, READY, LIMIT, SERVICES))


def again_seconds():
    words = [sys.executable, str(ROOT / 'tools' / 'msk'), 'run', '-c', '\n'.join(COMMANDS)]
    return measure.samples_of(How.runs, lambda: measure.seconds_until(words, READY, LIMIT, SERVICES))


def build_seconds():
    """From nothing but packages to something that has booted, in a new folder, with a cache that is empty."""
    plain = builds.CONFIGS['plain']
    with paths.run_folder(plain.path) as own:
        folder = own / 'fresh'
        env = dict(builds.environment(plain), MUDSKIPPER_CACHE=str(own / 'cache'))
        began = time.monotonic()
        targets = launch.targets(worlds.find('hostsim'))
        for words in (['meson', 'setup', str(folder), str(ROOT), *plain.options],
                      ['ninja', '-C', str(folder), *targets]):
            result = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True)
            if result.returncode:
                raise measure.NotMeasured(f'{words[0]} failed in a new folder')
        measure.seconds_until([folder / 'hostsim', '-c', '\n'.join(COMMANDS)], READY, LIMIT, SERVICES)
        return time.monotonic() - began


def idle(world_name):
    with measure.settled(command(world_name, None, None), LIMIT) as system:
        return measure.share_of_cpu(system.pid, How.idle)


def rss():
    with measure.settled(command('hostsim', None, None), LIMIT) as system:
        return measure.peak_rss_mib(system.pid)


def kernel_text():
    elf = builds.AARCH64.path / launch.SYMBOLS
    if not elf.exists():
        raise Refusal(f'{elf} was not built')
    return measure.text_bytes(elf)


MEASURES = {
    'boot.hostsim_s': lambda: boot_seconds('hostsim'),
    'boot.virt_s': lambda: boot_seconds('virt'),
    'boot.build_s': build_seconds,
    'boot.again_s': again_seconds,
    'boot.idle_hostsim': lambda: idle('hostsim'),
    'boot.idle_virt': lambda: idle('virt'),
    'boot.rss_mib': rss,
    'boot.kernel_text': kernel_text,
}
