# SPDX-License-Identifier: MIT
"""Figures of area "boot": how soon one has a prompt, what a system at rest costs. docs/performance.md defines them."""

import shutil
import subprocess
import sys
import time

from . import builds, launch, measure, paths, worlds
from .console import Refusal
from .paths import ROOT

READY = 'ready'
SCRIPT = f'echo {READY}\n'.encode()
RUNS = 5       # median of
LIMIT = 60.0   # seconds for one boot
IDLE = 5.0     # seconds a resting system is watched

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
WORLDS = {'boot.virt_s': 'virt', 'boot.idle_virt': 'virt', 'boot.kernel_text': 'virt'}  # the others: hostsim


def measure_all(only):
    """Yields (key, value or NotMeasured) for the keys in `only`."""
    for key in FIGURES:
        if key in only:
            try:
                yield key, MEASURES[key]()
            except measure.NotMeasured as reason:
                yield key, reason


def command(world_name, folder, script):
    """The system in its default shape, as `tools/msk run` starts it, without msk."""
    world = worlds.find(world_name)
    product = launch.of_build(world, worlds.build_for(world, 'plain'))
    return launch.command(world, product, launch.Wishes(script=script), folder)


def boot_seconds(world_name):
    folder = worlds.build_for(worlds.find(world_name), 'plain').path
    with paths.run_folder(folder) as own:
        words = command(world_name, own, SCRIPT)
        return measure.median_of(RUNS, lambda: measure.seconds_until(words, READY, LIMIT))


def again_seconds():
    words = [sys.executable, str(ROOT / 'tools' / 'msk'), 'run', '-c', f'echo {READY}']
    return measure.median_of(RUNS, lambda: measure.seconds_until(words, READY, LIMIT))


def build_seconds():
    """From nothing to something that boots, in a new folder; packages and C library are there already."""
    plain = builds.CONFIGS['plain']
    with paths.run_folder(plain.path) as own:
        folder = own / 'fresh'
        env = builds.environment(plain)
        began = time.monotonic()
        targets = launch.targets(worlds.find('hostsim'))
        for words in (['meson', 'setup', str(folder), str(ROOT), *plain.options],
                      ['ninja', '-C', str(folder), *targets]):
            result = subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True)
            if result.returncode:
                raise measure.NotMeasured(f'{words[0]} failed in a new folder')
        seconds = time.monotonic() - began
        shutil.rmtree(folder)
    return seconds


def idle(world_name):
    with measure.settled(command(world_name, None, None), LIMIT) as system:
        return measure.share_of_cpu(system.pid, IDLE)


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
