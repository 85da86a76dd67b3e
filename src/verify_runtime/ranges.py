"""npm's version ranges. Source: the documentation of npm's package `semver`, and its answers (the tests ask it)."""

from __future__ import annotations

import re
from typing import NamedTuple

from verify_runtime.version import Version

# npm's limits: the largest integer that JavaScript holds exactly, and the longest version.
_MAX_NUMBER = 2**53 - 1
_MAX_LENGTH = 256

# JavaScript's white space, which is not quite Python's.
_SPACE = re.compile("[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
_NUMBER = r"(?:0|[1-9][0-9]{0,256})"
_PART = rf"({_NUMBER}|[xX*])"
_IDENTIFIER = rf"(?:[0-9]{{0,256}}[a-zA-Z-][0-9a-zA-Z-]{{0,250}}|{_NUMBER})"
_PARTIAL = rf"{_PART}(?:\.{_PART}(?:\.{_PART}(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?)?)?"
_BUILD = re.compile(r"\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*")
_COMPARATOR = re.compile(rf"([<>]=?|=|~>?|\^)?([v=]*){_PARTIAL}")
_HYPHEN = re.compile(rf" ?([v= ]*{_PARTIAL}) - ([v= ]*{_PARTIAL}) ?")
# An operator before a space and a version; else what must not be taken for one: a version, or a row of v and =.
_SPACED = "( [<>]?=?|[<>]=?|=) ([v= ]*)(?=[0-9xX*])"
_NO_OPERATOR = "[0-9xX*][0-9A-Za-z.*-]*|[<>]?[v= ]+"
_LOOSE_OPERATOR = re.compile(f"{_SPACED}|{_NO_OPERATOR}")
_OPERATOR = re.compile(r"[<>]=?|=|~>?|\^")
_LOOSE_TILDE = re.compile("~>? ")
# npm drops the first star that does not stand for a number, with the operator before it.
_STRAY_STAR = re.compile(r"[<>]?=?\*")


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


class _Bound(NamedTuple):
    """One side of a range: an operator and a version."""

    operator: str
    version: Version

    def holds(self, version: Version) -> bool:
        ours, theirs = self.version.order, version.order
        if self.operator == ">=":
            return theirs >= ours
        if self.operator == "<":
            return theirs < ours
        if self.operator == ">":
            return theirs > ours
        if self.operator == "<=":
            return theirs <= ours
        return theirs == ours


class _Partial(NamedTuple):
    """A version of which the end may be missing or a wildcard.

    Args:
        known: Its numbers, up to the first wildcard.
        in_order: Whether no number comes after a wildcard.
        prerelease: The identifiers of a whole version.
    """

    known: tuple[int, ...]
    in_order: bool
    prerelease: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return len(self.known) == 3  # noqa: PLR2004 - the three numbers

    def lowest(self) -> Version:
        major, minor, patch = (*self.known, 0, 0, 0)[:3]
        return Version(major, minor, patch, self.prerelease)

    def beyond(self, part: int) -> Version:
        """Return the first prerelease of the version after all that share these numbers up to a part."""
        major, minor, patch = (*self.known[:part], self.known[part] + 1, 0, 0)[:3]
        return Version(major, minor, patch, ("0",))

    def after(self) -> Version:
        """Return the first prerelease of the version after all that this one stands for."""
        return self.beyond(min(len(self.known), 2) - 1)

    def __str__(self) -> str:
        return str(self.lowest()) if self.whole else ".".join(map(str, self.known)) or "*"


class Range(NamedTuple):
    """A range of versions in npm's syntax.

    Args:
        text: The range as written.
        alternatives: Its parts between `||`, each a list of bounds that all must hold.
    """

    text: str
    alternatives: tuple[tuple[_Bound, ...], ...]

    def allows(self, version: Version) -> bool:
        """Return whether a version is in the range; a prerelease is only where the range names one of its numbers."""
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
    if not all(alternatives):
        # npm's way: beside an alternative that takes every release, no other one lets a prerelease in.
        alternatives = [()]
    return Range(text, tuple(alternatives))


def _fits(bounds: tuple[_Bound, ...], version: Version) -> bool:
    if not all(bound.holds(version) for bound in bounds):
        return False
    if not version.prerelease:
        return True
    return any(bound.version.prerelease and bound.version.numbers == version.numbers for bound in bounds)


def _alternative(text: str, part: str, start: int) -> tuple[_Bound, ...]:
    bounds: list[_Bound] = []
    for token in _tokens(part):
        found = _comparator(token)
        if found is None or any(_too_large(bound.version) for bound in found):
            raise RangeError(text, start + _misfit(part))
        bounds += found
    return tuple(bounds)


def _tokens(part: str) -> list[str]:
    """Return an alternative's comparators, with what may stand between an operator and its version taken out."""
    plain = _BUILD.sub("", _SPACE.sub(" ", part).strip(" "))
    hyphen = _HYPHEN.fullmatch(plain)
    if hyphen:
        groups = hyphen.groups()
        plain = _from_to(groups[:5], groups[5:])
    plain = _LOOSE_OPERATOR.sub(lambda found: found[1] + found[2] if found[1] else found[0], plain)
    return _LOOSE_TILDE.sub("~", plain).replace("^ ", "^").split(" ")


def _from_to(lower: tuple[str | None, ...], upper: tuple[str | None, ...]) -> str:
    """Return `lower - upper` as comparators; each side is its text, with a v or = before it, and its parts."""
    low, high = _partial(lower[1:]), _partial(upper[1:])
    # npm takes signs before a whole version over, and then cannot read most of them.
    from_text = lower[0] if low.whole else str(low)
    to_text = upper[0] if high.whole and not high.prerelease else str(high)
    return f">={from_text} <={to_text}"


def _comparator(token: str) -> list[_Bound] | None:
    """Read one comparator; None when it cannot be read."""
    if not token:
        return []
    found = _COMPARATOR.fullmatch(token)
    if found:
        sign, partial = found[1] or "", _partial(found.groups()[2:])
        if sign == "^" or sign.startswith("~"):
            return _near(sign, partial)
        if not partial.whole and partial.in_order:
            return _wildcard(sign, partial)
    return _exact(_STRAY_STAR.sub("", token, count=1))


def _exact(text: str) -> list[_Bound] | None:
    """Read a whole version with at most one sign and one v before it."""
    found = _COMPARATOR.fullmatch(text)
    if not found or found[2] not in {"", "v"}:
        return None
    sign, partial = found[1] or "", _partial(found.groups()[2:])
    if sign in {"^", "~", "~>"} or not partial.whole or len(text) - len(sign) > _MAX_LENGTH:
        return None
    return [] if text == ">=0.0.0" else [_Bound(sign, partial.lowest())]


def _partial(parts: tuple[str | None, ...]) -> _Partial:
    numbers = [int(part) if part and part.isdigit() else None for part in parts[:3]]
    count = numbers.index(None) if None in numbers else len(numbers)
    known = tuple(number for number in numbers[:count] if number is not None)
    prerelease = parts[3].split(".") if parts[3] and count == len(numbers) else ()
    return _Partial(known, not any(number is not None for number in numbers[count:]), tuple(prerelease))


def _near(sign: str, partial: _Partial) -> list[_Bound]:
    """Return a caret's or a tilde's bounds."""
    if not partial.known:
        return []
    if sign != "^":
        return [*_at_least(partial.lowest()), _Bound("<", partial.after())]
    # The leftmost number that is not zero stays; where there is none, the last known one does.
    fixed = next((index for index, number in enumerate(partial.known) if number), len(partial.known) - 1)
    return [*_at_least(partial.lowest()), _Bound("<", partial.beyond(fixed))]


def _wildcard(sign: str, partial: _Partial) -> list[_Bound]:
    if not partial.known:
        # No version is below the first prerelease of 0.0.0.
        return [_Bound("<", Version(0, 0, 0, ("0",)))] if sign in {"<", ">"} else []
    after = _Bound("<", partial.after())
    if sign == ">":
        return _at_least(after.version._replace(prerelease=()))
    if sign == ">=":
        return _at_least(partial.lowest())
    if sign == "<":
        return [_Bound("<", partial.lowest()._replace(prerelease=("0",)))]
    return [after] if sign == "<=" else [*_at_least(partial.lowest()), after]


def _at_least(version: Version) -> list[_Bound]:
    # Every release is at least 0.0.0; npm drops the bound, and with it what keeps prereleases of 0.0.0 out.
    return [] if version == Version(0, 0, 0) else [_Bound(">=", version)]


def _too_large(version: Version) -> bool:
    return max(version.numbers) > _MAX_NUMBER or len(str(version)) > _MAX_LENGTH


def _misfit(part: str) -> int:
    """Return where in an unreadable alternative the first character stands that cannot belong to a comparator."""
    first = position = _skip(_SPACE, part, 0)
    while position < len(part) or position == first:
        found = _COMPARATOR.match(part, position)
        if not found:
            # An operator fits, and what follows it does not.
            return _skip(_SPACE, part, _skip(_OPERATOR, part, position))
        end = _skip(_BUILD, part, found.end())
        position = _skip(_SPACE, part, end)
        if position == end < len(part) and part[end] not in "<>=~^":
            return end
    # Each comparator looks right: a number is too large, or a sign stands once too often.
    return first


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position
