"""Live: new generations and the events' health, as they come, by server-sent events.

Source of the format: https://html.spec.whatwg.org/multipage/server-sent-events.html.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent

from tracking.gallery import Gallery
from tracking.identity import Person
from tracking.routes.asking import Asking, visible
from tracking.routes.health import Health, health
from tracking.service import TrackingService

_PAUSE_SECONDS = 0.5
# Then the browser connects anew, and is asked again who it is.
_LONGEST_SECONDS = 600.0
_RETRY_MS = 2_000
_AT_ONCE = 100
_CONNECTIONS = 12
_TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class _Seen:
    newest: int
    health: Health | None


class _Watch:
    """Looks at what there is, once for all who listen."""

    def __init__(self, gallery: Gallery, tracking: TrackingService) -> None:
        self._gallery = gallery
        self._tracking = tracking
        self._lock = asyncio.Lock()
        self._looked = 0.0
        self._seen = _Seen(0, None)

    async def look(self) -> _Seen:
        async with self._lock:
            if time.monotonic() - self._looked >= _PAUSE_SECONDS:
                self._seen = await run_in_threadpool(self._read)
                self._looked = time.monotonic()
        return self._seen

    def _read(self) -> _Seen:
        try:
            now = health(self._tracking)
        except OSError:  # it is told of in /healthz, and the generations still come
            now = None
        return _Seen(self._gallery.newest(), now)


def router(
    gallery: Gallery, tracking: TrackingService, asking: Asking, kept_as: Callable[[str], str | None]
) -> APIRouter:
    """Make the routes.

    Args:
        gallery: Where generations are kept.
        tracking: What logs.
        asking: Tells who is asking.
        kept_as: Returns what is kept of a user.

    Returns:
        GET /api/live.
    """
    routes = APIRouter(prefix="/api", tags=["live"])
    watch = _Watch(gallery, tracking)
    listening: Counter[str] = Counter()

    async def seat(person: Annotated[Person, Depends(asking)]) -> AsyncIterator[Person]:
        if listening[person.name] >= _CONNECTIONS:
            words = f"One user may listen {_CONNECTIONS} times at once. Close some of the pages."
            raise HTTPException(_TOO_MANY, words, {"Retry-After": "10"})
        listening[person.name] += 1
        try:
            yield person
        finally:  # the answer has ended
            listening[person.name] -= 1

    @routes.get("/live", response_class=EventSourceResponse)
    async def live(
        person: Annotated[Person, Depends(seat)], last_event_id: Annotated[int | None, Header(ge=0)] = None
    ) -> AsyncIterator[ServerSentEvent]:
        """Send `generation` for each new one that the person may see, and `health` when it changed."""
        async for event in _events(gallery, watch, visible(person, kept_as), last_event_id):
            if isinstance(event.data, Health):
                event.data = event.data.told(is_admin=person.is_admin)
            yield event

    return routes


async def _events(
    gallery: Gallery, watch: _Watch, own: str | None, last_id: int | None
) -> AsyncIterator[ServerSentEvent]:
    seen = await watch.look()
    known = seen.newest if last_id is None else min(last_id, seen.newest)
    told: Health | None = None
    end = time.monotonic() + _LONGEST_SECONDS
    # The id comes first: who is cut off goes on from here.
    yield ServerSentEvent(event="hello", data={}, id=str(known), retry=_RETRY_MS)
    while time.monotonic() < end:
        if seen.newest > known:
            new = await run_in_threadpool(gallery.since, known, own, _AT_ONCE)
            for number, generation in new:
                yield ServerSentEvent(event="generation", data=generation, id=str(number))
            known = new[-1][0] if len(new) == _AT_ONCE else max([seen.newest, *(n for n, _ in new)])
        if seen.health is not None and seen.health != told:
            told = seen.health
            yield ServerSentEvent(event="health", data=told)
        await asyncio.sleep(_PAUSE_SECONDS)
        seen = await watch.look()
