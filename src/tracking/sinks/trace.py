"""The trace sink: an MLflow trace for each event, in batches, over OpenTelemetry's protocol (OTLP).

Source of the format: https://opentelemetry.io/docs/specs/otlp/, and MLflow's page on OpenTelemetry ingestion. The id of
the trace is the event's, so sending it again changes nothing.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import requests

from tracking.event import Event, now_ms
from tracking.layout import TRACE_USER, Fields, lay_out, trace_tags
from tracking.sinks.search import equals
from tracking.sinks.sink import Failed, MlflowSink, Parcel, Receipt, Refused, judge, judge_status
from tracking.store import Store

if TYPE_CHECKING:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span

_OK = 200
_PROTOBUF = "application/x-protobuf"
_WORDS = 1_000
_TIMEOUT_SECONDS = 30
_PAGE = 100
# So many failures one after the other lead from a batch to the one event in it that is the cause.
_IN_VAIN = 10
_MILLISECOND = 1_000_000  # nanoseconds
_USAGE = {
    "input_tokens": "input_tokens",
    "output_tokens": "output_tokens",
    "cached_input_tokens": "cache_read_input_tokens",
    "cache_write_tokens": "cache_creation_input_tokens",
}
# A setting of such a name would be taken for what was measured.
_OURS = ("mlflow.", "user.id", "price_per_million")

Value = str | int | float | Mapping[str, "Value"]


class TraceSink(MlflowSink):
    """Delivers events as traces.

    Args:
        connect: Reaches MLflow; called anew when it has failed.
    """

    size = 500

    def __init__(self, connect: Callable[[], Store]) -> None:
        super().__init__(connect)
        self._in_vain = 0

    def send(self, store: Store, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Send events in one request; those that are refused are found by halving it."""
        self.reach()  # MLflow takes traces into an experiment that is deleted
        receipts: list[Receipt] = []
        spans: list[Span] = []
        for parcel in parcels:
            try:
                spans.append(_span(parcel.event, lay_out(parcel.event, parcel.price)))
                receipts.append(None)
            except Exception as error:  # noqa: BLE001 - one that cannot be written must not hold up the others
                receipts.append(Refused(f"{type(error).__name__}: {error}"))
        sent = iter(self._send(store, spans))
        return [next(sent) if receipt is None else receipt for receipt in receipts]

    def tidy(self, event_id: str) -> None:
        """Do nothing: the trace's id is the event's."""

    def remove(self, event_id: str) -> None:
        """Delete an event's trace."""
        self.store.client.delete_traces(self.store.experiment_id, trace_ids=[f"tr-{event_id}"])

    def forget(self, user: str) -> int:
        """Delete a user's traces."""
        store = self.store
        found: list[str] = []
        token = None
        while token is None or token:
            page = store.client.search_traces(
                locations=[store.experiment_id],
                filter_string=equals(f"metadata.`{TRACE_USER}`", user),
                max_results=_PAGE,
                page_token=token,
                include_spans=False,
            )
            found += [trace.info.trace_id for trace in page if trace.info.trace_metadata.get(TRACE_USER) == user]
            token = page.token or ""
        for first in range(0, len(found), _PAGE):
            store.client.delete_traces(store.experiment_id, trace_ids=found[first : first + _PAGE])
        return len(found)

    def _send(self, store: Store, spans: "Sequence[Span]") -> list[Receipt]:
        """Send spans, and their halves when they are refused together; a server that fails on all is left in peace."""
        if not spans:
            return []
        receipt = self._request(store, spans)
        self._in_vain = self._in_vain + 1 if isinstance(receipt, Failed) else 0
        is_outage = isinstance(receipt, Failed) and (not receipt.alone or self._in_vain > _IN_VAIN)
        if receipt is None or is_outage or len(spans) == 1:
            return [receipt] * len(spans)
        middle = len(spans) // 2
        return self._send(store, spans[:middle]) + self._send(store, spans[middle:])

    def _request(self, store: Store, spans: "Sequence[Span]") -> Receipt:
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2  # noqa: PLC0415 - as all of MLflow's

        request = trace_service_pb2.ExportTraceServiceRequest()
        request.resource_spans.add().scope_spans.add().spans.extend(spans)
        try:
            if not store.is_server:
                _ingest(store, request)
                return None
            response = _post(store, request)
        except Exception as error:  # noqa: BLE001 - the delivery tells of it
            return judge(error)
        if response.status_code == _OK:
            return _taken(response)
        return judge_status(response.status_code, f"HTTP {response.status_code}: {response.text[:_WORDS]}")


def _taken(response: requests.Response) -> Receipt:
    """Tell whether an answer is MLflow's and says that all was taken: a proxy's page has the same status."""
    from google.protobuf import json_format, message  # type: ignore[import-untyped]  # noqa: PLC0415 - as all of MLflow's
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2  # noqa: PLC0415 - the same

    answer = trace_service_pb2.ExportTraceServiceResponse()
    try:
        if response.headers.get("Content-Type", "").startswith(_PROTOBUF):
            answer.ParseFromString(response.content)
        else:  # MLflow's first versions that took traces answer in JSON
            json_format.Parse(response.content, answer)
    except (json_format.ParseError, message.DecodeError, UnicodeDecodeError):
        return Failed("what answers at /v1/traces is not MLflow: does a proxy pass it on?", alone=False, in_doubt=True)
    partial = answer.partial_success
    if partial.rejected_spans:
        return Failed(f"{partial.rejected_spans} were not taken: {partial.error_message}", alone=True)
    return None


def _post(store: Store, request: "ExportTraceServiceRequest") -> requests.Response:
    from mlflow.utils.credentials import get_default_host_creds  # noqa: PLC0415 - it takes seconds to import
    from mlflow.utils.rest_utils import http_request  # noqa: PLC0415 - the same

    headers = {"Content-Type": _PROTOBUF, "x-mlflow-experiment-id": store.experiment_id}
    response: requests.Response = http_request(
        get_default_host_creds(store.uri),
        "/v1/traces",
        "POST",
        data=request.SerializeToString(),
        extra_headers=headers,
        timeout=_TIMEOUT_SECONDS,
        raise_on_status=False,  # what it answered says whether an event is the cause
    )
    return response


def _ingest(store: Store, request: "ExportTraceServiceRequest") -> None:
    """Do with a local database what MLflow's server does with this request."""
    from mlflow.entities import Span as MlflowSpan  # noqa: PLC0415 - it takes seconds to import

    spans = [
        MlflowSpan.from_otel_proto(span)
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    store.client._tracking_client.store.log_spans(store.experiment_id, spans)  # noqa: SLF001 - MLflow has no public way


def _span(event: Event, fields: Fields) -> "Span":
    from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status  # noqa: PLC0415 - as all of MLflow's

    begun = event.time_ms * _MILLISECOND
    span = Span(
        trace_id=bytes.fromhex(event.id),
        span_id=bytes.fromhex(event.id[16:]),
        name=fields.name,
        start_time_unix_nano=begun,
        end_time_unix_nano=begun + round(event.processing_time_ms * _MILLISECOND),
        status=Status(
            code=Status.STATUS_CODE_ERROR if event.outcome == "error" else Status.STATUS_CODE_OK,
            message=event.error_class or "",
        ),
    )
    for name, value in _attributes(event, fields).items():
        span.attributes.add(key=name).value.CopyFrom(_any(value))
    return span


def _attributes(event: Event, fields: Fields) -> dict[str, Value]:
    """Return a span's attributes; those that MLflow's own views show are under the names that it gives them."""
    attributes: dict[str, Value] = {
        **{name: value for name, value in fields.params.items() if not name.startswith(_OURS)},
        "mlflow.spanType": "LLM",
        "mlflow.llm.model": event.model,
        "mlflow.llm.provider": event.provider,
        **{f"mlflow.traceTag.{name}": value for name, value in trace_tags(event, fields, now_ms()).items()},
    }
    if event.user is not None:
        # MLflow takes a text in quotes for JSON, and the quotes off.
        attributes["user.id"] = json.dumps(event.user) if event.user.startswith('"') else event.user
    if event.prompt is not None:
        attributes["mlflow.spanInputs"] = {"prompt": event.prompt}
    if "price_per_million" in fields.tags:
        attributes["price_per_million"] = fields.tags["price_per_million"]
    usage = {theirs: int(fields.metrics[ours]) for ours, theirs in _USAGE.items() if ours in fields.metrics}
    if event.tokens.input is not None and event.tokens.output is not None:
        usage["total_tokens"] = event.tokens.input + event.tokens.output
    if usage:
        attributes["mlflow.chat.tokenUsage"] = usage
    if "estimated_cost_usd" in fields.metrics:
        attributes["mlflow.llm.cost"] = {"total_cost": fields.metrics["estimated_cost_usd"]}
    return attributes


def _any(value: Value) -> "AnyValue":
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue  # noqa: PLC0415 - as all of MLflow's

    if isinstance(value, str):
        return AnyValue(string_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    message = AnyValue()
    for name, inner in value.items():
        message.kvlist_value.values.add(key=name).value.CopyFrom(_any(inner))
    return message
