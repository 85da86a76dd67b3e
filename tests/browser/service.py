"""The real service as a process of its own, behind what a team's proxy would say of who is asking."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx2

from tracking.settings import PRICE_PREFIX, Settings

HEADER = "X-Forwarded-Email"
ADMIN = "lead@example.com"
# US dollars for a million tokens.
PRICES = {
    "TEXT_INPUT_TOKEN_COST_PER_MILLION": "3",
    "TEXT_OUTPUT_TOKEN_COST_PER_MILLION": "15",
    "IMAGE_INPUT_TOKEN_COST_PER_MILLION": "0.3",
    "IMAGE_OUTPUT_TOKEN_COST_PER_MILLION": "30",
}
_PROVIDERS = ("OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_")
_STOP_SECONDS = 20


class Service:
    """Runs `python -m tracking`.

    Args:
        folder: Where it keeps its data and its log.
        environment: Its settings; nothing of this process's own is among them.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self.data = folder / "data"
        self.environment = {
            "DATA_DIR": str(self.data),
            "IDENTITY_HEADER": HEADER,
            "TRUSTED_PROXIES": "127.0.0.1",
            "ADMIN_USERS": ADMIN,
            "GENERATIONS_PER_MINUTE": "600",
            **environment,
        }
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(kill=False)

    def start(self) -> None:
        """Start it, at the address that it had before, if it had one."""
        port = self.url.rpartition(":")[2] or "0"
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tracking"],
                env=_surroundings() | self.environment | {"PORT": port},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout
        words = self._process.stdout.readline().split()
        assert words, (self._folder / "log").read_text()
        self.url = words[1]

    def stop(self, *, kill: bool) -> None:
        """Stop it, or kill it."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with process:
            if kill:
                process.kill()
            else:
                process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let it stand still: it takes connections, and says nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def ask(self, path: str, user: str = ADMIN, **query: str) -> Any:  # noqa: ANN401 - whatever JSON says
        """Return what it answers a user as JSON."""
        answer = httpx2.get(f"{self.url}{path}", params=query, headers={HEADER: user}, timeout=60)
        return answer.raise_for_status().json()

    def make(self, user: str, prompt: str, kind: str = "images") -> str:
        """Generate for a user, as another client would; returns the generation's id."""
        answer = httpx2.post(f"{self.url}/api/{kind}", json={"prompt": prompt}, headers={HEADER: user}, timeout=60)
        last: dict[str, Any] = answer.raise_for_status().json() if kind == "images" else _last_line(answer.text)
        return str(last["id"])

    def events_of(self, user: str) -> dict[str, Any]:
        """Return how many events MLflow has of a user in the last 30 days, and how they went."""
        total: dict[str, Any] = self.ask("/api/usage/activity", user)["total"]
        return total

    def wait_until_delivered(self) -> None:
        """Wait until MLflow has all events."""
        wait_until(lambda: self.ask("/healthz")["events"]["pending"] == 0)


def wait_until(is_true: Callable[[], bool], seconds: float = 90) -> None:
    """Wait for what no page shows."""
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _last_line(lines: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines.splitlines()[-1])["end"]
    return found


def _surroundings() -> dict[str, str]:
    """Return this process's environment without what is a setting, or leads elsewhere."""
    prefixes = ("MLFLOW_", PRICE_PREFIX, *_PROVIDERS)
    return {
        name: value
        for name, value in os.environ.items()
        if name not in Settings.model_fields and not name.startswith(prefixes) and not name.lower().endswith("_proxy")
    }
