"""The service: it generates pictures and texts, lists the latest, tells who used what, and serves the page."""

import json
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from anyio import CancelScope
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field, StringConstraints

from tracking import generators, usage
from tracking import settings as environment
from tracking.gallery import Gallery, Generation
from tracking.generators import GenerationError
from tracking.privacy import Privacy
from tracking.service import TrackingService
from tracking.settings import Settings
from tracking.status import Status
from tracking.studio import Studio, TextEnd

PAGE = Path(__file__).parents[1] / "web" / "dist"
_NO_PAGE = "The page is not built yet. Build it: pnpm build. The API is at /docs.\n"
_STATUSES = {
    "rate-limited": 429,
    "refused": 422,
    "unavailable": 503,
    "timeout": 504,
    "unsupported": 501,
}
_BAD_GATEWAY = 502

Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class ImageRequest(BaseModel):
    """What picture to generate."""

    prompt: Prompt = Field(description="What the picture shows.")
    aspect_ratio: generators.AspectRatio = Field(default="1:1", description="Width to height.")


class TextRequest(BaseModel):
    """What text to generate."""

    prompt: Prompt = Field(description="What the text is about.")


class Images(BaseModel):
    """The latest generations, the newest first."""

    images: list[Generation]


class Health(BaseModel):
    """Whether the service works, whether it tracks, and where the events are."""

    status: Literal["ok"] = "ok"
    tracking: Literal["on", "off"]
    events: Status | None = None


def from_environment() -> FastAPI:
    """Make the service from the environment's settings: `uvicorn --factory tracking.app:from_environment`."""
    return create_app(environment.load())


def create_app(settings: Settings, page: Path = PAGE) -> FastAPI:
    """Make the service.

    Args:
        settings: Its settings.
        page: The folder of the built page; when it is missing, a text says how to build it.

    Raises:
        OSError: The data directory cannot be written.
        ValueError: A price is none, or the generator cannot be made.
    """
    generator = generators.create(
        settings.GENERATOR,
        settings.MODEL,
        settings.api_key.get_secret_value() if settings.api_key else None,
        settings.GENERATOR_BASE_URL,
    )
    gallery = Gallery(settings.DATA_DIR)
    tracking = TrackingService(settings, generator.provider, generator.image_model or "")
    studio = Studio(generator, tracking, gallery, Privacy(settings))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        tracking.close()

    app = FastAPI(title="Image generation", lifespan=lifespan)
    _answer_errors_in_json(app)
    _add_generation(app, studio, settings.LOCAL_USER_EMAIL)
    _add_gallery(app, gallery)
    _add_health(app, tracking)
    app.include_router(usage.router(lambda: usage.Index.of(settings), settings.USAGE_TIME_ZONE))
    if (page / "index.html").is_file():
        app.mount("/", StaticFiles(directory=page, html=True))
    else:
        app.add_api_route("/", lambda: PlainTextResponse(_NO_PAGE, 503), include_in_schema=False)
    return app


def _add_generation(app: FastAPI, studio: Studio, user: str) -> None:
    # Plain functions run in threads: generating does not hold up other requests.
    @app.post("/api/images", status_code=201)
    def generate_image(request: ImageRequest) -> Generation:
        return studio.picture(user, request.prompt, request.aspect_ratio)

    @app.post("/api/texts", response_class=StreamingResponse)
    def generate_text(request: TextRequest) -> StreamingResponse:
        """Stream a text as lines of JSON: {"text": ...} for each part, at last {"end": ...} or {"error": ...}."""
        parts = studio.text(user, request.prompt)
        first = next(parts)  # what fails before it is answered as an error, with its status
        return StreamingResponse(_lines(first, parts), media_type="application/x-ndjson")


async def _lines(first: str | TextEnd, rest: Generator[str | TextEnd]) -> AsyncIterator[str]:
    part: str | TextEnd | None = first
    try:
        while part is not None:
            yield json.dumps({"text": part} if isinstance(part, str) else {"end": asdict(part)}) + "\n"
            part = await run_in_threadpool(next, rest, None)
    except GenerationError as error:
        yield json.dumps({"error": str(error), "reason": error.reason}) + "\n"
    finally:
        # Whoever went away has cancelled it. To leave that to the generator's own end would be to wait for the thread
        # that last worked on it: it holds on to it until it works again.
        with CancelScope(shield=True):
            await run_in_threadpool(rest.close)


def _add_gallery(app: FastAPI, gallery: Gallery) -> None:
    @app.get("/api/images")
    def list_images(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Images:
        return Images(images=gallery.latest(limit))

    @app.get("/api/images/{identifier}.png", response_class=Response)
    def show_image(identifier: str) -> Response:
        found = gallery.picture(identifier)
        if found is None:
            raise HTTPException(404, "There is no such picture, or no longer.")
        # A picture never changes: the same address is always the same file.
        headers = {"Cache-Control": "private, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(found[0], media_type=found[1], headers=headers)


def _add_health(app: FastAPI, tracking: TrackingService) -> None:
    @app.get("/healthz")
    def healthz() -> Health:
        events = tracking.status()
        return Health(tracking="on" if events else "off", events=events)

    @app.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        events = tracking.status()
        return PlainTextResponse(_prometheus(events) if events else "", media_type="text/plain; version=0.0.4")


def _prometheus(events: Status) -> str:
    """Write the numbers as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/."""
    lines = []
    for name in ("accepted", "delivered", "pending", "dead_lettered", "forgotten", "lost"):
        kind = "gauge" if name in {"pending", "dead_lettered"} else "counter"
        full = f"tracking_events_{name}" + ("_total" if kind == "counter" else "")
        lines += [f"# TYPE {full} {kind}", f"{full} {getattr(events, name)}"]
    return "\n".join(lines) + "\n"


def _answer_errors_in_json(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def refuse(_: Request, error: RequestValidationError) -> Response:
        # Which field is wrong, without what was in it: that may not even be text that can be sent back.
        wrong = [{key: each[key] for key in ("type", "loc", "msg")} for each in error.errors()]
        return JSONResponse({"detail": wrong}, 422)

    @app.exception_handler(GenerationError)
    async def explain(_: Request, error: GenerationError) -> Response:
        headers = {} if error.retry_after is None else {"Retry-After": f"{error.retry_after:.0f}"}
        return JSONResponse({"detail": str(error)}, _STATUSES.get(error.reason, _BAD_GATEWAY), headers)

    @app.exception_handler(Exception)
    async def fail(_: Request, __: Exception) -> Response:
        return JSONResponse({"detail": "The service failed on this request. Its log says why."}, 500)
