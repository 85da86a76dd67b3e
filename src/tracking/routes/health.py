"""Health: whether the service works, whether it tracks, and where the events are; for everybody, and no person's."""

from typing import Literal

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from tracking.service import TrackingService
from tracking.status import Status


class Health(BaseModel):
    """Whether the service works, whether it tracks, and where the events are."""

    status: Literal["ok"] = "ok"
    tracking: Literal["on", "off"]
    events: Status | None = None


def router(tracking: TrackingService) -> APIRouter:
    """Make the routes.

    Args:
        tracking: What logs.

    Returns:
        GET /healthz and /metrics.
    """
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz")
    def healthz() -> Health:
        return health(tracking)

    @routes.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        events = tracking.status()
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
