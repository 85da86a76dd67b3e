"""Fetching a large file: it resumes, is checked against a pinned digest, and appears only whole."""

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx2

from gate import console
from gate.errors import CannotJudgeError

_CHUNK = 1 << 20
_TRIES = 5
_TIMEOUT = httpx2.Timeout(30.0)


def fetch(url: str, target: Path, sha256: str, size: int) -> None:
    """Fetch a file unless it is there.

    Args:
        url: Where it lies; the server may or may not know ranges.
        target: Where it goes. What has come so far lies beside it, as `.part`.
        sha256: The digest that it must have, in hexadecimal.
        size: Its size in bytes.

    Raises:
        CannotJudgeError: No room, no network after some tries, or not the pinned file.
    """
    with locked(target.with_name(f"{target.name}.lock")):
        if target.exists():
            return
        part = target.with_name(f"{target.name}.part")
        have = part.stat().st_size if part.exists() else 0
        _check_room(target.parent, size - have)
        with console.transfer(f"Downloading {target.name}", size, have) as advance:
            _fetch_with_retries(url, part, size, advance)
        _check_digest(part, sha256)
        part.rename(target)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock between processes; the kernel releases it when its holder dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CannotJudgeError(
            f"The disk is too full: {folder} has {free / 1e6:.0f} MB free, the download needs {needed / 1e6:.0f} MB.",
            "Make room, or choose another disk with XDG_CACHE_HOME, then run the same again: it resumes.",
        )


def _fetch_with_retries(url: str, part: Path, size: int, advance: Callable[[int], None]) -> None:
    problem: Exception | None = None
    for _ in range(_TRIES):
        have = part.stat().st_size if part.exists() else 0
        if have >= size:
            return
        try:
            _fetch_rest(url, part, have, advance)
        except httpx2.HTTPError as error:
            problem = error
        except OSError as error:
            raise CannotJudgeError(
                f"The download could not be written to {part}: {error}.",
                "Make room or mend the folder's rights, then run the same again: it resumes.",
            ) from error
    if part.stat().st_size < size if part.exists() else True:
        raise CannotJudgeError(
            f"The download of {part.stem} broke off {_TRIES} times; the last time: {problem}.",
            "Check the network (HTTPS_PROXY is respected), then run the same again: it resumes.",
        ) from problem


def _fetch_rest(url: str, part: Path, have: int, advance: Callable[[int], None]) -> None:
    headers = {"Range": f"bytes={have}-"} if have else {}
    with httpx2.stream("GET", url, headers=headers, timeout=_TIMEOUT, follow_redirects=True) as answer:
        answer.raise_for_status()
        resumed = answer.status_code == HTTPStatus.PARTIAL_CONTENT
        if have and not resumed:
            advance(-have)
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_raw(_CHUNK):
                file.write(chunk)
                advance(len(chunk))


def _check_digest(part: Path, sha256: str) -> None:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        part.unlink()
        raise CannotJudgeError(
            f"{part.stem} is not the pinned file: its SHA-256 is {found}, not {sha256}. It was deleted.",
            "Run the same again. If it stays so, ask who runs your registry what it serves.",
        )
