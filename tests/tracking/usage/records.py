"""Events as MLflow has them, a source that needs no MLflow, and the numbers computed from the events themselves."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tracking.event import Event, Tokens, new_id
from tracking.layout import Record
from tracking.usage import Index
from tracking.usage.period import Period
from tracking.usage.questions import NOT_KEPT, Spent
from tracking.usage.source import Cursor, Page

BERLIN = ZoneInfo("Europe/Berlin")
NOON_MS = round(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)


def record(**values: Any) -> Record:  # noqa: ANN401 - whatever a test is about
    time_ms = values.setdefault("time_ms", NOON_MS)
    return Record(
        **{
            "id": new_id(time_ms),
            "user": "ada@example.com",
            "kind": "image",
            "provider": "openai",
            "model": "gpt-image-1",
            "prompt_length": 100,
            "processing_time_ms": 1000.0,
            "time_to_first_token_ms": None,
            "tokens": Tokens(),
            "outcome": "ok",
            "error_class": None,
            "cost_usd": Decimal("0.01"),
            "price_source": "environment",
            **values,
        }
    )


def event(**values: Any) -> Event:  # noqa: ANN401 - the same
    return Event(
        **{
            "id": new_id(values["time_ms"]),
            "user": "ada@example.com",
            "kind": "image",
            "provider": "openai",
            "model": "gpt-image-1",
            "prompt": None,
            "prompt_length": 100,
            "settings": {"aspect_ratio": "16:9"},
            "processing_time_ms": 1234.5,
            "tokens": Tokens(input=12, output=1290),
            **values,
        }
    )


@dataclass
class Deliveries:
    """A source of pages that were delivered so far; it fails before the page that `fails_at` names."""

    pages_so_far: list[list[Record]] = field(default_factory=list)
    fails_at: int | None = None

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        for number in range(cursor.runs_ms, len(self.pages_so_far)):
            if number == self.fails_at:
                raise ConnectionError("nobody\nanswers.")
            yield Page(self.pages_so_far[number], Cursor(number + 1, 0))


def filled(folder: Path, records: Sequence[Record], identity: str = "") -> Index:
    index = Index(folder, Deliveries([list(records)]), identity)
    assert index.rebuild() == len({each.id for each in records})
    return index


def local_day(each: Record, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(each.time_ms / 1000, zone).date()


def within(records: Sequence[Record], period: Period) -> list[Record]:
    once = {each.id: each for each in reversed(records)}.values()
    return [each for each in once if period.since <= local_day(each, period.zone) <= period.until]


def spent(key: str, records: Sequence[Record]) -> Spent:
    known = [each.cost_usd for each in records if each.cost_usd is not None]
    with localcontext(prec=60):
        total = sum(known, Decimal(0)) if known else None
    return Spent(key, total, len(records) - len(known), len(records))


KEYS: dict[str, Callable[[Record, ZoneInfo], str]] = {
    "user": lambda each, _: NOT_KEPT if each.user is None else each.user,
    "model": lambda each, _: f"{each.provider}/{each.model}",
    "day": lambda each, zone: local_day(each, zone).isoformat(),
    "kind": lambda each, _: each.kind,
}


def spent_by(by: str, records: Sequence[Record], period: Period) -> dict[str, Spent]:
    groups: dict[str, list[Record]] = {}
    for each in within(records, period):
        groups.setdefault(KEYS[by](each, period.zone), []).append(each)
    return {key: spent(key, group) for key, group in groups.items()}


def pearson(records: Sequence[Record]) -> float | None:
    try:
        return statistics.correlation(
            [each.prompt_length for each in records], [each.processing_time_ms for each in records]
        )
    except statistics.StatisticsError:
        return None
