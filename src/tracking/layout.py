"""How a priced event looks in MLflow, as a run and as a trace; the one place that both sides read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from tracking.event import Event, Kind, Outcome, Tokens
from tracking.pricing import Price

if TYPE_CHECKING:
    from mlflow.entities import Run, TraceInfo

# What a run or trace is found by, for exactly one of each event, and for what is new.
EVENT_ID = "event_id"
MEASURES = "measures"
USER = "user_email"
# MLflow's own, by which its views show whose a trace is.
TRACE_USER = "mlflow.trace.user"

_TRACE_NAME = "mlflow.traceName"

_STATUSES: dict[Outcome, str] = {"ok": "FINISHED", "error": "FAILED", "cancelled": "KILLED"}
_OUTCOMES = {status: outcome for outcome, status in _STATUSES.items()}
_COST_TAG = "cost_usd"
_COST_METRIC = "estimated_cost_usd"
_LENGTH = "prompt_length"
_NAME = "generate_{}"


@dataclass(frozen=True, slots=True)
class Fields:
    """What MLflow keeps of a priced event.

    Args:
        name: The run's or the trace's name: generate_image or generate_text.
        status: The run's status: FINISHED, FAILED or KILLED.
        tags: Who, by which model, at what price.
        params: What was asked for.
        metrics: What was measured; None of it is unknown.
    """

    name: str
    status: str
    tags: dict[str, str]
    params: dict[str, str]
    metrics: dict[str, float]


@dataclass(frozen=True, slots=True)
class Record:
    """A priced event, as it is read back from MLflow.

    Args:
        id: The event's id.
        time_ms: When, in milliseconds since 1970, UTC.
        user: Who asked; None when that is not kept.
        kind: What was generated.
        provider: Who runs the model.
        model: The model's name.
        prompt_length: In characters.
        processing_time_ms: In milliseconds.
        time_to_first_token_ms: In milliseconds; None when it was not streamed.
        tokens: What the provider counted.
        outcome: Whether it worked.
        error_class: The error's class when it did not.
        cost_usd: What it cost, in US dollars; None when that is unknown.
        price_source: Where the price is from: environment, genai-prices or unknown.
    """

    id: str
    time_ms: int
    user: str | None
    kind: Kind
    provider: str
    model: str
    prompt_length: int
    processing_time_ms: float
    time_to_first_token_ms: float | None
    tokens: Tokens
    outcome: Outcome
    error_class: str | None
    cost_usd: Decimal | None
    price_source: str


def lay_out(event: Event, price: Price) -> Fields:
    """Return what MLflow keeps of an event: the article's tags, params and metrics, its id, and its price.

    What an event does not have is left out: no metric is ever 0 for being unknown.
    """
    tags = {EVENT_ID: event.id, "provider": event.provider, "model": event.model, "price_source": price.source}
    optional = {
        USER: event.user,
        _COST_TAG: None if price.usd is None else f"{price.usd:f}",
        "price_date": price.date,
        "price_per_million": _prices(price),
        "price_reason": price.reason,
        "error_class": event.error_class,
    }
    tags |= {name: value for name, value in optional.items() if value is not None}
    metrics: dict[str, float | None] = {
        "processing_time_ms": event.processing_time_ms,
        "time_to_first_token_ms": event.time_to_first_token_ms,
        _COST_METRIC: None if price.usd is None else float(price.usd),
    }
    metrics |= {f"{name}_tokens": count for name, count in event.tokens._asdict().items()}
    return Fields(
        name=_NAME.format(event.kind),
        status=_STATUSES[event.outcome],
        tags=tags,
        params={**event.settings, _LENGTH: str(event.prompt_length)},
        metrics={name: float(value) for name, value in metrics.items() if value is not None},
    )


def resumed(fields: Fields, tags: Mapping[str, str]) -> Fields:
    """Return what is kept of an event whose run was begun: at the price that its tags have, for it may have been used.

    Args:
        fields: What would be kept of it now.
        tags: The run's.
    """
    metrics = {name: value for name, value in fields.metrics.items() if name != _COST_METRIC}
    if _COST_TAG in tags:
        metrics[_COST_METRIC] = float(tags[_COST_TAG])
    return Fields(fields.name, fields.status, fields.tags, fields.params, metrics)


def trace_tags(event: Event, laid_out: Fields, delivered_ms: int) -> dict[str, str]:
    """Return a trace's tags: few, because each is a row of MLflow's database, and takes a twelfth of a trace's time.

    Args:
        event: The event.
        laid_out: What MLflow keeps of it.
        delivered_ms: When it is delivered, in milliseconds since 1970: traces have no time of their own for that.

    Returns:
        The name, and one tag with the minute of the delivery, a space, and the rest as JSON.
    """
    inside = {name: value for name, value in laid_out.tags.items() if name not in {EVENT_ID, USER, "price_per_million"}}
    measures = {
        **inside,
        **laid_out.metrics,
        "outcome": event.outcome,
        _LENGTH: event.prompt_length,
    }
    packed = json.dumps(measures, separators=(",", ":"))
    return {_TRACE_NAME: laid_out.name, MEASURES: f"{minute(delivered_ms)} {packed}"}


def minute(time_ms: int) -> str:
    """Return a time's minute, in UTC, such as 2026-11-23T18:05, by which traces are found as they arrive."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%dT%H:%M}"


def from_run(run: "Run") -> Record | None:
    """Read an event back from its run; None when the run is none of ours, or is not complete yet."""
    outcome = _OUTCOMES.get(run.info.status)
    event_id = run.data.tags.get(EVENT_ID)
    if outcome is None or event_id is None:
        return None
    # Of the params this one alone: the others are what the request set, by whatever names.
    length = {_LENGTH: run.data.params[_LENGTH]}
    measures = {**run.data.tags, **run.data.metrics, **length, "outcome": outcome}
    return _record(event_id, run.info.start_time, run.info.run_name, run.data.tags.get(USER), measures)


def from_trace(trace: "TraceInfo") -> Record | None:
    """Read an event back from its trace; None when the trace is none of ours."""
    if (packed := trace.tags.get(MEASURES)) is None:
        return None
    name = trace.tags.get(_TRACE_NAME, "")
    event_id = trace.trace_id.removeprefix("tr-")
    user = trace.trace_metadata.get(TRACE_USER)
    return _record(event_id, trace.request_time, name, user, json.loads(packed.partition(" ")[2]))


def _record(event_id: str, time_ms: int, name: str, user: str | None, measures: Mapping[str, Any]) -> Record:
    counts = {name: measures.get(f"{name}_tokens") for name in Tokens._fields}
    cost, first, error_class = (measures.get(each) for each in (_COST_TAG, "time_to_first_token_ms", "error_class"))
    return Record(
        id=event_id,
        time_ms=time_ms,
        user=user,
        kind=cast("Kind", name.removeprefix(_NAME.format(""))),
        provider=_text(measures["provider"]),
        model=_text(measures["model"]),
        prompt_length=int(measures[_LENGTH]),
        processing_time_ms=float(measures["processing_time_ms"]),
        time_to_first_token_ms=None if first is None else float(first),
        tokens=Tokens(**{each: None if count is None else int(count) for each, count in counts.items()}),
        outcome=cast("Outcome", _text(measures["outcome"])),
        error_class=None if error_class is None else _text(error_class),
        cost_usd=None if cost is None else Decimal(_text(cost)),
        price_source=_text(measures["price_source"]),
    )


def _text(value: object) -> str:
    """Return a text that can be written anywhere; raises what is caught of what cannot be read.

    Anyone who may write to the experiment can change what is kept there.
    """
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half a character cannot be
    return value


def _prices(price: Price) -> str | None:
    if not price.per_million:
        return None
    return json.dumps({name: f"{each:f}" for name, each in price.per_million.items()}, separators=(",", ":"))
