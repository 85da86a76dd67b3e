"""The tables that were read too long ago: `python -m verify_runtime.timeline.ages FOLDER`, which is `make data-age`."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import tomllib

MAX_DAYS = 90


class Age(NamedTuple):
    """A table's age.

    Args:
        path: The table.
        days: How long ago it was read; None where it does not say.
        source: Where it was read from.
    """

    path: Path
    days: int | None
    source: str


def ages(folder: Path, today: dt.date) -> Iterator[Age]:
    """Return the ages of all tables in the folders `data` below a folder.

    Args:
        folder: Where to look.
        today: The day to count to.
    """
    for path in sorted(folder.rglob("data/*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        read = table.get("date")
        days = (today - read).days if isinstance(read, dt.date) else None
        yield Age(path, days, str(table.get("source", "it names no source")))


def main() -> None:
    """Print the tables that are older than 90 days, and those that do not say how old they are."""
    folder = Path(sys.argv[1])
    found = list(ages(folder, dt.datetime.now(tz=dt.UTC).date()))
    old = [age for age in found if age.days is None or age.days > MAX_DAYS]
    for age in old:
        said = "has no date" if age.days is None else f"was read {age.days} days ago"
        sys.stdout.write(f"{age.path} {said}: {age.source}\n")
    sys.stdout.write(f"{len(old)} of {len(found)} tables are older than {MAX_DAYS} days.\n")


if __name__ == "__main__":
    main()
