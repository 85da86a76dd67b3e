"""Service, delivery and MLflow are killed at random instants: each accepted event is in MLflow once, each field right.

`KILLS=200` for the whole of it, some twenty minutes a sink; `STORM_SEED` repeats the choices of one.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tracking import layout
from tracking.settings import Settings
from tracking.status import Counter
from tracking.store import Store, connect

from .mlflow_server import MlflowServer

if TYPE_CHECKING:
    from mlflow.entities import Run

KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("STORM_SEED", time.time_ns()))
EVENTS_PER_SECOND = 500
DRAIN_SECONDS = 1_800
START_SECONDS = 60
STORM = Path(__file__).with_name("storm.py")


@dataclass
class Process:
    """A process that is killed now and then, and started again.

    Args:
        command: What it runs.
        environment: Its environment.
    """

    command: list[str]
    environment: dict[str, str]
    running: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        self.running = subprocess.Popen(self.command, env=self.environment)

    def kill(self) -> None:
        if self.running is not None:
            self.running.send_signal(signal.SIGKILL)
            self.running.wait()
            self.running = None


@contextmanager
def started(*processes: Process) -> Iterator[None]:
    try:
        for each in processes:
            each.start()
        yield
    finally:
        for each in processes:
            each.kill()


@pytest.mark.parametrize("sink", ["run", "trace"])
def test_each_accepted_event_is_in_mlflow_once_whatever_is_killed_when(tmp_path: Path, sink: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - when to kill what
    print(f"STORM_SEED={SEED} KILLS={KILLS}")  # noqa: T201 - shown when it fails
    data, accepted = tmp_path / "data", tmp_path / "accepted"
    with MlflowServer(tmp_path / "mlflow") as server:
        config = Settings.model_validate(
            {
                "DATA_DIR": data,
                "MLFLOW_TRACKING_URI": server.url,
                "TRACKING_SINK": sink,
                "DELIVERY": "separate",
            }
        )
        services = [
            Process(
                [sys.executable, str(STORM), str(data), str(accepted), str(EVENTS_PER_SECOND / 2)], dict(os.environ)
            )
            for _ in range(2)
        ]
        deliveries = [Process([sys.executable, "-m", "tracking", "deliver"], config.environment()) for _ in range(2)]
        with started(*deliveries):
            storm(chance, services, deliveries, server, accepted)
            drain(config)
        check(config, accepted, sink)


def storm(
    chance: random.Random, services: list[Process], deliveries: list[Process], server: MlflowServer, accepted: Path
) -> None:
    """Kill and start again; of ten, six are services, three deliveries, and one MLflow.

    The services log for a moment each time, and are killed at its end too, which makes more than is counted.
    """
    for number in range(KILLS):
        what = "mlflow" if number % 10 == 9 else "delivery" if number % 10 in {2, 5, 8} else "service"
        with started(*services):
            wait_for_more(accepted)
            time.sleep(chance.uniform(0, 0.4))  # at 500 events a second
            if what == "service":
                chance.choice(services).kill()
        if what == "delivery":
            time.sleep(chance.uniform(0, 6))  # at any instant: as it starts, looks, creates, fills, or settles
            victim = chance.choice(deliveries)
            victim.kill()
            victim.start()
        if what == "mlflow":
            server.kill()
            time.sleep(chance.uniform(0, 2))
            server.start()
            server.wait()


def wait_for_more(accepted: Path) -> None:
    size = accepted.stat().st_size if accepted.exists() else 0
    deadline = time.monotonic() + START_SECONDS
    while not accepted.exists() or accepted.stat().st_size == size:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def drain(config: Settings) -> None:
    """Wait until nothing is pending; the numbers add up all the time."""
    counter = Counter(config.DATA_DIR)
    deadline = time.monotonic() + DRAIN_SECONDS
    while (status := counter.status()).pending:
        assert status.adds_up, status
        assert time.monotonic() < deadline, status
        time.sleep(0.2)
    assert (status.dead_lettered, status.lost, status.forgotten) == (0, 0, 0)
    assert status.delivered == status.accepted


def check(config: Settings, accepted: Path, sink: str) -> None:
    expected = {each["id"]: each for each in map(json.loads, accepted.read_text().splitlines())}
    store = connect(config)
    records = list(read_runs(store) if sink == "run" else read_traces(store))
    assert Tally(each.id for each in records).most_common(1)[0][1] == 1, "an event is there twice"
    found = {each.id: each for each in records}
    assert expected.keys() <= found.keys(), "an accepted event is not there"
    # One that was written when its process was killed, and not yet noted.
    assert len(found) - len(expected) <= 2 * KILLS
    assert len(expected) > KILLS
    for event_id, want in expected.items():
        compare(found[event_id], want)


def compare(record: layout.Record, want: dict[str, Any]) -> None:
    got = {
        "user": record.user,
        "kind": record.kind,
        "provider": record.provider,
        "model": record.model,
        "processing_time_ms": record.processing_time_ms,
        "outcome": record.outcome,
        "error_class": record.error_class,
        "prompt_length": record.prompt_length,
        "tokens": {"input": record.tokens.input, "output": record.tokens.output},
        "time_ms": int(record.id[:12], 16),
    }
    assert got == {
        **{name: want[name] for name in got.keys() & want.keys()},
        "prompt_length": len(want["prompt"]),
        "time_ms": record.time_ms,
    }
    assert record.cost_usd is not None


def read_runs(store: Store) -> Iterator[layout.Record]:
    token = None
    while True:
        page = store.client.search_runs([store.experiment_id], max_results=1_000, page_token=token)
        for run in page:
            check_artifact(store, run)
            record = layout.from_run(run)
            assert record is not None, f"{run.info.run_id} is not complete"
            yield record
        token = page.token
        if not token:
            return


def check_artifact(store: Store, run: "Run") -> None:
    """Look for prompt.txt of every 50th run: each is a request."""
    if int(run.info.run_id[:4], 16) % 50 == 0:
        (artifact,) = store.client.list_artifacts(run.info.run_id)
        assert artifact.path == "prompt.txt"
        assert (artifact.file_size or 0) == len(
            ("ä lighthouse " * (int(run.data.params["prompt_length"]) // len("ä lighthouse "))).encode()
        )


def read_traces(store: Store) -> Iterator[layout.Record]:
    token = None
    while True:
        page = store.client.search_traces(
            locations=[store.experiment_id], max_results=500, page_token=token, include_spans=False
        )
        for trace in page:
            record = layout.from_trace(trace.info)
            assert record is not None
            yield record
        token = page.token
        if not token:
            return
