"""The API answers what the command line does."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tracking.app import create_app
from tracking.identity import Person
from tracking.routes import usage
from tracking.routes.usage import router
from tracking.settings import load
from tracking.usage import Index, cli

from ..usage.records import Deliveries, filled, record

FORMS = ("json", "csv")
WHY = "ADMIN_USERS and `tracking usage` are told why"
DAYS = "since=2026-11-22&until=2026-11-24"


def asking(request: Request) -> Person:
    name = request.headers.get("who", "lead")
    return Person(f"{name}@example.com", is_admin=name == "lead")


@pytest.fixture
def source() -> Deliveries:
    return Deliveries([[record(), record(user="=bob", cost_usd=None)]])


@pytest.fixture
def api(source: Deliveries, tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router(Index(tmp_path, source), "Asia/Kathmandu", asking, str))
    with TestClient(app, base_url="http://test/api/usage/") as client:
        yield client


def test_json_is_what_the_command_line_prints(api: TestClient) -> None:
    found = api.get(f"cost?by=kind&{DAYS}&tz=UTC").json()
    assert (found["by"], found["time_zone"], found["current"]) == ("kind", "UTC", True)
    assert found["rows"] == [{"kind": "image", "cost_usd": "0.01", "unknown_price": 1, "events": 2}]
    assert api.get("top-users?on=2026-11-23&limit=1").json()["time_zone"] == "Asia/Kathmandu"
    assert len(api.get("top-users?on=2026-11-23&limit=1").json()["rows"]) == 1
    assert api.get(f"latency?{DAYS}").json()["total"]["n"] == 2


def test_csv_is_a_file(api: TestClient) -> None:
    response = api.get(f"cost?{DAYS}&format=csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="cost.csv"'
    assert response.headers["last-modified"].endswith(" GMT")
    assert response.text.splitlines()[2] == "'=bob,,1,1"


@pytest.mark.parametrize(
    "query",
    [
        *("top-users?on=noon", "top-users?limit=0", "latency?tz=Europe/Bielefeld", "latency?format=xml"),
        *("cost?by=colour", "cost?since=2026-11-24&until=2026-11-23"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_words(query: str, api: TestClient) -> None:
    response = api.get(query)
    assert response.status_code == 422
    assert response.json()["detail"]


def test_an_index_that_was_never_filled_is_unavailable(api: TestClient, source: Deliveries) -> None:
    source.fails_at = 0
    response = api.get("cost")
    assert (response.status_code, response.json()) == (
        503,
        {"detail": "The index was not filled yet: nobody answers."},
    )
    response = api.get("cost", headers={"who": "ada"})
    assert (response.status_code, response.json()) == (503, {"detail": f"Usage cannot be told now. {WHY}."})


def test_an_old_answer_says_so(api: TestClient, source: Deliveries, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "_FRESH_MS", 0)
    api.get("cost")
    source.pages_so_far.append([record()])
    source.fails_at = 1
    found = api.get("cost").json()
    assert (found["current"], found["trouble"]) == (False, "nobody answers")
    found = api.get("cost", headers={"who": "ada"}).json()
    assert (found["current"], found["trouble"]) == (False, WHY)


def test_many_requests_at_once_are_all_answered(api: TestClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(api.get, [f"cost?{DAYS}"] * 16))
    assert {response.status_code for response in responses} == {200}
    assert {response.json()["total"]["events"] for response in responses} == {2}


@pytest.mark.parametrize(
    "arguments",
    [
        *(("top-users", "--on", "2026-11-23"), ("top-users", "--on", "2026-11-23", "--limit", "1")),
        *(("cost", "--by", by) for by in ("user", "model", "day", "kind")),
        *(("spending", "--of", of) for of in ("user", "model", "kind")),
        *(("latency",), ("activity",), ("points",), ("cost", "--user", "=bob"), ("activity", "--user", "=bob")),
    ],
    ids=" ".join,
)
def test_the_numbers_are_those_of_the_command_line(
    local_store: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(local_store.parent))
    monkeypatch.setenv("ADMIN_USERS", "developer@localhost")
    config = load()
    events = [record(user="=bob", cost_usd=None), *(record(prompt_length=number) for number in range(4))]
    filled(config.DATA_DIR, events, Index.of(config)._identity)
    question, *options = arguments
    if question != "top-users":
        options += ["--since", "2026-11-22", "--until", "2026-11-24"]
    names = [each.removeprefix("--") for each in options[::2]]
    with TestClient(create_app(config)) as client:
        asked = dict(zip(names, options[1::2], strict=True))
        answers = {form: client.get(f"/api/usage/{question}", params={**asked, "format": form}) for form in FORMS}
    printed = {form: CliRunner().invoke(cli.app, [question, *options, f"--{form}"]).stdout_bytes for form in FORMS}
    assert answers["csv"].content == printed["csv"]
    found, expected = answers["json"].json(), json.loads(printed["json"])
    assert found.pop("as_of") <= expected.pop("as_of")
    assert found == expected
    assert found["rows"]
