"""Moments: what pairs of numbers are like, to be added up from parts."""

import math
from dataclasses import dataclass
from typing import Self

# Numbers that are alike differ by as much in their mean, which is rounded.
_ROUNDED = 1e-12


@dataclass(frozen=True, slots=True)
class Moments:
    """The means, variances and covariance of pairs (x, y).

    Args:
        n: How many pairs.
        mean_x: The mean of x; 0 of no pairs.
        mean_y: The same of y.
        var_x: The variance of x, of all pairs and not of a sample; the same.
        var_y: The same of y.
        covar: The covariance, the same.
    """

    n: int = 0
    mean_x: float = 0.0
    mean_y: float = 0.0
    var_x: float = 0.0
    var_y: float = 0.0
    covar: float = 0.0

    def added_to(self, other: Self) -> "Moments":
        """Return the moments of both, without going back to the pairs.

        Source: T. F. Chan, G. H. Golub and R. J. LeVeque, Updating formulae and a pairwise algorithm for computing
        sample variances, 1979.
        """
        n = self.n + other.n
        if not n:
            return Moments()
        mine, theirs = self.n / n, other.n / n
        apart_x, apart_y = other.mean_x - self.mean_x, other.mean_y - self.mean_y
        return Moments(
            n,
            self.mean_x + apart_x * theirs,
            self.mean_y + apart_y * theirs,
            self.var_x * mine + other.var_x * theirs + apart_x * apart_x * mine * theirs,
            self.var_y * mine + other.var_y * theirs + apart_y * apart_y * mine * theirs,
            self.covar * mine + other.covar * theirs + apart_x * apart_y * mine * theirs,
        )

    @property
    def correlation(self) -> float | None:
        """Pearson's correlation, from -1 to 1; None when all x or all y are the same."""
        if _is_constant(self.mean_x, self.var_x) or _is_constant(self.mean_y, self.var_y):
            return None
        return max(-1.0, min(1.0, self.covar / math.sqrt(self.var_x) / math.sqrt(self.var_y)))

    @property
    def line(self) -> tuple[float | None, float | None]:
        """The slope and the intercept of y's line of least squares; None when all x are the same."""
        if _is_constant(self.mean_x, self.var_x):
            return None, None
        slope = self.covar / self.var_x
        return slope, self.mean_y - slope * self.mean_x


def _is_constant(mean: float, variance: float) -> bool:
    return math.sqrt(variance) <= _ROUNDED * abs(mean)
