import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest


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
        assert answer.json()["status"] == "ok"
        process.send_signal(how)
        assert process.wait(20) == (0 if how == signal.SIGINT else -signal.SIGTERM) or process.returncode == 0
        assert process.stderr
        assert "Traceback" not in process.stderr.read()


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
