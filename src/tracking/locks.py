"""Locks on files: they hold between processes, and the death of one releases its own."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock that nobody else holds.

    Args:
        path: The lock's file; it is made when it is missing.
        wait: Whether to wait until it is free.

    Yields:
        Whether it is held: always, unless `wait` is false and somebody else has it.
    """
    with _open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold a lock that others may share, but none exclusively; waits until nobody does."""
    with _open(path) as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def _open(path: Path) -> IO[bytes]:
    # Whoever can open it can hold it.
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b")
