"""What is in a journal, and when."""

import time
from collections.abc import Callable
from pathlib import Path

from tracking import segment
from tracking.event import Event


def read(folder: Path) -> list[Event]:
    return [line.event for path in segment.segments(folder / "journal") for line in segment.read(path) if line.event]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
