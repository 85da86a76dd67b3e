"""Where the gate keeps what it fetches, and what its server writes."""

import os
from pathlib import Path

NAME = "ci-gate"


def cache() -> Path:
    """Return the folder of downloads, shared by all checkouts: only what can be fetched again.

    As root it lies outside root's home, which is closed to the user that the server runs as.
    """
    return _folder("XDG_CACHE_HOME", "/var/cache", "~/.cache")


def state() -> Path:
    """Return the folder of the local server: its unpacked files, its data, its password and token."""
    return _folder("XDG_STATE_HOME", "/var/lib", "~/.local/state")


def _folder(variable: str, for_root: str, for_users: str) -> Path:
    chosen = os.environ.get(variable) or (for_root if os.geteuid() == 0 else for_users)
    return Path(chosen).expanduser() / NAME
