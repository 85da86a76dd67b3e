"""Health: whether the service works, whether it tracks, and where the events are; for everybody, and no person's."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from tracking.delivery import OWN_FILES
from tracking.identity import Person
from tracking.routes.waiting import Waiting
from tracking.service import TrackingService
from tracking.status import Status

# The words of what went wrong may have MLflow's address in them, or a file's.
_WHY = "ADMIN_USERS and `tracking status` are told why."
_MLFLOW = f"MLflow cannot be reached, or does not take the events. {_WHY}"
_FILES = f"{OWN_FILES} cannot be used. {_WHY}"


class Health(BaseModel):
    """Whether the service works, whether it tracks, and where the events are."""

    status: Literal["ok"] = "ok"
    tracking: Literal["on", "off"]
    events: Status | None = None

    def told(self, *, is_admin: bool) -> "Health":
        """Return what somebody is told: what hinders the delivery, in its own words, is for admins."""
        if is_admin or self.events is None or self.events.trouble is None:
            return self
        reason = self.events.trouble["reason"]
        trouble = {**self.events.trouble, "reason": _FILES if reason.startswith(OWN_FILES) else _MLFLOW}
        return self.model_copy(update={"events": replace(self.events, trouble=trouble)})


def router(tracking: TrackingService, who: Callable[[Request], Person]) -> APIRouter:
    """Make the routes.

    Args:
        tracking: What logs.
        who: Tells who is asking, where that is known.

    Returns:
        GET /healthz and /metrics.
    """
    routes = APIRouter(tags=["health"])

    waiting = Waiting(1)  # of its own: whoever watches the service is answered also while all other threads hang

    @routes.get("/healthz")
    async def healthz(request: Request) -> Health:
        try:
            is_admin = who(request).is_admin
        except HTTPException:  # a probe is nobody
            is_admin = False
        found = await waiting.call(lambda: health(tracking))
        return found.told(is_admin=is_admin)

    @routes.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> PlainTextResponse:
        events = await waiting.call(tracking.status)
        return PlainTextResponse(_prometheus(events) if events else "", media_type="text/plain; version=0.0.4")

    return routes


def health(tracking: TrackingService) -> Health:
    """Return the service's health.

    Raises:
        OSError: The data directory cannot be read.
    """
    events = tracking.status()
    return Health(tracking="on" if events else "off", events=events)


def _prometheus(events: Status) -> str:
    """Write the numbers as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/."""
    lines = []
    for name in ("accepted", "delivered", "pending", "dead_lettered", "forgotten", "lost"):
        kind = "gauge" if name in {"pending", "dead_lettered"} else "counter"
        full = f"tracking_events_{name}" + ("_total" if kind == "counter" else "")
        lines += [f"# TYPE {full} {kind}", f"{full} {getattr(events, name)}"]
    return "\n".join(lines) + "\n"
