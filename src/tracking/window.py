"""The window: the events that are to be delivered next, read from the journal, a bounded number of them at once."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from tracking import segment
from tracking.event import Event, now_ms
from tracking.ledger import DeadLetter, Ledger, Place, Settled, Total

_BYTES = 16 * 1024 * 1024
_FAILED_TIMES = 8
# Where all that are held have failed, others are let in one by one: bounded, for it may be an outage.
_MOST = 10_000
_MOST_BYTES = 3 * _BYTES


@dataclass(slots=True)
class Item:
    """An event on its way.

    Args:
        event: The event.
        settled: Its line in the journal; None of a dead letter that is sent once more.
        uncertain: Whether it may have been sent before, by a process that is gone or with a reply that was lost.
        size: How much of the journal it takes, in bytes.
        failed: When it last did not work, in seconds of a clock of its own.
        failures: How often MLflow failed on it while others arrived, in a way that may be the event's own fault.
        breaks: The same, in a way that is seldom the event's fault, such as a connection that broke.
        counted: When one of these was last counted.
    """

    event: Event
    settled: Settled | None
    uncertain: bool
    size: int = 0
    failed: float = math.inf
    failures: int = 0
    breaks: int = 0
    counted: float = -math.inf

    @property
    def has_failed(self) -> bool:
        """Whether it did not work once."""
        return self.failed < math.inf


@dataclass(slots=True)
class _Cursor:
    """How far a segment is read: a line's number, and where that ends in the file, in bytes."""

    number: int
    place: int


@dataclass(slots=True)
class _Passed:
    """Lines that need no delivery."""

    settled: list[Settled] = field(default_factory=list)
    counts: dict[Total, int] = field(default_factory=dict)
    dead: list[DeadLetter] = field(default_factory=list)


class Window:
    """Holds what is on its way.

    Args:
        folder: The journal's folder.
        ledger: The ledger that says what is settled.
        size: How many events are held at once.
    """

    def __init__(self, folder: Path, ledger: Ledger, size: int) -> None:
        self._folder = folder
        self._ledger = ledger
        self._size = size
        self._items: dict[str, Item] = {}
        self._places = ledger.places()
        self._tried = {name: each.tried for name, each in self._places.items()}
        self._cursors = {name: _Cursor(each.number, each.end) for name, each in self._places.items()}

    @property
    def items(self) -> list[Item]:
        """The events that are held, the oldest first."""
        return list(self._items.values())

    def fill(self) -> None:
        """Read on in the journal until the window is full; segments that are settled to their end are deleted.

        Raises:
            OSError: The journal or the ledger cannot be read or written.
        """
        held = sum(item.settled is None for item in self._items.values())
        for letter in self._ledger.dead_letters(retry=True, limit=held + self._size):
            if self._has_room() and letter.id not in self._items:
                try:
                    event = segment.decode(letter.event)
                except ValueError as error:
                    self._ledger.keep(letter.id, f"{letter.reason}; {error}")
                else:
                    self._items[letter.id] = Item(event, None, uncertain=True, size=len(letter.event))
        passed = _Passed()
        for path in segment.segments(self._folder):
            if not self._has_room():
                break
            self._read(path, passed)
        tried = {name: each.number for name, each in self._cursors.items() if each.number > self._tried.get(name, 0)}
        if tried:
            self._ledger.try_up_to(tried)
            self._tried |= tried
        if passed.settled:
            self._ledger.settle(passed.settled, passed.counts, passed.dead)

    def remove(self, item: Item) -> None:
        """Let an event go, because it is settled."""
        self._items.pop(item.event.id, None)

    def _has_room(self) -> bool:
        # Those that fail have a room of their own: what comes after them shows whether they are the cause.
        items = self._items.values()
        fresh = sum(not each.has_failed for each in items)
        size = sum(each.size for each in items)
        if not fresh:
            return len(items) < _MOST and size < _MOST_BYTES
        return fresh < self._size and size < _BYTES and len(items) < _FAILED_TIMES * self._size

    def _place(self, name: str) -> Place:
        return self._places.get(name) or Place()

    def _read(self, path: Path, passed: _Passed) -> None:
        if self._place(path.name).finished:
            self._delete(path)
            return
        is_written = segment.is_written(path)  # asked first: what is read after a "no" is all that there will be
        cursor = self._cursors.setdefault(path.name, _Cursor(0, 0))
        for line in segment.read(path, cursor.place):
            self._take(path.name, cursor, line, passed)
            if not self._has_room():
                return
        held = any(each.settled and each.settled.segment == path.name for each in self._items.values())
        if not is_written and not held and not any(each.segment == path.name for each in passed.settled):
            self._ledger.finish(path.name, cursor.number, segment.read_lost(path))
            self._delete(path)

    def _take(self, name: str, cursor: _Cursor, line: segment.Line, passed: _Passed) -> None:
        place = self._place(name)
        number = line.number or cursor.number + 1
        for missing in range(cursor.number + 1, number):  # lines that damage has made one with their neighbours
            self._pass(Settled(name, missing, cursor.place), "the line is missing", "", passed)
        start = cursor.place
        cursor.number, cursor.place = number, line.end
        settled = Settled(name, number, line.end)
        if number <= place.number or number in place.ahead:
            return
        if line.damage is not None:
            self._pass(settled, "the line is damaged", line.damage, passed)
        elif line.event is None:
            passed.settled.append(settled)
            passed.counts["forgotten"] = passed.counts.get("forgotten", 0) + 1
        else:
            uncertain = number <= place.tried
            self._items[line.event.id] = Item(line.event, settled, uncertain, size=line.end - start)

    def _pass(self, settled: Settled, reason: str, text: str, passed: _Passed) -> None:
        identifier = f"{settled.segment.removesuffix(segment.SUFFIX)}-{settled.number}"
        passed.settled.append(settled)
        passed.dead.append(DeadLetter(identifier, now_ms(), reason, text))

    def _delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._ledger.drop(path.name)
        for known in (self._cursors, self._places, self._tried):
            known.pop(path.name, None)
