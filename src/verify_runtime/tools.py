"""The copies of a tool on PATH, and what they say of themselves."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from verify_runtime.version import Version

TIMEOUT_SECONDS = 5.0
_OUTPUT_BYTES = 65_536
_GLANCE_SECONDS = 0.05
# What a child of the tool may hold open is not waited for.
_LAST_WORDS_SECONDS = 0.2
_SEMVER_TOOLS = {"node", "npm", "pnpm"}
# Numbers are short: what has more digits is no version.
_SEMVER = re.compile(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$")
_JAVA = re.compile(r'version "(\d{1,9}(?:[._]\d{1,9})*)(?:-([0-9A-Za-z.]+))?"')
# After the three numbers tools write what is no prerelease (12.2.0-14+deb12u1), Python aside (3.14.0rc1).
_ANY = re.compile(r"(?<![\d.])(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?((?:a|b|rc)\d{1,9})?(?!\d)")


class Copy(NamedTuple):
    """A file on PATH with a tool's name.

    Args:
        path: Where PATH leads to.
        resolved: The file itself, links followed.
        executable: Whether it may be run.
    """

    path: str
    resolved: str
    executable: bool


class Answer(NamedTuple):
    """What a copy said when it was asked for its version.

    Args:
        kind: version, hangs, nonsense or not-executable.
        said: The line that holds the version, or the first one; for not-executable, the system's words.
        version: The version in it; None where there is none.
        status: Its exit status; None where it did not end by itself.
    """

    kind: str
    said: str = ""
    version: Version | None = None
    status: int | None = None


def version_flag(tool: str) -> str:
    """Return the argument that makes a tool print its version."""
    return "-version" if tool == "java" else "--version"


def names(tool: str) -> tuple[str, ...]:
    """Return the commands that a requirement's tool goes by: `python` means python3 too where only that is there."""
    return ("python", "python3") if tool == "python" else (tool,)


def copies(tool: str, path: str | None) -> list[Copy]:
    """Find every copy of a tool, the active one first.

    Args:
        tool: The command's name.
        path: PATH; None when there is none. An empty part of it means the working directory.

    Returns:
        One for each file, in PATH's order; where several parts lead to one file, the first.
    """
    for name in names(tool):
        found = _copies(name, path)
        if found:
            return found
    return []


def _copies(name: str, path: str | None) -> list[Copy]:
    found: dict[str, Copy] = {}
    endings = os.environ.get("PATHEXT", ".EXE").split(os.pathsep) if os.name == "nt" else [""]
    for folder in path.split(os.pathsep) if path else []:
        for ending in endings:
            # A folder that may not be read, or a working directory that is gone, holds nothing for us.
            with contextlib.suppress(OSError):
                candidate = Path(folder).absolute() / (name + ending)
                if candidate.is_file():
                    resolved = str(candidate.resolve())
                    found.setdefault(resolved, Copy(str(candidate), resolved, os.access(candidate, os.X_OK)))
    # A shell passes over what may not be run.
    return sorted(found.values(), key=lambda copy: not copy.executable)


def ask(questions: Sequence[tuple[str, Copy]]) -> list[Answer]:
    """Ask copies for their versions, all at the same time, for five seconds at most.

    Args:
        questions: Each copy, with its tool's name before it.
    """
    started = [_start(tool, copy) for tool, copy in questions]
    return [each.answer() if isinstance(each, _Asked) else each for each in started]


def _start(tool: str, copy: Copy) -> _Asked | Answer:
    if not copy.executable:
        return Answer("not-executable")
    try:
        return _Asked(tool, copy.path)
    except OSError as error:
        return Answer("not-executable", error.strerror or str(error))


class _Asked:
    """A copy that was asked and is to answer; its output is collected as it comes, up to a limit."""

    def __init__(self, tool: str, path: str) -> None:
        self._tool = tool
        self._deadline = time.monotonic() + TIMEOUT_SECONDS
        self._output = b""
        self._process = subprocess.Popen(
            [path, version_flag(tool)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        # A thread, because only that reads a pipe with a time limit on Windows too.
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    def answer(self) -> Answer:
        status = self._wait()
        _end(self._process)
        self._reader.join(_LAST_WORDS_SECONDS)
        if len(self._output) >= _OUTPUT_BYTES:
            status = 0  # it was cut short, and has said enough
        if status is None:
            return Answer("hangs")
        return _read(self._tool, self._output.decode("utf-8", "replace"), status)

    def _collect(self) -> None:
        stream = self._process.stdout
        if stream is None:
            return
        with stream, contextlib.suppress(OSError):
            while len(self._output) < _OUTPUT_BYTES:
                data = os.read(stream.fileno(), _OUTPUT_BYTES)
                if not data:
                    break
                self._output += data

    def _wait(self) -> int | None:
        """Wait for the end of the output or of the process; None when the time is up before."""
        while self._reader.is_alive() and time.monotonic() < self._deadline:
            self._reader.join(_GLANCE_SECONDS)
            if self._process.poll() is not None:
                self._reader.join(_LAST_WORDS_SECONDS)
                break
        left = 0.0 if len(self._output) >= _OUTPUT_BYTES else max(0.0, self._deadline - time.monotonic())
        try:
            return self._process.wait(left)
        except subprocess.TimeoutExpired:
            return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started, and forget it."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
            subprocess.run(command, capture_output=True, check=False)
        else:
            os.killpg(process.pid, signal.SIGKILL)  # NOSONAR(S4828) a group that we started
    process.wait()


def _read(tool: str, text: str, status: int) -> Answer:
    found = find_version(tool, text)
    if found and status == 0:
        return Answer("version", found[1], found[0], status)
    first_line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return Answer("nonsense", first_line[:200], None, status)


def find_version(tool: str, text: str) -> tuple[Version, str] | None:
    """Find the version in what a tool printed, and the line that holds it.

    Args:
        tool: Its name; some have ways of their own.
        text: Its output.
    """
    for line in map(str.strip, text.splitlines()):
        version = _find_java_version(line) if tool == "java" else _find_version(tool, line)
        if version:
            return version, line
    return None


def _find_version(tool: str, line: str) -> Version | None:
    found = _SEMVER.match(line) if tool in _SEMVER_TOOLS else _ANY.search(line)
    if not found:
        return None
    prerelease = tuple(found[4].split(".")) if found[4] else ()
    return Version(int(found[1]), int(found[2]), int(found[3] or 0), prerelease)


def _find_java_version(line: str) -> Version | None:
    """Find Java's version: `1.8.0_392` is 8.0.392, `21-ea` a prerelease of 21."""
    found = _JAVA.search(line)
    if not found:
        return None
    numbers = [int(each) for each in re.split(r"[._]", found[1])]
    if numbers[0] == 1 and len(numbers) > 1:
        numbers = numbers[1:]
    major, minor, patch = [*numbers, 0, 0][:3]
    return Version(major, minor, patch, tuple(found[2].split(".")) if found[2] else ())
