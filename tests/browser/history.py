"""Twelve days of events of a small team: the same each time, but for the days."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from tracking.delivery import JOURNAL
from tracking.event import Event, Kind, Outcome, Tokens, new_id
from tracking.journal import Journal

DAYS = 12
_USERS = ("ada", "ben", "chen", "dana", "eli", "fay")
_MODELS: tuple[tuple[Kind, str, str], ...] = (
    ("image", "google", "gemini-nano-banana-2.1"),
    ("image", "openai", "gpt-image-2.5-flare"),
    ("text", "anthropic", "claude-sonnet-5-5"),
)
_FAILED: dict[int, Outcome] = {7: "error", 23: "error", 24: "error", 41: "cancelled", 58: "error"}
_NOT_COUNTED = {11, 33, 52}


@dataclass(frozen=True)
class History:
    """What there is of it.

    Args:
        since: The first day.
        until: The last, yesterday.
        events: How many events.
    """

    since: date
    until: date
    events: int

    @property
    def query(self) -> str:
        """Return the range as it stands in an address."""
        return f"since={self.since}&until={self.until}"


def write(folder: Path) -> History:
    """Put it into a service's journal, from where the delivery takes it."""
    today = datetime.now(UTC).date()
    first = today - timedelta(days=DAYS)
    events = list(_events(first))
    journal = Journal(folder / JOURNAL)
    try:
        assert [journal.append(each) for each in events].count(False) == 0
    finally:
        journal.close()
    return History(first, today - timedelta(days=1), len(events))


def _events(first: date) -> Iterator[Event]:
    chance = random.Random(2026)  # noqa: S311 - nothing secret
    number = 0
    for day in range(DAYS):
        midnight = datetime.combine(first + timedelta(days=day), time(), UTC)
        # Fewer now and then, as on weekends.
        for _ in range(2 if day % 6 == 5 else 5 + day % 4):
            number += 1
            yield _event(chance, number, midnight + timedelta(minutes=chance.randrange(8 * 60, 18 * 60)))


def _event(chance: random.Random, number: int, moment: datetime) -> Event:
    time_ms = round(moment.timestamp() * 1000)
    kind, provider, model = chance.choices(_MODELS, (5, 3, 4))[0]
    length = chance.randrange(20, 900)
    outcome = _FAILED.get(number, "ok")
    output = chance.randrange(1_000, 5_000) if kind == "image" else chance.randrange(200, 1_500)
    return Event(
        id=new_id(time_ms),
        time_ms=time_ms,
        user=f"{chance.choices(_USERS, (9, 6, 4, 3, 2, 1))[0]}@example.com",
        kind=kind,
        provider=provider,
        model=model,
        prompt=None,
        prompt_length=length,
        settings={},
        processing_time_ms=round(1_500 + 9 * length + chance.uniform(0, 3_000), 3),
        tokens=Tokens() if number in _NOT_COUNTED else Tokens(input=length // 4, output=output),
        outcome=outcome,
        error_class="unavailable" if outcome == "error" else None,
    )
