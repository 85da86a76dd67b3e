"""Each day's numbers are those that plain Python computes from the events."""

import math
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import astuple
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.event import Tokens
from tracking.layout import Record
from tracking.usage.daily import OTHERS, Done, Of, SpentOn, activity, spending
from tracking.usage.period import Period
from tracking.usage.questions import ALL

from .records import BERLIN, KEYS, filled, local_day, record, spent, spent_by, within
from .strategies import RECORDS, ZONES

OFS: tuple[Of, ...] = ("user", "model", "kind")
AUTUMN = Period(date(2026, 10, 24), date(2026, 10, 26), BERLIN)


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def named(of: Of, records: Sequence[Record], period: Period, shown: int) -> list[str]:
    """Return those that cost the most, in the period and not on a day."""
    groups = spent_by(of, records, period).values()
    costs = {each.key: Decimal(-1) if each.cost_usd is None else each.cost_usd for each in groups}
    return [each.key for each in sorted(groups, key=lambda each: (-costs[each.key], -each.events, each.key))[:shown]]


def spent_on(of: Of, records: Sequence[Record], period: Period, shown: int) -> list[SpentOn]:
    own = named(of, records, period, shown)
    groups: dict[tuple[str, str], list[Record]] = {}
    for each in within(records, period):
        key = KEYS[of](each, period.zone)
        day = local_day(each, period.zone).isoformat()
        groups.setdefault((day, key if key in own else OTHERS), []).append(each)
    sums = {names: spent("", group) for names, group in groups.items()}
    return [SpentOn(*names, each.cost_usd, each.unknown_price, each.events) for names, each in sums.items()]


def done(day: str, records: Sequence[Record]) -> Done:
    times = [each.processing_time_ms for each in records if each.outcome == "ok"]
    cuts = statistics.quantiles(times * (1 if len(times) > 1 else 2), n=20, method="inclusive") if times else None
    inputs = [each.tokens.input for each in records if each.tokens.input is not None]
    outputs = [each.tokens.output for each in records if each.tokens.output is not None]
    paid = spent("", records)
    return Done(
        day,
        len(records),
        sum(each.outcome == "error" for each in records),
        sum(each.outcome == "cancelled" for each in records),
        paid.cost_usd,
        paid.unknown_price,
        sum(inputs) if inputs else None,
        sum(outputs) if outputs else None,
        sum(each.tokens.input is None or each.tokens.output is None for each in records),
        cuts[9] if cuts else None,
        cuts[18] if cuts else None,
    )


@settings(max_examples=30, deadline=None)
@given(
    records=st.lists(RECORDS, max_size=40),
    zone=st.sampled_from(ZONES),
    since=st.dates(date(2026, 3, 1), date(2026, 4, 5)),
    days=st.integers(0, 40),
    shown=st.integers(1, 4),
    whose=st.none() | st.just("ada@example.com"),
)
def test_each_days_numbers_are_those_of_its_events(  # noqa: PLR0913, PLR0917 - all that they depend on
    records: list[Record], zone: ZoneInfo, since: date, days: int, shown: int, whose: str | None
) -> None:
    period = Period(since, since + timedelta(days=days), zone)
    theirs = [each for each in records if whose in {None, each.user}]
    with tempfile.TemporaryDirectory() as folder:
        index = filled(Path(folder), records)
        for of in OFS:
            found = index.answer(spending(of, period, whose, shown), sync=False).value
            expected = spent_on(of, theirs, period, shown)
            assert sorted(found.rows, key=_names) == sorted(expected, key=_names)
            assert [row.day for row in found.rows] == sorted(row.day for row in found.rows)
            whole = spent(ALL, within(theirs, period))
            assert found.total == SpentOn(ALL, ALL, whole.cost_usd, whole.unknown_price, whole.events)
        found_done = index.answer(activity(period, whose), sync=False).value
    by_day: dict[str, list[Record]] = {}
    for each in within(theirs, period):
        by_day.setdefault(local_day(each, zone).isoformat(), []).append(each)
    expected_done = [done(day, by_day[day]) for day in sorted(by_day)]
    assert [astuple(row) for row in found_done.rows] == [pytest.approx(astuple(row)) for row in expected_done]
    assert astuple(found_done.total) == pytest.approx(astuple(done(ALL, within(theirs, period))))


def _names(row: SpentOn) -> tuple[str, str]:
    return row.day, row.key


def test_a_day_of_25_hours_is_one(tmp_path: Path) -> None:
    times = ["2026-10-24T21:59:59.999Z", "2026-10-24T22:00Z", "2026-10-25T22:59:59.999Z", "2026-10-25T23:00Z"]
    index = filled(tmp_path, [record(time_ms=at(each)) for each in times])
    expected = [("2026-10-24", 1), ("2026-10-25", 2), ("2026-10-26", 1)]
    rows = index.answer(spending("kind", AUTUMN), sync=False).value.rows
    assert [(row.day, row.events) for row in rows] == expected
    done_rows = index.answer(activity(AUTUMN), sync=False).value.rows
    assert [(row.day, row.events) for row in done_rows] == expected


def test_those_with_rows_of_their_own_are_the_same_each_day_and_the_others_come_last(tmp_path: Path) -> None:
    first, second = at("2026-10-24T12:00Z"), at("2026-10-25T12:00Z")
    events = [
        record(user="ada", time_ms=first, cost_usd=Decimal(5)),
        record(user="bob", time_ms=first, cost_usd=Decimal(9)),
        record(user="eve", time_ms=first, cost_usd=Decimal(3)),
        record(user="eve", time_ms=second, cost_usd=Decimal(3)),
        record(user="bob", time_ms=second, cost_usd=None),
        record(user="ada", time_ms=second, cost_usd=Decimal(8)),
        record(user=None, time_ms=second, cost_usd=Decimal(1)),
    ]
    rows = filled(tmp_path, events).answer(spending("user", AUTUMN, shown=2), sync=False).value.rows
    assert [(row.day[-2:], row.key, row.cost_usd) for row in rows] == [
        ("24", "bob", 9),
        ("24", "ada", 5),
        ("24", OTHERS, 3),
        ("25", "ada", 8),
        ("25", "bob", None),
        ("25", OTHERS, 4),
    ]


def test_a_sum_of_large_costs_is_exact(tmp_path: Path) -> None:
    most = Decimal("999999999999.999999999999999999")  # 30 digits; Python rounds a sum to 28 when it is not told
    events = [record(time_ms=at(f"2026-10-2{day}T12:00Z"), cost_usd=most) for day in (4, 5, 6)]
    index = filled(tmp_path, events)
    spent_found = index.answer(spending("kind", AUTUMN), sync=False).value.total
    done_found = index.answer(activity(AUTUMN), sync=False).value.total
    assert spent_found.cost_usd == done_found.cost_usd == Decimal("2999999999999.999999999999999997")


def test_counts_of_tokens_as_large_as_can_be_kept_are_added_up(tmp_path: Path) -> None:
    most = 2**63 - 1
    events = [record(time_ms=at("2026-10-24T12:00Z"), tokens=Tokens(input=most, output=most)) for _ in range(2)]
    total = filled(tmp_path, events).answer(activity(AUTUMN), sync=False).value.total
    assert (total.input_tokens, total.output_tokens, total.unknown_tokens) == (2 * most, 2 * most, 0)


@pytest.mark.parametrize("time", [math.nan, math.inf])
def test_a_time_that_is_no_number_is_in_no_quantile(tmp_path: Path, time: float) -> None:
    moment = at("2026-10-24T12:00Z")
    events = [record(time_ms=moment, processing_time_ms=each) for each in (1.0, 3.0, time)]
    total = filled(tmp_path, events).answer(activity(AUTUMN), sync=False).value.total
    assert (total.events, total.p50_ms) == (3, 2.0)


def test_without_events_there_are_no_rows_and_no_cost_of_zero(tmp_path: Path) -> None:
    index = filled(tmp_path, [])
    spent_found = index.answer(spending("user", AUTUMN), sync=False).value
    assert (list(spent_found.rows), spent_found.total) == ([], SpentOn(ALL, ALL, None, 0, 0))
    found = index.answer(activity(AUTUMN), sync=False).value
    assert (list(found.rows), found.total) == ([], done(ALL, []))


@pytest.mark.parametrize("ask", [activity, lambda period: spending("user", period)])
def test_days_are_counted_where_a_question_is_answered_and_not_where_it_is_asked(
    ask: Callable[[Period], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Period, "midnights", Mock(side_effect=AssertionError("200 years take half a second")))
    assert ask(Period.read("2000-01-01", "2199-12-31", "Europe/Berlin"))
