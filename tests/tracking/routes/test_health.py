"""The health: whether it works, whether it tracks, and what hinders it."""

from itertools import islice
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from tracking.app import create_app
from tracking.ledger import Ledger

from ..conftest import MakeSettings
from ..serving import events, serving

HEADER = "X-Forwarded-Email"


def test_health_says_whether_it_tracks(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "tracking": "off", "events": None}
    assert client.get("/metrics").text == ""


def test_health_and_metrics_tell_where_the_events_are(make_settings: MakeSettings) -> None:
    with TestClient(create_app(make_settings())) as client:
        assert client.post("/api/images", json={"prompt": "x"}).status_code == 201
        counts = client.get("/healthz").json()["events"]
        metrics = client.get("/metrics")
    assert counts == {
        "accepted": 1,
        "delivered": 0,
        "pending": 1,
        "dead_lettered": 0,
        "forgotten": 0,
        "lost": 0,
        "trouble": None,
    }
    assert metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "tracking_events_accepted_total 1\n" in metrics.text
    assert "# TYPE tracking_events_pending gauge\ntracking_events_pending 1\n" in metrics.text


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_health_is_no_persons(make_settings: MakeSettings, tmp_path: Path, path: str) -> None:
    config = make_settings(IDENTITY_HEADER=HEADER, TRUSTED_PROXIES="10.0.0.7", ADMIN_USERS="ada")
    with TestClient(create_app(config, page=tmp_path / "page"), client=("10.0.0.66", 50_000)) as client:
        answer = client.get(path)
    assert answer.status_code == 200
    assert "ada" not in answer.text


REASON = "http://user@mlflow.internal:5000 refuses the token"
SHARED = {"IDENTITY_HEADER": HEADER, "TRUSTED_PROXIES": "10.0.0.7, 127.0.0.1", "ADMIN_USERS": "lead"}


@pytest.mark.parametrize(
    ("peer", "headers", "is_told"),
    [
        ("10.0.0.7", {HEADER: "lead"}, True),
        ("10.0.0.7", {HEADER: "ada"}, False),
        ("10.0.0.7", {}, False),  # a probe
        ("10.0.0.66", {HEADER: "lead"}, False),  # anybody can write a header
    ],
)
def test_what_hinders_the_delivery_is_told_and_to_admins_in_its_own_words(
    make_settings: MakeSettings, tmp_path: Path, peer: str, headers: dict[str, str], *, is_told: bool
) -> None:
    config = make_settings(**SHARED)
    with TestClient(create_app(config, page=tmp_path / "page"), client=(peer, 50_000)) as client:
        Ledger(config.DATA_DIR).write_state("trouble", {"since_ms": 7, "reason": REASON})
        found = client.get("/healthz", headers=headers).json()
    assert (found["status"], found["tracking"]) == ("ok", "on")
    told(found["events"]["trouble"], is_told=is_told)


def test_trouble_with_the_services_own_files_is_told_from_mlflows(make_settings: MakeSettings, tmp_path: Path) -> None:
    config = make_settings()
    with TestClient(create_app(config, page=tmp_path / "page")) as client:
        reason = f"The journal or the ledger: OSError: {tmp_path} is full"
        Ledger(config.DATA_DIR).write_state("trouble", {"since_ms": 7, "reason": reason})
        told = client.get("/healthz").json()["events"]["trouble"]["reason"]
    assert told == "The journal or the ledger cannot be used. ADMIN_USERS and `tracking status` are told why."


@pytest.mark.parametrize(("user", "is_told"), [("lead", True), ("ada", False)])
def test_who_listens_is_told_no_more(make_settings: MakeSettings, user: str, *, is_told: bool) -> None:
    config = make_settings(**SHARED)
    with serving(create_app(config)) as address:
        Ledger(config.DATA_DIR).write_state("trouble", {"since_ms": 7, "reason": REASON})
        with httpx2.stream("GET", f"{address}/api/live", headers={HEADER: user}, timeout=30) as answer:
            [health] = [data for name, data, _ in islice(events(answer), 2) if name == "health"]
    told(health["events"]["trouble"], is_told=is_told)


def told(trouble: dict[str, object], *, is_told: bool) -> None:
    assert trouble["since_ms"] == 7
    assert (trouble["reason"] == REASON) is is_told
    if not is_told:
        assert "mlflow.internal" not in str(trouble)
        assert str(trouble["reason"]).startswith("MLflow cannot be reached, or does not take the events.")
