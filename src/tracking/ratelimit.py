"""Rate limits: how much one user may ask for in a minute, over all workers of a machine."""

import hmac
import logging
import math
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from tracking import database

logger = logging.getLogger(__name__)

_MINUTE = 60.0
_WAIT_SECONDS = 1.0
_TURN_SECONDS = 1.0
_TABLE = "CREATE TABLE IF NOT EXISTS claim (key TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID"
# SQLite lets whoever waits sleep, and in no order: of many at once some would find it busy for long. So only processes
# wait there, and a process's threads wait for each other here.
_turn = threading.Lock()


class RateLimit:
    """So many a minute for each user: all at once, or one after the other.

    It is the generic cell rate algorithm, which keeps one number a user: until when their share is claimed.
    Source: ITU-T recommendation I.371, 1.0; https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm.

    Args:
        folder: The data directory; all workers that share it share the limit.
        name: What is limited.
        per_minute: How many.
        key: What users are hashed with; workers that share the limit have the same.
    """

    def __init__(self, folder: Path, name: str, per_minute: int, key: bytes = b"") -> None:
        self._path = folder / "limits.db"
        self._name = name
        self._key = key
        self._interval = _MINUTE / per_minute
        self._complained = -math.inf

    def claim(self, user: str) -> float:
        """Claim one.

        Returns:
            0 when the user may go on; otherwise after how many seconds they may.
        """
        # Who asked is written down nowhere but in the events, and there as the settings let it.
        key = hmac.digest(self._key, f"{self._name} {user}".encode(errors="replace"), "sha256").hex()
        if not _turn.acquire(timeout=_TURN_SECONDS):
            return _WAIT_SECONDS
        try:
            return self._claim(key, time.time())
        except (OSError, sqlite3.Error) as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                return _WAIT_SECONDS  # so many ask at once that they would get around it otherwise
            # A full disk is no reason to turn a user away.
            if time.monotonic() - self._complained >= _MINUTE:
                self._complained = time.monotonic()
                logger.error("Nobody's rate is limited: %s: %s", error, self._path)  # noqa: TRY400 - one line says it
            return 0.0
        finally:
            _turn.release()

    def _claim(self, key: str, now: float) -> float:
        database.make(self._path)
        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("PRAGMA synchronous = OFF")  # what is forgotten after a power cut is a minute's claims
            connection.execute(_TABLE)
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute("SELECT until FROM claim WHERE key = ?", (key,)).fetchone()
            # A clock that was set back must not shut anybody out for longer than a minute.
            until = min(max(row[0] if row else now, now), now + _MINUTE) + self._interval
            wait = until - now - _MINUTE
            if wait <= 1e-6:  # noqa: PLR2004 - what adding up rounds
                connection.execute("INSERT OR REPLACE INTO claim VALUES (?, ?)", (key, until))
                connection.execute("DELETE FROM claim WHERE until < ?", (now,))
            connection.execute("COMMIT")
        return max(wait, 0.0)
