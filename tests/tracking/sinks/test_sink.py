"""What a sink makes of MLflow's answers, and when it asks for MLflow at all."""

import subprocess
import sys
import threading
from dataclasses import replace
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
    """Stands in for an MLflow server that has only errors; a real one does not answer 503 when it is told to."""

    status = 500

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()

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
