"""The questions: who used the most, whether long prompts take longer, and what was spent on what."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, replace
from decimal import Decimal, localcontext
from functools import reduce
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from tracking.usage.moments import Moments
from tracking.usage.period import Period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

By = Literal["user", "model", "day", "kind"]

NOT_KEPT = "(not kept)"
ALL = "(all)"
TOP = 10

_MODEL: By = "model"
# Fewer say nothing: three points have no interval at all.
_LEAST = 4
# As many as DuckDB's sums have; Python rounds a sum to 28 otherwise.
_DIGITS = 38
_TWO_SIDED_95 = NormalDist().inv_cdf(0.975)

_BY_COLUMN = """
SELECT
  CASE $by WHEN 'user' THEN "user" WHEN 'model' THEN model ELSE kind END,
  sum(cost_usd), count(*) - count(cost_usd), count(*)
FROM event WHERE time_ms >= $begin AND time_ms < $end AND ($user IS NULL OR "user" = $user)
GROUP BY 1 ORDER BY 2 DESC NULLS LAST, 4 DESC, 1
"""
# Days are not all of one length. They begin at quarters of an hour in every zone: each quarter is added up, then each
# day's. That is as fast for years as for one day.
_BY_DAY = """
SELECT number, sum(cost), sum(unknown), sum(events)
FROM (
  SELECT time_ms // 900000 * 900000 AS quarter,
    sum(cost_usd) AS cost, count(*) - count(cost_usd) AS unknown, count(*) AS events
  FROM event WHERE time_ms >= $begin AND time_ms < $end AND ($user IS NULL OR "user" = $user) GROUP BY 1
)
ASOF JOIN (SELECT unnest($begins) AS midnight, unnest(range(len($begins))) AS number) ON quarter >= midnight
GROUP BY 1 ORDER BY 1
"""
_LATENCY = """
SELECT model, count(*), avg(prompt_length), avg(processing_time_ms), var_pop(prompt_length),
  var_pop(processing_time_ms), covar_pop(prompt_length, processing_time_ms),
  quantile_cont(processing_time_ms, [0.5, 0.95])
FROM event
WHERE time_ms >= $begin AND time_ms < $end AND ($user IS NULL OR "user" = $user)
  AND outcome = 'ok' AND prompt_length IS NOT NULL AND isfinite(processing_time_ms)
GROUP BY 1 ORDER BY 2 DESC, 1
"""


class Row(Protocol):
    """A row of an answer: a dataclass, whose first field is what the numbers are of."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent on something.

    Args:
        key: On what: a user, a provider's model, a day or a kind.
        cost_usd: The sum of the costs that are known, in US dollars, exact; None when none is.
        unknown_price: How many of the events have no known cost; they are not in the sum.
        events: How many events there are, with those.
    """

    key: str
    cost_usd: Decimal | None
    unknown_price: int
    events: int


@dataclass(frozen=True, slots=True)
class Correlation:
    """How prompts' lengths and processing times go together, among the events that worked.

    Args:
        key: The provider's model.
        n: How many events.
        r: Pearson's correlation of prompt_length and processing_time_ms, from -1 to 1; None when there is none.
        r_low: Where its 95 % confidence interval begins.
        r_high: Where it ends.
        slope_ms: By how much the line of least squares rises for each character, in milliseconds; None over all models.
        intercept_ms: Where it begins, in milliseconds; the same.
        p50_ms: The median processing time, in milliseconds; None over all models.
        p95_ms: What 95 % of the processing times are below, in milliseconds, interpolated linearly; the same.
        note: Why there is no correlation.
    """

    key: str
    n: int
    r: float | None
    r_low: float | None
    r_high: float | None
    slope_ms: float | None
    intercept_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    note: str | None


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Result(Generic[R]):
    """An answer's numbers.

    Args:
        question: The question's name.
        by: What the rows' keys are.
        period: The days.
        rows: The numbers, for each key.
        total: The same over all events of the period, with those that no row shows.
        about: What else is to be known to read them.
    """

    question: str
    by: By
    period: Period
    rows: Sequence[R]
    total: R
    about: str = ""


Question = Callable[["DuckDBPyConnection"], Result[R]]


def cost(by: By, period: Period, user: str | None = None) -> Question[Spent]:
    """Ask what was spent on each user, model, day or kind.

    Args:
        by: Which of them; days in their order, the others by cost.
        period: The days.
        user: Whose events, as they are kept; None for everybody's.

    Returns:
        The question.
    """
    values = within(period, user)

    def ask(connection: "DuckDBPyConnection") -> Result[Spent]:
        rows = _by_day(connection, period, values) if by == "day" else _by_column(connection, by, values)
        return Result("cost", by, period, rows, _total(rows))

    return ask


def top_users(period: Period, limit: int = TOP, user: str | None = None) -> Question[Spent]:
    """Ask who incurred the highest cost.

    Args:
        period: The days, or the one day.
        limit: How many users.
        user: Whose events, as they are kept; None for everybody's.

    Returns:
        The question.
    """

    def ask(connection: "DuckDBPyConnection") -> Result[Spent]:
        whole = cost("user", period, user)(connection)
        # Sonar's rule does not know what replace() returns.
        return replace(whole, question="top-users", rows=whole.rows[:limit])  # NOSONAR(S5886)

    return ask


def latency(period: Period, user: str | None = None) -> Question[Correlation]:
    """Ask whether longer prompts take longer, for each model and over all.

    Over all models a correlation may come from their difference alone: each model's own says more.

    Args:
        period: The days.
        user: Whose events, as they are kept; None for everybody's.

    Returns:
        The question.
    """
    values = within(period, user)

    def ask(connection: "DuckDBPyConnection") -> Result[Correlation]:
        found = [
            (model, Moments(*moments), quantiles)
            for model, *moments, quantiles in connection.execute(_LATENCY, values).fetchall()
        ]
        rows = [_correlation(model, moments, moments.line, quantiles) for model, moments, quantiles in found]
        # Without a line and quantiles: over different models they say little.
        whole = reduce(Moments.added_to, (moments for _, moments, _ in found), Moments())
        total = _correlation(ALL, whole, (None, None), (None, None))
        return Result("latency", _MODEL, period, rows, total, "Events that worked; 95 % interval by Fisher's z.")

    return ask


def within(period: Period, user: str | None) -> dict[str, int | str | None]:
    """Return what a question's SQL asks the events for: $begin and $end in milliseconds since 1970, and $user."""
    return {"begin": period.begin_ms, "end": period.end_ms, "user": user}


def added(costs: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of the costs that are known, exact; None when none is."""
    known = [each for each in costs if each is not None]
    with localcontext(prec=_DIGITS):
        return sum(known, Decimal(0)) if known else None


def _by_column(connection: "DuckDBPyConnection", by: By, values: Mapping[str, object]) -> list[Spent]:
    found = connection.execute(_BY_COLUMN, {"by": by, **values}).fetchall()
    return [Spent(NOT_KEPT if key is None else key, *numbers) for key, *numbers in found]


def _by_day(connection: "DuckDBPyConnection", period: Period, values: Mapping[str, object]) -> list[Spent]:
    days, begins = zip(*period.midnights(), strict=True)
    found = connection.execute(_BY_DAY, {"begins": begins, **values}).fetchall()
    return [Spent(days[number].isoformat(), *numbers) for number, *numbers in found]


def _total(rows: Sequence[Spent]) -> Spent:
    total = added(row.cost_usd for row in rows)
    return Spent(ALL, total, sum(row.unknown_price for row in rows), sum(row.events for row in rows))


def _correlation(
    key: str,
    moments: Moments,
    line: tuple[float | None, float | None],
    quantiles: Sequence[float | None],
) -> Correlation:
    n, r = moments.n, moments.correlation
    p50, p95 = quantiles
    if n < _LEAST:
        return Correlation(key, n, None, None, None, None, None, p50, p95, f"{_LEAST} or more events are needed")
    if r is None:
        return Correlation(key, n, None, None, None, None, None, p50, p95, "all prompts or all times are the same")
    low, high = _interval(r, n)
    return Correlation(key, n, r, low, high, *line, p50, p95, None)


def _interval(r: float, n: int) -> tuple[float, float]:
    """Return a correlation's 95 % confidence interval.

    Source: R. A. Fisher, On the "probable error" of a coefficient of correlation deduced from a small sample, 1921:
    atanh(r) is about normal, with the standard deviation 1 / sqrt(n - 3).
    """
    if abs(r) >= 1:
        return r, r
    middle, half = math.atanh(r), _TWO_SIDED_95 / math.sqrt(n - 3)
    return math.tanh(middle - half), math.tanh(middle + half)
