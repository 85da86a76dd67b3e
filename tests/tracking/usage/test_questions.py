"""The numbers are those that plain Python computes from the events."""

import math
import statistics
import tempfile
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.layout import Record
from tracking.usage.period import Period
from tracking.usage.questions import ALL, NOT_KEPT, By, cost, latency, top_users

from .records import BERLIN, filled, pearson, record, spent, spent_by, within
from .strategies import RECORDS, ZONES

BYS: tuple[By, ...] = ("user", "model", "day", "kind")


def day(text: str, zone: ZoneInfo = BERLIN) -> Period:
    return Period.read(text, text, zone.key)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


@settings(max_examples=30, deadline=None)
@given(
    records=st.lists(RECORDS, max_size=40),
    zone=st.sampled_from(ZONES),
    since=st.dates(date(2026, 3, 1), date(2026, 4, 5)),
    days=st.integers(0, 40),
)
def test_the_numbers_are_those_of_the_events(records: list[Record], zone: ZoneInfo, since: date, days: int) -> None:
    period = Period(since, since + timedelta(days=days), zone)
    with tempfile.TemporaryDirectory() as folder:
        index = filled(Path(folder), records)
        for by in BYS:
            found = index.answer(cost(by, period), sync=False).value
            assert {row.key: row for row in found.rows} == spent_by(by, records, period)
            assert found.total == spent(ALL, within(records, period))
        top = index.answer(top_users(period, 2), sync=False).value
        costs = sorted((each.cost_usd or -1 for each in spent_by("user", records, period).values()), reverse=True)
        assert [row.cost_usd or -1 for row in top.rows] == costs[:2]
        times = index.answer(latency(period), sync=False).value
    worked = [each for each in within(records, period) if each.outcome == "ok"]
    for row in (*times.rows, times.total):
        group = [each for each in worked if row.key in {ALL, f"{each.provider}/{each.model}"}]
        assert row.n == len(group)
        expected = pearson(group) if row.n >= 4 else None
        assert row.r == (None if expected is None else pytest.approx(expected, abs=1e-9))
        assert (row.note is None) == (row.r is not None)
        if row.n >= 2 and row.key != ALL:
            cuts = statistics.quantiles([each.processing_time_ms for each in group], n=20, method="inclusive")
            assert (row.p50_ms, row.p95_ms) == pytest.approx((cuts[9], cuts[18]))


def test_a_day_of_23_hours_and_one_of_25_are_days(tmp_path: Path) -> None:
    times = [
        *("2026-03-28T22:59:59.999Z", "2026-03-28T23:00Z", "2026-03-29T21:59:59.999Z", "2026-03-29T22:00Z"),
        *("2026-10-24T21:59:59.999Z", "2026-10-24T22:00Z", "2026-10-25T22:59:59.999Z", "2026-10-25T23:00Z"),
    ]
    index = filled(tmp_path, [record(time_ms=at(each)) for each in times])
    rows = index.answer(cost("day", Period(date(2026, 3, 1), date(2026, 10, 31), BERLIN)), sync=False).value.rows
    assert {row.key: row.events for row in rows} == {
        "2026-03-28": 1,
        "2026-03-29": 2,
        "2026-03-30": 1,
        "2026-10-24": 1,
        "2026-10-25": 2,
        "2026-10-26": 1,
    }
    for text in ("2026-03-29", "2026-10-25"):
        assert index.answer(top_users(day(text)), sync=False).value.total.events == 2


def test_without_events_there_are_no_rows_and_no_cost_of_zero(tmp_path: Path) -> None:
    index = filled(tmp_path, [])
    for by in BYS:
        found = index.answer(cost(by, day("today")), sync=False).value
        assert (list(found.rows), found.total) == ([], spent(ALL, []))
        assert found.total.cost_usd is None
    times = index.answer(latency(day("today")), sync=False).value
    assert (list(times.rows), times.total.n, times.total.r) == ([], 0, None)
    assert times.total.note == "4 or more events are needed"


def test_an_unknown_price_is_counted_apart_and_a_user_that_is_not_kept_is_one(tmp_path: Path) -> None:
    mixed = [record(user=None, cost_usd=None), record(user=None, cost_usd=None), record(cost_usd=None), record()]
    found = filled(tmp_path, mixed).answer(cost("user", day("2026-11-23")), sync=False).value
    assert [(row.key, row.cost_usd, row.unknown_price, row.events) for row in found.rows] == [
        ("ada@example.com", Decimal("0.01"), 1, 2),
        (NOT_KEPT, None, 2, 2),
    ]
    assert (found.total.cost_usd, found.total.unknown_price, found.total.events) == (Decimal("0.01"), 3, 4)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0.000000000000000001", "0.000000000000000001"),
        ("0.0000000000000000015", "0.000000000000000002"),  # rounded: it has more than 18 decimals
        ("999999999999.999999999999999999", "999999999999.999999999999999999"),
        ("1E-7", "0.0000001"),
        ("1000000000000", None),  # nobody paid that
        ("NaN", None),
        ("Infinity", None),
    ],
)
def test_a_cost_is_exact_to_eighteen_decimals(written: str, kept: str | None, tmp_path: Path) -> None:
    index = filled(tmp_path, [record(cost_usd=Decimal(written))])
    total = index.answer(cost("kind", day("2026-11-23")), sync=False).value.total
    assert total.cost_usd == (None if kept is None else Decimal(kept))
    assert total.unknown_price == (kept is None)


def test_a_correlation_has_its_interval(tmp_path: Path) -> None:
    pairs = zip([10, 20, 30, 40, 50, 60, 70], [1.0, 3.0, 2.0, 5.0, 4.0, 7.0, 6.0], strict=True)
    events = [record(prompt_length=length, processing_time_ms=taken) for length, taken in pairs]
    found = filled(tmp_path, events).answer(latency(day("2026-11-23")), sync=False).value.rows[0]
    assert found.r == pytest.approx(0.892857, abs=1e-6)
    # atanh(0.892857) = 1.43584; 1.959964 / sqrt(7 - 3) = 0.97998
    assert (found.r_low, found.r_high) == pytest.approx((math.tanh(1.435840 - 0.979982), math.tanh(2.415822)), abs=1e-5)


@pytest.mark.parametrize(
    ("lengths", "times", "r", "note"),
    [
        ([1, 2, 3], [1.0, 2.0, 3.0], None, "4 or more events are needed"),
        ([7, 7, 7, 7], [1.0, 2.0, 3.0, 4.0], None, "all prompts or all times are the same"),
        ([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.1], None, "all prompts or all times are the same"),
        ([1, 2, 3, 4], [2.0, 4.0, 6.0, 8.0], 1.0, None),
        ([1, 2, 3, 4, 5], [2.0, 4.0, 6.0, 8.0, math.nan], 1.0, None),
    ],
)
def test_where_there_is_no_correlation_words_say_so(
    lengths: list[int], times: list[float], r: float | None, note: str | None, tmp_path: Path
) -> None:
    events = [record(prompt_length=each, processing_time_ms=time) for each, time in zip(lengths, times, strict=True)]
    found = filled(tmp_path, events).answer(latency(day("2026-11-23")), sync=False).value.rows[0]
    assert [found.r, found.r_low, found.r_high] == [None if r is None else pytest.approx(r)] * 3
    assert found.note == note


@pytest.mark.parametrize("time", [math.inf, -math.inf, 1.797e308, 1e200, 1e15])
def test_a_time_that_can_be_none_says_nothing_about_latency(time: float, tmp_path: Path) -> None:
    usual = [record(prompt_length=each, processing_time_ms=2.0 * each) for each in (1, 2, 3, 4)]
    index = filled(tmp_path, [*usual, record(prompt_length=9, processing_time_ms=time)])
    found = index.answer(latency(day("2026-11-23")), sync=False).value
    assert found.total.n == 4
    assert found.total.r == pytest.approx(1.0)
    assert found.rows[0].p95_ms == pytest.approx(7.7)


def test_failures_say_nothing_about_latency(tmp_path: Path) -> None:
    events = [record(outcome="error"), record(outcome="cancelled"), record()]
    assert filled(tmp_path, events).answer(latency(day("2026-11-23")), sync=False).value.total.n == 1
