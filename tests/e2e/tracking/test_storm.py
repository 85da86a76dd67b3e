"""Service, delivery and MLflow are killed at random instants: each accepted event is in MLflow once, each field right.

`KILLS=200 EVENTS_PER_SECOND=500` for the whole of it, some twenty minutes a sink; `STORM_SEED` repeats one's choices.
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
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tracking import layout
from tracking.event import Tokens
from tracking.settings import Settings
from tracking.status import Counter
from tracking.store import connect

from .delivered import Delivered, read_runs, read_traces
from .mlflow_server import MlflowServer
from .storm import PRICED

KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("STORM_SEED", time.time_ns()))
EVENTS_PER_SECOND = int(os.environ.get("EVENTS_PER_SECOND", "200"))
DRAIN_SECONDS = 900 + 20 * KILLS
START_SECONDS = 60
STORM = Path(__file__).with_name("storm.py")
# US dollars for a million tokens
PRICES = {"INPUT": "2", "CACHED_INPUT": "0.5", "OUTPUT": "8"}


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
def test_each_accepted_event_is_in_mlflow_once_whatever_is_killed_when(
    tmp_path: Path, sink: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - when to kill what
    print(f"STORM_SEED={SEED} KILLS={KILLS} EVENTS_PER_SECOND={EVENTS_PER_SECOND}")  # noqa: T201 - shown when it fails
    for name, price in PRICES.items():
        monkeypatch.setenv(f"PRICE_OPENAI_GPT_4O_MINI_{name}", price)
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
        store = connect(config)
        found = list(read_runs(store, server.folder / "artifacts") if sink == "run" else read_traces(store))
    check(noted(accepted), found)


def noted(accepted: Path) -> dict[str, dict[str, Any]]:
    """Read what the services noted, by its id; of half a note nobody knows what was accepted."""
    lines = [line for line in accepted.read_text().splitlines() if line]
    whole = [line for line in lines if line.endswith("}}")]
    assert len(lines) - len(whole) <= 2 * KILLS
    return {each["id"]: each for each in map(json.loads, whole)}


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
            time.sleep(chance.uniform(0, 0.4))
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


def check(expected: dict[str, dict[str, Any]], found: list[Delivered]) -> None:
    assert Tally(each.record.id for each in found).most_common(1)[0][1] == 1, "an event is there twice"
    by_id = {each.record.id: each for each in found}
    assert expected.keys() <= by_id.keys(), "an accepted event is not there"
    # One that was written when its process was killed, and not yet noted.
    assert len(found) - len(expected) <= 2 * KILLS
    assert len(expected) > KILLS
    for event_id, want in expected.items():
        compare(by_id[event_id], want)


def compare(got: Delivered, want: dict[str, Any]) -> None:
    assert got.record == layout.Record(
        id=want["id"],
        time_ms=int(want["id"][:12], 16),
        user=want["user"],
        kind=want["kind"],
        provider=want["provider"],
        model=want["model"],
        prompt_length=len(want["prompt"]),
        processing_time_ms=want["processing_time_ms"],
        time_to_first_token_ms=want["time_to_first_token_ms"],
        tokens=Tokens(**want["tokens"]),
        outcome=want["outcome"],
        error_class=want["error_class"],
        cost_usd=cost(want),
        price_source="environment" if want["model"] == PRICED else "unknown",
    )
    assert (got.name, got.settings, got.prompt) == (f"generate_{want['kind']}", want["settings"], want["prompt"])


def cost(want: dict[str, Any]) -> Decimal | None:
    if want["model"] != PRICED:
        return None
    tokens: dict[str, int] = want["tokens"]
    cached = tokens["cached_input"]
    return ((tokens["input"] - cached) * 2 + cached * Decimal("0.5") + tokens["output"] * 8) / Decimal(1_000_000)
