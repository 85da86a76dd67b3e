"""The copies of a tool on PATH, and what they say of themselves."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from verify_runtime.semver import Version

TIMEOUT_SECONDS = 5.0
_OUTPUT_BYTES = 65_536
# What a child of the tool may hold open is not waited for.
_LAST_WORDS_SECONDS = 0.2
_SEMVER_TOOLS = {"node", "npm", "pnpm"}
_SEMVER = re.compile(r"(?m)^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$")
_JAVA = re.compile(r'version "([\d._]+)(?:-([0-9A-Za-z.]+))?"')
# After the three numbers tools write what is no prerelease (12.2.0-14+deb12u1), Python aside (3.14.0rc1).
_ANY = re.compile(r"(?<![\d.])(\d+)\.(\d+)(?:\.(\d+))?((?:a|b|rc)\d+)?(?!\d)")


@dataclass(frozen=True)
class Copy:
    """A file on PATH with a tool's name.

    Args:
        path: Where PATH leads to.
        resolved: The file itself, links followed.
        executable: Whether it may be run.
    """

    path: str
    resolved: str
    executable: bool


@dataclass(frozen=True)
class Answer:
    """What a copy said when it was asked for its version.

    Args:
        kind: version, hangs, nonsense or not-executable.
        first_line: The first line of its output; for not-executable, the system's words.
        version: The version in it; None where there is none.
        status: Its exit status; None where it did not end by itself.
    """

    kind: str
    first_line: str = ""
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
            candidate = Path(folder or ".") / (name + ending)
            try:
                if candidate.is_file():
                    resolved = str(candidate.resolve())
                    found.setdefault(resolved, Copy(str(candidate), resolved, os.access(candidate, os.X_OK)))
            except OSError:  # a folder that may not be read holds nothing for us
                continue
    # A shell passes over what may not be run.
    return sorted(found.values(), key=lambda copy: not copy.executable)


def ask(tool: str, copy: Copy) -> Answer:
    """Ask a copy for its version, for five seconds at most."""
    try:
        process = subprocess.Popen(
            [copy.path, version_flag(tool)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return Answer("not-executable", error.strerror or str(error))
    output = _Output(process)
    try:
        status = process.wait(TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
        # A flood that was cut short has said enough.
        return Answer("hangs") if not output.full else _read(tool, output.text(), 0)
    text = output.text()
    _end(process)
    return _read(tool, text, status)


class _Output:
    """A process's output as it comes, up to a limit."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._data = b""
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    @property
    def full(self) -> bool:
        return len(self._data) >= _OUTPUT_BYTES

    def text(self) -> str:
        self._reader.join(_LAST_WORDS_SECONDS)
        return self._data.decode("utf-8", "replace")

    def _collect(self) -> None:
        stream = self._process.stdout
        with contextlib.suppress(OSError, ValueError):
            while stream and not self.full:
                data = os.read(stream.fileno(), _OUTPUT_BYTES)
                if not data:
                    break
                self._data += data
            if self.full:
                self._process.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started, and forget it."""
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)  # NOSONAR(S4828) a group that we started
    process.wait()
    if process.stdout:
        process.stdout.close()


def _read(tool: str, text: str, status: int) -> Answer:
    first_line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    version = find_version(tool, text)
    if version is None or (status > 0):
        return Answer("nonsense", first_line[:200], None, status)
    return Answer("version", first_line, version, status)


def find_version(tool: str, text: str) -> Version | None:
    """Find the version in what a tool printed.

    Args:
        tool: Its name; some have ways of their own.
        text: Its output.
    """
    if tool == "java":
        return _find_java_version(text)
    found = (_SEMVER if tool in _SEMVER_TOOLS else _ANY).search(text)
    if not found:
        return None
    numbers = [int(each or 0) for each in found.groups()[:3]]
    return Version(numbers[0], numbers[1], numbers[2], tuple(found[4].split(".")) if found[4] else ())


def _find_java_version(text: str) -> Version | None:
    """Find Java's version: `1.8.0_392` is 8.0.392, `21-ea` a prerelease of 21."""
    found = _JAVA.search(text)
    numbers = [int(each) for each in re.split(r"[._]", found[1]) if each] if found else []
    if not found or not numbers:
        return None
    if numbers[0] == 1 and len(numbers) > 1:
        numbers = numbers[1:]
    numbers = [*numbers, 0, 0]
    return Version(numbers[0], numbers[1], numbers[2], tuple(found[2].split(".")) if found[2] else ())
