"""Events from the service to MLflow, and a look at what is there."""

import time

from tracking import layout
from tracking.delivery import Delivery
from tracking.event import Tokens
from tracking.ledger import Ledger
from tracking.pricing import PriceList
from tracking.service import TrackingService
from tracking.settings import Settings
from tracking.sinks import RunSink, TraceSink
from tracking.status import Counter
from tracking.store import connect

from .delivered import read_runs, read_traces
from .mlflow_server import MlflowServer


def log(config: Settings, count: int, **values: object) -> dict[str, int]:
    """Log events, and return the tokens of each by its id."""
    service = TrackingService(config)
    made = {}
    for number in range(count):
        event = {
            "user": f"user-{number}@example.com",
            "kind": "text",
            "provider": "openai",
            "model": "gpt-4o-mini",
            "prompt": f"prompt {number}",
            "processing_time_ms": 1.0,
            **values,
        }
        event_id = service.log_generation(**event, tokens=Tokens(number, 1))  # type: ignore[arg-type]
        assert event_id is not None
        made[event_id] = number
    service.close()
    return made


def start(config: Settings) -> Delivery:
    sink = (RunSink if config.TRACKING_SINK == "run" else TraceSink)(lambda: connect(config))
    return Delivery(config.DATA_DIR, sink, PriceList(config.prices()))


def drain(config: Settings, delivery: Delivery, seconds: float = 120) -> None:
    counter, ledger = Counter(config.DATA_DIR), Ledger(config.DATA_DIR)
    deadline = time.monotonic() + seconds
    while counter.status().pending or ledger.doubts(2**62):
        assert time.monotonic() < deadline, counter.status()
        time.sleep(min(delivery.step(), 0.2))
        assert counter.status().adds_up


def read(config: Settings, server: MlflowServer) -> list[layout.Record]:
    """Read what is in MLflow, past the proxy."""
    store = connect(config.model_copy(update={"MLFLOW_TRACKING_URI": server.url}))
    return [each.record for each in (*read_runs(store, server.folder / "artifacts"), *read_traces(store))]


def assert_once(config: Settings, server: MlflowServer, made: dict[str, int]) -> None:
    found = read(config, server)
    assert sorted((each.id, each.tokens.input) for each in found) == sorted(made.items())
