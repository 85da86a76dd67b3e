import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx2
import pytest

from tracking.app import from_environment
from tracking.status import Counter


@contextmanager
def service(folder: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tracking"]
    values = os.environ | {"DATA_DIR": str(folder), "PORT": "0", "ENABLE_TRACKING": "false"} | environment
    with subprocess.Popen(
        command, env=values, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_says_its_address_answers_there_and_stops_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    with service(tmp_path) as process:
        assert process.stdout
        line = process.stdout.readline()
        found = re.fullmatch(r"Open (http://127\.0\.0\.1:\d+)  \(Ctrl-C stops\)\n", line)
        assert found, line
        answer = httpx2.get(f"{found[1]}/healthz", timeout=20)
        assert answer.json() == {"status": "ok", "tracking": "off", "events": None}
        process.send_signal(how)
        assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


def test_it_delivers_by_itself_and_what_is_pending_when_it_stops_stays_in_the_journal(
    tmp_path: Path, local_store: Path
) -> None:
    data = local_store.parent
    with service(tmp_path, DATA_DIR=str(data), ENABLE_TRACKING="true") as process:
        assert process.stdout
        base = process.stdout.readline().split()[1]
        httpx2.post(f"{base}/api/images", json={"prompt": "x"}, timeout=60).raise_for_status()
        deadline = time.monotonic() + 120  # MLflow's import takes seconds, on a busy machine more
        while httpx2.get(f"{base}/healthz", timeout=60).json()["events"]["pending"]:
            assert time.monotonic() < deadline, "the first one was never delivered"
            time.sleep(0.2)
        for length in range(2, 30):
            httpx2.post(f"{base}/api/images", json={"prompt": "x" * length}, timeout=60).raise_for_status()
        started = time.monotonic()
        process.terminate()
        said = process.communicate(timeout=60)
        assert time.monotonic() - started < 5
    assert (process.returncode, said) == (0, ("", ""))
    status = Counter(data).status()
    assert (status.accepted, status.adds_up) == (29, True)
    assert status.delivered >= 1


@pytest.mark.parametrize(("trusted", "status"), [("10.0.0.7", 401), ("127.0.0.1", 200)])
def test_whom_a_request_comes_from_is_what_the_connection_says_and_no_header(
    tmp_path: Path, trusted: str, status: int
) -> None:
    with service(tmp_path, IDENTITY_HEADER="X-Forwarded-Email", TRUSTED_PROXIES=trusted) as process:
        assert process.stdout
        base = process.stdout.readline().split()[1]
        for forged in ("10.0.0.7", "10.0.0.7:50000", "203.0.113.9, 10.0.0.7"):
            headers = {"X-Forwarded-Email": "ada@example.com", "X-Forwarded-For": forged}
            assert httpx2.get(f"{base}/api/session", headers=headers, timeout=20).status_code == status


def test_several_workers_share_a_data_directory_and_stop_at_once_with_a_page_open(tmp_path: Path) -> None:
    document = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")
    assert from_environment.__doc__
    [command] = re.findall(r"`(uvicorn .+?)`", document, re.DOTALL)
    assert command.split() == re.findall(r"`(uvicorn .+?)`", from_environment.__doc__, re.DOTALL)[0].split()
    limits = {"GENERATIONS_PER_MINUTE": "40", "GENERATIONS_AT_ONCE": "8"}
    values = os.environ | {"DATA_DIR": str(tmp_path / "data"), "DELIVERY": "separate"} | limits
    command = [sys.executable, "-m", *command.split(), "--port", "0"]
    with (
        (tmp_path / "log").open("w") as log,
        subprocess.Popen(command, env=values, cwd=tmp_path, stdout=log, stderr=subprocess.PIPE, text=True) as process,
    ):
        try:
            assert process.stderr
            said = ""
            while said.count("startup complete") < 2:
                said += process.stderr.readline()
                assert process.poll() is None, said
            port = int(re.findall(r"running on http://127\.0\.0\.1:(\d+)", said)[0])
            with ThreadPoolExecutor(8) as pool:
                answers = list(pool.map(lambda _: generate(port), range(40)))
            httpx2.get(f"http://127.0.0.1:{port}/api/generations?search=my+secret", timeout=60)
            with httpx2.stream("GET", f"http://127.0.0.1:{port}/api/live", timeout=60) as page:
                lines = page.iter_lines()  # kept: the connection is open for as long
                assert next(lines)
                started = time.monotonic()
                process.terminate()
                process.wait(60)
                assert time.monotonic() - started < 5
        finally:
            process.terminate()
            process.wait(60)
    status = Counter(tmp_path / "data").status()
    assert (status.accepted, status.pending, status.adds_up) == (40, 40, True)
    assert len(set(answers)) == 40
    logged = (tmp_path / "log").read_text()
    assert "GET /api/generations HTTP" in logged
    assert "secret" not in logged


def generate(port: int) -> str:
    deadline = time.monotonic() + 30
    while True:
        answer = httpx2.post(f"http://127.0.0.1:{port}/api/images", json={"prompt": "x"}, timeout=60)
        # A worker that is paused for a second as it counts makes the others' requests wait.
        if answer.status_code != HTTPStatus.TOO_MANY_REQUESTS or time.monotonic() > deadline:
            return str(answer.raise_for_status().json()["id"])
        time.sleep(0.5)


def test_its_log_of_requests_tells_of_no_user_and_no_prompt(tmp_path: Path) -> None:
    with service(tmp_path, LOG_LEVEL="info") as process:
        assert process.stdout
        address = process.stdout.readline().split()[1]
        asked = httpx2.get(f"{address}/api/generations?search=my+secret&user=developer@localhost", timeout=20)
        assert asked.status_code == 200
        process.terminate()
        out, log = process.communicate(timeout=20)
    assert '"GET /api/generations HTTP/1.1" 200' in out + log
    assert "secret" not in out + log
    assert "developer" not in out + log


def test_an_ipv6_address_is_written_as_browsers_want_it(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with service(tmp_path, HOST="::1") as process:
        assert process.stdout
        assert re.match(r"Open http://\[::1\]:\d+ ", process.stdout.readline())
        process.terminate()
        process.communicate(timeout=20)


def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with service(tmp_path, PORT=port) as process:
            _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert f"127.0.0.1:{port} cannot be listened on" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "many"}, "PORT: "),
        ({"DATA_DIR": "/proc/nowhere"}, "/proc/nowhere"),
        ({"PRICE_OPENAI_GPT_4O_INPUT": "1", "ENABLE_TRACKING": "true"}, "PRICE_OPENAI_GPT_4O_INPUT: a model's prices"),
        ({"GENERATOR": "anthropic", "ANTHROPIC_API_KEY": "key", "MODEL": "gpt-image-1"}, "anthropic"),
    ],
)
def test_what_keeps_it_from_starting_is_told_in_a_line(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    with service(tmp_path, **environment) as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said.startswith("The service did not start. ")
    assert words in said
    assert "Traceback" not in said
