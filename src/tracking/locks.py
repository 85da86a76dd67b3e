"""Locks on files: they hold between processes, and the death of one releases its own."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock that nobody else holds.

    Args:
        path: The lock's file; it is made when it is missing.
        wait: Whether to wait until it is free.

    Yields:
        Whether it is held: always, unless `wait` is false and somebody else has it.
    """
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def shared(path: Path) -> Iterator[None]:
    """Hold a lock that others may share, but none exclusively; waits until nobody does."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield
