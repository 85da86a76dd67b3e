"""Generating: a picture, or a text as it comes; whoever goes away meanwhile cancels it."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Generator
from typing import Annotated

from anyio import CancelScope
from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, StringConstraints

from tracking.gallery import Generation
from tracking.generators import AspectRatio, GenerationError
from tracking.identity import Person
from tracking.routes.asking import Asking, asked_first
from tracking.studio import Cancelled, Studio

PROMPT_LIMIT = 4_000

Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=PROMPT_LIMIT)]


class ImageRequest(BaseModel):
    """What picture to generate."""

    prompt: Prompt = Field(description="What the picture shows.")
    aspect_ratio: AspectRatio = Field(default="1:1", description="Width to height.")


class TextRequest(BaseModel):
    """What text to generate."""

    prompt: Prompt = Field(description="What the text is about.")


def router(studio: Studio, asking: Asking) -> APIRouter:
    """Make the routes.

    Args:
        studio: What generates.
        asking: Tells who is asking.

    Returns:
        POST /api/images and /api/texts.
    """
    routes = APIRouter(prefix="/api", tags=["generate"], route_class=asked_first(asking))
    Who = Annotated[Person, Depends(_asking)]  # noqa: N806 - a type

    @routes.post("/images", status_code=201)
    async def generate_image(wanted: ImageRequest, request: Request, person: Who) -> Generation:
        """Generate a picture."""
        gone = threading.Event()
        work = run_in_threadpool(studio.picture, person.name, wanted.prompt, wanted.aspect_ratio, gone.is_set)
        task = asyncio.create_task(work)
        await _until_done(task, request, gone)
        return await task

    @routes.post("/texts", response_class=StreamingResponse)
    async def generate_text(wanted: TextRequest, request: Request, person: Who) -> StreamingResponse:
        """Stream a text as lines of JSON: {"text": ...} for each part, at last {"end": ...} or {"error": ...}."""
        gone = threading.Event()
        parts = studio.text(person.name, wanted.prompt)
        task = asyncio.create_task(run_in_threadpool(next, parts))
        await _until_done(task, request, gone)
        first = await task  # what fails before it is answered as an error, with its status
        if gone.is_set():
            await run_in_threadpool(parts.close)
            raise Cancelled
        return StreamingResponse(_lines(first, parts), media_type="application/x-ndjson")

    return routes


async def _asking(request: Request) -> Person:
    person: Person = request.state.person
    return person


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


async def _lines(first: str | Generation, rest: Generator[str | Generation]) -> AsyncIterator[str]:
    part: str | Generation | None = first
    try:
        while part is not None:
            said = {"text": part} if isinstance(part, str) else {"end": part.model_dump()}
            yield json.dumps(said) + "\n"
            part = await run_in_threadpool(next, rest, None)
    except GenerationError as error:
        yield json.dumps({"error": str(error), "reason": error.reason}) + "\n"
    finally:
        # Whoever went away has cancelled it. To leave that to the generator's own end would be to wait for the thread
        # that last worked on it: it holds on to it until it works again.
        with CancelScope(shield=True):
            await run_in_threadpool(rest.close)
