"""Slots: where generations run, so many at once, in threads of their own: what hangs there holds up nothing else."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import TypeVar, TypeVarTuple

from anyio import CancelScope, CapacityLimiter, to_thread
from fastapi import HTTPException, Request

from tracking.identity import Person

_AT_ONCE = 100
_RETRY_SECONDS = 10
_TOO_MANY = 429
_UNAVAILABLE = 503

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Slot:
    """Where one generation runs.

    Args:
        person: Who asked for it.
        threads: Where its work is done.
    """

    def __init__(self, person: Person, threads: CapacityLimiter) -> None:
        self.person = person
        self._threads = threads
        self._close: Callable[[], None] | None = None

    async def run(self, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        """Do some work in a thread."""
        return await to_thread.run_sync(work, *arguments, limiter=self._threads)

    def close_with(self, close: Callable[[], None]) -> None:
        """Say what ends the generation, whoever goes away before its end."""
        self._close = close

    async def close(self) -> None:
        """End the generation."""
        if self._close is not None:
            with CancelScope(shield=True):
                await self.run(self._close)


class Slots:
    """A dependency of routes that know who is asking: a slot, until the answer has ended, and the provider is done.

    Each worker has slots of its own.

    Args:
        of_one: How many one user may have at once.
    """

    def __init__(self, of_one: int) -> None:
        self._of_one = of_one
        self._threads = CapacityLimiter(_AT_ONCE)
        self._taken: Counter[str] = Counter()

    async def __call__(self, request: Request) -> AsyncIterator[Slot]:
        """Take a slot.

        Raises:
            HTTPException: 429 when the user has as many as they may, 503 when all are taken.
        """
        person: Person = request.state.person
        self._check(person.name)
        self._taken[person.name] += 1
        slot = Slot(person, self._threads)
        try:
            yield slot
        finally:
            await slot.close()
            self._taken -= Counter([person.name])

    def _check(self, user: str) -> None:
        if self._taken[user] >= self._of_one:
            raise _refusal(
                _TOO_MANY,
                f"{self._of_one} of your generations still run, and no more may at once. "
                "A cancelled one runs until the provider has ended it.",
            )
        if self._taken.total() >= _AT_ONCE:
            raise _refusal(_UNAVAILABLE, "As many generations run as the service can take.")


def _refusal(status: int, words: str) -> HTTPException:
    return HTTPException(status, f"{words} Try again in {_RETRY_SECONDS} s.", {"Retry-After": str(_RETRY_SECONDS)})
