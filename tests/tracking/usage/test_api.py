"""The API answers what the command line does."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tracking.usage import Index, router

from .records import Deliveries, record

DAYS = "since=2026-11-22&until=2026-11-24"


@pytest.fixture
def source() -> Deliveries:
    return Deliveries([[record(), record(user="=bob", cost_usd=None)]])


@pytest.fixture
def api(source: Deliveries, tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router(lambda: Index(tmp_path, source), "Asia/Kathmandu"))
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


def test_an_old_answer_says_so(api: TestClient, source: Deliveries) -> None:
    api.get("cost")
    source.pages_so_far.append([record()])
    source.fails_at = 1
    found = api.get("cost").json()
    assert (found["current"], found["trouble"]) == (False, "nobody answers")


def test_many_requests_at_once_are_all_answered(api: TestClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(api.get, [f"cost?{DAYS}"] * 16))
    assert {response.status_code for response in responses} == {200}
    assert {response.json()["total"]["events"] for response in responses} == {2}
