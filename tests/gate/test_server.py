import os
import shlex
import shutil
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from gate import distribution, paths, processes, server
from gate.errors import CannotJudgeError
from gate.sonar import Server

STAND_IN = Path(__file__).with_name("standin_sonarqube.py")


@pytest.fixture
def how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install the stand-in; writing to the file tells it how to behave."""
    home = tmp_path / "state" / "ci-gate" / "sonarqube-0"
    home.mkdir(parents=True)
    shutil.copy(STAND_IN, home / "server.py")
    (home / "how").write_text("well", encoding="utf-8")
    java = home / "java"
    java.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(home))}/server.py "$@"\n',
        encoding="utf-8",
    )
    java.chmod(0o755)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("SONAR_HOST_URL", raising=False)
    monkeypatch.delenv("SONAR_TOKEN", raising=False)
    # The stand-in runs as whoever runs the tests: it has no part that refuses root.
    monkeypatch.setattr(processes, "owner", os.geteuid)
    monkeypatch.setattr(distribution, "install", lambda *_: distribution.Distribution(home, java, "0"))
    monkeypatch.setattr(server, "_MEMORY_BYTES", 0)  # the stand-in takes next to none
    yield home / "how"
    server.stop()


def processes_of(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while processes_of(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(folder) == []


def test_a_started_server_is_found_again_and_stopped(how: Path) -> None:
    first = server.start()
    assert first.url.startswith("http://127.0.0.1:")
    assert server.start() == first
    assert server.local() == first
    assert server.connect() == first
    assert server.stop()
    wait_until_gone(how.parent)
    assert server.local() is None
    assert not server.stop()


@pytest.mark.usefixtures("how")
def test_secrets_are_for_the_user_alone_and_not_in_a_command_line() -> None:
    found = server.start()
    for name in ("admin-password", "token", "server.json"):
        assert stat.S_IMODE((paths.state() / name).stat().st_mode) == 0o600
    assert found.password
    commands = " ".join(" ".join(process.cmdline()) for process in processes_of(paths.state()))
    assert found.token not in commands
    assert found.password not in commands
    assert found.token not in repr(found)
    assert found.password not in repr(found)


@pytest.mark.usefixtures("how")
def test_a_kept_server_starts_again_with_its_password_and_token() -> None:
    first = server.start()
    server.stop()
    again = server.start()
    assert (again.token, again.password) == (first.token, first.password)


@pytest.mark.usefixtures("how")
def test_a_server_that_was_killed_is_started_again() -> None:
    server.start()
    for process in processes_of(paths.state()):
        process.send_signal(signal.SIGKILL)
    wait_until_gone(paths.state())
    assert server.local() is None
    assert server.start().url


def test_what_a_killed_server_left_running_is_ended_before_the_next_start(how: Path) -> None:
    server.start()
    record = server.running()
    assert record
    left = processes.spawn(
        [str(how.parent / "java"), "-Dsonar.web.port=0", f"-Dsonar.path.data={how.parent}"],
        how.parent,
        {},
        how,
    )
    os.kill(record.process.pid, signal.SIGKILL)
    # Its session leader died; a process of another session that names the same folder is not its own.
    server.stop()
    assert left.alive
    processes.end(left, how.parent)
    wait_until_gone(how.parent)


def test_a_stale_number_of_a_process_that_is_not_ours_is_left_alone(how: Path) -> None:
    server.start()
    record = server.running()
    assert record
    server.stop()
    other = psutil.Process()
    stale = server.Record(record.url, "0", str(how.parent), processes.Handle(other.pid, 1.0), ready=True)
    server._write_record(stale)
    assert server.running() is None
    server.stop()
    assert other.is_running()


def test_a_crash_at_the_start_is_told_with_the_servers_own_error_and_the_next_start_works(how: Path) -> None:
    how.write_text("crash", encoding="utf-8")
    with pytest.raises(CannotJudgeError, match=r"ended while it started.\s+.*No space left on device") as told:
        server.start()
    assert str(server.logs()) in told.value.fix
    how.write_text("well", encoding="utf-8")
    assert server.start()


def test_a_start_that_takes_too_long_is_given_up_and_leaves_nothing(how: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    how.write_text("hang", encoding="utf-8")
    monkeypatch.setattr(server, "_START_SECONDS", 1)
    with pytest.raises(CannotJudgeError, match="did not come up in 1 s"):
        server.start()
    wait_until_gone(how.parent)


def test_a_server_that_comes_up_and_then_answers_nothing_is_told_and_leaves_nothing(
    how: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how.write_text("mute", encoding="utf-8")
    monkeypatch.setattr(server, "_ANSWER_SECONDS", 1.0)
    with pytest.raises(CannotJudgeError, match="came up, but did not answer as one: ReadTimeout") as told:
        server.start()
    assert str(server.logs()) in told.value.fix
    wait_until_gone(how.parent)


@pytest.mark.usefixtures("how")
def test_data_with_another_password_say_how_to_begin_afresh() -> None:
    server.start()
    server.stop()
    (paths.state() / "admin-password").write_text("lost", encoding="utf-8")
    with pytest.raises(CannotJudgeError, match="gate stop --purge"):
        server.start()


@pytest.mark.usefixtures("how")
def test_too_little_memory_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_MEMORY_BYTES", 10**15)
    with pytest.raises(CannotJudgeError, match="Too little memory"):
        server.start()
    assert processes_of(paths.state()) == []


def test_a_port_that_was_chosen_for_a_server_is_given_to_nobody_else() -> None:
    ports = [server._free_port() for _ in range(3)]
    assert len(set(ports)) == 3
    for port in ports:
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.usefixtures("how")
def test_purge_leaves_nothing() -> None:
    server.start()
    server.purge()
    assert not paths.state().exists()


@pytest.mark.usefixtures("how")
def test_a_server_of_the_users_own_is_used_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONAR_HOST_URL", "https://sonarcloud.io/")
    with pytest.raises(CannotJudgeError, match="SONAR_TOKEN is not set"):
        server.connect()
    monkeypatch.setenv("SONAR_TOKEN", "mine")
    assert server.connect() == Server("https://sonarcloud.io", "mine")
    assert server.connect().is_cloud
    assert server.local() is None


def test_a_record_that_cannot_be_read_counts_as_none(how: Path) -> None:
    for text in ("", "{", "[]", '{"url": "x"}'):
        (paths.state() / "server.json").write_text(text, encoding="utf-8")
        assert server.running() is None
    assert server.start()
    assert how.exists()
