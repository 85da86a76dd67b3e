"""Points: single events, each with its prompt's length and its processing time, to be drawn."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracking.usage.period import Period
from tracking.usage.questions import ALL, Question, Result, within

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN = 500

_FROM = """
FROM event
WHERE time_ms >= $begin AND time_ms < $end AND ($user IS NULL OR "user" = $user)
  AND outcome = 'ok' AND prompt_length IS NOT NULL AND isfinite(processing_time_ms)
"""
# By the hash of their ids: as good as by chance, and the same ones each time.
_POINTS = f"SELECT model, prompt_length, processing_time_ms {_FROM} ORDER BY hash(id) LIMIT $shown"
_COUNT = f"SELECT count(*) {_FROM}"


@dataclass(frozen=True, slots=True)
class Point:
    """One event.

    Args:
        key: The provider's model.
        n: How many events it is: one.
        prompt_length: The prompt's length in characters; None of all events.
        processing_time_ms: How long it took, in milliseconds; None of all events.
    """

    key: str
    n: int
    prompt_length: int | None
    processing_time_ms: float | None


def points(period: Period, user: str | None = None, shown: int = SHOWN) -> Question[Point]:
    """Ask for some of the events that worked, taken from all of them alike.

    Args:
        period: The days.
        user: Whose events, as they are kept; None for everybody's.
        shown: How many at most.

    Returns:
        The question; its total says how many there are.
    """
    values = within(period, user)

    def ask(connection: "DuckDBPyConnection") -> Result[Point]:
        found = connection.execute(_POINTS, {**values, "shown": shown}).fetchall()
        count = connection.execute(_COUNT, values).fetchall()[0][0]
        rows = [Point(model, 1, length, time) for model, length, time in found]
        about = f"{len(rows):,} of {count:,} events that worked."
        return Result("points", "model", period, rows, Point(ALL, count, None, None), about)

    return ask
