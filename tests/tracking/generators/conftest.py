"""A server that stands in for the paid APIs, and nothing in the environment that leads elsewhere."""

import os
import threading
from collections.abc import Iterator

import pytest

from .loopback import Loopback


@pytest.fixture(autouse=True)
def _no_settings_of_sdks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
