"""Whoever goes away has cancelled: it is logged so, with what it cost all the same."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx2
import pytest

from tracking import generators, segment
from tracking.app import create_app
from tracking.event import Event, Tokens
from tracking.generators import Picture
from tracking.settings import Settings

from ..conftest import MakeSettings
from ..serving import serving


class Slow:
    """A generator that goes on when it is told to."""

    provider, text_model, image_model = "openai", "gpt-4o", "gpt-image-1"
    tokens = Tokens(input=3, output=7)

    def __init__(self, first: str = "") -> None:
        self.first, self.begun, self.go, self.closed = first, threading.Event(), threading.Event(), threading.Event()

    def picture(self, *_: object) -> Picture:
        self._wait()
        return Picture(b"png", "image/png", self.tokens)

    def stream(self, _: str) -> "Slow":
        return self

    def __iter__(self) -> Iterator[str]:
        if self.first:
            yield self.first
        self._wait()
        yield "too late"
        yield "later still"

    def close(self) -> None:
        self.closed.set()

    def _wait(self) -> None:
        self.begun.set()
        assert self.go.wait(20)


def logged(config: Settings) -> list[Event]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        paths = segment.segments(config.DATA_DIR / "journal")
        found = [each.event for path in paths for each in segment.read(path) if each.event]
        if found:
            return found
        time.sleep(0.02)
    return []


def notice(address: str) -> None:
    """Wait until the service knows who left: it reads a connection's end before what comes after it on another one."""
    for _ in range(2):
        assert httpx2.get(f"{address}/healthz", timeout=20).status_code == 200


@pytest.mark.parametrize("path", ["/api/images", "/api/texts"])
def test_who_leaves_before_anything_came_has_cancelled(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    slow, config = Slow(), make_settings()
    monkeypatch.setattr(generators, "create", lambda *_: slow)
    with serving(create_app(config)) as address:
        place = urlsplit(address)
        with closing(HTTPConnection(place.hostname or "", place.port)) as connection:
            connection.request("POST", path, b'{"prompt": "x"}', {"Content-Type": "application/json"})
            assert slow.begun.wait(20)
        notice(address)
        slow.go.set()
        [event] = logged(config)
        generations = httpx2.get(f"{address}/api/generations").json()["generations"]
    assert (event.outcome, event.error_class, event.tokens) == ("cancelled", None, slow.tokens)
    assert generations == []


def test_who_leaves_in_the_middle_of_a_text_has_cancelled(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, config = Slow("Once upon"), make_settings()
    monkeypatch.setattr(generators, "create", lambda *_: slow)
    with serving(create_app(config)) as address:
        with httpx2.stream("POST", f"{address}/api/texts", json={"prompt": "x"}, timeout=20) as answer:
            assert next(answer.iter_lines()) == '{"text": "Once upon"}'
            assert slow.begun.wait(20)
        notice(address)
        slow.go.set()
        [event] = logged(config)
    assert (event.outcome, event.tokens) == ("cancelled", slow.tokens)
    assert slow.closed.is_set()


def test_who_stays_gets_it(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, config = Slow(), make_settings()
    monkeypatch.setattr(generators, "create", lambda *_: slow)
    slow.go.set()
    with serving(create_app(config)) as address:
        assert httpx2.post(f"{address}/api/images", json={"prompt": "x"}, timeout=20).status_code == 201
    [event] = logged(config)
    assert event.outcome == "ok"
