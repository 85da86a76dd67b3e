"""Where the events are: accepted = delivered + pending + dead-lettered + forgotten + lost, at every moment."""

import sqlite3
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracking import segment
from tracking.delivery import JOURNAL, TROUBLE
from tracking.ledger import Ledger, Place

_TRIES = 10


@dataclass(frozen=True, slots=True)
class Status:
    """The events' numbers.

    Args:
        accepted: All that were logged.
        delivered: Those that MLflow has.
        pending: Those in the journal.
        dead_lettered: Those that MLflow refused.
        forgotten: Those of users who were forgotten before they were delivered.
        lost: Those that could not be written, because the disk was full or the folder gone.
        trouble: Why nothing is delivered now, and since when; None when nothing hinders.
    """

    accepted: int
    delivered: int
    pending: int
    dead_lettered: int
    forgotten: int
    lost: int
    trouble: Any = None

    @property
    def adds_up(self) -> bool:
        """Whether each accepted event is in one of the places."""
        places = self.delivered + self.pending + self.dead_lettered + self.forgotten + self.lost
        return self.accepted == places

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers by name, and whether they add up."""
        return {**asdict(self), "adds_up": self.adds_up}


class Counter:
    """Counts a data directory's events; it reads on in the journal where it was before.

    Args:
        folder: The data directory.
    """

    def __init__(self, folder: Path) -> None:
        self._journal = folder / JOURNAL
        self._ledger = Ledger(folder)
        self._lock = threading.Lock()
        self._read: dict[str, tuple[int, int]] = {}

    def status(self, unwritten: int = 0) -> Status:
        """Count.

        Args:
            unwritten: The events lost by this process that no file counts.

        Raises:
            OSError: The journal cannot be read.
        """
        with self._lock:
            try:
                for _ in range(_TRIES):
                    try:
                        return self._count(unwritten, is_last=False)
                    except FileNotFoundError:  # a segment was delivered and deleted meanwhile
                        continue
                return self._count(unwritten, is_last=True)
            except sqlite3.Error as error:
                raise OSError(f"The ledger in {self._journal.parent} cannot be read: {error}") from error

    def _count(self, unwritten: int, *, is_last: bool) -> Status:
        places, totals = self._ledger.snapshot()
        accepted, lost, pending = totals.get("accepted", 0), totals.get("lost", 0) + unwritten, 0
        paths = segment.segments(self._journal)
        there = {path.name for path in paths}
        if not is_last and any(not place.finished and name not in there for name, place in places.items()):
            raise FileNotFoundError  # still so the last time: it was deleted by hand, and nobody can count it
        self._read = {name: read for name, read in self._read.items() if name in there}
        for path in paths:
            place = places.get(path.name, Place())
            if place.finished:
                continue
            number = self._last_number(path, place)
            accepted += number
            lost += segment.read_lost(path)
            pending += number - place.number - len(place.ahead)
        return Status(
            accepted=accepted + lost,
            delivered=totals.get("delivered", 0),
            pending=pending + totals["retrying"],
            dead_lettered=totals["dead_lettered"],
            forgotten=totals.get("forgotten", 0),
            lost=lost,
            trouble=self._ledger.read_state(TROUBLE),
        )

    def _last_number(self, path: Path, place: Place) -> int:
        """Return the number of a segment's last whole line."""
        known = max(self._read.get(path.name, (0, 0)), (place.number, place.end))
        self._read[path.name] = segment.last_number(path, *known)
        return self._read[path.name][0]
