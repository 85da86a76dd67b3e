import hmac
import logging
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tracking import ratelimit
from tracking.ratelimit import RateLimit


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_795_000_000.0
        monkeypatch.setattr("tracking.ratelimit.time.time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.usefixtures("clock")
def test_a_minutes_share_may_be_claimed_at_once_and_no_more(tmp_path: Path) -> None:
    limit = RateLimit(tmp_path, "generations", 3)
    assert [limit.claim("ada") for _ in range(3)] == [0, 0, 0]
    assert limit.claim("ada") == pytest.approx(20)
    assert limit.claim("grace") == 0


def test_who_waits_as_long_as_told_may_go_on(tmp_path: Path, clock: Clock) -> None:
    limit = RateLimit(tmp_path, "generations", 3)
    for _ in range(3):
        limit.claim("ada")
    clock.now += limit.claim("ada")
    assert limit.claim("ada") == 0
    assert limit.claim("ada") > 0
    clock.now += 60
    assert [limit.claim("ada") for _ in range(3)] == [0, 0, 0]


@pytest.mark.usefixtures("clock")
def test_what_is_limited_by_another_name_is_counted_apart(tmp_path: Path) -> None:
    assert RateLimit(tmp_path, "generations", 1).claim("ada") == 0
    assert RateLimit(tmp_path, "requests", 1).claim("ada") == 0
    assert RateLimit(tmp_path, "requests", 1).claim("ada") > 0


@pytest.mark.usefixtures("clock")
def test_workers_share_it(tmp_path: Path) -> None:
    limits = [RateLimit(tmp_path, "generations", 20) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda number: limits[number % 4].claim("ada"), range(60)))
    assert waits.count(0) == 20


def test_a_clock_that_was_set_back_shuts_nobody_out_for_long(tmp_path: Path, clock: Clock) -> None:
    limit = RateLimit(tmp_path, "generations", 1)
    assert limit.claim("ada") == 0
    clock.now -= 86_400
    assert limit.claim("ada") <= 60


def test_nobody_is_turned_away_when_it_cannot_be_written(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "limits.db").mkdir()
    limit = RateLimit(tmp_path, "generations", 1)
    with caplog.at_level(logging.ERROR):
        assert [limit.claim("ada") for _ in range(3)] == [0, 0, 0]
    (line,) = caplog.messages  # once a minute
    assert str(tmp_path / "limits.db") in line


def test_nobody_gets_around_it_by_asking_so_often_that_it_is_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "_WAIT_SECONDS", 0.1)
    limit = RateLimit(tmp_path, "generations", 1)
    assert limit.claim("grace") == 0
    with closing(sqlite3.connect(tmp_path / "limits.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert limit.claim("ada") == pytest.approx(0.1)
        other.execute("ROLLBACK")
    assert limit.claim("ada") == 0


def test_many_at_once_are_not_told_that_it_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "_WAIT_SECONDS", 0.001)
    limits = [RateLimit(tmp_path, name, 10_000) for name in ("requests", "generations")]
    with ThreadPoolExecutor(20) as threads:
        waits = list(threads.map(lambda number: limits[number % 2].claim(f"user-{number}"), range(400)))
    assert waits == [0.0] * 400


def test_who_waits_in_line_while_another_worker_has_it_is_told_so_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_WAIT_SECONDS", "_TURN_SECONDS"):
        monkeypatch.setattr(ratelimit, name, 0.2)
    limit = RateLimit(tmp_path, "requests", 10_000)
    limit.claim("ada")
    with closing(sqlite3.connect(tmp_path / "limits.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with ThreadPoolExecutor(100) as threads:
            waits = list(threads.map(lambda number: limit.claim(f"user-{number}"), range(100)))
    assert waits == [0.2] * 100
    assert time.monotonic() - began < 15.0  # and not 100 times 0.2 s


def test_who_asked_cannot_be_tried_out_without_the_key(tmp_path: Path) -> None:
    RateLimit(tmp_path, "requests", 60, b"a key").claim("ada@example.com")
    guess = hmac.new(b"", b"requests ada@example.com", "sha256").hexdigest()
    content = (tmp_path / "limits.db").read_bytes()
    assert guess.encode() not in content
    assert hmac.new(b"a key", b"requests ada@example.com", "sha256").hexdigest().encode() in content
    assert (tmp_path / "limits.db").stat().st_mode & 0o777 == 0o600


def test_who_asked_is_not_written_down_and_the_file_does_not_grow(tmp_path: Path, clock: Clock) -> None:
    limit = RateLimit(tmp_path, "requests", 60)
    for number in range(50):
        limit.claim(f"user-{number}@example.com")
    assert b"example.com" not in (tmp_path / "limits.db").read_bytes()
    clock.now += 61
    limit.claim("ada")
    with sqlite3.connect(tmp_path / "limits.db") as connection:
        assert connection.execute("SELECT count(*) FROM claim").fetchone() == (1,)
    connection.close()
