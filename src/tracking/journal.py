"""The journal: where a request leaves its event, in microseconds, before anything else happens to it.

Each process writes segments of its own, so several share a folder. What `append` accepted is in the kernel's hands, so
the process may be killed. A thread brings it to the disk 50 times a second: a power cut costs at most the last 50 ms.
"""

import logging
import math
import os
import threading
import time
import weakref
from contextlib import suppress
from pathlib import Path

from tracking import room, segment
from tracking.event import Event
from tracking.writer import Writer

logger = logging.getLogger(__name__)

_SYNC_SECONDS = 0.02
_LOOK_SECONDS = 1.0
_SEGMENT_BYTES = 4 * 1024 * 1024
_SEGMENT_SECONDS = 60.0
_SEGMENTS = 10
_COMPLAINT_SECONDS = 60.0

_forked = threading.Lock()
_journals: "weakref.WeakSet[Journal]" = weakref.WeakSet()


def _renew() -> None:
    """Replace a lock that a thread may have held at the fork, and let the parent's segments go.

    That is at once: a daemon closes all files later, and their numbers may be those of others then.
    """
    global _forked  # noqa: PLW0603 - a lock is the process's
    _forked = threading.Lock()
    for journal in _journals:
        journal.let_go()


class Journal:
    """Appends events to a folder; it never raises, and waits for no network.

    Args:
        folder: Where segments are kept; it is made when it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: Writer | None = None
        self._lost = 0
        _journals.add(self)
        os.register_at_fork(after_in_child=_renew)
        self._begin()

    @property
    def lost(self) -> int:
        """How many events were lost that no segment's header counts: there is no segment, or it cannot be written."""
        writer = self._writer
        return self._lost + (writer.unwritten if writer else 0)

    def append(self, event: Event) -> bool:
        """Write an event.

        Returns:
            Whether it was accepted. One that was not is counted, and the log tells of it once a minute.
        """
        if self._is_parents:
            self._begin_after_fork()
        with self._lock:
            try:
                if self._writer is None:
                    raise OSError(self._reason)  # noqa: TRY301 - lost as any other
                if self._is_short:
                    raise OSError(room.WORDS)  # noqa: TRY301 - the same
                self._writer.append(event)
            except Exception as error:  # noqa: BLE001 - nothing that goes wrong here may fail the product
                self._lose(error)
                return False
            return True

    def lose(self, error: Exception) -> None:
        """Count an event that could not even be made."""
        if self._is_parents:
            self._begin_after_fork()
        with self._lock:
            self._lose(error)

    def rotate(self) -> None:
        """Begin another segment, so that the one before can be delivered to its end and deleted."""
        try:
            new = Writer(self._folder, self._lost)
        except OSError as error:
            self._reason = f"{error.strerror or error}: {self._folder}"
            return
        with self._lock:
            late = self._lost - new.lost  # lost while the segment was made
            old, self._writer, self._lost = self._writer, new, 0
            for _ in range(late):
                self._count_in(new)
        if old is not None:
            self._sync(old)
            with self._lock:
                self._lost += old.unwritten
            old.close()

    def close(self) -> None:
        """Bring everything to the disk, and let the segment go; what is appended afterwards is lost, and counted."""
        if self._is_parents:
            return  # it is another process's, and nothing was appended in this one
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()
        self._complain()
        with self._lock:
            writer, self._writer, self._reason = self._writer, None, "the journal is closed"
        if writer is not None:
            self._sync(writer)
            writer.close()

    def let_go(self) -> None:
        """Close, in a forked process, what is its parent's."""
        self._is_parents = True
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(OSError):
                writer.close()

    def _begin_after_fork(self) -> None:
        """Begin anew in a forked process: it would write over its parent's lines."""
        with _forked:
            if self._is_parents:
                self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._writer = None
        self._lost = 0
        self._untold = 0
        self._reason = ""
        self._is_short = False
        self._looked = self._complained = self._sync_complained = -math.inf
        self.rotate()
        self._thread = threading.Thread(target=self._keep, name="journal", daemon=True)
        self._is_parents = False  # from here on other threads go on
        try:
            self._thread.start()
        except RuntimeError as error:
            logger.error(  # noqa: TRY400 - one line says it
                "The journal has no thread: a power cut may cost more than the last 50 ms, and losses are counted "
                "without a word here: %s.",
                error,
            )

    def _lose(self, error: Exception) -> None:
        self._reason = getattr(error, "strerror", None) or str(error)
        self._untold += 1
        if self._writer is None:
            self._lost += 1
            return
        self._count_in(self._writer)

    def _count_in(self, writer: Writer) -> None:
        try:
            writer.lose()
        except OSError:  # the number is right again with the next one that the header takes
            logger.debug("The segment's header could not be written.")

    def _keep(self) -> None:
        """Sync, and now and then look after the segment and tell of losses."""
        while not self._closed.wait(_SYNC_SECONDS):
            try:
                self._look_after(time.monotonic())
            except Exception as error:  # noqa: BLE001 - a log that is full must not end this
                self._reason = f"{type(error).__name__}: {error}"

    def _look_after(self, now: float) -> None:
        if self._writer is not None:
            self._is_short = room.is_short(self._folder)
            self._sync(self._writer)
        if now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            if self._is_due(now):
                self.rotate()
        if self._untold and now - self._complained >= _COMPLAINT_SECONDS:
            self._complained = now
            self._complain()

    def _is_due(self, now: float) -> bool:
        writer = self._writer
        if writer is None or writer.is_deleted() or writer.end > _SEGMENT_BYTES:
            return True
        age = now - writer.begun
        if not writer.number or age <= _SEGMENT_SECONDS:
            return False
        # Where many wait already, fewer and larger ones take less to look through.
        return age > _SEGMENT_SECONDS * len(segment.segments(self._folder)) / _SEGMENTS

    def _sync(self, writer: Writer) -> None:
        try:
            writer.sync()
            if writer.unwritten:
                with self._lock:
                    writer.write_lost()
        except OSError as error:
            now = time.monotonic()
            if now - self._sync_complained >= _COMPLAINT_SECONDS:
                self._sync_complained = now
                logger.error("The journal could not be brought to the disk: %s: %s", error.strerror, self._folder)  # noqa: TRY400 - one line says it

    def _complain(self) -> None:
        with self._lock:
            untold, self._untold = self._untold, 0
        if untold:
            logger.error(
                "Events that were lost: %d, because of this: %s. The journal is %s.", untold, self._reason, self._folder
            )
