"""What MLflow has is read once and whole, as runs and as traces, while more of it arrives."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking.event import Event
from tracking.layout import minute
from tracking.pricing import Price
from tracking.settings import Settings
from tracking.sinks import RunSink, TraceSink
from tracking.sinks.sink import Parcel
from tracking.store import Store, connect
from tracking.usage import Index
from tracking.usage import source as module
from tracking.usage.source import Cursor, MlflowSource, prefixes

from .records import event

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BEGUN_MS = round(datetime(2026, 11, 23, 18, 5, tzinfo=UTC).timestamp() * 1000)
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
# An event's time is no sign of when it is delivered: the journal keeps it while MLflow is away.
WEEK_AGO_MS = BEGUN_MS - 7 * DAY_MS
PRICE = Price(Decimal("0.1"), "environment", "2026-11-23", {"input": Decimal(1)})

Send = Callable[..., None]


@pytest.fixture
def store(local_store: Path) -> Store:
    return connect(Settings(DATA_DIR=local_store.parent))


@pytest.fixture
def index(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    # So that a few events make several pages.
    monkeypatch.setattr(module, "_RUNS", 2)
    monkeypatch.setattr(module, "_TRACES", 2)
    return Index(tmp_path / "data", MlflowSource(lambda: store))


@pytest.fixture
def send(store: Store, monkeypatch: pytest.MonkeyPatch) -> Send:
    """Deliver events at a time that is told, which is also the reader's."""

    def deliver(time_ms: int, *events: Event, sink: type[RunSink | TraceSink] = RunSink) -> None:
        for place in ("sinks.run", "sinks.trace", "usage.index", "usage.source"):
            monkeypatch.setattr(f"tracking.{place}.now_ms", lambda: time_ms)
        receipts = sink(lambda: store).deliver([Parcel(each, PRICE, uncertain=False) for each in events])
        assert receipts == [None] * len(events)

    return deliver


def some(count: int, **values: object) -> list[Event]:
    return [event(time_ms=WEEK_AGO_MS + number, **values) for number in range(count)]


def ids(connection: "DuckDBPyConnection") -> list[str]:
    return [row[0] for row in connection.execute("SELECT id FROM event ORDER BY id").fetchall()]


def known(index: Index) -> list[str]:
    answer = index.answer(ids)
    assert answer.trouble is None
    return answer.value


@pytest.mark.parametrize("sink", [RunSink, TraceSink])
def test_what_is_delivered_is_known_with_the_next_answer(
    sink: type[RunSink | TraceSink], index: Index, send: Send
) -> None:
    events = some(9)
    for time_ms, part in (
        (BEGUN_MS, events[:3]),
        (BEGUN_MS - 30_000, events[3:5]),  # another deliverer's clock is behind
        (BEGUN_MS + 12 * MINUTE_MS, events[5:6]),
        (BEGUN_MS + 40 * DAY_MS, events[6:]),
    ):
        send(time_ms, *part, sink=sink)
        assert set(known(index)) >= {each.id for each in part}
    expected = sorted(each.id for each in events)
    assert known(index) == expected
    assert index.rebuild() == len(expected)
    assert known(index) == expected


@pytest.mark.parametrize("sink", [RunSink, TraceSink])
def test_more_than_a_page_of_one_moment_is_read_whole(
    sink: type[RunSink | TraceSink], index: Index, send: Send
) -> None:
    events = [event(time_ms=WEEK_AGO_MS) for _ in range(7)]
    send(BEGUN_MS, *events, sink=sink)
    assert known(index) == sorted(each.id for each in events)


def test_an_event_that_is_a_run_and_a_trace_counts_once_and_reads_the_same(
    index: Index, send: Send, store: Store
) -> None:
    only = event(time_ms=WEEK_AGO_MS, user="o'hara@example.com", time_to_first_token_ms=3.5)
    send(BEGUN_MS, only)
    send(BEGUN_MS, only, sink=TraceSink)
    assert known(index) == [only.id]
    first, second = (each for page in MlflowSource(lambda: store).pages(Cursor()) for each in page.records)
    assert first == second


def test_a_run_counts_when_it_is_complete(index: Index, send: Send, store: Store) -> None:
    send(BEGUN_MS, *some(1))
    running = store.client.create_run(store.experiment_id, tags={"event_id": "running"}, run_name="generate_text")
    assert len(known(index)) == 1
    store.client.log_param(running.info.run_id, "prompt_length", "5")
    store.client.log_metric(running.info.run_id, "processing_time_ms", 7)
    for name, value in {"provider": "p", "model": "m", "price_source": "unknown"}.items():
        store.client.set_tag(running.info.run_id, name, value)
    store.client.set_terminated(running.info.run_id, "KILLED", BEGUN_MS + 1)
    assert "running" in known(index)


def test_what_is_deleted_in_mlflow_is_gone_when_the_index_is_made_anew(index: Index, send: Send, store: Store) -> None:
    send(BEGUN_MS, *some(3, user="ada"), *some(2, user="bob"))
    assert len(known(index)) == 5
    assert RunSink(lambda: store).forget("ada") == 3
    assert index.forget("ada") == 3
    assert len(known(index)) == 2
    assert RunSink(lambda: store).forget("bob") == 2
    assert index.rebuild() == 0


def test_what_cannot_be_read_does_not_hide_the_others(
    index: Index, send: Send, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    odd = store.client.create_run(store.experiment_id, tags={"event_id": "odd"}, run_name="generate_text")
    store.client.set_terminated(odd.info.run_id, "FINISHED", BEGUN_MS)
    other = store.client.create_run(store.experiment_id, run_name="somebody's training")
    store.client.set_terminated(other.info.run_id, "FINISHED", BEGUN_MS)
    send(BEGUN_MS, *some(3))
    assert len(known(index)) == 3
    assert set(caplog.messages) == {"1 of MLflow's runs or traces look like events, but cannot be read as such."}


@pytest.mark.parametrize(
    "odd",
    [
        {"processing_time_ms": "fast"},
        {"processing_time_ms": None},
        {"provider": 7},
        {"model": "\ud800"},
        {"outcome": ["ok"]},
        {"input_tokens": "many"},
        {"prompt_length": 1e400},
        {"cost_usd": "cheap"},
    ],
)
def test_a_trace_that_somebody_changed_does_not_hide_the_others(
    odd: dict[str, object], index: Index, send: Send, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    events = some(3)
    send(BEGUN_MS, *events, sink=TraceSink)
    [trace] = [each.info for each in store.client.search_traces(locations=[store.experiment_id], max_results=1)]
    begun, _, packed = trace.tags["measures"].partition(" ")
    store.client.set_trace_tag(trace.trace_id, "measures", f"{begun} {json.dumps(json.loads(packed) | odd)}")
    assert len(known(index)) == 2
    assert set(caplog.messages) == {"1 of MLflow's runs or traces look like events, but cannot be read as such."}


def test_a_trace_nested_without_end_does_not_hide_the_others(index: Index, send: Send, store: Store) -> None:
    send(BEGUN_MS, *some(3), sink=TraceSink)
    [trace] = [each.info for each in store.client.search_traces(locations=[store.experiment_id], max_results=1)]
    store.client.set_trace_tag(trace.trace_id, "measures", f"{minute(BEGUN_MS)} {'[' * 3_000}")
    assert len(known(index)) == 2


def test_a_clock_that_is_far_ahead_hides_nothing(index: Index, send: Send) -> None:
    events = some(4)
    send(BEGUN_MS + 400 * DAY_MS, *events[:2])
    send(BEGUN_MS, *events[2:3])
    assert len(known(index)) == 3
    send(BEGUN_MS + MINUTE_MS, *events[3:])
    assert len(known(index)) == 4


@pytest.mark.parametrize("sink", [RunSink, TraceSink])
def test_a_clock_that_is_set_back_hides_nothing(index: Index, send: Send, sink: type[RunSink | TraceSink]) -> None:
    events = some(5)
    send(BEGUN_MS + DAY_MS, *events[:2], sink=sink)
    assert len(known(index)) == 2
    send(BEGUN_MS, *events[2:4], sink=sink)
    assert len(known(index)) == 4
    send(BEGUN_MS + MINUTE_MS, *events[4:], sink=sink)
    assert len(known(index)) == 5


def test_an_mlflow_that_cannot_be_reached_is_told_of(tmp_path: Path) -> None:
    def refuse() -> Store:
        raise ConnectionError("no route to host")

    assert Index(tmp_path, MlflowSource(refuse)).sync() == "no route to host"


@given(since=st.integers(0, 4 * 10**12), length=st.integers(0, 2 * 10**11), place=st.floats(0, 1))
def test_every_minute_since_then_begins_with_a_prefix(since: int, length: int, place: float) -> None:
    found = prefixes(since, since + length)
    assert len(found) <= 10
    for time_ms in (since, since + round(length * place), since + length):
        assert minute(time_ms).startswith(tuple(found))


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, ["2026-11-23T18:0"]),
        (6 * MINUTE_MS, ["2026-11-23T18:0", "2026-11-23T18:1"]),
        (2 * 60 * MINUTE_MS, ["2026-11-23T18", "2026-11-23T19", "2026-11-23T20"]),
        (DAY_MS, ["2026-11-23", "2026-11-24"]),
        (40 * DAY_MS, ["2026-11", "2026-12", "2027-01"]),
        (400 * DAY_MS, [""]),
    ],
)
def test_a_few_searches_find_what_is_new(length: int, expected: list[str]) -> None:
    assert prefixes(BEGUN_MS, BEGUN_MS + length) == expected
