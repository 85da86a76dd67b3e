"""The delivery: it prices the journal's events and brings each to MLflow, once in effect, however long that takes."""

import logging
import math
import random
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tracking import segment
from tracking.event import now_ms
from tracking.ledger import IDENTITY, DeadLetter, Ledger, Total
from tracking.locks import exclusive, shared
from tracking.pricing import Price, PriceList
from tracking.reason import clean
from tracking.sinks import Failed, Parcel, Receipt, Refused, Sink
from tracking.store import SENDING
from tracking.window import Item, Window

logger = logging.getLogger(__name__)

OWNER_LOCK = "delivery.lock"
PAUSE_LOCK = "pause.lock"
JOURNAL = segment.FOLDER
TROUBLE = "trouble"
OWN_FILES = "The journal or the ledger"
FORGOTTEN = "forgotten"
# Before the id of an event that was forgotten while it may have been on its way.
GONE = "gone:"

_IDLE_SECONDS = 0.25
_FIRST_SECONDS = 0.25
_LONGEST_SECONDS = 30.0
_COMPLAINT_SECONDS = 60.0
# An event on which MLflow fails this often, while others arrive, is itself the cause.
_FAILURES = 6
# The same where a network or a busy server is to blame, which it nearly always is.
_BREAKS = 60
# Not more often than this: a server may be at fault for a while.
_COUNT_SECONDS = 20.0
# How long a server may take over a request whose reply was lost.
DOUBT_MS = 60_000
_BREATH_SECONDS = 0.001
# One in so many of a batch that have failed before.
_SHARE = 4
# How long at most a server is left alone that takes some of a batch, and others not for now.
_BUSY_SECONDS = 0.5


class _Round(NamedTuple):
    """What came of one batch.

    Args:
        settled: How many events need no more delivery.
        left: How many of the batch do.
        reason: Why the first of those does.
        is_busy: Whether MLflow failed on one for the first time, in a way that is not the event's.
    """

    settled: int = 0
    left: int = 0
    reason: str | None = None
    is_busy: bool = False


class Delivery:
    """Delivers a data directory's events.

    Args:
        folder: The data directory.
        sink: Where to.
        prices: What a token costs.
    """

    def __init__(self, folder: Path, sink: Sink, prices: PriceList) -> None:
        self._folder = folder
        self._sink = sink
        self._prices = prices
        self._ledger = Ledger(folder)
        self._window: Window | None = None
        self._chance = random.SystemRandom()
        self._known: object = None
        self._batch = sink.size
        self._failed_in_a_row = 0
        self._arrived = -math.inf  # when an event last did
        self._complained = -_COMPLAINT_SECONDS
        self._has_complained = False
        self._since: int | None = None
        # What the ledger says of it: not known before the first round, for a process that is gone may have noted some.
        self._told: object = ...

    def run(self, is_stopped: Callable[[], bool], wait: Callable[[float], object]) -> bool:
        """Deliver until told to stop; one process at a time does, and the lock of one that died is free.

        Args:
            is_stopped: Whether to stop.
            wait: Waits for some seconds, or until told to stop.

        Returns:
            Whether this process was the one; False when another is.
        """
        with exclusive(self._folder / OWNER_LOCK, wait=False) as owned:
            if not owned:
                return False
            shutil.rmtree(self._folder / SENDING, ignore_errors=True)
            with suppress(OSError):  # it is tried again by the next delivery
                segment.sweep(self._folder / JOURNAL)
            while not is_stopped():
                wait(self.step())
        return True

    def step(self) -> float:
        """Deliver what fits into one round.

        Returns:
            How long to wait before the next, in seconds: longer with each failure, and by chance, so that many
            deliverers do not come back all at once (https://aws.amazon.com/builders-library/, "full jitter").
        """
        try:
            with shared(self._folder / PAUSE_LOCK):
                done = self._round()
        except Exception as error:  # noqa: BLE001 - the delivery goes on
            # What is settled is in the ledger, or is not: it is read again.
            self._window = None
            done = _Round(reason=f"{OWN_FILES}: {type(error).__name__}: {error}")
        if done.settled:
            self._recover()
            if done.is_busy:  # no more than it takes
                self._batch = done.settled
                return self._chance.uniform(0, _BUSY_SECONDS)
            self._batch = min(self._sink.size, self._batch * 2)
            return _BREATH_SECONDS if done.left or done.settled == self._sink.size else _IDLE_SECONDS
        if done.reason is None:
            self._batch = self._sink.size
            self._recover()
            return _IDLE_SECONDS
        self._batch = 1
        self._fail(done.reason)
        longest = min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(self._failed_in_a_row, 10))
        return self._chance.uniform(0, longest)

    def _round(self) -> _Round:
        """Send one batch."""
        window = self._fresh_window()
        window.fill()
        self._settle_doubts()
        items = self._chosen(window.items)
        if not items:
            return _Round()
        receipts = self._sink.deliver([self._parcel(item) for item in items])
        return self._settle(window, items, receipts)

    def _chosen(self, items: list[Item]) -> list[Item]:
        """Return a batch: where there are more, by chance, a quarter of it that have failed.

        One that always fails may spoil each batch that it is in, so that a small one is without.
        """
        if len(items) <= self._batch:
            return items
        failed = [each for each in items if each.has_failed]
        fresh = [each for each in items if not each.has_failed]
        share = self._batch // _SHARE if self._batch > 1 else self._chance.randrange(2)
        share = min(max(share, self._batch - len(fresh)), len(failed))
        return self._chance.sample(failed, share) + self._chance.sample(fresh, min(self._batch - share, len(fresh)))

    def _fresh_window(self) -> Window:
        """Return the window; another one when a user whose events it may hold was forgotten, or the ledger is new."""
        now = self._ledger.read_state(FORGOTTEN), self._ledger.read_state(IDENTITY)
        if self._window is None or now != self._known:
            self._window = Window(self._folder / JOURNAL, self._ledger, self._sink.size)
            self._known = now
        return self._window

    def _parcel(self, item: Item) -> Parcel:
        event = item.event
        try:
            price = self._prices.price(event.kind, event.provider, event.model, event.tokens, event.time_ms)
        except Exception as error:  # noqa: BLE001 - a count that is no number must not hold up the others
            price = Price(None, "unknown", None, {}, f"it cannot be priced: {type(error).__name__}")
        return Parcel(event, price, item.uncertain)

    def _settle(self, window: Window, items: Sequence[Item], receipts: Sequence[Receipt]) -> _Round:
        self._doubt(items, receipts)
        now = time.monotonic()
        delivered = [item for item, receipt in zip(items, receipts, strict=True) if receipt is None]
        if delivered:
            self._arrived = now
        refused: list[tuple[Item, str]] = []
        failed: list[Failed] = []
        is_busy = False
        for item, receipt in zip(items, receipts, strict=True):
            if isinstance(receipt, Refused):
                refused.append((item, receipt.reason))
            elif isinstance(receipt, Failed):
                is_busy |= not (receipt.alone or item.has_failed)  # one that always fails is no sign of it
                if self._is_poison(item, receipt, now):
                    times = item.failures + item.breaks
                    refused.append((item, f"MLflow failed on it {times} times, on others not: {receipt.reason}"))
                else:
                    failed.append(receipt)
        self._write(delivered, refused)
        for item in [*delivered, *(item for item, _ in refused)]:
            window.remove(item)
        return _Round(
            len(delivered) + len(refused),
            len(failed),
            failed[0].reason if failed else None,
            is_busy,
        )

    def _is_poison(self, item: Item, receipt: Failed, now: float) -> bool:
        """Count a failure, and tell whether the event is the cause: others arrived with it, or since it last failed."""
        item.uncertain = True
        if self._arrived >= min(now, item.failed) and now - item.counted >= _COUNT_SECONDS:
            item.counted = now
            item.failures += receipt.alone
            item.breaks += not receipt.alone
        item.failed = now
        return item.failures >= _FAILURES or item.breaks >= _BREAKS

    def _write(self, delivered: Sequence[Item], refused: Sequence[tuple[Item, str]]) -> None:
        lines = [item.settled for item in delivered if item.settled]
        lines += [item.settled for item, _ in refused if item.settled]
        counts: dict[Total, int] = {"delivered": sum(item.settled is not None for item in delivered)}
        dead = [
            DeadLetter(item.event.id, now_ms(), clean(reason), segment.encode_event(item.event))
            for item, reason in refused
        ]
        self._ledger.settle(lines, counts, dead)
        for item in delivered:
            if item.settled is None:
                self._ledger.bury(item.event.id, {"delivered": 1})
        for letter in dead:
            logger.error("MLflow refused an event, which is a dead letter now: %s: %s", letter.id, letter.reason)

    def _doubt(self, items: Sequence[Item], receipts: Sequence[Receipt]) -> None:
        doubtful = [
            item.event.id
            for item, receipt in zip(items, receipts, strict=True)
            if item.uncertain or (isinstance(receipt, Failed) and receipt.in_doubt)
        ]
        if doubtful:
            self._ledger.doubt(doubtful, now_ms() + DOUBT_MS)

    def _settle_doubts(self) -> None:
        """Look after creations whose reply was lost long enough ago: a slow server may have carried them out twice."""
        if self._failed_in_a_row:
            return
        is_away = False
        for event_id in self._ledger.doubts(now_ms()):
            try:
                if event_id.startswith(GONE):
                    self._sink.remove(event_id.removeprefix(GONE))
                else:
                    self._sink.tidy(event_id)
            except Exception as error:  # noqa: BLE001 - it is looked after later
                self._ledger.doubt([event_id], now_ms() + DOUBT_MS)
                is_away = True
                logger.debug("%s could not be looked after: %s", event_id, type(error).__name__)
            else:
                self._ledger.settle_doubt(event_id)
            if is_away:  # each of the others would take as long
                return

    def _recover(self) -> None:
        self._failed_in_a_row = 0
        self._since = None
        self._note(None)
        if self._has_complained:
            logger.warning("Events are delivered again.")
        self._has_complained = False

    def _fail(self, reason: str) -> None:
        reason = clean(reason)
        self._since = self._since or now_ms()
        self._note(reason)
        self._failed_in_a_row += 1
        now = time.monotonic()
        if now - self._complained >= _COMPLAINT_SECONDS:
            self._complained = now
            self._has_complained = True
            logger.error("Events wait in the journal, and are tried again: %s", reason)

    def _note(self, reason: str | None) -> None:
        """Note what hinders, or that nothing does, unless that is noted already; a full disk is tried again."""
        if reason == self._told:
            return
        try:
            self._ledger.write_state(TROUBLE, None if reason is None else {"since_ms": self._since, "reason": reason})
            self._told = reason
        except (OSError, sqlite3.Error) as error:
            logger.debug("The ledger: %s", error)
