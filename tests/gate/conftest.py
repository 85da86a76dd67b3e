"""What several tests of the gate share."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gate.sonar import Server

from .sandbox import make
from .standin_github import GitHub

_RULESET = ".github/rulesets/main.json"


class WebApi(ThreadingHTTPServer):
    """Sonar's web API on a loopback port, with answers that a test puts there.

    answers: by path after /api/: the data of an answer, a list of data for one call after another (the last one
    stays), or the status of a refusal. asked: the path and parameters of each call.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.server = Server(f"http://127.0.0.1:{self.server_port}", "squ_hush")


class _Handler(BaseHTTPRequestHandler):
    server: WebApi

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        self._answer(where.path, where.query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(self.path, body.decode())

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def _answer(self, path: str, parameters: str) -> None:
        name = path.removeprefix("/api/")
        self.server.asked.append((name, dict(parse_qsl(parameters))))
        found = self.server.answers.get(name, 404)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        refused = isinstance(found, int)
        body = b"nothing here" if refused else json.dumps(found).encode()
        self.send_response(found if refused else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def web_api() -> Iterator[WebApi]:
    with WebApi() as served:
        thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        served.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_token_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the tests from asking GitHub as whoever runs them: no token, and a gh that is not logged in."""
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    gh = tmp_path_factory.mktemp("bin") / "gh"
    gh.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{gh.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """GitHub's stand-in, with its token in the environment."""
    with GitHub() as served:
        thread = Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("GITHUB_API_URL", served.url)
        monkeypatch.setenv("GH_TOKEN", served.token)
        yield served
        served.shutdown()
        thread.join()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with our own ruleset, whose origin is GitHub's ada/engine; the commands run in it."""
    root = make(tmp_path / "engine")
    (root / _RULESET).parent.mkdir(parents=True)
    shutil.copy(Path(__file__).parents[2] / _RULESET, root / _RULESET)
    subprocess.run(["git", "remote", "add", "origin", "git@github.com:ada/engine.git"], cwd=root, check=True)
    monkeypatch.chdir(root)
    return root
