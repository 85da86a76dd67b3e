"""Who may see what, and how somebody may try to see more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tracking.app import create_app
from tracking.usage import Index

from ..conftest import MakeSettings
from ..usage.records import filled, record

HEADER = "X-Forwarded-Email"
ADA, EVE, ADMIN = "ada@example.com", "eve@example.com", "lead@example.com"
DAYS = "since=2026-11-22&until=2026-11-24"
QUESTIONS = [
    "top-users?on=2026-11-23",
    f"cost?by=user&{DAYS}",
    f"cost?by=day&{DAYS}",
    f"latency?{DAYS}",
    f"spending?of=user&{DAYS}",
    f"spending?of=kind&{DAYS}",
    f"activity?{DAYS}",
    f"points?{DAYS}",
]


def as_user(name: str) -> dict[str, str]:
    return {HEADER: name}


@pytest.fixture
def proxied(make_settings: MakeSettings, local_store: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A service behind a proxy, with two users' generations and an index of two users' events."""
    assert local_store.exists()
    config = make_settings(ENABLE_TRACKING=False, IDENTITY_HEADER=HEADER, TRUSTED_PROXIES="10.0.0.7", ADMIN_USERS=ADMIN)
    with TestClient(create_app(config, page=tmp_path / "page"), client=("10.0.0.7", 50_000)) as client:
        for user in (ADA, EVE):
            made = client.post("/api/images", json={"prompt": f"by {user}"}, headers=as_user(user))
            assert made.status_code == 201
        events = [record(user=ADA, cost_usd=None), record(user=EVE), record(user=EVE)]
        filled(config.DATA_DIR, events, Index.of(config)._identity)
        yield client


def listed(client: TestClient, asking: str, **query: str) -> list[str]:
    answer = client.get("/api/generations", params=query, headers=as_user(asking))
    return [each["user_email"] for each in answer.json()["generations"]]


def rows(client: TestClient, question: str, user: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/usage/{question}", headers=as_user(user))
    assert answer.status_code == 200, answer.text
    return list(answer.json()["rows"])


def test_one_sees_ones_own_and_an_admin_all(proxied: TestClient) -> None:
    assert listed(proxied, ADA) == [ADA]
    assert listed(proxied, ADMIN) == [EVE, ADA]
    assert listed(proxied, ADMIN, user=ADA) == [ADA]
    filters = proxied.get("/api/generations/filters", headers=as_user(ADA)).json()
    assert filters["users"] == [ADA]


@pytest.mark.parametrize("user", ["", "%00", f"{ADA}&user={EVE}", f"{EVE}&user=", EVE.upper(), "(all)", "(not kept)"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_no_spelling_of_a_user_gets_around_it(proxied: TestClient, question: str, user: str) -> None:
    answer = proxied.get(f"/api/usage/{question}&user={user}", headers=as_user(ADA))
    assert answer.status_code == 403
    assert proxied.get(f"/api/usage/{question}&User={EVE}", headers=as_user(ADA)).text.count(EVE) == 0
    assert proxied.get(f"/api/usage/{question}&user={user}", headers=as_user(ADMIN)).status_code == 200


def test_the_models_of_others_are_not_told(proxied: TestClient) -> None:
    assert proxied.get("/api/generations/filters", headers=as_user(ADA)).json()["models"] == ["local-drawing"]
    nobody = as_user("grace@example.com")
    assert proxied.get("/api/generations/filters", headers=nobody).json() == {"users": [], "models": []}


@pytest.mark.parametrize("query", [{"user": EVE}, {"user": ""}, {"user": "%"}, {"search": "by"}, {"user": "\0"}])
def test_no_filter_shows_another_users(proxied: TestClient, query: dict[str, str]) -> None:
    assert set(listed(proxied, ADA, **query)) <= {ADA}


@pytest.mark.parametrize("path", ["/api/generations/{}", "/api/generations/{}/tracked", "/api/images/{}.png"])
def test_another_users_generation_is_as_good_as_not_there(proxied: TestClient, path: str) -> None:
    [theirs] = proxied.get("/api/generations", headers=as_user(EVE)).json()["generations"]
    for user, status in ((EVE, 200), (ADMIN, 200), (ADA, 404)):
        assert proxied.get(path.format(theirs["id"]), headers=as_user(user)).status_code == status


@pytest.mark.parametrize("question", QUESTIONS)
def test_usage_is_of_oneself(proxied: TestClient, question: str) -> None:
    seen = proxied.get(f"/api/usage/{question}", headers=as_user(ADA)).text
    assert EVE not in seen
    assert rows(proxied, question, ADMIN)
    events = sum(row.get("events", row.get("n", 0)) for row in rows(proxied, question, ADA))
    assert events == 1
    assert sum(row.get("events", row.get("n", 0)) for row in rows(proxied, question, ADMIN)) == 3


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_asking_for_another_user_is_refused(proxied: TestClient, question: str, form: str) -> None:
    answer = proxied.get(f"/api/usage/{question}&user={EVE}&format={form}", headers=as_user(ADA))
    assert answer.status_code == 403
    assert "ADMIN_USERS" in answer.json()["detail"]
    allowed = proxied.get(f"/api/usage/{question}&user={ADA}", headers=as_user(ADMIN))
    assert allowed.status_code == 200
    assert EVE not in allowed.text


@pytest.mark.parametrize(
    "path",
    ["/api/session", "/api/generations", "/api/generations/filters", "/api/live", f"/api/usage/{QUESTIONS[0]}"],
)
@pytest.mark.parametrize(
    "headers",
    [{}, {HEADER: ""}, {HEADER: f"{ADA}, {ADMIN}"}, {"X-Forwarded-User": ADMIN}],
    ids=["none", "empty", "two", "another"],
)
def test_who_is_nobody_gets_nothing(proxied: TestClient, path: str, headers: dict[str, str]) -> None:
    assert proxied.get(path, headers=headers).status_code == 401


def test_two_headers_are_not_one(proxied: TestClient) -> None:
    answer = proxied.get("/api/session", headers=[(HEADER, ADA), (HEADER, ADMIN)])
    assert answer.status_code == 401


@pytest.mark.parametrize("forwarded", [{}, {"X-Forwarded-For": "10.0.0.7"}, {"Forwarded": "for=10.0.0.7"}])
def test_the_header_is_not_believed_from_anybody_else(
    make_settings: MakeSettings, tmp_path: Path, forwarded: dict[str, str]
) -> None:
    config = make_settings(ENABLE_TRACKING=False, IDENTITY_HEADER=HEADER, TRUSTED_PROXIES="10.0.0.7")
    with TestClient(create_app(config, page=tmp_path / "page"), client=("10.0.0.66", 50_000)) as client:
        answer = client.get("/api/session", headers={HEADER: ADMIN, **forwarded})
        assert answer.status_code == 401
        assert client.get("/healthz").status_code == 200  # a probe is nobody


def test_where_users_are_hashed_or_not_kept_nobody_sees_more(make_settings: MakeSettings, tmp_path: Path) -> None:
    shared = {"ENABLE_TRACKING": False, "IDENTITY_HEADER": HEADER, "TRUSTED_PROXIES": "10.0.0.7"}
    for number, (kept, own) in enumerate({"hash": 1, "off": 0}.items()):
        config = make_settings(
            DATA_DIR=tmp_path / str(number), TRACK_USERS=kept, TRACKING_HASH_KEY="0123456789abcdef", **shared
        )
        with TestClient(create_app(config, page=tmp_path / "page"), client=("10.0.0.7", 50_000)) as client:
            for user in (ADA, EVE):
                made = client.post("/api/images", json={"prompt": f"by {user}"}, headers=as_user(user)).json()
                # One's own picture is shown to oneself, whatever is kept.
                assert client.get(made["image_url"], headers=as_user(user)).status_code == 200
            assert len(listed(client, ADA)) == own


def test_a_session_tells_who_one_is(proxied: TestClient) -> None:
    found = proxied.get("/api/session", headers=as_user(ADMIN.upper())).json()
    assert (found["user"], found["is_admin"], found["image_model"]) == (ADMIN, True, "local-drawing")
    assert not proxied.get("/api/session", headers=as_user(ADA)).json()["is_admin"]
