"""SQLite files of the data directory, which are nobody else's to read, whoever may look into the directory."""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal


def make(path: Path) -> None:
    """Make a file for its owner alone, unless it is there; what SQLite puts beside it is made alike.

    Raises:
        OSError: It cannot be made, or not be written.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def connect_to_read(path: Path, connect: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
    """Connect as usual, or where the disk has become read-only, to read what is there.

    Args:
        path: The file.
        connect: What connects to it.
    """
    try:
        return connect()
    except OSError as error:
        if error.errno != errno.EROFS:
            raise
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


@contextmanager
def transaction(connection: sqlite3.Connection, kind: Literal["DEFERRED", "IMMEDIATE"]) -> Iterator[sqlite3.Connection]:
    """Do what is done inside it together or not at all, and close the connection."""
    with closing(connection):
        connection.execute(f"BEGIN {kind}")
        with connection:
            yield connection
