"""A period: whole days of a time zone that is always named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = 30

_DAY = timedelta(days=1)
# So that nobody can ask for millions of days.
_YEARS = range(2000, 2200)
_RELATIVE = {"today": timedelta(0), "yesterday": _DAY}


class PeriodError(ValueError):
    """A day, a zone or an order of days that there is not; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, from midnight to midnight where the zone is; a day of 23 or 25 hours is one.

    Args:
        since: The first day.
        until: The last day; it belongs to the period.
        zone: Where the days begin.

    Raises:
        PeriodError: The last day is before the first.
    """

    since: date
    until: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.until < self.since:
            raise PeriodError(f"The period ends on {self.until}, before it begins on {self.since}.")

    @classmethod
    def read(cls, since: str | None, until: str | None, zone: str) -> "Period":
        """Make a period of what a person wrote.

        Args:
            since: The first day: an ISO date, today or yesterday; 30 days that end with the last one when not given.
            until: The last day, the same; today when not given.
            zone: The time zone's name.

        Raises:
            PeriodError: One of them cannot be understood.
        """
        place = _zone(zone)
        today = _now(place).date()
        last = _day(until or "today", today)
        first = last - (DAYS - 1) * _DAY if since is None else _day(since, today)
        return cls(first, last, place)

    @property
    def begin_ms(self) -> int:
        """When the first day begins, in milliseconds since 1970, UTC."""
        return self._midnight(self.since)

    @property
    def end_ms(self) -> int:
        """When the day after the last one begins, in milliseconds since 1970, UTC."""
        return self._midnight(self.until + _DAY)

    def midnights(self) -> Iterator[tuple[date, int]]:
        """Yield each day, and when it begins, in milliseconds since 1970, UTC."""
        for number in range((self.until - self.since).days + 1):
            day = self.since + number * _DAY
            yield day, self._midnight(day)

    def __str__(self) -> str:
        days = f"{self.since}" if self.since == self.until else f"{self.since} to {self.until}"
        return f"{days} ({self.zone.key})"

    def _midnight(self, day: date) -> int:
        # Where clocks are put forward at midnight, this is the moment when they are.
        return round(datetime.combine(day, time.min, self.zone).timestamp() * 1000)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise PeriodError("The time zone is a name of the tz database, such as UTC or Europe/Berlin.") from None


def _day(text: str, today: date) -> date:
    if text in _RELATIVE:
        return today - _RELATIVE[text]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise PeriodError("A day is today, yesterday or a date such as 2026-11-23.") from None
    if day.year not in _YEARS:
        raise PeriodError(f"A day is between the years {_YEARS[0]} and {_YEARS[-1]}.")
    return day


def _now(zone: ZoneInfo) -> datetime:
    return datetime.now(zone)
