"""Waiting: calls that may hang, each kind in a few threads of its own, so that they hold up nobody else."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")


class Waiting:
    """Makes calls in threads.

    Args:
        threads: How many calls at once; the others wait without a thread.
    """

    def __init__(self, threads: int) -> None:
        self._limiter = CapacityLimiter(threads)

    async def call(self, work: Callable[[], T]) -> T:
        """Make a call, and return what it returns.

        Raises:
            Exception: Whatever the call raises.
        """
        return await to_thread.run_sync(work, limiter=self._limiter)
