"""The ledger: how far each segment is delivered, what could not be, and how many there were; one SQLite file.

One transaction for each batch, so that a crash leaves the numbers and the places that belong together.
"""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tracking import database, segment
from tracking.event import now_ms

FILE = "delivery.db"
IDENTITY = "identity"

_ALL = 1 << 62

Total = Literal["accepted", "delivered", "forgotten", "lost"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS segment (
  name TEXT PRIMARY KEY,          -- the file's
  number INTEGER NOT NULL,        -- all lines up to this one are settled
  place INTEGER NOT NULL,         -- where that line ends, in bytes
  tried INTEGER NOT NULL,         -- lines up to this one may have been sent, also when they are not settled
  finished INTEGER NOT NULL       -- it is settled to its end and counted in total; the file may be deleted
) STRICT;
CREATE TABLE IF NOT EXISTS ahead (  -- settled lines behind one that is not
  segment TEXT NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (segment, number)
) STRICT;
CREATE TABLE IF NOT EXISTS dead_letter (
  id TEXT PRIMARY KEY, died_ms INTEGER NOT NULL, reason TEXT NOT NULL, event TEXT NOT NULL, retry INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS dead_letter_retry ON dead_letter (retry, died_ms, id);
CREATE TABLE IF NOT EXISTS doubt (  -- creations whose reply was lost: they may yet be carried out
  id TEXT PRIMARY KEY, due_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS total (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

_RETRY = "UPDATE dead_letter SET retry = 1 WHERE NOT retry AND event LIKE '[%'"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a segment is settled.

    Args:
        number: All lines up to this one are settled.
        end: Where that line ends, in bytes.
        tried: Lines up to this one may have been sent.
        finished: Whether the segment is settled to its end, and counted.
        ahead: The numbers of settled lines behind one that is not.
    """

    number: int = 0
    end: int = 0
    tried: int = 0
    finished: bool = False
    ahead: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Settled:
    """A line that needs no more delivery.

    Args:
        segment: Its segment's name.
        number: Its number there.
        place: Where it ends, in bytes.
    """

    segment: str
    number: int
    place: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that MLflow refused.

    Args:
        id: The event's id.
        died_ms: When, in milliseconds since 1970, UTC.
        reason: What MLflow said.
        event: The event, as its line in the journal had it.
        retry: Whether it is to be sent once more.
    """

    id: str
    died_ms: int
    reason: str
    event: str
    retry: bool = False


class Ledger:
    """Reads and writes the ledger.

    Args:
        folder: The data directory.

    Raises:
        OSError: The file cannot be made or read there.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(self._connect()) as connection:
                # Not a write-ahead log: to read through one takes a new file, and a full disk has no room for it.
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("SELECT value FROM total")
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise OSError(f"{self._path} cannot be written: {reason}. Choose another DATA_DIR.") from error

    def places(self) -> dict[str, Place]:
        """Return how far each segment is settled, by its name."""
        with self._read() as connection:
            return _places(connection)

    def snapshot(self) -> tuple[dict[str, Place], dict[str, int]]:
        """Return the places and, of the same moment, the totals, and how many are `dead_lettered` and `retrying`."""
        with self._read() as connection:
            totals = dict(connection.execute("SELECT name, value FROM total"))
            dead = dict(connection.execute("SELECT retry, COUNT(*) FROM dead_letter GROUP BY retry"))
            return _places(connection), {**totals, "dead_lettered": dead.get(0, 0), "retrying": dead.get(1, 0)}

    def try_up_to(self, tried: dict[str, int]) -> None:
        """Note, before they are sent, which lines may have been: by segment, the last one's number."""
        with self._write() as connection:
            connection.executemany(
                "INSERT INTO segment VALUES (?, 0, 0, ?, 0) "
                "ON CONFLICT DO UPDATE SET tried = MAX(tried, excluded.tried)",
                tried.items(),
            )

    def settle(self, lines: Sequence[Settled], counts: dict[Total, int], dead: Sequence[DeadLetter] = ()) -> None:
        """Note that lines need no more delivery.

        Args:
            lines: The lines.
            counts: What to add to the totals.
            dead: The events among them that were refused.
        """
        with self._write() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO ahead VALUES (?, ?, ?)",
                [(each.segment, each.number, each.place) for each in lines],
            )
            for name in {each.segment for each in lines}:
                _advance(connection, name)
            _add(connection, counts)
            connection.executemany(
                "INSERT OR REPLACE INTO dead_letter VALUES (?, ?, ?, ?, 0)",
                [(each.id, each.died_ms, each.reason, each.event) for each in dead],
            )

    def finish(self, name: str, accepted: int, lost: int) -> None:
        """Count a segment that is settled to its end; after that its file may be deleted."""
        with self._write() as connection:
            connection.execute(
                "INSERT INTO segment VALUES (?, 0, 0, 0, 1) ON CONFLICT DO UPDATE SET finished = 1", (name,)
            )
            _add(connection, {"accepted": accepted, "lost": lost})

    def drop(self, name: str) -> None:
        """Forget a finished segment whose file is deleted."""
        with self._write() as connection:
            connection.execute("DELETE FROM segment WHERE name = ? AND finished", (name,))

    def dead_letters(self, *, retry: bool | None = None, limit: int = -1) -> list[DeadLetter]:
        """Return the dead letters, the oldest first: all, or those that are, or are not, to be sent once more.

        Args:
            retry: Which ones; None for all.
            limit: How many at most; -1 for all.
        """
        condition = "TRUE" if retry is None else f"retry = {retry:d}"
        with self._read() as connection:
            select = f"SELECT * FROM dead_letter WHERE {condition} ORDER BY died_ms, id LIMIT ?"  # noqa: S608 - our own words
            rows = connection.execute(select, (limit,)).fetchall()
        return [DeadLetter(each, died, reason, event, bool(retry)) for each, died, reason, event, retry in rows]

    def retry(self, identifiers: Sequence[str] | None) -> int:
        """Mark dead letters to be sent once more: those named, or all; damaged lines are none that can be.

        Returns:
            How many were marked.
        """
        with self._write() as connection:
            if identifiers is None:
                return connection.execute(_RETRY).rowcount
            rows = [(each,) for each in identifiers]
            return connection.executemany(f"{_RETRY} AND id = ?", rows).rowcount

    def keep(self, identifier: str, reason: str) -> None:
        """Let a dead letter that was to be sent once more be one, with another reason."""
        with self._write() as connection:
            connection.execute("UPDATE dead_letter SET retry = 0, reason = ? WHERE id = ?", (reason, identifier))

    def bury(self, identifier: str, counts: dict[Total, int]) -> None:
        """Take a dead letter out, because it was delivered after all, or forgotten."""
        with self._write() as connection:
            if connection.execute("DELETE FROM dead_letter WHERE id = ?", (identifier,)).rowcount:
                _add(connection, counts)

    def doubt(self, identifiers: Sequence[str], due_ms: int) -> None:
        """Note creations that may yet be carried out, and when to look."""
        with self._write() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO doubt VALUES (?, ?)", [(each, due_ms) for each in identifiers]
            )

    def doubts(self, now_ms: int) -> list[str]:
        """Return the events whose creation is to be looked after now."""
        with self._read() as connection:
            return [row[0] for row in connection.execute("SELECT id FROM doubt WHERE due_ms <= ?", (now_ms,))]

    def settle_doubt(self, identifier: str) -> None:
        """Note that an event's creation was looked after."""
        with self._write() as connection:
            connection.execute("DELETE FROM doubt WHERE id = ?", (identifier,))

    def write_state(self, name: str, value: object) -> None:
        """Keep a value that `read_state` returns, such as why nothing is delivered now."""
        with self._write() as connection:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (name, json.dumps(value)))

    def read_state(self, name: str) -> object:
        """Return a kept value; None when there is none."""
        with self._read() as connection:
            row = connection.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _connect(self) -> sqlite3.Connection:
        database.make(self._path)
        is_new = self._path.stat().st_size == 0  # also when somebody deleted it
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        connection.execute("PRAGMA secure_delete = ON")
        if is_new:
            # All of it or nothing, for whoever comes next.
            connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
            # What is in the journal may have been sent: only the ledger that is gone knew.
            names = [(path.name, _ALL) for path in segment.segments(self._path.parent / segment.FOLDER)]
            connection.executemany("INSERT OR IGNORE INTO segment VALUES (?, 0, 0, ?, 0)", names)
            connection.execute("INSERT OR IGNORE INTO state VALUES (?, ?)", (IDENTITY, str(now_ms())))
        return connection

    # A connection for each: threads share the ledger, and a file that was deleted is missed at once.
    def _read(self) -> AbstractContextManager[sqlite3.Connection]:
        return database.transaction(database.connect_to_read(self._path, self._connect), "DEFERRED")

    def _write(self) -> AbstractContextManager[sqlite3.Connection]:
        return database.transaction(self._connect(), "IMMEDIATE")


def _places(connection: sqlite3.Connection) -> dict[str, Place]:
    ahead: dict[str, set[int]] = {}
    for name, number in connection.execute("SELECT segment, number FROM ahead"):
        ahead.setdefault(name, set()).add(number)
    return {
        name: Place(number, place, tried, bool(finished), frozenset(ahead.get(name, ())))
        for name, number, place, tried, finished in connection.execute("SELECT * FROM segment")
    }


def _advance(connection: sqlite3.Connection, name: str) -> None:
    """Move a segment's place over the lines that are settled without a gap."""
    connection.execute("INSERT OR IGNORE INTO segment VALUES (?, 0, 0, 0, 0)", (name,))
    (settled,) = connection.execute("SELECT number FROM segment WHERE name = ?", (name,)).fetchone()
    last = None
    for number, place in connection.execute(
        "SELECT number, place FROM ahead WHERE segment = ? ORDER BY number", (name,)
    ):
        if number != settled + 1:
            break
        settled, last = number, place
    if last is not None:
        connection.execute("UPDATE segment SET number = ?, place = ? WHERE name = ?", (settled, last, name))
        connection.execute("DELETE FROM ahead WHERE segment = ? AND number <= ?", (name, settled))


def _add(connection: sqlite3.Connection, counts: dict[Total, int]) -> None:
    connection.executemany(
        "INSERT INTO total VALUES (?, ?) ON CONFLICT DO UPDATE SET value = value + excluded.value", counts.items()
    )
