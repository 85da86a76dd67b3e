"""What comes by itself."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import httpx2
import pytest

from tracking.app import create_app
from tracking.routes import live
from tracking.settings import Settings

from ..conftest import MakeSettings
from ..serving import Stream, events, serving

HEADER = "X-Forwarded-Email"
ADA, EVE, ADMIN = "ada@example.com", "eve@example.com", "lead@example.com"


def generate(address: str, user: str = ADA) -> dict[str, Any]:
    answer = httpx2.post(f"{address}/api/images", json={"prompt": "a lighthouse"}, headers={HEADER: user}, timeout=30)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def listening(address: str, user: str = ADA, **headers: str) -> AbstractContextManager[httpx2.Response]:
    return httpx2.stream("GET", f"{address}/api/live", headers={HEADER: user, **headers}, timeout=30)


@pytest.fixture
def proxied(make_settings: MakeSettings) -> Settings:
    return make_settings(IDENTITY_HEADER=HEADER, TRUSTED_PROXIES="127.0.0.1", ADMIN_USERS=ADMIN)


def test_new_generations_and_health_come_without_asking_again(make_settings: MakeSettings) -> None:
    with serving(create_app(make_settings())) as address:
        generate(address)
        with listening(address) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            stream = events(answer)
            assert next(stream)[0] == "hello"
            name, health, _ = next(stream)
            assert (name, health["events"]["pending"]) == ("health", 1)
            made = generate(address)
            told = {name: data for name, data, _ in islice(stream, 2)}
            assert told["generation"] == made
            assert told["health"]["events"]["pending"] == 2


def test_one_is_told_of_ones_own_and_an_admin_of_all(proxied: Settings) -> None:
    with serving(create_app(proxied)) as address, listening(address) as own, listening(address, ADMIN) as everybodys:
        streams = [events(own), events(everybodys)]
        for stream in streams:
            assert next(stream)[0] == "hello"
        made = [generate(address, user)["id"] for user in (EVE, ADA)]
        assert [data["id"] for data in islice(_generations(streams[0]), 1)] == made[1:]
        assert [data["id"] for data in islice(_generations(streams[1]), 2)] == made


def _generations(stream: Stream) -> Iterator[dict[str, Any]]:
    return (data for name, data, _ in stream if name == "generation")


def test_who_was_cut_off_is_told_what_came_meanwhile(make_settings: MakeSettings) -> None:
    with serving(create_app(make_settings())) as address:
        with listening(address) as answer:
            _, _, known = next(events(answer))
        made = [generate(address)["id"] for _ in range(3)]
        with listening(address, **{"Last-Event-ID": str(known)}) as answer:
            assert [data["id"] for data in islice(_generations(events(answer)), 3)] == made


def test_none_is_left_out_when_many_come_at_once(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_AT_ONCE", 2)
    with serving(create_app(make_settings())) as address:
        made = [generate(address)["id"] for _ in range(5)]
        with listening(address, **{"Last-Event-ID": "0"}) as answer:
            assert [data["id"] for data in islice(_generations(events(answer)), 5)] == made


def test_a_number_from_another_gallery_is_no_error(make_settings: MakeSettings) -> None:
    with serving(create_app(make_settings())) as address, listening(address, **{"Last-Event-ID": "999"}) as answer:
        stream = events(answer)
        assert next(stream)[0] == "hello"
        made = generate(address)
        assert next(_generations(stream))["id"] == made["id"]


def test_who_listens_too_often_is_told(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_CONNECTIONS", 1)
    with serving(create_app(make_settings())) as address:
        with listening(address) as first:
            stream = events(first)
            assert next(stream)[0] == "hello"
            with listening(address) as second:
                assert second.status_code == 429
                assert second.headers["retry-after"] == "10"
        deadline = time.monotonic() + 20
        while True:  # the first one's end is noticed with its next event
            with listening(address) as again:
                if again.status_code == 200:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_who_comes_many_times_at_once_has_no_more_seats(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_CONNECTIONS", 2)
    everybody = threading.Barrier(12)
    with serving(create_app(make_settings())) as address:

        def listen(_: int) -> int:
            with listening(address) as answer:
                everybody.wait(30)  # nobody leaves before all were answered
                return answer.status_code

        with ThreadPoolExecutor(12) as pool:
            statuses = list(pool.map(listen, range(12)))
    assert (statuses.count(200), statuses.count(429)) == (2, 10)


def test_a_connection_ends_by_itself_so_that_rights_are_asked_anew(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_LONGEST_SECONDS", 3.0)
    with serving(create_app(make_settings())) as address, listening(address) as answer:
        assert [name for name, _, _ in events(answer)] == ["hello", "health"]
