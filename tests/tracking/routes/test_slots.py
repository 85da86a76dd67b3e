"""Generations that run, and run: what becomes of whoever else asks meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from tracking import generators
from tracking.app import create_app
from tracking.event import Tokens
from tracking.generators import Picture
from tracking.routes import slots
from tracking.settings import Settings

from ..conftest import MakeSettings
from ..serving import serving

HEADER = "X-Forwarded-Email"
ADA, EVE, GRACE = ("ada@example.com", "eve@example.com", "grace@example.com")
Make = Callable[..., Settings]
PATHS = ["/api/images", "/api/texts"]


class Hanging:
    """A generator that hangs until it is let go; a text has begun by then."""

    provider, text_model, image_model = "openai", "gpt-4o", "gpt-image-1"
    tokens = Tokens(input=3, output=7)

    def __init__(self) -> None:
        self.begun, self.go = threading.Semaphore(0), threading.Event()

    def picture(self, *_: object) -> Picture:
        self._hang()
        return Picture(b"png", "image/png", self.tokens)

    def stream(self, _: str) -> "Hanging":
        return self

    def __iter__(self) -> Iterator[str]:
        yield "Once upon"
        self._hang()
        yield " a time"

    def close(self) -> None:
        """Have nothing to close."""

    def _hang(self) -> None:
        self.begun.release()
        assert self.go.wait(60)

    def wait_for(self, count: int) -> None:
        """Wait until so many hang."""
        for _ in range(count):
            assert self.begun.acquire(timeout=30)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    made = Hanging()
    monkeypatch.setattr(generators, "create", lambda *_: made)
    yield made
    made.go.set()


@pytest.fixture
def proxied(make_settings: MakeSettings) -> Make:
    """Return what makes settings in which only the slots are few."""
    shared = {"ENABLE_TRACKING": False, "IDENTITY_HEADER": HEADER, "TRUSTED_PROXIES": "127.0.0.1"}
    shared["GENERATIONS_PER_MINUTE"] = 10_000
    return lambda **values: make_settings(**shared, **values)


@contextmanager
def running(hanging: Hanging, address: str, path: str, users: list[str]) -> Iterator[list[HTTPConnection]]:
    """Have generations that hang; at the end they go on."""
    place = urlsplit(address)
    with ExitStack() as stack:
        stack.callback(hanging.go.set)
        connections = []
        for user in users:
            connection = HTTPConnection(place.hostname or "", place.port, timeout=60)
            stack.callback(connection.close)
            headers = {"Content-Type": "application/json", HEADER: user}
            connection.request("POST", path, b'{"prompt": "x"}', headers)
            connections.append(connection)
        hanging.wait_for(len(users))
        yield connections


def ask(address: str, path: str, user: str) -> httpx2.Response:
    return httpx2.post(f"{address}{path}", json={"prompt": "x"}, headers={HEADER: user}, timeout=30)


def refused(answer: httpx2.Response, status: int, words: str) -> None:
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "10"
    assert words in answer.json()["detail"]
    assert answer.json()["detail"].endswith("Try again in 10 s.")


@pytest.mark.parametrize("path", PATHS)
def test_generations_that_hang_hold_up_nothing_else(proxied: Make, hanging: Hanging, tmp_path: Path, path: str) -> None:
    (tmp_path / "index.html").write_text("<title>Studio</title>")
    app = create_app(proxied(GENERATIONS_AT_ONCE=25), page=tmp_path)
    with serving(app) as address, running(hanging, address, path, [ADA, EVE] * 25) as connections:
        for each in connections:  # who asked gives up, and the provider goes on
            each.close()
        for other in ("/api/session", "/api/generations", "/healthz", "/"):
            answer = httpx2.get(f"{address}{other}", headers={HEADER: GRACE}, timeout=30)
            assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_one_user_may_have_so_many_at_once_and_others_have_theirs(proxied: Make, hanging: Hanging, path: str) -> None:
    with serving(create_app(proxied(GENERATIONS_AT_ONCE=2))) as address:
        with running(hanging, address, path, [ADA, ADA, EVE]):
            for each in PATHS:
                refused(ask(address, each, ADA), 429, "2 of your generations still run")
            assert httpx2.get(f"{address}/api/generations", headers={HEADER: ADA}, timeout=30).status_code == 200
        assert ask(address, path, EVE).is_success
        until_free(address, path, ADA)


@pytest.mark.parametrize("path", PATHS)
def test_one_that_was_given_up_counts_until_the_provider_is_done(proxied: Make, hanging: Hanging, path: str) -> None:
    with serving(create_app(proxied(GENERATIONS_AT_ONCE=1))) as address:
        with running(hanging, address, path, [ADA]) as [connection]:
            connection.close()
            for _ in range(3):
                refused(ask(address, path, ADA), 429, "A cancelled one runs until the provider has ended it.")
        until_free(address, path, ADA)


def until_free(address: str, path: str, user: str) -> None:
    deadline = time.monotonic() + 30
    while (answer := ask(address, path, user)).status_code == 429:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert answer.is_success


@pytest.mark.parametrize("path", PATHS)
def test_where_all_slots_are_taken_it_is_said(
    proxied: Make, hanging: Hanging, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(slots, "_AT_ONCE", 2)
    with serving(create_app(proxied())) as address:
        with running(hanging, address, path, [ADA, EVE]):
            refused(ask(address, path, GRACE), 503, "As many generations run as the service can take.")
        until_free(address, path, ADA)


def test_who_asks_for_nonsense_takes_no_slot(proxied: Make) -> None:
    with serving(create_app(proxied(GENERATIONS_AT_ONCE=1))) as address:
        for path in PATHS * 2:
            answer = httpx2.post(f"{address}{path}", json={"prompt": ""}, headers={HEADER: ADA}, timeout=30)
            assert answer.status_code == 422
            assert ask(address, path, ADA).is_success
