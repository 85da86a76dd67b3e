"""The service: it generates pictures and texts, shows the latest, tells who used what, and serves the page."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import Scope

from tracking import generators
from tracking import settings as environment
from tracking.gallery import Gallery
from tracking.generators import GenerationError
from tracking.identity import Identity
from tracking.privacy import Privacy
from tracking.protection import HEADERS, PathAlone, Protection
from tracking.ratelimit import RateLimit
from tracking.routes import gallery as gallery_routes
from tracking.routes import generate, health, live, session
from tracking.routes import usage as usage_routes
from tracking.routes.asking import Share
from tracking.routes.slots import Slots
from tracking.service import TrackingService
from tracking.settings import Settings
from tracking.studio import Cancelled, Studio
from tracking.tracked import Tracker
from tracking.usage import Index

PAGE = Path(__file__).parents[1] / "web" / "dist"
_INDEX = "index.html"
_NO_PAGE = "The page is not built yet. Build it: pnpm build. What the API has is at /openapi.json.\n"
_STATUSES = {
    "rate-limited": 429,
    "refused": 422,
    "unavailable": 503,
    "timeout": 504,
    "unsupported": 501,
}
_NOT_FOUND = 404
_BAD_GATEWAY = 502
# The client went away: nobody reads it but the log. nginx has it so.
_GONE = 499
_PATH_ALONE = PathAlone()


def from_environment() -> FastAPI:
    """Make the service from the environment's settings.

    That is for several workers:
    `uvicorn --factory --no-proxy-headers --timeout-graceful-shutdown 1 tracking.app:from_environment --workers 2`. With
    uvicorn's proxy headers TRUSTED_PROXIES would be compared with what somebody wrote in X-Forwarded-For; without the
    timeout it would wait for pages that are open.
    """
    return create_app(environment.load())


def create_app(settings: Settings, page: Path = PAGE) -> FastAPI:
    """Make the service.

    Args:
        settings: Its settings.
        page: The folder of the built page; when it is missing, a text says how to build it.

    Raises:
        OSError: The data directory cannot be written.
        ValueError: A price is none, the generator cannot be made, or in production nothing says who is asking.
    """
    logging.getLogger("uvicorn.access").addFilter(_PATH_ALONE)
    generator = generators.create(
        settings.GENERATOR,
        settings.MODEL,
        settings.api_key.get_secret_value() if settings.api_key else None,
        settings.GENERATOR_BASE_URL,
    )
    who = Identity(settings)
    gallery = Gallery(settings.DATA_DIR, settings.GALLERY_SIZE)
    tracking = TrackingService(settings, generator.provider, generator.image_model or "")
    privacy = Privacy(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        tracking.close()

    # The usual pages of an API's documentation load scripts from elsewhere, which this service's pages may not.
    app = FastAPI(title="Image generation", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(Protection, max_bytes=settings.MAX_REQUEST_BYTES)
    _answer_errors_in_json(app)
    key = privacy.passing_key
    share = RateLimit(settings.DATA_DIR, "requests", settings.REQUESTS_PER_MINUTE, key)
    asking = Share(who, share, "requests")
    generations = RateLimit(settings.DATA_DIR, "generations", settings.GENERATIONS_PER_MINUTE, key)
    studio = Studio(generator, tracking, gallery, privacy)
    for routes in (
        generate.router(studio, Share(who, generations, "generations"), Slots(settings.GENERATIONS_AT_ONCE)),
        gallery_routes.router(gallery, Tracker(settings), asking, privacy.user),
        live.router(gallery, tracking, asking, privacy.user),
        session.router(settings, generator, asking),
        usage_routes.router(Index.of(settings), settings.USAGE_TIME_ZONE, asking, privacy.user),
        health.router(tracking, who),
    ):
        app.include_router(routes)
    _add_page(app, page)
    return app


def _add_page(app: FastAPI, page: Path) -> None:
    if not (page / _INDEX).is_file():
        app.add_api_route("/", lambda: PlainTextResponse(_NO_PAGE, 503), include_in_schema=False)
        return
    for place in ("/gallery", "/gallery/{identifier}", "/usage"):  # the page's own addresses, each one the same file
        for spelled in (place, f"{place}/"):
            app.add_api_route(spelled, _file(page / _INDEX), include_in_schema=False)
    app.mount("/", _Files(directory=page, html=True))


class _Files(StaticFiles):
    """The page's files; at an address that is none, the page says so."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != _NOT_FOUND or path.startswith(("api/", "assets/")):
                raise
            index = Path(str(self.directory)) / _INDEX
            return Response(index.read_bytes(), _NOT_FOUND, media_type="text/html")


def _file(path: Path) -> Callable[[], Response]:
    return lambda: Response(path.read_bytes(), media_type="text/html")


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

    @app.exception_handler(Cancelled)
    async def end(_: Request, __: Cancelled) -> Response:
        return JSONResponse({"detail": "Cancelled."}, _GONE)

    @app.exception_handler(Exception)
    async def fail(_: Request, __: Exception) -> Response:
        return JSONResponse({"detail": "The service failed on this request. Its log says why."}, 500, HEADERS)
