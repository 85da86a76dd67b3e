"""The service: it generates pictures, lists the latest, and serves the page."""

import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field, StringConstraints

from tracking import generator
from tracking.gallery import Gallery, Generation
from tracking.service import TrackingService
from tracking.settings import Settings

PAGE = Path(__file__).parents[1] / "web" / "dist"
_NO_PAGE = "The page is not built yet. Build it: pnpm build. The API is at /docs.\n"

Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class ImageRequest(BaseModel):
    """What to generate."""

    prompt: Prompt = Field(description="What the picture shows.")
    aspect_ratio: generator.AspectRatio = Field(default="1:1", description="Width to height.")


class Images(BaseModel):
    """The latest generations, the newest first."""

    images: list[Generation]


class Health(BaseModel):
    """Whether the service works, and whether it tracks."""

    status: Literal["ok"] = "ok"
    tracking: Literal["on", "off"]


def create_app(settings: Settings, page: Path = PAGE) -> FastAPI:
    """Make the service.

    Args:
        settings: Its settings.
        page: The folder of the built page; when it is missing, a text says how to build it.

    Raises:
        OSError: The data directory cannot be written.
    """
    gallery = Gallery(settings.DATA_DIR)
    tracking = TrackingService(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        tracking.close()

    app = FastAPI(title="Image generation", lifespan=lifespan)
    _answer_errors_in_json(app)

    # Plain functions run in threads: drawing a picture does not hold up other requests.
    @app.post("/api/images", status_code=201)
    def generate_image(request: ImageRequest) -> Generation:
        started = time.perf_counter()
        picture = generator.generate(request.prompt, request.aspect_ratio)
        elapsed_ms = round((time.perf_counter() - started) * 1000, 3)
        identifier = str(uuid.uuid4())
        generation = Generation(
            id=identifier,
            created_at=datetime.now(UTC).isoformat(),
            user_email=settings.LOCAL_USER_EMAIL,
            prompt=request.prompt,
            aspect_ratio=request.aspect_ratio,
            image_url=f"/api/images/{identifier}.png",
            processing_time_ms=elapsed_ms,
            input_tokens=picture.input_tokens,
            output_tokens=picture.output_tokens,
            estimated_cost_usd=tracking.estimate_image_cost(picture.input_tokens, picture.output_tokens),
        )
        gallery.add(generation, picture.png)
        tracking.log_image_generation(
            generation.user_email,
            generation.prompt,
            generation.aspect_ratio,
            generation.processing_time_ms,
            generation.input_tokens,
            generation.output_tokens,
        )
        return generation

    @app.get("/api/images")
    def list_images(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Images:
        return Images(images=gallery.latest(limit))

    @app.get("/api/images/{identifier}.png", response_class=Response)
    def show_image(identifier: str) -> Response:
        png = gallery.picture(identifier)
        if png is None:
            raise HTTPException(404, "There is no such picture, or no longer.")
        # A picture never changes: the same address is always the same file.
        return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=31536000, immutable"})

    @app.get("/healthz")
    def healthz() -> Health:
        return Health(tracking="on" if settings.ENABLE_TRACKING else "off")

    if (page / "index.html").is_file():
        app.mount("/", StaticFiles(directory=page, html=True))
    else:
        app.add_api_route("/", lambda: PlainTextResponse(_NO_PAGE, 503), include_in_schema=False)
    return app


def _answer_errors_in_json(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def refuse(_: Request, error: RequestValidationError) -> Response:
        # Which field is wrong, without what was in it: that may not even be text that can be sent back.
        wrong = [{key: each[key] for key in ("type", "loc", "msg")} for each in error.errors()]
        return JSONResponse({"detail": wrong}, 422)

    @app.exception_handler(Exception)
    async def fail(_: Request, __: Exception) -> Response:
        return JSONResponse({"detail": "The service failed on this request. Its log says why."}, 500)
