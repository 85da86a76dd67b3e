"""An answer is written for people, spreadsheets and machines, and none of them is led astray by a user's name."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from tracking.usage import report
from tracking.usage.index import Answer
from tracking.usage.period import Period
from tracking.usage.questions import Result, Spent, cost, latency

from .records import NOON_MS, filled, record

DAY = Period.read("2026-11-23", "2026-11-23", "Europe/Berlin")


def answer(*names: str, trouble: str | None = None) -> Answer[Result[Spent]]:
    rows = [Spent(name, Decimal("1.500000000000000000"), 0, 2) for name in names]
    return Answer(Result("cost", "user", DAY, rows, Spent("(all)", None, 0, 0)), NOON_MS, trouble)


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_is_run_by_a_spreadsheet(name: str) -> None:
    rows = list(csv.reader(io.StringIO(report.as_csv(answer(name).value), newline="")))
    assert rows == [["user", "cost_usd", "unknown_price", "events"], [f"'{name}", "1.5", "0", "2"]]


def test_a_name_stays_in_its_cell_also_where_a_spreadsheet_splits_at_semicolons() -> None:
    names = ["x;=cmd|' /c calc'!A1;", 'the "best", really']
    text = report.as_csv(answer(*names).value)
    assert f'\r\n"{names[0]}",1.5,0,2\r\n' in text
    assert [row[0] for row in csv.reader(io.StringIO(text, newline=""))][1:] == names


def test_a_negative_number_in_csv_stays_one(tmp_path: Path) -> None:
    falling = [record(prompt_length=each, processing_time_ms=100.0 - each) for each in range(9)]
    found = filled(tmp_path, falling).answer(latency(DAY), sync=False).value
    row = report.as_csv(found).splitlines()[1].split(",")
    assert float(row[2]) == pytest.approx(-1)


def test_no_name_writes_to_the_terminal_what_a_program_may() -> None:
    text = report.as_text(answer("ada\x1b[2J\nbob").value)
    assert "ada?[2J?bob" in text
    assert text.splitlines()[0].split() == ["user", "cost_usd", "unknown_price", "events"]


def test_the_heading_has_the_days_the_zone_and_the_time() -> None:
    assert report.heading(answer()) == "cost by user, 2026-11-23 (Europe/Berlin), as of 2026-11-23 12:00:00 UTC"


def test_json_says_what_was_asked_and_a_cost_is_exact_text(tmp_path: Path) -> None:
    index = filled(tmp_path, [record(cost_usd=Decimal("0.1")), record(cost_usd=Decimal("0.2")), record(user=None)])
    found = json.loads(report.as_json(index.answer(cost("user", DAY), sync=False)))
    del found["as_of"]
    assert found == {
        "question": "cost",
        "by": "user",
        "since": "2026-11-23",
        "until": "2026-11-23",
        "time_zone": "Europe/Berlin",
        "current": True,
        "trouble": None,
        "rows": [
            {"user": "ada@example.com", "cost_usd": "0.3", "unknown_price": 0, "events": 2},
            {"user": "(not kept)", "cost_usd": "0.01", "unknown_price": 0, "events": 1},
        ],
        "total": {"cost_usd": "0.31", "unknown_price": 0, "events": 3},
    }


@pytest.mark.parametrize(("cost_usd", "text"), [("0", "0"), ("0E-18", "0"), ("100", "100"), ("1E+2", "100")])
def test_a_cost_has_the_digits_that_it_needs(cost_usd: str, text: str) -> None:
    result = Result("cost", "user", DAY, [Spent("ada", Decimal(cost_usd), 0, 1)], Spent("(all)", None, 0, 0))
    assert report.as_csv(result).splitlines()[1] == f"ada,{text},0,1"


def test_an_old_answer_says_so() -> None:
    assert report.stale(answer()) is None
    assert (report.stale(answer(trouble="Nobody answers")) or "").endswith(" minutes old. Nobody answers.")
