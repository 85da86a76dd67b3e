"""A version, ordered as semver.org 2.0.0 orders it."""

from __future__ import annotations

from typing import NamedTuple


class Version(NamedTuple):
    """A version: three numbers, and what makes it a prerelease. Compare two by their `order`.

    Args:
        major: The first number.
        minor: The second.
        patch: The third.
        prerelease: Its identifiers; empty for a release.
    """

    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    def __str__(self) -> str:
        numbers = f"{self.major}.{self.minor}.{self.patch}"
        return f"{numbers}-{'.'.join(self.prerelease)}" if self.prerelease else numbers

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The three numbers."""
        return self.major, self.minor, self.patch

    @property
    def order(self) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, float, str], ...]]:
        """What sorts versions: a release comes after its prereleases, a number before words."""
        # Floats, because npm compares JavaScript's numbers: those beyond 2^53 lose their last digits.
        identifiers = ((False, float(each), "") if each.isdigit() else (True, 0.0, each) for each in self.prerelease)
        return self.numbers, not self.prerelease, tuple(identifiers)
