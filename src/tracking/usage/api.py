"""`/api/usage`: the same questions as the command line's, as JSON and as CSV."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, Field

from tracking.usage import report
from tracking.usage.index import Index, IndexUnusableError
from tracking.usage.period import Period, PeriodError
from tracking.usage.questions import TOP, By, Question, R, cost, latency, top_users

if TYPE_CHECKING:
    from fastapi import APIRouter


class _Asked(BaseModel):
    """What every question has."""

    tz: str | None = Field(default=None, description="Where days begin, such as Europe/Berlin.")
    form: Literal["json", "csv"] = Field(default="json", alias="format")


class _Day(_Asked):
    on: str = Field(default="yesterday", description="The day: today, yesterday or a date.")
    limit: int = Field(default=TOP, ge=1, description="How many users.")


class _Days(_Asked):
    since: str | None = Field(default=None, description="The first day, the same; so that it is 30 when not given.")
    until: str = Field(default="today", description="The last day, which is included: today, yesterday or a date.")


class _Cost(_Days):
    by: By = Field(default="user", description="What to add up by.")


def router(index: Callable[[], Index], zone: str) -> "APIRouter":
    """Make the routes.

    Args:
        index: Returns the index.
        zone: Where days begin when a request does not say.

    Returns:
        GET /api/usage/top-users, /api/usage/latency and /api/usage/cost.
    """
    from fastapi import APIRouter, HTTPException, Query, Response  # noqa: PLC0415 - the command line needs no server

    routes = APIRouter(prefix="/api/usage", tags=["usage"])

    def period(asked: _Asked, since: str | None, until: str) -> Period:
        try:
            return Period.read(since, until, asked.tz or zone)
        except PeriodError as error:
            raise HTTPException(422, str(error)) from None

    def respond(asked: _Asked, question: Question[R]) -> Response:
        try:
            answer = index().answer(question)
        except IndexUnusableError as error:
            raise HTTPException(503, str(error)) from None
        headers = {"Last-Modified": format_datetime(datetime.fromtimestamp(answer.as_of_ms // 1000, UTC), usegmt=True)}
        if asked.form == "json":
            return Response(report.as_json(answer), media_type="application/json", headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{answer.value.question}.csv"'
        return Response(report.as_csv(answer.value), media_type="text/csv", headers=headers)

    # Plain functions run in threads: waiting for MLflow does not hold up other requests.
    @routes.get("/top-users", response_class=Response)
    def get_top_users(asked: Annotated[_Day, Query()]) -> Response:
        """Which users incurred the highest cost on a day."""
        return respond(asked, top_users(period(asked, asked.on, asked.on), asked.limit))

    @routes.get("/latency", response_class=Response)
    def get_latency(asked: Annotated[_Days, Query()]) -> Response:
        """Whether long prompts take longer, for each model, among the events that worked."""
        return respond(asked, latency(period(asked, asked.since, asked.until)))

    @routes.get("/cost", response_class=Response)
    def get_cost(asked: Annotated[_Cost, Query()]) -> Response:
        """What was spent; events whose price is unknown are counted apart."""
        return respond(asked, cost(asked.by, period(asked, asked.since, asked.until)))

    return routes
