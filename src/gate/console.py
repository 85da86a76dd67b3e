"""What a person sees while long work runs: a bar on a terminal, plain lines elsewhere, always on stderr."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

_LINE_EVERY_SECONDS = 10.0
_MEGA = 1_000_000

stderr = Console(stderr=True, highlight=False, soft_wrap=True)
stdout = Console(highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Print one line of progress."""
    stderr.print(text, markup=False)


@contextmanager
def transfer(title: str, total: int, done: int) -> Iterator[Callable[[int], None]]:
    """Show how far a transfer is.

    Args:
        title: What is transferred.
        total: Its size in bytes.
        done: The bytes that were there before this run.

    Yields:
        A function to call with the number of bytes that have just come.
    """
    if stderr.is_terminal:
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=stderr) as progress:
            task = progress.add_task(title, total=total, completed=done)
            yield lambda count: progress.advance(task, count)
        return
    lines = _Lines(title, total, done)
    yield lines.advance
    say(f"{title}: done, {total / _MEGA:.0f} MB")


@contextmanager
def waiting(title: str, usually: str) -> Iterator[None]:
    """Show that something of unknown length runs.

    Args:
        title: What runs.
        usually: How long it usually takes, in words.
    """
    started = time.monotonic()
    if stderr.is_terminal:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=stderr, transient=True) as progress:
            progress.add_task(f"{title} (usually {usually})", total=None)
            yield
    else:
        say(f"{title} (usually {usually})")
        yield
    say(f"{title}: done in {time.monotonic() - started:.0f} s")


class _Lines:
    """A transfer's progress as plain lines, one every few seconds."""

    def __init__(self, title: str, total: int, done: int) -> None:
        self._title, self._total, self._done = title, total, done
        self._next = time.monotonic()

    def advance(self, count: int) -> None:
        self._done += count
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINE_EVERY_SECONDS
            share = 100 * self._done // self._total
            say(f"{self._title}: {share} % ({self._done / _MEGA:.0f} of {self._total / _MEGA:.0f} MB)")
