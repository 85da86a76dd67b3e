"""The studio where the gallery takes nothing: what was paid for is answered all the same."""

import base64
import io
import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from tracking import gallery, studio
from tracking.app import create_app

from .conftest import MakeSettings
from .disk import no_file_beyond


@contextmanager
def full(_: Path) -> Iterator[None]:
    with no_file_beyond(4_096):
        yield


@contextmanager
def locked(data: Path) -> Iterator[None]:
    with closing(sqlite3.connect(data / "gallery.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@contextmanager
def gone(data: Path) -> Iterator[None]:
    data.rename(data.with_name("moved"))  # at once: who is still writing in it would make its deletion fail
    yield


Trouble = Callable[[Path], AbstractContextManager[None]]
every_trouble = pytest.mark.parametrize("trouble", [full, locked, gone])


@pytest.fixture
def client(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TestClient]:
    monkeypatch.setattr(gallery, "_WAIT_SECONDS", 0.1)
    with TestClient(create_app(make_settings(), page=tmp_path / "page")) as made:
        yield made


def generate(client: TestClient, prompt: str = "a lighthouse") -> dict[str, Any]:
    answer = client.post("/api/images", json={"prompt": prompt})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@every_trouble
def test_a_picture_that_cannot_be_kept_is_in_the_answer(client: TestClient, tmp_path: Path, trouble: Trouble) -> None:
    with trouble(tmp_path / "data"):
        made = generate(client)
        policy = client.get("/").headers["content-security-policy"]
    assert made["kept"] is False
    head, content = made["image_url"].split(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        assert image.size == (768, 768)
    assert "img-src 'self' data:;" in policy  # the page may show it
    if trouble is not gone:  # who is gone has counted nothing
        assert client.get("/healthz").json()["events"]["accepted"] == 1


@every_trouble
def test_a_text_that_cannot_be_kept_comes_to_its_end(client: TestClient, tmp_path: Path, trouble: Trouble) -> None:
    with trouble(tmp_path / "data"):
        answer = client.post("/api/texts", json={"prompt": "a lighthouse"})
    *parts, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last["end"]["text"] == "".join(each["text"] for each in parts)
    assert (last["end"]["kept"], last["end"]["image_url"]) == (False, None)


@pytest.mark.parametrize("trouble", [full, locked])
def test_when_there_is_room_again_it_is_kept_again(client: TestClient, tmp_path: Path, trouble: Trouble) -> None:
    with trouble(tmp_path / "data"):
        generate(client, "during")
    made = generate(client, "after")
    assert made["kept"] is True
    assert client.get("/api/generations").json()["generations"] == [made]
    assert client.get(made["image_url"]).headers["content-type"] == "image/png"


def test_the_log_tells_of_it_once_a_minute(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with locked(tmp_path / "data"):
        for _ in range(3):
            generate(client, "my secret prompt")
        assert len(complaints(caplog)) == 1
        monkeypatch.setattr(studio, "_COMPLAINT_SECONDS", 0.0)
        generate(client)
    assert len(complaints(caplog)) == 2
    for each in complaints(caplog):
        assert f"{tmp_path / 'data' / 'gallery.db'} cannot be written: database is locked" in each
        assert "secret" not in each


@pytest.mark.parametrize("how", ["full", "hash", "off"])
def test_a_text_is_kept_where_its_prompt_is(how: str, make_settings: MakeSettings, tmp_path: Path) -> None:
    config = make_settings(TRACK_PROMPTS=how, TRACKING_HASH_KEY="a key of the environment")
    with TestClient(create_app(config, page=tmp_path / "page")) as client:
        *_, last = client.post("/api/texts", json={"prompt": "zebra-4711"}).text.splitlines()
        (kept,) = client.get("/api/generations").json()["generations"]
    told = json.loads(last)["end"]
    assert "zebra-4711" in told["text"]
    assert kept["text"] == (told["text"] if how == "full" else None)
    assert (told["kept"], kept["kept"]) == (True, True)
    everything = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert (b"zebra-4711" in everything) is (how == "full")


def test_what_a_provider_answers_without_sense_does_not_leave_the_user_waiting(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(studio.Studio, "_generation", Mock(side_effect=ZeroDivisionError))
    lines = client.post("/api/texts", json={"prompt": "x"}).text.splitlines()
    assert json.loads(lines[-1]) == {"error": "The service failed on this text. Its log says why.", "reason": "failed"}
    assert "A text did not come to its end." in caplog.text


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        each.getMessage() for each in caplog.records if each.name == studio.__name__ and each.levelno == logging.ERROR
    ]
