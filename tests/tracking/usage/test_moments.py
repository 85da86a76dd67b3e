"""Moments that are added up from parts are those of the whole."""

import statistics
from functools import reduce

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracking.usage.moments import Moments

Pairs = list[tuple[float, float]]

PAIRS = st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 10**8).map(lambda each: each / 1000)), max_size=20)


def moments(pairs: Pairs) -> Moments:
    if not pairs:
        return Moments()
    x, y = zip(*pairs, strict=True)
    mean_x, mean_y = statistics.fmean(x), statistics.fmean(y)
    covar = statistics.fmean((a - mean_x) * (b - mean_y) for a, b in pairs)
    return Moments(len(pairs), mean_x, mean_y, statistics.pvariance(x), statistics.pvariance(y), covar)


@given(st.lists(PAIRS, max_size=5))
def test_they_are_those_of_the_whole(parts: list[Pairs]) -> None:
    pairs = [pair for part in parts for pair in part]
    assume(len(set(pairs)) > 3)
    found = reduce(Moments.added_to, map(moments, parts), Moments())
    try:
        expected = statistics.correlation(*zip(*pairs, strict=True))
    except statistics.StatisticsError:
        assert found.correlation is None
        return
    assert found.correlation == pytest.approx(expected, abs=1e-6)
    slope, intercept = statistics.linear_regression(*zip(*pairs, strict=True))
    assert found.line == pytest.approx((slope, intercept), rel=1e-6, abs=1e-3)


def test_times_that_are_alike_in_each_part_are_alike_in_all() -> None:
    parts = [Moments(3, 1.0, 0.1, 2.0, 0.0, 0.0), Moments(4, 5.0, 0.1 + 1e-17 * 3, 2.0, 0.0, 0.0)]
    whole = reduce(Moments.added_to, [*parts, Moments(5, 2.0, 0.30000000000000004 / 3, 1.0, 0.0, 0.0)])
    assert whole.correlation is None
    assert whole.line == pytest.approx((0.0, 0.1), abs=1e-12)
