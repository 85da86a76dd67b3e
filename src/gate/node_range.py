"""Whether a Node version fits a range, for the few forms that settings use; verify_runtime knows all of them."""

import re
from itertools import takewhile

Version = tuple[float, float, float]

_ENDLESS = float("inf")
_NUMBER = r"(?:\.(\d+|[x*]))?"
_COMPARATOR = re.compile(rf"([<>]=?|\^|~|=)?\s*v?(\d+){_NUMBER}{_NUMBER}")


def fits(version: str, wanted: str) -> bool | None:
    """Tell whether the newest version that a setting such as `20` can mean fits a range.

    Args:
        version: A whole version, or the start of one: `20`, `20.x`, `v20.12.0`.
        wanted: A range in npm's syntax: versions and their starts, with ^, ~, and comparators, joined by ||.

    Returns:
        None when either is in a form that this does not know.
    """
    found = _COMPARATOR.fullmatch(version.strip())
    alternatives = [_interval(each) for each in wanted.split("||")]
    if found is None or found[1] or None in alternatives:
        return None
    numbers = _numbers(found)
    newest = (*numbers, *(_ENDLESS,) * (3 - len(numbers)))
    return any(low <= newest < high for low, high in filter(None, alternatives))


def as_version(text: str) -> Version:
    """Return a version's first three numbers, to compare it by.

    Raises:
        ValueError: It does not start with three numbers.
    """
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    if found is None:
        raise ValueError(f"{text!r} does not start with three numbers")
    return int(found[1]), int(found[2]), int(found[3])


def _interval(alternative: str) -> tuple[Version, Version] | None:
    """Return the versions that fit all comparators of an alternative: from the first up to, without, the second."""
    text = re.sub(r"(>=|<=|>|<|\^|~|=)\s+", r"\1", alternative.strip())
    low, high = (0.0, 0.0, 0.0), (_ENDLESS, _ENDLESS, _ENDLESS)
    if text in {"", "*", "x"}:
        return low, high
    for each in text.split():
        found = _COMPARATOR.fullmatch(each)
        if found is None:
            return None
        start, end = _bounds(found)
        low, high = max(low, start), min(high, end)
    return low, high


def _bounds(comparator: re.Match[str]) -> tuple[Version, Version]:
    numbers, operator = _numbers(comparator), comparator[1] or "="
    start, end = _padded(numbers), _after(numbers)
    endless: Version = (_ENDLESS, _ENDLESS, _ENDLESS)
    return {
        "=": (start, end),
        ">=": (start, endless),
        ">": (end, endless),
        "<": ((0, 0, 0), start),
        "<=": ((0, 0, 0), end),
        "^": (start, _after(numbers[:1])),
        "~": (start, _after(numbers[:2])),
    }[operator]


def _numbers(comparator: re.Match[str]) -> list[int]:
    """Return the numbers given, up to the first x."""
    given = (part or "x" for part in comparator.groups()[1:])
    return [int(part) for part in takewhile(str.isdecimal, given)]


def _padded(numbers: list[int]) -> Version:
    major, minor, patch = (*numbers, 0, 0)[:3]
    return major, minor, patch


def _after(numbers: list[int]) -> Version:
    """Return the first version that does not start with these numbers."""
    return _padded([*numbers[:-1], numbers[-1] + 1])
