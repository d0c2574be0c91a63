# SPDX-License-Identifier: MIT
"""Where things are. The tools work from any current folder, on the clone they belong to."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def named(path):
    """A path as people write it: relative to the current folder when that is shorter."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(str(path)) else str(path)


def alive(pid):
    """Whether a process of this number runs on this machine."""
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        pass  # somebody else's
    return True


def cache():
    """Where the C library and other slow things are kept between builds; MUDSKIPPER_CACHE puts it elsewhere."""
    return Path(os.environ.get('MUDSKIPPER_CACHE') or ROOT / 'build-deps').absolute()


def runs(build_folder):
    """Where runs keep what is theirs, below the build folder."""
    folder = Path(build_folder) / 'msk-runs'
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def run_folder(build_folder):
    """A folder of one run's own, removed afterwards. Removes what runs left that were killed outright, too."""
    parent = runs(build_folder)
    for left in parent.glob('run-*'):
        if not alive(left.name.split('-')[1]):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f'run-{os.getpid()}-', dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
