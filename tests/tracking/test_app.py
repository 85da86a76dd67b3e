import io
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tracking import app, generators, segment
from tracking.app import create_app
from tracking.event import Event, Tokens
from tracking.gallery import Gallery
from tracking.generators import GenerationError, Picture, Reason
from tracking.privacy import Privacy
from tracking.service import TrackingService
from tracking.settings import Settings
from tracking.studio import Studio

from .conftest import Deliver, MakeSettings


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
    assert client.get("/api/generations").json() == {"generations": [], "next": None}
    for number in range(3):
        generate(client, f"prompt {number}")
    listed = client.get("/api/generations", params={"limit": 2}).json()["generations"]
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
    assert client.get("/api/generations").json() == {"generations": [], "next": None}


def test_the_longest_prompt_and_other_letters_are_fine(client: TestClient) -> None:
    assert generate(client, "ß" * 4000)["input_tokens"] == 1000
    assert generate(client, "  ein Löwe 🦁  ")["prompt"] == "ein Löwe 🦁"


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_a_limit_outside_1_to_100_is_refused(client: TestClient, limit: str) -> None:
    assert client.get("/api/generations", params={"limit": limit}).status_code == 422


@pytest.mark.parametrize("name", ["00000000-0000-0000-0000-000000000000", "..%2f..%2fgallery.db", "%ff", "'--"])
def test_a_picture_that_is_not_there_is_told(client: TestClient, name: str) -> None:
    answer = client.get(f"/api/images/{name}.png")
    assert answer.status_code == 404
    assert isinstance(answer.json()["detail"], str)


def test_a_gallery_that_is_gone_is_told_in_json_and_in_the_log(client: TestClient, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "data")
    answer = client.get("/api/generations")
    assert answer.status_code == 500
    assert answer.json() == {"detail": "The service failed on this request. Its log says why."}


def test_a_text_comes_in_parts_and_is_logged(make_settings: MakeSettings, deliver: Deliver) -> None:
    config = make_settings(TEXT_INPUT_TOKEN_COST_PER_MILLION=1, TEXT_OUTPUT_TOKEN_COST_PER_MILLION=2)
    with TestClient(create_app(config)) as client:
        answer = client.post("/api/texts", json={"prompt": "a lighthouse"})
    assert answer.status_code == 200
    *parts, last = [json.loads(line) for line in answer.text.splitlines()]
    assert len(parts) > 3
    assert all(each.keys() == {"text"} for each in parts)
    end = last["end"]
    assert end["text"] == "".join(each["text"] for each in parts)
    assert end["estimated_cost_usd"] == pytest.approx((end["input_tokens"] + 2 * end["output_tokens"]) / 1e6)
    store = deliver(config)
    [run] = store.client.search_runs([store.experiment_id])
    assert (run.info.run_name, run.info.status) == ("generate_text", "FINISHED")
    assert run.data.metrics["output_tokens"] == end["output_tokens"]
    assert 0 < run.data.metrics["time_to_first_token_ms"] <= run.data.metrics["processing_time_ms"]


class Failing:
    """A generator whose provider fails as it is told, after some parts."""

    provider, text_model, image_model = "openai", "gpt-4o", "gpt-image-1"

    def __init__(self, error: Exception, parts: int = 0) -> None:
        self.error, self.parts, self.tokens = error, parts, Tokens(input=3)

    def picture(self, *_: object) -> Picture:
        raise self.error

    def stream(self, _: str) -> "Failing":
        return self

    def __iter__(self) -> Iterator[str]:
        yield from ["part "] * self.parts
        raise self.error

    def close(self) -> None:
        self.error = RuntimeError("closed")


@pytest.mark.parametrize(
    ("reason", "status"),
    [("rate-limited", 429), ("refused", 422), ("unavailable", 503), ("timeout", 504), ("unauthorized", 502)],
)
@pytest.mark.parametrize("path", ["/api/images", "/api/texts"])
def test_a_providers_error_is_told_in_words_and_logged(  # noqa: PLR0913, PLR0917 - every reason on every path
    make_settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    deliver: Deliver,
    reason: Reason,
    status: int,
    path: str,
) -> None:
    error = GenerationError(reason, "It did not work. Try later.", retry_after=17.0)
    monkeypatch.setattr(generators, "create", lambda *_: Failing(error))
    config = make_settings()
    with TestClient(create_app(config)) as client:
        answer = client.post(path, json={"prompt": "x"})
    assert (answer.status_code, answer.json()) == (status, {"detail": "It did not work. Try later."})
    assert answer.headers["retry-after"] == "17"
    store = deliver(config)
    [run] = store.client.search_runs([store.experiment_id])
    assert (run.info.status, run.data.tags["error_class"]) == ("FAILED", reason)
    assert "estimated_cost_usd" not in run.data.metrics


def test_a_text_that_breaks_off_ends_with_the_error(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, deliver: Deliver
) -> None:
    monkeypatch.setattr(generators, "create", lambda *_: Failing(GenerationError("cut", "It broke off."), parts=2))
    config = make_settings()
    with TestClient(create_app(config)) as client:
        answer = client.post("/api/texts", json={"prompt": "x"})
    assert [json.loads(line) for line in answer.text.splitlines()] == [
        {"text": "part "},
        {"text": "part "},
        {"error": "It broke off.", "reason": "cut"},
    ]
    store = deliver(config)
    [run] = store.client.search_runs([store.experiment_id])
    assert (run.info.status, run.data.metrics["input_tokens"]) == ("FAILED", 3.0)
    assert "output_tokens" not in run.data.metrics


def test_an_unknown_error_is_logged_too(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "create", lambda *_: Failing(RuntimeError("a bug")))
    with TestClient(create_app(make_settings()), raise_server_exceptions=False) as client:
        assert client.post("/api/images", json={"prompt": "x"}).status_code == 500
        assert client.get("/healthz").json()["events"]["accepted"] == 1


def test_whoever_goes_away_cancels(make_settings: MakeSettings) -> None:
    config = make_settings()
    tracking = TrackingService(config)
    studio = Studio(generators.create("local", None, None), tracking, Gallery(config.DATA_DIR), Privacy(config))
    parts = studio.text("ada@example.com", "a lighthouse")
    assert isinstance(next(parts), str)
    parts.close()
    tracking.close()
    [event] = events(config)
    assert (event.outcome, event.error_class) == ("cancelled", None)
    assert event.tokens.input == 3


def events(config: Settings) -> list[Event]:
    paths = segment.segments(config.DATA_DIR / "journal")
    return [each.event for path in paths for each in segment.read(path) if each.event]


def test_what_is_not_kept_of_users_and_prompts_is_not_in_the_gallery_either(make_settings: MakeSettings) -> None:
    with TestClient(create_app(make_settings(TRACK_PROMPTS="off", TRACK_USERS="off"))) as client:
        made = generate(client, "my secret prompt")
    assert (made["prompt"], made["user_email"]) == ("", "")


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
        for own in ("/gallery", "/gallery/", "/gallery/0b8a", "/gallery/0b8a/", "/usage", "/usage/"):
            assert (client.get(own).status_code, client.get(own).text) == (200, "<title>Studio</title>")
        unknown = client.get("/nowhere")
        assert (unknown.status_code, unknown.text) == (404, "<title>Studio</title>")
        for place in ("/assets/b.js", "/api/nothing"):
            assert client.get(place).json() == {"detail": "Not Found"}
        assert client.get("/api/generations").json() == {"generations": [], "next": None}


def test_the_page_is_looked_for_where_it_is_built() -> None:
    assert app.PAGE.parts[-3:] == ("src", "web", "dist")


def test_fifty_at_once_are_all_answered_and_logged(make_settings: MakeSettings, deliver: Deliver) -> None:
    config = make_settings(GENERATIONS_PER_MINUTE=50, GENERATIONS_AT_ONCE=50)
    with TestClient(create_app(config)) as client, ThreadPoolExecutor(50) as pool:
        made = list(pool.map(lambda number: generate(client, f"prompt {number}" + "x" * number), range(50)))
        listed = client.get("/api/generations", params={"limit": 100}).json()["generations"]
    store = deliver(config)
    runs = store.client.search_runs([store.experiment_id])
    assert {run.data.tags["event_id"] for run in runs} == {each["id"] for each in made}
    assert {each["id"] for each in listed} == {each["id"] for each in made}
    assert len({each["id"] for each in made}) == 50


def test_a_data_directory_that_cannot_be_written_stops_the_start(make_settings: MakeSettings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        create_app(make_settings(DATA_DIR=tmp_path / "file" / "data"))
