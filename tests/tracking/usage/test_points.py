"""The points are some of the events that worked, as they are."""

import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.layout import Record
from tracking.usage.period import Period
from tracking.usage.points import Point, points
from tracking.usage.questions import ALL

from .records import BERLIN, filled, record, within
from .strategies import RECORDS, ZONES

DAY = Period(date(2026, 11, 23), date(2026, 11, 23), BERLIN)


@settings(max_examples=30, deadline=None)
@given(
    records=st.lists(RECORDS, max_size=40),
    zone=st.sampled_from(ZONES),
    since=st.dates(date(2026, 3, 1), date(2026, 4, 5)),
    days=st.integers(0, 40),
    shown=st.integers(1, 40),
    whose=st.none() | st.just("ada@example.com"),
)
def test_they_are_of_the_events_that_worked(  # noqa: PLR0913, PLR0917 - all that they depend on
    records: list[Record], zone: ZoneInfo, since: date, days: int, shown: int, whose: str | None
) -> None:
    period = Period(since, since + timedelta(days=days), zone)
    worked = [each for each in within(records, period) if each.outcome == "ok" and whose in {None, each.user}]
    expected = Counter(
        Point(f"{each.provider}/{each.model}", 1, each.prompt_length, each.processing_time_ms) for each in worked
    )
    with tempfile.TemporaryDirectory() as folder:
        index = filled(Path(folder), records)
        found = index.answer(points(period, whose, shown), sync=False).value
        again = index.answer(points(period, whose, shown), sync=False).value
    assert Counter(found.rows) <= expected
    assert len(found.rows) == min(shown, len(worked))
    assert found.total == Point(ALL, len(worked), None, None)
    assert found.rows == again.rows


def test_some_of_many_are_taken_from_all_alike(tmp_path: Path) -> None:
    events = [record(id=f"{number:032x}", prompt_length=number) for number in range(4_000)]
    found = filled(tmp_path, events).answer(points(DAY), sync=False).value
    assert len(found.rows) == 500
    assert found.about == "500 of 4,000 events that worked."
    # Of each thousand it is 125, give or take four standard deviations.
    for start in range(0, 4_000, 1_000):
        assert 85 < sum(start <= (row.prompt_length or 0) < start + 1_000 for row in found.rows) < 165
