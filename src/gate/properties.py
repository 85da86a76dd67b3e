"""Java's properties format, in which sonar-project.properties is written."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from gate.errors import CannotJudgeError

FILE = "sonar-project.properties"

_BLANKS = " \t\f"
# A key ends at the first separator that no backslash precedes.
_PAIR = re.compile(r"((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def read(path: Path) -> dict[str, str]:
    r"""Read a properties file.

    The format is that of java.util.Properties: comments with # and !, keys ended by =, : or a blank, lines
    continued by a backslash, \\uXXXX. It is read as UTF-8, and as Latin-1 where it is none.

    Args:
        path: The file.

    Returns:
        The values by their keys; the last one of a key counts.

    Raises:
        CannotJudgeError: There is no such file, or a line of it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CannotJudgeError(
            f"{path} cannot be read: {error.strerror}.", "Write it: sonar.sources=..., sonar.tests=..."
        ) from error
    found = {}
    for number, line in _logical_lines(_decode(data)):
        try:
            key, value = _split(line)
        except ValueError as error:
            raise CannotJudgeError(f"{path}:{number} cannot be read: {error}.", "Mend that line.") from error
        found[key] = value
    return found


def as_list(value: str) -> list[str]:
    """Split a value at its commas, as Sonar does: items trimmed, empty ones dropped, quotes around commas."""
    return [item.strip() for row in csv.reader([value], skipinitialspace=True) for item in row if item.strip()]


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number: continued lines as one, comments and blank lines left out."""
    start, gathered = 0, ""
    for number, natural in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        line = natural.lstrip(_BLANKS)
        if not gathered:
            start = number
            if not line or line[0] in "#!":
                continue
        backslashes = len(line) - len(line.rstrip("\\"))
        gathered += line[:-1] if backslashes % 2 else line
        if not backslashes % 2:
            yield start, gathered
            gathered = ""
    if gathered:
        yield start, gathered


def _split(line: str) -> tuple[str, str]:
    if "\0" in line:
        raise ValueError("it holds a NUL byte, so it is no text")
    _, key, value, _ = _PAIR.split(line, maxsplit=1)
    return _unescape(key), _unescape(value)


def _unescape(text: str) -> str:
    units = _ESCAPE.sub(_character, text)
    # Java's characters are UTF-16: one outside its basic plane takes two escapes.
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(escape: re.Match[str]) -> str:
    name = escape[1]
    if name == "u":
        raise ValueError("\\u is not followed by four hexadecimal digits")
    return chr(int(name[1:], 16)) if len(name) > 1 else _CONTROLS.get(name, name)
