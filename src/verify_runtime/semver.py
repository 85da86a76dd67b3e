"""Versions and npm's version ranges. Source: semver.org 2.0.0, and the documentation of npm's package `semver`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

# npm's own limit: the largest integer that JavaScript holds exactly.
_MAX_NUMBER = 2**53 - 1
_MAX_LENGTH = 256

_NUMBER = r"(?:0|[1-9][0-9]*)"
_WILD = rf"(?:{_NUMBER}|[xX*])"
_IDENTIFIER = rf"(?:[0-9]*[a-zA-Z-][0-9a-zA-Z-]*|{_NUMBER})"
_PRERELEASE = rf"-({_IDENTIFIER}(?:\.{_IDENTIFIER})*)"
_BUILD = re.compile(r"\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*")
_VERSION = re.compile(rf"v?({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:{_PRERELEASE})?(?:{_BUILD.pattern})?")
_PARTIAL_TEXT = rf"({_WILD})(?:\.({_WILD})(?:\.({_WILD})(?:{_PRERELEASE})?)?)?"
_PARTIAL = re.compile(rf"[v=]*{_PARTIAL_TEXT}")
_OPERATOR = re.compile(r"(?:[<>]=?|=|~>?|\^)?")
_HYPHEN = re.compile(rf"\s*([v=\s]*{_PARTIAL_TEXT})\s+-\s+([v=\s]*{_PARTIAL_TEXT})\s*")
# Space after an operator means nothing.
_LOOSE_OPERATOR = re.compile(r"(?<![<>=v])(?<![<>=v] )([<>]=?|=) (?=[v=]*[0-9xX*])")
# npm drops the first star that does not stand for a number.
_STRAY_STAR = re.compile(r"[<>]?=?\*")
_AFTER_CARET_OR_TILDE = re.compile(r"(~>?|\^)\s+")


class RangeError(ValueError):
    """A range cannot be read.

    Args:
        text: The range.
        position: Where the first character stands that does not fit, from 0.
    """

    def __init__(self, text: str, position: int) -> None:
        found = repr(text[position]) if position < len(text) else "the end"
        super().__init__(f"{found} at position {position + 1} of {text!r} does not fit npm's range syntax")
        self.text = text
        self.position = position


@total_ordering
@dataclass(frozen=True)
class Version:
    """A version: three numbers, and what makes it a prerelease.

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

    def __lt__(self, other: Version) -> bool:
        return self._order() < other._order()

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The three numbers."""
        return self.major, self.minor, self.patch

    def _order(self) -> tuple[object, ...]:
        # A release comes after its prereleases; a number before words.
        identifiers = tuple((0, int(each), "") if each.isdigit() else (1, 0, each) for each in self.prerelease)
        return self.numbers, not self.prerelease, identifiers


def parse_version(text: str) -> Version | None:
    """Read a version, with or without a leading v; None when it is none."""
    found = _VERSION.fullmatch(text.strip())
    if not found or len(text) > _MAX_LENGTH:
        return None
    numbers = [int(each) for each in found.groups()[:3]]
    if max(numbers) > _MAX_NUMBER:
        return None
    return Version(numbers[0], numbers[1], numbers[2], tuple(found[4].split(".")) if found[4] else ())


@dataclass(frozen=True)
class _Bound:
    """One side of a range: an operator and a version."""

    operator: str
    version: Version

    def holds(self, version: Version) -> bool:
        if self.operator == ">=":
            return version >= self.version
        if self.operator == "<":
            return version < self.version
        if self.operator == ">":
            return version > self.version
        if self.operator == "<=":
            return version <= self.version
        return version == self.version


@dataclass(frozen=True)
class _Partial:
    """A version of which the end may be missing or a wildcard: None."""

    major: int | None
    minor: int | None
    patch: int | None
    prerelease: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return self.patch is not None

    def lowest(self) -> Version:
        prerelease = self.prerelease if self.whole else ()
        return Version(self.major or 0, self.minor or 0, self.patch or 0, prerelease)

    def beyond(self, part: int) -> Version:
        """Return the first prerelease of the version after all that share these numbers up to a part."""
        numbers = [self.major or 0, self.minor or 0, self.patch or 0]
        numbers = [*numbers[:part], numbers[part] + 1, 0, 0]
        return Version(numbers[0], numbers[1], numbers[2], ("0",))

    def after(self) -> Version:
        """Return the first prerelease of the version after all that this one stands for."""
        return self.beyond(0 if self.minor is None else 1)


# No version is below it.
_NOTHING = _Bound("<", Version(0, 0, 0, ("0",)))


@dataclass(frozen=True)
class Range:
    """A range of versions in npm's syntax.

    Args:
        text: The range as written.
        alternatives: Its parts between `||`, each a list of bounds that all must hold.
    """

    text: str
    alternatives: tuple[tuple[_Bound, ...], ...]

    def __contains__(self, version: Version) -> bool:
        return any(_fits(bounds, version) for bounds in self.alternatives)


def parse_range(text: str) -> Range:
    """Read a range: x-ranges, tilde, caret, hyphen, comparators, `||` and prereleases.

    Raises:
        RangeError: It cannot be read; the error names the character.
    """
    alternatives = []
    start = 0
    for part in text.split("||"):
        alternatives.append(_alternative(text, part, start))
        start += len(part) + len("||")
    if any(_is_any(bounds) for bounds in alternatives):
        # npm's way: beside an alternative that takes every release, no other one lets a prerelease in.
        alternatives = [()]
    return Range(text, tuple(alternatives))


def _is_any(bounds: tuple[_Bound, ...]) -> bool:
    return all(bound == _Bound(">=", Version(0, 0, 0)) for bound in bounds)


def _fits(bounds: tuple[_Bound, ...], version: Version) -> bool:
    if not all(bound.holds(version) for bound in bounds):
        return False
    if not version.prerelease:
        return True
    # A prerelease fits only where the range names a prerelease of the same three numbers.
    return any(bound.version.prerelease and bound.version.numbers == version.numbers for bound in bounds)


def _alternative(text: str, part: str, start: int) -> tuple[_Bound, ...]:
    plain = " ".join(_BUILD.sub("", part).split())  # build metadata says nothing of what fits
    hyphen = _HYPHEN.fullmatch(plain)
    if hyphen:
        bounds = _hyphen(hyphen[1], hyphen[6])
        if bounds is None:
            raise RangeError(text, start + part.index("-", 1))
        return _checked(bounds, text, start)
    joined = _AFTER_CARET_OR_TILDE.sub(r"\1", _LOOSE_OPERATOR.sub(r"\1", plain))
    bounds = []
    for token in joined.split():
        found = _comparator(token)
        if found is None and "*" in token:
            found = _exact(_STRAY_STAR.sub("", token, count=1))
        if found is None:
            raise RangeError(text, start + _misfit(part, token))
        bounds += found
    return _checked(bounds, text, start)


def _checked(bounds: list[_Bound], text: str, start: int) -> tuple[_Bound, ...]:
    if any(number > _MAX_NUMBER for bound in bounds for number in bound.version.numbers):
        raise RangeError(text, start)
    return tuple(bounds)


def _comparator(token: str) -> list[_Bound] | None:
    """Read one part of an alternative; None when it cannot be read."""
    operator = _OPERATOR.match(token)
    rest = token[operator.end() :] if operator else token
    sign = operator[0] if operator else ""
    found = _PARTIAL.fullmatch(rest)
    if not found:
        return None
    partial = _partial(found)
    if sign == "^":
        return _caret(partial)
    if sign in {"~", "~>"}:
        return _tilde(partial)
    if not partial.whole:
        # A number after a wildcard means nothing.
        return None if re.search(r"[xX*]\.\d", rest) else _wildcard(sign, partial)
    return _exact(token)


def _exact(token: str) -> list[_Bound] | None:
    """Read a whole version with at most one sign before it."""
    operator = _OPERATOR.match(token)
    sign = operator[0] if operator else ""
    found = _VERSION.fullmatch(token[len(sign) :])
    if not found or sign in {"^", "~", "~>"}:
        return None
    numbers = [int(each) for each in found.groups()[:3]]
    prerelease = tuple(found[4].split(".")) if found[4] else ()
    return [_Bound(sign or "=", Version(numbers[0], numbers[1], numbers[2], prerelease))]


def _partial(found: re.Match[str]) -> _Partial:
    numbers: list[int | None] = []
    for text in found.groups()[:3]:
        wild = text is None or not text.isdigit() or None in numbers
        numbers.append(None if wild else int(text))
    return _Partial(numbers[0], numbers[1], numbers[2], tuple(found[4].split(".")) if found[4] else ())


def _caret(partial: _Partial) -> list[_Bound]:
    if partial.major is None:
        return []
    numbers = [partial.major, partial.minor, partial.patch]
    # The leftmost number that is not zero stays; where none is known, the last known one does.
    known = [index for index, number in enumerate(numbers) if number is not None]
    fixed = next((index for index in known if numbers[index]), known[-1])
    return [_Bound(">=", partial.lowest()), _Bound("<", partial.beyond(fixed))]


def _tilde(partial: _Partial) -> list[_Bound]:
    if partial.major is None:
        return []
    return [_Bound(">=", partial.lowest()), _Bound("<", partial.after())]


def _wildcard(sign: str, partial: _Partial) -> list[_Bound]:
    if partial.major is None:
        return [_NOTHING] if sign in {"<", ">"} else []
    after = partial.after()
    low = _Bound(">=", partial.lowest())
    if sign == ">":
        return [_Bound(">=", Version(after.major, after.minor, after.patch))]
    if sign == ">=":
        return [low]
    if sign == "<":
        return [_Bound("<", Version(*partial.lowest().numbers, ("0",)))]
    if sign == "<=":
        return [_Bound("<", after)]
    return [low, _Bound("<", after)]


def _hyphen(lower: str, upper: str) -> list[_Bound] | None:
    """Read `lower - upper`; None where a whole version has a sign before it."""
    bounds = []
    for text, is_upper in ((lower, False), (upper, True)):
        found = _PARTIAL.fullmatch(re.sub(r"\s", "", text))
        if found is None:
            return None
        partial = _partial(found)
        signed = "=" in text or " " in text
        if partial.whole and signed and not (is_upper and partial.prerelease):
            return None
        if partial.major is None:
            continue
        if not is_upper:
            bounds.append(_Bound(">=", partial.lowest()))
        elif partial.whole:
            bounds.append(_Bound("<=", partial.lowest()))
        else:
            bounds.append(_Bound("<", partial.after()))
    return bounds


def _misfit(part: str, token: str) -> int:
    """Return where in a part the first character stands that keeps a token from being read."""
    start = max(part.find(token), 0)
    operator = _OPERATOR.match(token)
    reached = operator.end() if operator else 0
    found = _PARTIAL.match(token, reached)
    return start + (found.end() if found else reached)
