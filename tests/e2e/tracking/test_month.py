"""The article's two questions, asked on the command line about a month that a real MLflow server has.

`WHOLE=1` for each of its 100,000 events; else every fiftieth, and all of the user's who spent the most.
"""

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tracking.event import Event
from tracking.layout import Record
from tracking.pricing import Price
from tracking.settings import Settings
from tracking.sinks import Parcel, TraceSink
from tracking.store import connect
from tracking.usage.period import Period

from ...tracking.usage.month import DAY, FIRST, FLAT, LAST, SLOPED, SPENDER, SPENT, month
from ...tracking.usage.records import BERLIN, pearson, spent_by
from .mlflow_server import MlflowServer

STEP = 1 if os.environ.get("WHOLE") else 50


def parcel(record: Record) -> Parcel:
    """Return what the delivery hands over of an event."""
    event = Event(
        id=record.id,
        time_ms=record.time_ms,
        user=record.user,
        kind=record.kind,
        provider=record.provider,
        model=record.model,
        prompt="a lighthouse",
        prompt_length=record.prompt_length,
        settings={"aspect_ratio": "16:9"},
        processing_time_ms=record.processing_time_ms,
        outcome=record.outcome,
        error_class=record.error_class,
    )
    return Parcel(event, Price(record.cost_usd, record.price_source, None, {}), uncertain=False)


def ask(config: Settings, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    command = [sys.executable, "-m", "tracking", "usage", *arguments, "--tz", "Europe/Berlin", "--json"]
    done = subprocess.run(command, env=config.environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_the_two_questions_have_the_known_answers(tmp_path: Path, server: MlflowServer) -> None:
    config = Settings.model_validate(
        {
            "DATA_DIR": tmp_path / "data",
            "MLFLOW_TRACKING_URI": server.url,
            "MLFLOW_EXPERIMENT_NAME": tmp_path.name,
            "TRACKING_SINK": "trace",
            "DELIVERY": "separate",
        }
    )
    events = [each for number, each in enumerate(month()) if number % STEP == 0 or each.user == SPENDER]
    sink = TraceSink(lambda: connect(config))
    for first in range(0, len(events), sink.size):
        assert set(sink.deliver([parcel(each) for each in events[first : first + sink.size]])) == {None}

    found = ask(config, "top-users", "--on", DAY.isoformat())
    spent = spent_by("user", events, Period(DAY, DAY, BERLIN))
    assert found["rows"][0] == {
        "user": SPENDER,
        "cost_usd": "39.99999999999999996",  # exact: 40 times 0.999999999999999999
        "unknown_price": 0,
        "events": SPENT,
    }
    assert {row["user"]: (Decimal(row["cost_usd"]), row["events"]) for row in found["rows"]}.items() <= {
        user: (each.cost_usd, each.events) for user, each in spent.items()
    }.items()

    found = ask(config, "latency", "--since", FIRST.isoformat(), "--until", LAST.isoformat())
    rows = {row["model"]: row for row in found["rows"]}
    for model in (SLOPED, FLAT):
        group = [each for each in events if f"{each.provider}/{each.model}" == model and each.outcome == "ok"]
        assert rows[model]["n"] == len(group)
        assert rows[model]["r"] == pytest.approx(pearson(group), abs=1e-12)
    # Two milliseconds a character over 1 to 4,000 of them are a spread of 2,309; the noise's is 3,000.
    assert rows[SLOPED]["r_low"] < 2309 / (2309**2 + 3000**2) ** 0.5 < rows[SLOPED]["r_high"]
    assert rows[FLAT]["r_low"] < 0 < rows[FLAT]["r_high"]
