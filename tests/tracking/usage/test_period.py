"""Days begin at midnight where the zone is, also when clocks are put forward or back."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tracking.usage import period
from tracking.usage.period import Period, PeriodError

from .records import BERLIN

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 23), 24)]
)
def test_a_day_is_as_long_as_it_is_there(day: date, hours: int) -> None:
    one = Period(day, day, BERLIN)
    assert one.end_ms - one.begin_ms == hours * HOUR_MS
    assert datetime.fromtimestamp(one.begin_ms / 1000, BERLIN).isoformat().startswith(f"{day}T00:00:00+0")


def test_a_day_without_a_midnight_begins_when_it_begins() -> None:
    one = Period(date(2026, 4, 24), date(2026, 4, 24), ZoneInfo("Africa/Cairo"))
    assert datetime.fromtimestamp(one.begin_ms / 1000, UTC) == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert one.end_ms - one.begin_ms == 23 * HOUR_MS


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        (None, None, (date(2026, 10, 25), date(2026, 11, 23))),
        (None, "2026-03-01", (date(2026, 1, 31), date(2026, 3, 1))),
        ("yesterday", "yesterday", (date(2026, 11, 22), date(2026, 11, 22))),
        ("2026-11-01", "today", (date(2026, 11, 1), date(2026, 11, 23))),
    ],
)
def test_what_a_person_writes_is_understood(
    since: str | None, until: str | None, days: tuple[date, date], monkeypatch: pytest.MonkeyPatch
) -> None:
    night = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # in Berlin the next day has begun
    monkeypatch.setattr(period, "_now", night.astimezone)
    found = Period.read(since, until, "Europe/Berlin")
    assert (found.since, found.until) == days


@pytest.mark.parametrize(
    ("since", "until", "zone", "words"),
    [
        ("2026-11-24", "2026-11-23", "UTC", "ends on 2026-11-23, before it begins"),
        ("tomorrow", "today", "UTC", "today, yesterday or a date"),
        ("2026-02-30", "today", "UTC", "today, yesterday or a date"),
        ("0001-01-01", "today", "UTC", "between the years"),
        ("today", "9999-12-31", "UTC", "between the years"),
        (None, "1999-12-31", "UTC", "between the years"),
        (None, None, "Europe/Bielefeld", "such as UTC or Europe/Berlin"),
        (None, None, "../etc/passwd", "such as UTC or Europe/Berlin"),
        (None, None, "Europe", "such as UTC or Europe/Berlin"),
        (None, None, "", "such as UTC or Europe/Berlin"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_words(
    since: str | None, until: str | None, zone: str, words: str
) -> None:
    with pytest.raises(PeriodError, match=words):
        Period.read(since, until, zone)
