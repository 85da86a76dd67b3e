"""A month of 100,000 events whose answers are known: the same each time."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from tracking.event import Tokens
from tracking.layout import Record

from .records import BERLIN

EVENTS = 100_000
FIRST = date(2026, 10, 1)
LAST = date(2026, 10, 31)
# In October Berlin is two hours ahead of UTC: what she did from 00:05 to 00:25 was on the day before by UTC.
SPENDER = "night.owl@example.com"
DAY = date(2026, 10, 15)
SPENT = 40
# A prompt's character takes two milliseconds more with the one, and nothing with the other.
SLOPED = "openai/gpt-image-1"
FLAT = "google/gemini-2.5-flash-image"

_DOLLAR = Decimal("0.999999999999999999")


def month() -> list[Record]:
    """Return the events, in the order of time."""
    chance = random.Random(20261001)  # noqa: S311 - nothing secret
    begin = round(datetime(2026, 10, 1, tzinfo=BERLIN).timestamp() * 1000)
    end = round(datetime(2026, 11, 1, tzinfo=BERLIN).timestamp() * 1000)
    usual = [_usual(chance, number, chance.randrange(begin, end)) for number in range(EVENTS - SPENT)]
    return sorted([*usual, *_night(chance)], key=lambda each: each.time_ms)


def _usual(chance: random.Random, number: int, time_ms: int) -> Record:
    length = chance.randint(1, 4_000)
    provider, model = chance.choice([SLOPED, FLAT]).split("/")
    slope = 2.0 if f"{provider}/{model}" == SLOPED else 0.0
    return Record(
        id=f"{number:032x}",
        time_ms=time_ms,
        user=f"user-{chance.randrange(500)}@example.com",
        kind="image",
        provider=provider,
        model=model,
        prompt_length=length,
        processing_time_ms=8_000 + slope * length + chance.gauss(0, 3_000),
        time_to_first_token_ms=None,
        tokens=Tokens(),
        outcome="error" if chance.random() < 0.02 else "ok",
        error_class=None,
        cost_usd=None if chance.random() < 0.01 else Decimal(chance.randint(1, 10**15)).scaleb(-17),
        price_source="environment",
    )


def _night(chance: random.Random) -> Iterator[Record]:
    begin = round(datetime(2026, 10, 15, 0, 5, tzinfo=BERLIN).timestamp() * 1000)
    for number in range(SPENT):
        usual = _usual(chance, EVENTS + number, begin + number * 30_000)
        yield replace(usual, user=SPENDER, cost_usd=_DOLLAR, outcome="ok")
