"""The delivery against a real MLflow server, with a network that fails in between."""

import random
import threading
import time
from pathlib import Path

import pytest

from tracking.ledger import Ledger
from tracking.sinks import RunSink, TraceSink
from tracking.status import Counter
from tracking.store import connect

from .conftest import MakeSettings
from .mlflow_server import MlflowServer
from .proxy import Fault, Proxy
from .shipment import assert_once, drain, log, read, start

SINKS = pytest.mark.parametrize("sink", ["run", "trace"])


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
    deadline = time.monotonic() + 300
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
