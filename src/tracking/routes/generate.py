"""Generating: a picture, or a text as it comes; whoever goes away meanwhile cancels it."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from tracking.gallery import Generation
from tracking.generators import AspectRatio, GenerationError
from tracking.routes.asking import Asking, asked_first
from tracking.routes.slots import Slot, Slots
from tracking.studio import Cancelled, Studio

logger = logging.getLogger(__name__)

PROMPT_LIMIT = 4_000

Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=PROMPT_LIMIT)]


class ImageRequest(BaseModel):
    """What picture to generate."""

    prompt: Prompt = Field(description="What the picture shows.")
    aspect_ratio: AspectRatio = Field(default="1:1", description="Width to height.")


class TextRequest(BaseModel):
    """What text to generate."""

    prompt: Prompt = Field(description="What the text is about.")


def router(studio: Studio, asking: Asking, slots: Slots) -> APIRouter:
    """Make the routes.

    Args:
        studio: What generates.
        asking: Tells who is asking.
        slots: Where it runs.

    Returns:
        POST /api/images and /api/texts.
    """
    routes = APIRouter(prefix="/api", tags=["generate"], route_class=asked_first(asking))
    Where = Annotated[Slot, Depends(slots)]  # noqa: N806 - a type

    @routes.post("/images", status_code=201)
    async def generate_image(wanted: ImageRequest, request: Request, slot: Where) -> Generation:
        """Generate a picture."""
        gone = threading.Event()
        work = slot.run(studio.picture, slot.person.name, wanted.prompt, wanted.aspect_ratio, gone.is_set)
        task = asyncio.create_task(work)
        await _until_done(task, request, gone)
        return await task

    @routes.post("/texts", response_class=StreamingResponse)
    async def generate_text(wanted: TextRequest, request: Request, slot: Where) -> StreamingResponse:
        """Stream a text as lines of JSON: {"text": ...} for each part, at last {"end": ...} or {"error": ...}."""
        gone = threading.Event()
        parts = studio.text(slot.person.name, wanted.prompt)
        slot.close_with(parts.close)
        task = asyncio.create_task(slot.run(next, parts))
        await _until_done(task, request, gone)
        first = await task  # what fails before it is answered as an error, with its status
        if gone.is_set():
            raise Cancelled
        return StreamingResponse(_lines(first, parts, slot), media_type="application/x-ndjson")

    return routes


async def _until_done(task: "asyncio.Task[object]", request: Request, gone: threading.Event) -> None:
    """Wait for a task's end, and tell when who asked went away before it."""
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            gone.set()
            await asyncio.wait({task})
    finally:
        leaving.cancel()


async def _left(request: Request) -> None:
    message = await request.receive()
    while message["type"] != "http.disconnect":
        message = await request.receive()


async def _lines(first: str | Generation, rest: Iterator[str | Generation], slot: Slot) -> AsyncIterator[str]:
    part: str | Generation | None = first
    try:
        while part is not None:
            said = {"text": part} if isinstance(part, str) else {"end": part.model_dump()}
            yield json.dumps(said) + "\n"
            part = await slot.run(next, rest, None)
    except GenerationError as error:
        yield json.dumps({"error": str(error), "reason": error.reason}) + "\n"
    except Exception:
        logger.exception("A text did not come to its end.")
        yield json.dumps({"error": "The service failed on this text. Its log says why.", "reason": "failed"}) + "\n"
