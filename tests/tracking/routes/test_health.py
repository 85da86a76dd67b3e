"""The health: whether it works, whether it tracks, and what hinders it."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tracking.app import create_app
from tracking.ledger import Ledger

from ..conftest import MakeSettings


def test_health_says_whether_it_tracks(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "tracking": "off", "events": None}
    assert client.get("/metrics").text == ""


def test_health_and_metrics_tell_where_the_events_are(make_settings: MakeSettings) -> None:
    with TestClient(create_app(make_settings())) as client:
        assert client.post("/api/images", json={"prompt": "x"}).status_code == 201
        events = client.get("/healthz").json()["events"]
        metrics = client.get("/metrics")
    assert events == {
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
    config = make_settings(IDENTITY_HEADER="X-Forwarded-Email", TRUSTED_PROXIES="10.0.0.7", ADMIN_USERS="ada")
    with TestClient(create_app(config, page=tmp_path / "page"), client=("10.0.0.66", 50_000)) as client:
        answer = client.get(path)
    assert answer.status_code == 200
    assert "ada" not in answer.text


def test_health_tells_what_hinders_the_delivery(make_settings: MakeSettings, tmp_path: Path) -> None:
    config = make_settings()
    with TestClient(create_app(config, page=tmp_path / "page")) as client:
        Ledger(config.DATA_DIR).write_state("trouble", {"since_ms": 0, "reason": "the token is refused"})
        found = client.get("/healthz").json()
    assert (found["status"], found["tracking"]) == ("ok", "on")
    assert found["events"]["trouble"] == {"since_ms": 0, "reason": "the token is refused"}
