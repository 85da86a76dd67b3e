"""The database: one DuckDB instance a process, to which a file is attached for as long as somebody works on it.

To begin an instance takes ten times as long as to attach a file, and longer than most answers.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# By process: one that was forked has none of the instance's threads.
_instances: "dict[int, DuckDBPyConnection]" = {}
_numbers = itertools.count()


@contextmanager
def opened(path: Path) -> "Iterator[DuckDBPyConnection]":
    """Open a file, which is made when it is missing; nobody else can open it meanwhile.

    Args:
        path: The file.

    Yields:
        A connection whose database it is.

    Raises:
        duckdb.Error: It cannot be opened.
    """
    connection = _instance(path).cursor()
    name = f"file_{next(_numbers)}"  # several threads may each have a file
    try:
        attach(connection, path, name)
        try:
            connection.execute(f"USE {name}")
            yield connection
        finally:
            _detach(connection, name)
    finally:
        connection.close()


def attach(connection: "DuckDBPyConnection", path: Path, name: str) -> None:
    """Attach a file, which is made when it is missing, for nobody else to read."""
    is_new = not path.exists()
    quoted = str(path).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS {name}")
    if is_new:
        path.chmod(0o600)


def is_damage(error: Exception) -> bool:
    """Tell whether an error is a damaged file's; one that is locked or cannot be written is not damaged."""
    import duckdb  # noqa: PLC0415 - it takes a tenth of a second to import

    kinds = (duckdb.FatalException, duckdb.InternalException, duckdb.IOException, duckdb.SerializationException)
    # A wrong checksum has no class of its own.
    is_outside = any(words in str(error) for words in ("set lock", "No space", "Permission denied", "Read-only"))
    return (isinstance(error, kinds) or type(error) is duckdb.Error) and not is_outside


def _instance(path: Path) -> "DuckDBPyConnection":
    import duckdb  # noqa: PLC0415 - it takes a tenth of a second to import

    process = os.getpid()
    if process not in _instances:
        # What does not fit into memory: beside the file, and not in whatever folder the process runs.
        _instances[process] = duckdb.connect(config={"temp_directory": f"{path}.tmp"})
    return _instances[process]


def _detach(connection: "DuckDBPyConnection", name: str) -> None:
    """Let a file go, and its lock with it; an instance that cannot is not used again, which has the same effect."""
    import duckdb  # noqa: PLC0415 - it takes a tenth of a second to import

    try:
        with suppress(duckdb.TransactionException):  # there is none, but after an error
            connection.rollback()
        connection.execute("USE memory")
        connection.execute(f"DETACH {name}")
    except duckdb.Error:
        _instances.pop(os.getpid(), None)
