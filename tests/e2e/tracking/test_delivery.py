"""The delivery against a real MLflow server, with a network that fails in between."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tracking import delivery as module
from tracking import layout
from tracking.delivery import Delivery
from tracking.event import Tokens
from tracking.ledger import Ledger
from tracking.pricing import PriceList
from tracking.service import TrackingService
from tracking.settings import Settings
from tracking.sinks import RunSink, TraceSink
from tracking.status import Counter
from tracking.store import Store, connect

if TYPE_CHECKING:
    from mlflow.entities import Trace

from .mlflow_server import MlflowServer
from .proxy import Fault, Proxy

SINKS = pytest.mark.parametrize("sink", ["run", "trace"])
MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    with MlflowServer(tmp_path_factory.mktemp("mlflow")) as started:
        yield started


@pytest.fixture
def proxy(server: MlflowServer) -> Iterator[Proxy]:
    with Proxy(server.port) as started:
        yield started


@pytest.fixture
def make_settings(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSettings:
    # Not the minute that a slow server gets, and not the half minute of a long outage.
    monkeypatch.setattr(module, "DOUBT_MS", 2_000)
    monkeypatch.setattr(module, "_LONGEST_SECONDS", 0.2)

    def make(**values: object) -> Settings:
        return Settings.model_validate(
            {
                "DATA_DIR": tmp_path / "data",
                "DELIVERY": "separate",
                "MLFLOW_TRACKING_URI": proxy.url,
                "MLFLOW_EXPERIMENT_NAME": tmp_path.name,
                **values,
            }
        )

    return make


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
    found = [layout.from_run(run) for run in store.client.search_runs([store.experiment_id])]
    found += [layout.from_trace(trace.info) for trace in _traces(store)]
    assert None not in found, "a run is not complete"
    return [each for each in found if each is not None]


def _traces(store: Store) -> "list[Trace]":
    return list(store.client.search_traces(locations=[store.experiment_id], max_results=500, include_spans=False))


def assert_once(config: Settings, server: MlflowServer, made: dict[str, int]) -> None:
    found = read(config, server)
    assert sorted((each.id, each.tokens.input) for each in found) == sorted(made.items())


@SINKS
@pytest.mark.parametrize("fault", ["lose reply", "lose request", "delay", 500, 503, 429])
def test_faults_of_every_kind_leave_each_event_once_and_whole(
    make_settings: MakeSettings, server: MlflowServer, proxy: Proxy, sink: str, fault: Fault
) -> None:
    config = make_settings(TRACKING_SINK=sink)
    made = log(config, 8)
    chance = random.Random(7)  # noqa: S311 - which requests fail
    proxy.fault = lambda *_: fault if chance.random() < 0.25 else None
    drain(config, start(config))
    proxy.fault = lambda *_: None
    assert_once(config, server, made)
    assert Ledger(config.DATA_DIR).dead_letters() == []


@SINKS
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_tried_again_until_it_is_taken(
    make_settings: MakeSettings, server: MlflowServer, proxy: Proxy, sink: str, status: int
) -> None:
    config = make_settings(TRACKING_SINK=sink)
    made = log(config, 10)
    delivery = start(config)
    proxy.fault = lambda *_: status
    for _ in range(20):
        delivery.step()
    now = Counter(config.DATA_DIR).status()
    assert (now.pending, now.dead_lettered) == (10, 0)
    assert "as it was told" in now.trouble["reason"]
    proxy.fault = lambda *_: None
    drain(config, delivery)
    assert_once(config, server, made)
    assert Counter(config.DATA_DIR).status().trouble is None


@SINKS
def test_a_poison_event_is_a_dead_letter_with_its_reason_and_the_others_arrive(
    make_settings: MakeSettings, server: MlflowServer, sink: str
) -> None:
    config = make_settings(TRACKING_SINK=sink)
    made = log(config, 5)
    # No run takes a parameter of this name, and no trace an event of this length.
    wrong: dict[str, object] = {"settings": {"?": "x"}} if sink == "run" else {"processing_time_ms": 1e30}
    poison = log(config, 1, **wrong)
    made |= log(config, 5)
    drain(config, start(config))
    (letter,) = Ledger(config.DATA_DIR).dead_letters()
    assert [letter.id] == list(poison)
    assert letter.reason
    assert_once(config, server, made)  # and no half of the poison one


@SINKS
def test_a_deleted_experiment_makes_no_dead_letters(
    make_settings: MakeSettings, server: MlflowServer, sink: str
) -> None:
    config = make_settings(TRACKING_SINK=sink)
    made = log(config, 5)
    delivery = start(config)
    drain(config, delivery)
    store = connect(config)
    store.client.delete_experiment(store.experiment_id)
    made |= log(config, 5)
    for _ in range(10):
        delivery.step()
    now = Counter(config.DATA_DIR).status()
    assert (now.pending, now.dead_lettered) == (5, 0)
    assert "is deleted in MLflow" in now.trouble["reason"]
    store.client.restore_experiment(store.experiment_id)
    drain(config, delivery)
    assert_once(config, server, made)


def test_two_deliveries_at_once_deliver_each_event_once(make_settings: MakeSettings, server: MlflowServer) -> None:
    config = make_settings()
    made = log(config, 40)
    counter = Counter(config.DATA_DIR)
    stopped = threading.Event()
    results: list[bool] = []

    def work() -> None:
        while not stopped.is_set():
            results.append(start(config).run(lambda: stopped.is_set() or not counter.status().pending, stopped.wait))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while counter.status().pending:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    stopped.set()
    for thread in threads:
        thread.join()
    assert_once(config, server, made)


def test_a_run_is_deleted_with_what_is_personal_in_it(
    make_settings: MakeSettings, server: MlflowServer, tmp_path: Path
) -> None:
    config = make_settings()
    log(config, 3, user="eve's@example.com", prompt="a secret")
    log(config, 2, user="bob@example.com")
    drain(config, start(config))
    assert RunSink(lambda: connect(config)).forget("eve's@example.com") == 3
    assert [each.user for each in read(config, server)] == ["bob@example.com"] * 2
    store = connect(config)
    deleted = store.client.search_runs([store.experiment_id], run_view_type=2)
    assert len(deleted) == 3
    assert not any("user_email" in run.data.tags for run in deleted)
    kept = b"".join(each.read_bytes() for each in server.folder.rglob("prompt.txt"))
    assert b"a secret" not in kept
    assert tmp_path.exists()


def test_traces_of_a_user_are_deleted(make_settings: MakeSettings, server: MlflowServer) -> None:
    config = make_settings(TRACKING_SINK="trace")
    log(config, 120, user="eve's@example.com")
    log(config, 2, user="bob@example.com")
    drain(config, start(config))
    assert TraceSink(lambda: connect(config)).forget("eve's@example.com") == 120
    assert [each.user for each in read(config, server)] == ["bob@example.com"] * 2


def test_mlflows_own_views_show_a_traces_user_tokens_and_cost(make_settings: MakeSettings) -> None:
    prices = {"TEXT_INPUT_TOKEN_COST_PER_MILLION": 2, "TEXT_OUTPUT_TOKEN_COST_PER_MILLION": 8}
    config = make_settings(TRACKING_SINK="trace", **prices)
    (event_id,) = log(config, 1)
    drain(config, start(config))
    store = connect(config)
    trace = store.client.get_trace(f"tr-{event_id}")
    assert trace.info.trace_metadata["mlflow.trace.user"] == "user-0@example.com"
    assert trace.info.token_usage == {"input_tokens": 0, "output_tokens": 1, "total_tokens": 1}
    assert trace.info.cost is not None
    assert trace.info.cost["total_cost"] == pytest.approx(8e-6)
    assert trace.info.tags["mlflow.traceName"] == "generate_text"
    (span,) = trace.data.spans
    assert (span.model_name, span.inputs) == ("gpt-4o-mini", {"prompt": "prompt 0"})


def test_databricks_is_spoken_to_as_databricks(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A real MLflow server stands in for the workspace: it answers the same calls."""
    with MlflowServer(tmp_path / "workspace", workers=1, serves_artifacts=False) as workspace:
        monkeypatch.setenv("DATABRICKS_HOST", workspace.url)
        monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-0123456789")
        config = make_settings(MLFLOW_TRACKING_URI="databricks", MLFLOW_EXPERIMENT_NAME="/Shared/portraits")
        made = log(config, 3)
        drain(config, start(config))
        assert_once(config, workspace, made)
    texts = [each.read_text() for each in (tmp_path / "workspace").rglob("prompt.txt")]
    assert sorted(texts) == ["prompt 0", "prompt 1", "prompt 2"]


def test_a_missing_folder_in_databricks_is_explained(
    make_settings: MakeSettings, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is the one that Databricks gives; an MLflow server has no folders."""
    monkeypatch.setenv("DATABRICKS_HOST", proxy.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-0123456789")
    config = make_settings(MLFLOW_TRACKING_URI="databricks", MLFLOW_EXPERIMENT_NAME="/Shared/team/portraits")
    log(config, 1)
    proxy.answer = b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Parent directory does not exist"}'
    proxy.fault = lambda _, path: 404 if path.endswith("/experiments/create") else None
    start(config).step()
    now = Counter(config.DATA_DIR).status()
    assert (now.pending, now.dead_lettered) == (1, 0)
    assert now.trouble["reason"].startswith("The folder of the experiment /Shared/team/portraits does not exist")
