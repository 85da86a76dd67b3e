"""Where MLflow has a generation: on its way, as a run or as a trace, with a link where there is a page."""

from typing import Any, Literal

import pytest
from fastapi.testclient import TestClient

from tracking.app import create_app

from ..conftest import Deliver, MakeSettings

UI = "https://ada:secret@mlflow.example.com/base/"


def generate(client: TestClient) -> str:
    answer = client.post("/api/images", json={"prompt": "a lighthouse"})
    assert answer.status_code == 201
    return str(answer.json()["id"])


def tracked(client: TestClient, identifier: str) -> dict[str, Any]:
    answer = client.get(f"/api/generations/{identifier}/tracked")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize("sink", ["run", "trace"])
def test_it_is_pending_until_it_is_delivered_and_then_has_its_id_and_its_page(
    make_settings: MakeSettings, deliver: Deliver, sink: Literal["run", "trace"]
) -> None:
    config = make_settings(TRACKING_SINK=sink, MLFLOW_UI_URL=UI)
    with TestClient(create_app(config)) as client:
        first, second = generate(client), None
        assert tracked(client, first) == {"state": "pending", "kind": sink, "id": None, "url": None}
        store = deliver(config)
        second = generate(client)
        found = tracked(client, first)
        assert tracked(client, second)["state"] == "pending"
    if sink == "run":
        [run] = store.client.search_runs([store.experiment_id])
        identifier, place = run.info.run_id, f"runs/{run.info.run_id}"
    else:
        identifier = f"tr-{first}"
        assert store.client.get_trace(identifier).info.trace_id == identifier
        place = f"traces?selectedEvaluationId={identifier}"
    # The address that people open has no password in it.
    url = f"https://mlflow.example.com/base/#/experiments/{store.experiment_id}/{place}"
    assert found == {"state": "delivered", "kind": sink, "id": identifier, "url": url}


def test_a_file_has_no_page(make_settings: MakeSettings, deliver: Deliver) -> None:
    config = make_settings()
    with TestClient(create_app(config)) as client:
        made = generate(client)
        deliver(config)
        found = tracked(client, made)
    assert (found["state"], bool(found["id"]), found["url"]) == ("delivered", True, None)


def test_where_nothing_is_tracked_that_is_told(client: TestClient) -> None:
    assert tracked(client, generate(client))["state"] == "off"


@pytest.mark.parametrize("sink", ["run", "trace"])
def test_an_mlflow_that_cannot_be_asked_is_not_taken_for_one_that_waits(
    make_settings: MakeSettings, deliver: Deliver, sink: str
) -> None:
    config = make_settings(TRACKING_SINK=sink)
    with TestClient(create_app(config)) as client:
        made = generate(client)
        deliver(config)
        assert tracked(client, made)["state"] == "delivered"
        (config.DATA_DIR / "mlflow.db").write_text("no database")
        answer = client.get(f"/api/generations/{made}/tracked")
    assert (answer.status_code, answer.json()) == (503, {"detail": "MLflow could not be asked. Try again later."})


def test_an_mlflow_that_is_away_is_told_and_the_log_says_why(
    make_settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    config = make_settings(MLFLOW_TRACKING_URI="http://ada:secret@127.0.0.1:1")
    with TestClient(create_app(config)) as client:
        answer = client.get(f"/api/generations/{generate(client)}/tracked")
    assert answer.status_code == 503
    [why] = [each.getMessage() for each in caplog.records if each.name == "tracking.routes.gallery"]
    assert "Connection refused" in why
    assert "secret" not in why
