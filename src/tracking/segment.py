"""A segment: one file of the journal, written by one process, read by the delivery.

Its first line is a header that holds how many events its writer lost. Each line after that is one event:

    CRC-32 of the rest, 8 hexadecimal digits | space | number in the segment, from 1 | space | the event as JSON

A line that ends in a newline and whose sum is right is an event. What a killed writer left behind the last newline was
never accepted. A forgotten event's line keeps its length and number, and nothing else.
"""

import fcntl
import json
import os
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic_core import to_json

from tracking.event import Event, Tokens

FOLDER = "journal"
SUFFIX = ".journal"
NEW_SUFFIX = ".new"
_HEADER = b"tracking-journal 1 lost %020d\n"
_LOST_AT = _HEADER.index(b"%")
HEADER_LENGTH = len(_HEADER % 0)
_FORGOTTEN = b"-" * 8
_TOKENS = Event._fields.index("tokens")
_MAKING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a segment.

    Args:
        number: Its number in the segment, from 1; None when it cannot be read.
        end: Where it ends in the file, in bytes.
        event: The event; None when it was forgotten, or cannot be read.
        damage: What cannot be read, as text; None in a line that is whole.
    """

    number: int | None
    end: int
    event: Event | None
    damage: str | None = None


def header(lost: int) -> bytes:
    """Return a segment's first line."""
    return _HEADER % lost


def write_lost(descriptor: int, lost: int) -> None:
    """Change the header's number in its place, which needs no room on a full disk."""
    os.pwrite(descriptor, b"%020d" % lost, _LOST_AT)


def read_lost(path: Path) -> int:
    """Return how many events the segment's writer has lost; 0 when the header cannot be read."""
    with path.open("rb") as file:
        first = file.read(HEADER_LENGTH)
    digits = first[_LOST_AT : _LOST_AT + 20]
    return int(digits) if digits.isdigit() else 0


def encode(number: int, event: Event) -> bytes:
    """Return an event's line."""
    body = b"%d %s" % (number, _json(event))
    return b"%08x %s\n" % (zlib.crc32(body), body)


def encode_event(event: Event) -> str:
    """Return an event as JSON: a list of its fields."""
    return _json(event).decode()


def decode(text: str) -> Event:
    """Make an event from the JSON of its line.

    Raises:
        ValueError: It is no event.
    """
    try:
        values = json.loads(text)
        if "\\ud" in text:  # half a character can be written in JSON, but in no file and no database
            values = json.loads(json.dumps(values, ensure_ascii=False).encode(errors="replace"))
        *fields, tokens, outcome, error_class = values
        return Event(*[*fields, Tokens(*tokens), outcome, error_class])
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is no event: {error}") from error


def read(path: Path, start: int = 0) -> Iterator[Line]:
    """Read a segment's whole lines.

    Args:
        path: The segment.
        start: Where to begin, in bytes: 0, or the end of a line.

    Yields:
        Each line, up to the last that ends in a newline.

    Raises:
        FileNotFoundError: It was delivered and deleted.
    """
    for raw, end in _lines(path, start):
        yield _line(raw, end)


def last_number(path: Path, number: int, start: int) -> tuple[int, int]:
    """Count a segment's lines, without reading what is in them.

    Args:
        path: The segment.
        number: The number of the line before.
        start: Where that ends, in bytes.

    Returns:
        The last line's number, and where it ends.
    """
    last = start
    for raw, end in _lines(path, start):
        last = end
        digits = raw[9:20].partition(b" ")[0]
        number = int(digits) if digits.isdigit() else number + 1
    return number, last


def blank(path: Path, number: int, start: int, end: int) -> None:
    """Write over an event in its place, so that nothing of it is left.

    Args:
        path: The segment; its writer may be writing behind the line.
        number: The line's number.
        start: Where it begins, in bytes.
        end: Where it ends.
    """
    length = end - start - 1
    kept = b"%s %d " % (_FORGOTTEN, number)
    if len(kept) > length:  # a piece of a damaged line
        kept = b""
    with path.open("r+b") as file:
        file.seek(start)
        file.write(kept.ljust(length))
        file.flush()
        os.fdatasync(file.fileno())


def is_written(path: Path) -> bool:
    """Tell whether the segment's writer is still there: a writer holds a lock that its death releases."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def sweep(folder: Path) -> None:
    """Delete what writers left that were killed while they made a segment; no event was in it."""
    for path in folder.glob(f"*{NEW_SUFFIX}"):
        # One that is being made is not locked for a moment.
        if time.time() - path.stat().st_mtime > _MAKING_SECONDS and not is_written(path):
            path.unlink(missing_ok=True)


def segments(folder: Path) -> list[Path]:
    """Return a journal's segments, in the order in which they were begun."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def _json(event: Event) -> bytes:
    values: list[object] = [*event]  # named tuples take to_json twice as long
    values[_TOKENS] = (*event.tokens,)
    try:
        return to_json(values)
    except ValueError:  # half a character is in no UTF-8, and is written in ASCII
        return json.dumps(values, separators=(",", ":")).encode()


def _lines(path: Path, start: int) -> Iterator[tuple[bytes, int]]:
    with path.open("rb") as file:
        end = max(start, HEADER_LENGTH)
        file.seek(end)
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            end += len(raw)
            yield raw[:-1], end


def _line(raw: bytes, end: int) -> Line:
    digest, _, body = raw.partition(b" ")
    number, _, data = body.partition(b" ")
    if digest == _FORGOTTEN and number.isdigit():
        return Line(int(number), end, None)
    try:
        if int(digest, 16) == zlib.crc32(body):
            return Line(int(number), end, decode(data.decode()))
    except ValueError:
        pass
    return Line(None, end, None, raw.decode(errors="replace")[:1_000])
