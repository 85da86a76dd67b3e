import io
import json
import logging
import shutil
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tracking import app
from tracking.app import create_app

from .conftest import MakeSettings, ReadRuns


def generate(client: TestClient, prompt: str = "a lighthouse", **fields: object) -> dict[str, Any]:
    answer = client.post("/api/images", json={"prompt": prompt, **fields})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_prompt_gets_a_picture_its_tokens_its_time_and_its_cost(client: TestClient) -> None:
    made = generate(client, aspect_ratio="16:9")
    assert made["prompt"] == "a lighthouse"
    assert made["aspect_ratio"] == "16:9"
    assert (made["input_tokens"], made["output_tokens"]) == (3, 408)
    assert made["processing_time_ms"] > 0
    assert made["estimated_cost_usd"] is None
    assert made["user_email"] == "developer@localhost"
    assert abs((datetime.now(UTC) - datetime.fromisoformat(made["created_at"])).total_seconds()) < 60
    picture = client.get(made["image_url"])
    assert picture.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(picture.content)) as image:
        assert image.size == (768, 432)


def test_a_known_price_gives_a_cost(make_settings: MakeSettings) -> None:
    prices = {"IMAGE_INPUT_TOKEN_COST_PER_MILLION": 0.3, "IMAGE_OUTPUT_TOKEN_COST_PER_MILLION": 30}
    with TestClient(create_app(make_settings(ENABLE_TRACKING=False, **prices))) as client:
        made = generate(client, aspect_ratio="1:1")
    assert made["estimated_cost_usd"] == pytest.approx((3 * 0.3 + 726 * 30) / 1_000_000)


def test_the_latest_come_first(client: TestClient) -> None:
    assert client.get("/api/images").json() == {"images": []}
    for number in range(3):
        generate(client, f"prompt {number}")
    listed = client.get("/api/images", params={"limit": 2}).json()["images"]
    assert [each["prompt"] for each in listed] == ["prompt 2", "prompt 1"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prompt": ""},
        {"prompt": "  \n"},
        {"prompt": "x" * 4001},
        {"prompt": 7},
        {"prompt": "a \ud800 alone"},
        {"prompt": "x", "aspect_ratio": "2:1"},
        [],
        "nonsense",
    ],
)
def test_what_cannot_be_generated_is_refused_with_the_field(client: TestClient, body: object) -> None:
    answer = client.post("/api/images", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    [complaint] = answer.json()["detail"]
    assert complaint["loc"][0] == "body"
    assert "input" not in complaint
    assert client.get("/api/images").json() == {"images": []}


def test_the_longest_prompt_and_other_letters_are_fine(client: TestClient) -> None:
    assert generate(client, "ß" * 4000)["input_tokens"] == 1000
    assert generate(client, "  ein Löwe 🦁  ")["prompt"] == "ein Löwe 🦁"


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_a_limit_outside_1_to_100_is_refused(client: TestClient, limit: str) -> None:
    assert client.get("/api/images", params={"limit": limit}).status_code == 422


@pytest.mark.parametrize("name", ["00000000-0000-0000-0000-000000000000", "..%2f..%2fgallery.db", "%ff", "'--"])
def test_a_picture_that_is_not_there_is_told(client: TestClient, name: str) -> None:
    answer = client.get(f"/api/images/{name}.png")
    assert answer.status_code == 404
    assert isinstance(answer.json()["detail"], str)


def test_a_gallery_that_is_gone_is_told_in_json_and_in_the_log(client: TestClient, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data")
    answer = client.post("/api/images", json={"prompt": "x"})
    assert answer.status_code == 500
    assert answer.json() == {"detail": "The service failed on this request. Its log says why."}


def test_health_says_whether_it_tracks(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "tracking": "off"}


def test_without_the_built_page_it_says_how_to_build_it(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 503
    assert "pnpm build" in answer.text


def test_it_serves_the_built_page_and_nothing_beside_it(make_settings: MakeSettings, tmp_path: Path) -> None:
    page = tmp_path / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<title>Studio</title>", encoding="utf-8")
    (page / "assets" / "a.js").write_text("1", encoding="utf-8")
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    with TestClient(create_app(make_settings(ENABLE_TRACKING=False), page=page)) as client:
        assert "Studio" in client.get("/").text
        assert client.get("/assets/a.js").text == "1"
        assert client.get("/..%2fsecret").status_code == 404
        assert client.get("/%2e%2e/secret").status_code == 404
        assert client.get("/api/images").json() == {"images": []}


def test_the_page_is_looked_for_where_it_is_built() -> None:
    assert app.PAGE.parts[-3:] == ("src", "web", "dist")


def test_fifty_at_once_are_all_answered_and_logged(make_settings: MakeSettings, read_runs: ReadRuns) -> None:
    with TestClient(create_app(make_settings())) as client, ThreadPoolExecutor(50) as pool:
        made = list(pool.map(lambda number: generate(client, f"prompt {number}" + "x" * number), range(50)))
        listed = client.get("/api/images", params={"limit": 100}).json()["images"]
    # The service has stopped: what it accepted is in MLflow.
    lengths = sorted(int(run.data.params["prompt_length"]) for run in read_runs())
    assert lengths == sorted(len(each["prompt"]) for each in made)
    assert {each["id"] for each in listed} == {each["id"] for each in made}
    assert len({each["id"] for each in made}) == 50


@pytest.mark.parametrize("answers", [False, True])
def test_an_mlflow_server_that_is_gone_or_hangs_does_not_slow_or_fail_a_request(
    make_settings: MakeSettings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, *, answers: bool
) -> None:
    monkeypatch.setattr("tracking.service._CLOSE_SECONDS", 1.0)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    caplog.set_level(logging.INFO)
    with socket.create_server(("127.0.0.1", 0)) as server:
        uri = f"http://127.0.0.1:{server.getsockname()[1] if answers else 1}"
        with TestClient(create_app(make_settings(MLFLOW_TRACKING_URI=uri))) as client:
            started = time.perf_counter()
            for _ in range(5):
                generate(client, "my secret prompt")
            assert time.perf_counter() - started < 5
            stopped = time.perf_counter()
        assert time.perf_counter() - stopped < 5
    assert "Failed to log" in caplog.text or "generations were logged" in caplog.text
    assert "my secret prompt" not in caplog.text


def test_a_data_directory_that_cannot_be_written_stops_the_start(make_settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        create_app(make_settings(DATA_DIR=tmp_path / "file" / "data"))
