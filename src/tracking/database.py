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

    One that is there is not opened: closing it would end the locks that other threads of this process have on it.
    Source: https://www.sqlite.org/howtocorrupt.html, 2.2.

    Raises:
        OSError: It cannot be made, or not be written.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path)) from None
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path)) from None


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
