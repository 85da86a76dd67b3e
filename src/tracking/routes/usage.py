"""`/api/usage`: the same questions as the command line's, as JSON and as CSV; about oneself, or by admins about all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Response
from pydantic import BaseModel, Field

from tracking.event import now_ms
from tracking.identity import Person
from tracking.routes.asking import Asking, visible
from tracking.routes.waiting import Waiting
from tracking.usage import report
from tracking.usage.daily import Of, activity, spending
from tracking.usage.index import Index, IndexUnusableError
from tracking.usage.period import Period, PeriodError
from tracking.usage.points import points
from tracking.usage.questions import TOP, By, Question, R, cost, latency, top_users

_FORBIDDEN = 403
_UNPROCESSABLE = 422
_UNAVAILABLE = 503
# A page asks several questions at once: MLflow is asked for what is new by the first of them alone.
_FRESH_MS = 2_000
_THREADS = 4
# The words of what went wrong may have MLflow's address in them, or a file's.
_WHY = "ADMIN_USERS and `tracking usage` are told why"


class _Asked(BaseModel):
    """What every question has."""

    tz: str | None = Field(default=None, description="Where days begin, such as Europe/Berlin.")
    user: str | None = Field(default=None, description="Whose events; everybody's that one may see when not given.")
    form: Literal["json", "csv"] = Field(default="json", alias="format")


class _Day(_Asked):
    on: str = Field(default="yesterday", description="The day: today, yesterday or a date.")
    limit: int = Field(default=TOP, ge=1, description="How many users.")


class _Days(_Asked):
    since: str | None = Field(default=None, description="The first day, the same; so that it is 30 when not given.")
    until: str = Field(default="today", description="The last day, which is included: today, yesterday or a date.")


class _Cost(_Days):
    by: By = Field(default="user", description="What to add up by.")


class _Spending(_Days):
    of: Of = Field(default="user", description="What to add up by, each day.")


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where questions are answered.

    Args:
        index: What answers.
        zone: Where days begin when a request does not say.
        kept_as: Returns what is kept of a user.
        waiting: Where requests wait for MLflow, and for each other.
    """

    index: Index
    zone: str
    kept_as: Callable[[str], str | None]
    waiting: Waiting

    def period(self, asked: _Asked, since: str | None, until: str) -> Period:
        try:
            return Period.read(since, until, asked.tz or self.zone)
        except PeriodError as error:
            raise HTTPException(_UNPROCESSABLE, str(error)) from None

    def days(self, asked: _Days) -> Period:
        return self.period(asked, asked.since, asked.until)

    def whose(self, asked: _Asked, person: Person) -> str | None:
        own = visible(person, self.kept_as)
        if own is None:
            return asked.user
        if asked.user not in {None, own, person.name}:
            raise HTTPException(_FORBIDDEN, "Other users' usage is for ADMIN_USERS to see.")
        return own

    async def respond(self, asked: _Asked, question: Question[R], person: Person) -> Response:
        begun = now_ms()
        try:
            answer = await self.waiting.call(lambda: self.index.answer(question, fresh_ms=_FRESH_MS + now_ms() - begun))
        except IndexUnusableError as error:
            reason = str(error) if person.is_admin else f"Usage cannot be told now. {_WHY}."
            raise HTTPException(_UNAVAILABLE, reason) from None
        if answer.trouble is not None and not person.is_admin:
            answer = replace(answer, trouble=_WHY)
        headers = {"Last-Modified": format_datetime(datetime.fromtimestamp(answer.as_of_ms // 1000, UTC), usegmt=True)}
        if asked.form == "json":
            return Response(report.as_json(answer), media_type="application/json", headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{answer.value.question}.csv"'
        return Response(report.as_csv(answer.value), media_type="text/csv", headers=headers)


def router(index: Index, zone: str, asking: Asking, kept_as: Callable[[str], str | None]) -> APIRouter:
    """Make the routes.

    Args:
        index: What answers.
        zone: Where days begin when a request does not say.
        asking: Tells who is asking.
        kept_as: Returns what is kept of a user.

    Returns:
        GET /api/usage/top-users, /api/usage/latency, /api/usage/cost, /api/usage/spending, /api/usage/activity and
        /api/usage/points.
    """
    routes = APIRouter(prefix="/api/usage", tags=["usage"])
    desk = _Desk(index, zone, kept_as, Waiting(_THREADS))
    Who = Annotated[Person, Depends(asking)]  # noqa: N806 - a type

    @routes.get("/top-users", response_class=Response)
    async def get_top_users(asked: Annotated[_Day, Query()], person: Who) -> Response:
        """Which users incurred the highest cost on a day."""
        day = desk.period(asked, asked.on, asked.on)
        return await desk.respond(asked, top_users(day, asked.limit, desk.whose(asked, person)), person)

    @routes.get("/latency", response_class=Response)
    async def get_latency(asked: Annotated[_Days, Query()], person: Who) -> Response:
        """Whether long prompts take longer, for each model, among the events that worked."""
        return await desk.respond(asked, latency(desk.days(asked), desk.whose(asked, person)), person)

    @routes.get("/cost", response_class=Response)
    async def get_cost(asked: Annotated[_Cost, Query()], person: Who) -> Response:
        """What was spent; events whose price is unknown are counted apart."""
        return await desk.respond(asked, cost(asked.by, desk.days(asked), desk.whose(asked, person)), person)

    @routes.get("/spending", response_class=Response)
    async def get_spending(asked: Annotated[_Spending, Query()], person: Who) -> Response:
        """What was spent each day on each user, model or kind."""
        return await desk.respond(asked, spending(asked.of, desk.days(asked), desk.whose(asked, person)), person)

    @routes.get("/activity", response_class=Response)
    async def get_activity(asked: Annotated[_Days, Query()], person: Who) -> Response:
        """How much was done each day, how fast and how well, and what it cost."""
        return await desk.respond(asked, activity(desk.days(asked), desk.whose(asked, person)), person)

    @routes.get("/points", response_class=Response)
    async def get_points(asked: Annotated[_Days, Query()], person: Who) -> Response:
        """Some of the events that worked: the prompt's length and the processing time of each."""
        return await desk.respond(asked, points(desk.days(asked), desk.whose(asked, person)), person)

    return routes
