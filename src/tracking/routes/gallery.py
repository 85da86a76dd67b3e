"""The gallery: what was generated, the newest first; one's own, or everybody's for who may see that."""

import logging
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response
from pydantic import BaseModel, Field

from tracking.gallery import Gallery, Generation, Search
from tracking.identity import Person
from tracking.reason import clean
from tracking.routes.asking import Asking, visible
from tracking.routes.waiting import Waiting
from tracking.tracked import Tracked, Tracker

_NOT_MODIFIED = 304
_NOT_FOUND = 404
_UNAVAILABLE = 503
# How many ask MLflow at once
_THREADS = 4

_log = logging.getLogger(__name__)


class Wanted(BaseModel):
    """Which generations."""

    limit: int = Field(default=24, ge=1, le=100, description="How many at most.")
    before: int | None = Field(default=None, ge=1, lt=2**63, description="The `next` of the page before.")
    user: str | None = Field(default=None, description="Whose.")
    model: str | None = Field(default=None, description="Of which model.")
    search: str | None = Field(default=None, max_length=200, description="What the prompt has in it.")


class Page(BaseModel):
    """Some generations, the newest first."""

    generations: list[Generation]
    next: int | None = Field(description="Where the next page begins; null when this is the last one.")


class Filters(BaseModel):
    """What generations can be filtered by."""

    users: list[str]
    models: list[str]


def router(gallery: Gallery, tracker: Tracker, asking: Asking, kept_as: Callable[[str], str | None]) -> APIRouter:
    """Make the routes.

    Args:
        gallery: Where generations are kept.
        tracker: Finds what MLflow has of one.
        asking: Tells who is asking.
        kept_as: Returns what is kept of a user.

    Returns:
        GET /api/generations, /api/generations/filters, /api/generations/ID, /api/generations/ID/tracked and
        /api/images/ID.png.
    """
    routes = APIRouter(prefix="/api", tags=["gallery"])
    waiting = Waiting(_THREADS)
    Who = Annotated[Person, Depends(asking)]  # noqa: N806 - a type

    @routes.get("/generations")
    def list_generations(wanted: Annotated[Wanted, Query()], person: Who) -> Page:
        """List generations, page by page."""
        own = visible(person, kept_as)
        if own is not None and wanted.user not in {None, own}:
            return Page(generations=[], next=None)
        search = Search(own or wanted.user, wanted.model, wanted.search or None)
        found, after = gallery.page(search, wanted.limit, wanted.before)
        return Page(generations=found, next=after)

    @routes.get("/generations/filters")
    def list_filters(person: Who) -> Filters:
        """List the users and models that there are generations of."""
        own = visible(person, kept_as)
        return Filters(users=gallery.users(own), models=gallery.models(own))

    @routes.get("/generations/{identifier}")
    def show_generation(identifier: str, person: Who) -> Generation:
        """Show one generation."""
        found = gallery.find(identifier, visible(person, kept_as))
        if found is None:
            raise HTTPException(_NOT_FOUND, "There is no such generation, or no longer.")
        return found

    @routes.get("/generations/{identifier}/tracked")
    async def show_tracked(identifier: str, person: Who) -> Tracked:
        """Tell where MLflow has a generation."""
        return await waiting.call(lambda: _tracked(tracker, show_generation(identifier, person)))

    @routes.get("/images/{identifier}.png", response_class=Response)
    def show_image(identifier: str, person: Who, if_none_match: Annotated[str, Header()] = "") -> Response:
        """Show a picture."""
        found = gallery.picture(identifier, visible(person, kept_as))
        if found is None:
            raise HTTPException(_NOT_FOUND, "There is no such picture, or no longer.")
        return _picture(*found, f'"{identifier}"', if_none_match)

    return routes


def _tracked(tracker: Tracker, generation: Generation) -> Tracked:
    try:
        return tracker.find(generation.id)
    except Exception as error:  # whatever MLflow's client has met with
        _log.warning("MLflow could not be asked for a generation: %s: %s", type(error).__name__, clean(str(error)))
        raise HTTPException(_UNAVAILABLE, "MLflow could not be asked. Try again later.") from error


def _picture(content: bytes, media_type: str, tag: str, if_none_match: str) -> Response:
    # A picture never changes, but its user may be forgotten: whoever kept it has to ask each time.
    headers = {"Cache-Control": "private, no-cache", "ETag": tag}
    known = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    if known & {tag, "*"}:
        return Response(status_code=_NOT_MODIFIED, headers=headers)
    return Response(content, media_type=media_type, headers=headers)
