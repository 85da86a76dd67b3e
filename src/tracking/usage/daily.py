"""Questions about each day: what it cost and for what, and how much was done, how fast and how well."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from tracking.usage.period import Period
from tracking.usage.questions import ALL, NOT_KEPT, Question, Result, added, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

Of = Literal["user", "model", "kind"]

OTHERS = "(others)"
# More colours than these nobody tells apart.
SHOWN = 7

_WHERE = """time_ms >= $begin AND time_ms < $end AND ($user IS NULL OR "user" = $user)"""
# Each quarter of an hour's day: days are not all of one length, and begin at quarters in every zone. To look an event's
# quarter up takes a fraction of what it takes to bring all events into the order of time beside the days.
_QUARTERS = f"""
quarter AS (
  SELECT time_ms // 900000 AS quarter, number
  FROM (
    SELECT unnest(range(min(time_ms) // 900000 * 900000, max(time_ms) + 1, 900000)) AS time_ms
    FROM event WHERE {_WHERE}
  )
  ASOF JOIN (SELECT unnest($begins) AS midnight, unnest(range(len($begins))) AS number) ON time_ms >= midnight
)"""  # noqa: S608 - put together from texts above
_OF_DAYS = "event JOIN quarter ON time_ms // 900000 = quarter.quarter"
_KEY = f"""coalesce(CASE $of WHEN 'user' THEN "user" WHEN 'model' THEN model ELSE kind END, '{NOT_KEPT}')"""
_SPENT = f"""
WITH {_QUARTERS}, spent AS (
  SELECT number, {_KEY} AS key, sum(cost_usd) AS cost, count(*) - count(cost_usd) AS unknown, count(*) AS events
  FROM {_OF_DAYS} WHERE {_WHERE} GROUP BY 1, 2
), named AS (
  SELECT key FROM spent GROUP BY 1 ORDER BY sum(cost) DESC NULLS LAST, sum(events) DESC, 1 LIMIT $shown
)
SELECT number, CASE WHEN key IN (FROM named) THEN key ELSE '{OTHERS}' END AS name, sum(cost), sum(unknown), sum(events)
FROM spent GROUP BY 1, 2 ORDER BY 1, name = '{OTHERS}', 3 DESC NULLS LAST, 2
"""  # noqa: S608 - the same
# The last row is of all days.
_DONE = f"""
WITH {_QUARTERS}
SELECT number, count(*), count(*) FILTER (outcome = 'error'), count(*) FILTER (outcome = 'cancelled'),
  sum(cost_usd), count(*) - count(cost_usd),
  sum(input_tokens), sum(output_tokens), count(*) FILTER (input_tokens IS NULL OR output_tokens IS NULL),
  quantile_cont(processing_time_ms, [0.5, 0.95]) FILTER (outcome = 'ok' AND isfinite(processing_time_ms))
FROM {_OF_DAYS} WHERE {_WHERE} GROUP BY GROUPING SETS ((number), ()) ORDER BY 1 NULLS LAST
"""  # noqa: S608 - the same


@dataclass(frozen=True, slots=True)
class SpentOn:
    """What was spent on something on a day.

    Args:
        day: The day, an ISO date.
        key: On what: a user, a provider's model or a kind; (others) for all but those that cost the most.
        cost_usd: The sum of the costs that are known, in US dollars, exact; None when none is.
        unknown_price: How many of the events have no known cost; they are not in the sum.
        events: How many events there are, with those.
    """

    day: str
    key: str
    cost_usd: Decimal | None
    unknown_price: int
    events: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was done on a day.

    Args:
        day: The day, an ISO date.
        events: How many events there are.
        errors: How many of them failed.
        cancelled: How many were cancelled.
        cost_usd: The sum of the costs that are known, in US dollars, exact; None when none is.
        unknown_price: How many of the events have no known cost; they are not in the sum.
        input_tokens: The sum of those that are known; None when none is.
        output_tokens: The same.
        unknown_tokens: How many events have a count that is not known; what is known of them is in the sums.
        p50_ms: The median processing time of those that worked, in milliseconds; None when none did.
        p95_ms: What 95 % of these times are below, in milliseconds, interpolated linearly; the same.
    """

    day: str
    events: int
    errors: int
    cancelled: int
    cost_usd: Decimal | None
    unknown_price: int
    input_tokens: int | None
    output_tokens: int | None
    unknown_tokens: int
    p50_ms: float | None
    p95_ms: float | None


def spending(of: Of, period: Period, user: str | None = None, shown: int = SHOWN) -> Question[SpentOn]:
    """Ask what was spent each day on each user, model or kind.

    Args:
        of: Which of them.
        period: The days; one without events has no row.
        user: Whose events, as they are kept; None for everybody's.
        shown: How many of them have rows of their own: those that cost the most.

    Returns:
        The question.
    """

    def ask(connection: "DuckDBPyConnection") -> Result[SpentOn]:
        days, begins = zip(*period.midnights(), strict=True)
        values = {**within(period, user), "begins": begins, "of": of, "shown": shown}
        found = connection.execute(_SPENT, values).fetchall()
        rows = [SpentOn(days[number].isoformat(), *rest) for number, *rest in found]
        total = SpentOn(
            ALL,
            ALL,
            added(row.cost_usd for row in rows),
            sum(row.unknown_price for row in rows),
            sum(row.events for row in rows),
        )
        return Result("spending", "day", period, rows, total)

    return ask


def activity(period: Period, user: str | None = None) -> Question[Done]:
    """Ask how much was done each day, how fast and how well, and what it cost.

    Args:
        period: The days; one without events has no row.
        user: Whose events, as they are kept; None for everybody's.

    Returns:
        The question.
    """

    def ask(connection: "DuckDBPyConnection") -> Result[Done]:
        days, begins = zip(*period.midnights(), strict=True)
        values = {**within(period, user), "begins": begins}
        *found, (_, *total) = connection.execute(_DONE, values).fetchall()
        rows = [_done(days[number].isoformat(), row) for number, *row in found]
        return Result("activity", "day", period, rows, _done(ALL, total))

    return ask


def _done(day: str, row: "Sequence[object]") -> Done:
    *numbers, quantiles = row
    return Done(day, *numbers, *(quantiles or (None, None)))  # type: ignore[arg-type, misc]  # a row of SQL
