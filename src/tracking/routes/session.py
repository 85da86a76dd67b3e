"""The session: who is asking, what they may see, and what can be generated."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from tracking import generators
from tracking.identity import Person
from tracking.routes.asking import Asking
from tracking.routes.generate import PROMPT_LIMIT
from tracking.settings import Settings


class Session(BaseModel):
    """Who is asking, what they may see, and what can be generated."""

    user: str
    is_admin: bool = Field(description="Whether they see what other users did.")
    provider: str
    text_model: str
    image_model: str | None = Field(description="Null where the provider has none.")
    prompt_limit: int = Field(default=PROMPT_LIMIT, description="The most characters of a prompt.")
    time_zone: str = Field(description="Where days begin when a question does not say.")


def router(settings: Settings, generator: generators.Generator, asking: Asking) -> APIRouter:
    """Make the routes.

    Args:
        settings: The settings.
        generator: What generates.
        asking: Tells who is asking.

    Returns:
        GET /api/session.
    """
    routes = APIRouter(prefix="/api", tags=["session"])

    @routes.get("/session")
    def show_session(person: Annotated[Person, Depends(asking)]) -> Session:
        """Tell who is asking, what they may see, and what can be generated."""
        return Session(
            user=person.name,
            is_admin=person.is_admin,
            provider=generator.provider,
            text_model=generator.text_model,
            image_model=generator.image_model,
            time_zone=settings.USAGE_TIME_ZONE,
        )

    return routes
