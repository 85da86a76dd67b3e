"""Where the gate keeps what it fetches, and what its server writes."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

NAME = "ci-gate"
_A_DAY_IN_SECONDS = 86_400


def cache() -> Path:
    """Return the folder of downloads, shared by all checkouts: only what can be fetched again.

    As root it lies outside root's home, which is closed to the user that the server runs as.
    """
    return _folder("XDG_CACHE_HOME", "/var/cache", "~/.cache")


def state() -> Path:
    """Return the folder of the local server: its unpacked files, its data, its password and token."""
    return _folder("XDG_STATE_HOME", "/var/lib", "~/.local/state")


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """Make a folder for one run, deleted at its end; one that a killed run left goes after a day.

    Args:
        name: What it is for; folders of one kind lie together in the cache.
    """
    parent = cache() / name
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.iterdir():
        with suppress(FileNotFoundError):  # another run's, which ended meanwhile
            if left.stat().st_mtime < time.time() - _A_DAY_IN_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _folder(variable: str, for_root: str, for_users: str) -> Path:
    chosen = os.environ.get(variable) or (for_root if os.geteuid() == 0 else for_users)
    return Path(chosen).expanduser() / NAME
