"""Asking: each request's person, told from the others, and held to their share."""

import math
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from tracking.identity import Person
from tracking.ratelimit import RateLimit

_TOO_MANY = 429

Asking = Callable[[Request], Person]


@dataclass(frozen=True, slots=True)
class Share:
    """A dependency: who is asking, once they claimed one of what they may ask for.

    Args:
        who: Tells who is asking.
        limit: How much they may ask for.
        what: What that is, for the words of a refusal.
    """

    who: Callable[[Request], Person]
    limit: RateLimit
    what: str

    def __call__(self, request: Request) -> Person:
        """Return who is asking.

        Raises:
            HTTPException: 401 when that is not known, 429 when it was their share.
        """
        person = self.who(request)
        wait = math.ceil(self.limit.claim(person.name))
        if wait:
            raise HTTPException(
                _TOO_MANY,
                f"These are more {self.what} than one user may ask for in a minute. Try again in {wait} s.",
                {"Retry-After": str(wait)},
            )
        return person


def asked_first(asking: Asking) -> type[APIRoute]:
    """Make a class of routes that know who is asking before they read what for.

    A dependency comes too late for that: FastAPI reads a body before it, and refuses by itself what is no JSON.

    Args:
        asking: Tells who is asking; it is in the request's `state.person` from then on.
    """

    class Route(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def ask_first(request: Request) -> Response:
                request.state.person = await run_in_threadpool(asking, request)
                return await handle(request)

            return ask_first

    return Route


def visible(person: Person, kept_as: Callable[[str], str | None]) -> str | None:
    """Return whose events somebody may see, as events name them; None for everybody's.

    Args:
        person: Who is asking.
        kept_as: Returns what is kept of a user.
    """
    if person.is_admin:
        return None
    # Where no user is kept, nobody's events are known to be theirs.
    return kept_as(person.name) or "\0"
