"""What a sink makes of MLflow's answers, and when it asks for MLflow at all."""

import json
import subprocess
import sys
import threading
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST, INVALID_PARAMETER_VALUE

from tracking.pricing import Price
from tracking.sinks import Failed, Parcel, Refused, RunSink, TraceSink
from tracking.sinks.sink import judge, judge_status
from tracking.store import Store

from ..events import event

# The store says what MLflow reads as it is imported: no telemetry, and no log lines that say who asked.
NOT_REACHED_YET = """
import sys
from tracking import sinks

def reach():
    raise OSError("mlflow" in sys.modules)

for method in ("forget", "remove", "tidy"):
    try:
        getattr(getattr(sinks, sys.argv[1])(reach), method)("x")
    except OSError as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("error", "receipt"),
    [
        (MlflowException("a param's name is wrong", error_code=INVALID_PARAMETER_VALUE), Refused),
        (
            MlflowException("QueuePool limit (Background: https://sqlalche.me/e/20/3o7r)", error_code=BAD_REQUEST),
            Failed,
        ),
        (
            MlflowException("(x) broken [SQL: INSERT] [parameters: ('ada@example.com',)]", error_code=BAD_REQUEST),
            Failed,
        ),
        (RuntimeError("the artifact store's own client"), Failed),
        (ModuleNotFoundError("boto3"), Failed),
        (OSError("no room"), Failed),
    ],
)
def test_only_what_is_about_the_event_is_held_against_it(error: Exception, receipt: type[Refused | Failed]) -> None:
    assert isinstance(judge(error), receipt)


@pytest.mark.parametrize("status", [401, 408, 429, 502, 503, 504])
def test_a_status_of_an_outage_is_held_against_no_event(status: int) -> None:
    receipt = judge_status(status, "words")
    assert isinstance(receipt, Failed)
    assert not receipt.alone


def test_a_servers_own_trouble_with_traces_refuses_none() -> None:
    assert isinstance(judge_status(422, '{"detail":"Failed to log OpenTelemetry spans"}'), Failed)
    assert isinstance(judge_status(422, '{"detail":"Cannot convert OpenTelemetry span to MLflow span"}'), Refused)


@pytest.mark.parametrize("sink", ["RunSink", "TraceSink"])
def test_mlflow_is_imported_after_the_store_was_asked_for(sink: str) -> None:
    command = [sys.executable, "-c", NOT_REACHED_YET, sink]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"False"}


class _Answering(BaseHTTPRequestHandler):
    """Stands in for an MLflow server, or what is in its place: a real one does not answer as it is told to."""

    status = 500
    media_type = "text/html"
    content = b""

    def do_GET(self) -> None:
        found = {"experiment_id": "0", "name": "any", "lifecycle_stage": "active"}
        self._answer(200, "application/json", json.dumps({"experiment": found}).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self.status, self.media_type, self.content)

    def _answer(self, status: int, media_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize("sink", [RunSink, TraceSink])
@pytest.mark.parametrize(("status", "alone", "in_doubt"), [(500, True, True), (503, False, True), (429, False, False)])
def test_an_answer_that_mlflows_client_would_ask_again_for_is_judged_by_its_status(
    store: Store, sink: type[RunSink | TraceSink], status: int, *, alone: bool, in_doubt: bool
) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import

    parcel = Parcel(event(), Price(None, "unknown", None, {}, "no price"), uncertain=False)
    handler = type("Handler", (_Answering,), {"status": status})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        uri = f"http://127.0.0.1:{server.server_port}"
        (receipt,) = sink(lambda: replace(store, client=MlflowClient(uri), uri=uri)).deliver([parcel])
        server.shutdown()
    assert isinstance(receipt, Failed)
    assert (receipt.alone, receipt.in_doubt) == (alone, in_doubt)
    assert f" {status}" in receipt.reason


def test_a_page_in_the_place_of_mlflow_takes_no_trace(store: Store) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415 - the same
        ExportTraceServiceResponse,
    )

    rejected = ExportTraceServiceResponse()
    rejected.partial_success.rejected_spans = 1
    rejected.partial_success.error_message = "too many attributes"
    protobuf = "application/x-protobuf"
    parcel = Parcel(event(), Price(None, "unknown", None, {}, "no price"), uncertain=False)
    found: list[object] = []
    for media_type, content in (
        ("text/html", b"<html>Sign in</html>"),
        (protobuf, b"<html>Sign in</html>"),
        (protobuf, rejected.SerializeToString()),
        ("application/json", b'{"error": "sign in"}'),
        ("application/json", b'{"partialSuccess": {"rejectedSpans": 1, "errorMessage": "too many attributes"}}'),
        ("application/json", b'{"partialSuccess": null}'),
        (f"{protobuf}; charset=binary", b""),
    ):
        handler = type("Handler", (_Answering,), {"status": 200, "media_type": media_type, "content": content})
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            uri = f"http://127.0.0.1:{server.server_port}"
            away = replace(store, client=MlflowClient(uri), uri=uri)
            (receipt,) = TraceSink(partial(replace, away)).deliver([parcel])
            server.shutdown()
        found.append((type(receipt), getattr(receipt, "reason", "")))
    page = (Failed, "what answers at /v1/traces is not MLflow: does a proxy pass it on?")
    rejection = (Failed, "1 were not taken: too many attributes")
    assert found == [page, page, rejection, page, rejection, (type(None), ""), (type(None), "")]
