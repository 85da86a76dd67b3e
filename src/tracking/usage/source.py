"""The source: what MLflow has of the events, its runs and its traces, page by page."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from tracking.event import now_ms
from tracking.layout import MEASURES, Record, from_run, from_trace, minute
from tracking.settings import DATABRICKS
from tracking.store import Store

if TYPE_CHECKING:
    from mlflow.entities import Run, TraceInfo

T = TypeVar("T")

# MLflow's server reads about 1,500 runs a second, and the client waits ten seconds for a page.
_RUNS = 2_000
# The server gives no more at once.
_TRACES = 500
# Deliverers' clocks differ, and what is delivered first is not always there first.
_OVERLAP_MS = 60_000
# Widths that a minute's text can be cut to, and the least time that each one covers: ten minutes, hour, day, month.
_WIDTHS = ((15, 600_000), (13, 3_600_000), (10, 86_400_000), (7, 28 * 86_400_000))
# Each search reads all the tags, so a few wide ones cost less than many narrow ones.
_SEARCHES = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far MLflow was read.

    Args:
        runs_ms: Runs that were delivered before this were read, in milliseconds since 1970, UTC.
        traces_ms: The same of traces.
    """

    runs_ms: int = 0
    traces_ms: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, and how far MLflow is read with them.

    Args:
        records: The events; some may have been read before.
        cursor: Where to go on.
    """

    records: list[Record]
    cursor: Cursor


class Source(Protocol):
    """Where events are read from."""

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """Yield what is new since a cursor; at least one page.

        Args:
            cursor: How far it was read before.

        Raises:
            Exception: It could not be read to its end. What was yielded holds.
        """


class MlflowSource:
    """Reads events from MLflow.

    Pages are cut by time and not by number: what arrives or is deleted meanwhile moves nothing to another page.

    Args:
        connect: Reaches MLflow.
    """

    def __init__(self, connect: Callable[[], Store]) -> None:
        self._connect = connect

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """Yield runs by the time of their delivery, then traces by theirs."""
        begun = now_ms()
        if max(cursor.runs_ms, cursor.traces_ms) > begun + _OVERLAP_MS:
            cursor = Cursor()  # the clock was set back, and what came since then is older than what was read
        store = self._connect()
        for runs, last in _runs(store, max(cursor.runs_ms - _OVERLAP_MS, 0)):
            # A clock that is wrong must not hide what comes after it.
            cursor = replace(cursor, runs_ms=max(cursor.runs_ms, min(last, begun)))
            yield Page(_readable(from_run, runs), cursor)
        if store.uri.startswith(DATABRICKS):  # no trace of ours is there: the settings say why
            yield Page([], cursor)
            return
        since = cursor.traces_ms - _OVERLAP_MS if cursor.traces_ms else None
        for prefix in [""] if since is None else prefixes(since, begun + _OVERLAP_MS):
            for traces in _traces(store, prefix):
                yield Page(_readable(from_trace, traces), cursor)
        yield Page([], replace(cursor, traces_ms=begun))


def prefixes(since_ms: int, until_ms: int) -> list[str]:
    """Return beginnings of minutes, few of them, that all minutes of some time begin with, and not many others do.

    Args:
        since_ms: The first, in milliseconds since 1970, UTC.
        until_ms: The last, the same.

    Returns:
        Such as 2026-11-23T18:0, for ten minutes; one that is empty for all minutes that there are.
    """
    for width, step in _WIDTHS:
        if until_ms - since_ms < _SEARCHES * step:
            times = [*range(since_ms, until_ms, step), until_ms]
            return sorted({minute(each)[:width] for each in times})
    return [""]


def _runs(store: Store, since: int) -> "Iterator[tuple[list[Run], int]]":
    token = None
    while True:
        page = store.client.search_runs(
            [store.experiment_id],
            f"attributes.end_time >= {since}",  # a run that is not complete has no end
            max_results=_RUNS,
            order_by=["attributes.end_time ASC"],
            page_token=token,
        )
        if not page:
            return
        last = page[-1].info.end_time
        yield list(page), last
        if not page.token:
            return
        # Counting on from where a page ended is for those alone that ended at the same moment.
        token, since = (page.token, since) if last == since else (None, last)


def _traces(store: Store, prefix: str) -> "Iterator[list[TraceInfo]]":
    since, token = 0, None
    delivered = f"tags.{MEASURES} LIKE '{prefix}%' AND " if prefix else ""
    while True:
        page = store.client.search_traces(
            locations=[store.experiment_id],
            filter_string=f"{delivered}attributes.timestamp_ms >= {since}",
            max_results=_TRACES,
            order_by=["attributes.timestamp_ms ASC"],
            page_token=token,
            include_spans=False,
        )
        if not page:
            return
        yield [trace.info for trace in page]
        if not page.token:
            return
        last = page[-1].info.request_time
        token, since = (page.token, since) if last == since else (None, last)


def _readable(read: Callable[[T], Record | None], found: list[T]) -> list[Record]:
    records, odd = [], 0
    for each in found:
        try:
            record = read(each)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            # Somebody else's, or changed by hand in MLflow: one that cannot be read must not hide all others.
            odd += 1
            continue
        if record is not None:
            records.append(record)
    if odd:
        _log.warning("%d of MLflow's runs or traces look like events, but cannot be read as such.", odd)
    return records
