"""Tools to be found on PATH: little shell scripts that answer as a test wants."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Tool = Callable[..., Path]


@pytest.fixture(autouse=True)
def _no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test say itself whether it runs in a workflow: these tests do, sometimes."""
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "RUNNER_", "VERIFY_RUNTIME", "ImageOS", "AGENT_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a tool longer than a busy machine pauses; a test of one that hangs sets its own time."""
    monkeypatch.setattr("verify_runtime.tools.TIMEOUT_SECONDS", 60.0)


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    """Make a tool; return its path."""

    def make(name: str, says: str = "", *, folder: str = "bin", script: str | None = None, mode: int = 0o755) -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script if script is not None else f'echo {says}'}\n", encoding="utf-8")
        path.chmod(mode)
        return path

    return make
