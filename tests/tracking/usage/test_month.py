"""The article's two questions, asked on the command line about a month of events with known answers."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tracking.layout import Record
from tracking.settings import Settings
from tracking.usage import Index, period
from tracking.usage.cli import app
from tracking.usage.period import Period

from .month import DAY, EVENTS, FIRST, FLAT, LAST, SLOPED, SPENDER, SPENT, month
from .records import BERLIN, filled, local_day, pearson, spent_by


@pytest.fixture
def events(local_store: Path, monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    """Fill an index beside an MLflow that has nothing more; it is the sixteenth, in Berlin."""
    made = month()
    folder = local_store.parent
    filled(folder, made, Index.of(Settings(DATA_DIR=folder))._identity)
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setattr(period, "_now", datetime(2026, 10, 16, 9, tzinfo=BERLIN).astimezone)
    return made


def ask(*arguments: str) -> Any:  # noqa: ANN401 - JSON
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def test_the_two_questions_have_the_known_answers(events: list[Record]) -> None:
    assert len(events) == EVENTS

    # Which user incurred the highest cost yesterday?
    found = ask("top-users", "--on", "yesterday", "--tz", "Europe/Berlin")
    expected = spent_by("user", events, Period(DAY, DAY, BERLIN))
    assert [found["since"], found["until"], found["time_zone"]] == ["2026-10-15", "2026-10-15", "Europe/Berlin"]
    assert found["rows"][0] == {
        "user": SPENDER,
        "cost_usd": "39.99999999999999996",  # exact: 40 times 0.999999999999999999
        "unknown_price": 0,
        "events": SPENT,
    }
    assert len(found["rows"]) == 10
    for row in found["rows"]:
        one = expected[row["user"]]
        assert (Decimal(row["cost_usd"]), row["unknown_price"], row["events"]) == (
            *(one.cost_usd, one.unknown_price, one.events),
        )
    assert found["total"]["events"] == sum(local_day(each, BERLIN) == DAY for each in events)
    # By UTC it was the day before.
    assert ask("top-users", "--on", "yesterday", "--tz", "UTC")["rows"][0]["user"] != SPENDER
    assert ask("top-users", "--on", "2026-10-14", "--tz", "UTC")["rows"][0]["user"] == SPENDER

    # Are long prompts causing higher latency?
    days = ("--since", FIRST.isoformat(), "--until", LAST.isoformat(), "--tz", "Europe/Berlin")
    found = ask("latency", *days)
    worked = [each for each in events if each.outcome == "ok"]
    rows = {row["model"]: row for row in found["rows"]}
    for model in (SLOPED, FLAT):
        group = [each for each in worked if f"{each.provider}/{each.model}" == model]
        assert rows[model]["n"] == len(group)
        assert rows[model]["r"] == pytest.approx(pearson(group), abs=1e-12)
    assert found["total"]["n"] == len(worked)
    assert found["total"]["r"] == pytest.approx(pearson(worked), abs=1e-12)
    # Two milliseconds a character over 1 to 4,000 of them are a spread of 2,309; the noise's is 3,000.
    assert rows[SLOPED]["r_low"] < 2309 / (2309**2 + 3000**2) ** 0.5 < rows[SLOPED]["r_high"]
    assert rows[SLOPED]["r_high"] - rows[SLOPED]["r_low"] < 0.02
    assert rows[FLAT]["r_low"] < 0 < rows[FLAT]["r_high"]

    # And what was spent on what.
    for by in ("user", "model", "day", "kind"):
        found = ask("cost", "--by", by, *days)
        expected = spent_by(by, events, Period(FIRST, LAST, BERLIN))
        assert {row[by]: (Decimal(row["cost_usd"]), row["unknown_price"], row["events"]) for row in found["rows"]} == {
            key: (each.cost_usd, each.unknown_price, each.events) for key, each in expected.items()
        }
        assert found["total"]["events"] == EVENTS
