"""Node's releases: which of them a version in a workflow may mean, and until when they are kept."""

from __future__ import annotations

import datetime as dt
import functools
import re
from typing import NamedTuple

from verify_runtime.ranges import Range, RangeError, parse_range
from verify_runtime.timeline.model import Active
from verify_runtime.timeline.tables import table
from verify_runtime.version import Version

# Stands for the releases that are not made yet.
_FUTURE = 9_999


class Line(NamedTuple):
    """A major version.

    Args:
        major: Its number.
        end: The day of its last release.
        name: Its LTS name; empty where it has none.
        lts: The day on which it became LTS; None where it does not.
        releases: Its releases, oldest first.
    """

    major: int
    end: dt.date
    name: str
    lts: dt.date | None
    releases: tuple[Version, ...]


@functools.cache
def lines() -> dict[int, Line]:
    """Return the lines by major version, oldest first."""
    made = {}
    for number, line in table("node")["lines"].items():
        major = int(number)
        found = (
            Version(major, minor, patch) for minor, last in enumerate(line["patches"]) for patch in range(last + 1)
        )
        made[major] = Line(major, line["end"], line.get("name", ""), line.get("lts"), tuple(found))
    return made


def as_of() -> dt.date:
    """Return the date of the table."""
    day: dt.date = table("node")["date"]
    return day


@functools.lru_cache(maxsize=1024)
def meant(text: str) -> tuple[Version, ...] | None:
    """Return the releases that a version may mean, those to come among them.

    Args:
        text: As setup-node takes it: a range, or an alias such as lts/*.

    Returns:
        None where it cannot be read.
    """
    plain = text.strip().lower()
    known = lines()
    if plain in ("latest", "node", "current"):
        return (known[max(known)].releases[-1], Version(_FUTURE, 0, 0))
    if plain.startswith("lts/"):
        return _lts(plain[4:])
    bare = re.fullmatch(r"v?(\d+)(?:\.x)?", plain)
    if bare and int(bare[1]) in known:
        return _of_line(known[int(bare[1])])
    allowed = _range(plain)
    if allowed is None:
        return None
    return tuple(version for version in _all() if allowed.allows(version)) or _exact(plain)


def excluded(active: Active, needed: str) -> bool:
    """Return whether what is active is certainly outside of a range: no release that it may mean is in it."""
    return active.kind == "decided" and _outside(active.version, needed)


@functools.lru_cache(maxsize=4096)
def _outside(version: str, needed: str) -> bool:
    versions, allowed = meant(version), _range(needed)
    return bool(versions) and allowed is not None and not any(allowed.allows(each) for each in versions or ())


@functools.lru_cache(maxsize=4096)
def disjoint(one: str, other: str) -> bool:
    """Return whether two versions cannot mean the same release."""
    ours, theirs = meant(one), meant(other)
    return bool(ours) and bool(theirs) and not set(ours or ()) & set(theirs or ())


def ended(active: Active) -> Line | None:
    """Return the line that a decided version belongs to, where that has ended."""
    return _ended(active.version) if active.kind == "decided" else None


@functools.lru_cache(maxsize=1024)
def _ended(version: str) -> Line | None:
    versions = meant(version)
    majors = {version.major for version in versions or ()}
    line = lines().get(majors.pop()) if len(majors) == 1 else None
    return line if line and line.end < as_of() else None


def _of_line(line: Line) -> tuple[Version, ...]:
    return (*line.releases, Version(line.major, _FUTURE, 0)) if line.end >= as_of() else line.releases


def _lts(name: str) -> tuple[Version, ...] | None:
    current = [line for line in lines().values() if line.lts and line.lts <= as_of()]
    if name == "*":
        return (current[-1].releases[-1], Version(_FUTURE, 0, 0))
    if re.fullmatch(r"-\d", name) and int(name[1:]) < len(current):
        # Which line that is changes with every new one.
        return tuple(version for line in current[-1 - int(name[1:]) :] for version in line.releases)
    named = next((line for line in current if line.name == name), None)
    return (*named.releases, Version(named.major, _FUTURE, 0)) if named else None


@functools.lru_cache(maxsize=256)
def _range(text: str) -> Range | None:
    try:
        return parse_range(text)
    except RangeError:
        return None


@functools.lru_cache(maxsize=1)
def _all() -> tuple[Version, ...]:
    made: list[Version] = []
    for line in lines().values():
        made += _of_line(line)
    last = max(lines())
    return (*made, *(Version(major, _FUTURE, 0) for major in range(last + 1, last + 10)))


def _exact(text: str) -> tuple[Version, ...]:
    found = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", text)
    return (Version(int(found[1]), int(found[2]), int(found[3])),) if found else ()
