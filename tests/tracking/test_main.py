import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from .conftest import ReadRuns


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
        assert answer.json() == {"status": "ok", "tracking": "off"}
        process.send_signal(how)
        assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 0


def test_what_was_answered_before_it_stops_is_in_mlflow(tmp_path: Path, read_runs: ReadRuns) -> None:
    with service(tmp_path, DATA_DIR=str(tmp_path / "data"), ENABLE_TRACKING="true") as process:
        assert process.stdout
        images = process.stdout.readline().split()[1] + "/api/images"
        httpx2.post(images, json={"prompt": "x"}, timeout=60).raise_for_status()
        # MLflow's import takes seconds, on a busy machine more than a stop waits for: only the rest is the subject.
        deadline = time.monotonic() + 120
        while not read_runs():
            assert time.monotonic() < deadline, "the first one was never logged"
            time.sleep(0.2)
        for length in range(2, 12):
            httpx2.post(images, json={"prompt": "x" * length}, timeout=60).raise_for_status()
        process.terminate()
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "")
    # It may say that it takes a moment; nothing else is said.
    assert all(line.endswith("Logging the last generations, for 15 seconds at most.") for line in error.splitlines())
    assert sorted(int(run.data.params["prompt_length"]) for run in read_runs()) == list(range(1, 12))


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
    [({"PORT": "many"}, "PORT: "), ({"DATA_DIR": "/proc/nowhere"}, "/proc/nowhere")],
)
def test_what_keeps_it_from_starting_is_told_in_a_line(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    with service(tmp_path, **environment) as process:
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said.startswith("The service did not start. ")
    assert words in said
    assert "Traceback" not in said
