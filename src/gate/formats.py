"""The two formats of coverage reports: Cobertura's XML as coverage.py writes it, and lcov."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat


class UnreadableError(Exception):
    """A report is not what it should be; the message says how, and reads on from the report's name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a report says of one file.

    Args:
        written: The file's path, as the report writes it.
        lines: How often each line that holds code ran, by the line's number from 1.
        damaged: How many of its lines Sonar cannot read, and drops.
    """

    written: str
    lines: Mapping[int, int]
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A coverage report, as it is written.

    Args:
        path: Where it lies.
        entries: What it says of each file.
        bases: Its `<source>` folders, blank ones left out; lcov has none.
    """

    path: Path
    entries: tuple[Entry, ...]
    bases: tuple[str, ...] = ()


def read_cobertura(path: Path) -> Report:
    """Read a Cobertura report, https://raw.githubusercontent.com/cobertura/web/master/htdocs/xml/coverage-04.dtd.

    A document type is passed over; an entity declaration is refused, so nothing grows and nothing is fetched.

    Raises:
        UnreadableError: It is no such report, is cut short, or names no line of code.
    """
    reader = _Cobertura()
    with _opened(path) as file:
        try:
            reader.parser.ParseFile(file)
        except expat.ExpatError as error:
            raise UnreadableError(
                f"is no whole XML file: {expat.ErrorString(error.code)}, at line {error.lineno}"
            ) from error
        except (ValueError, LookupError) as error:
            raise UnreadableError(f"has an encoding that cannot be read: {error}") from error
    entries = tuple(Entry(written, lines) for written, lines in reader.files.items())
    return Report(path, _filled(entries), tuple(reader.bases))


def read_lcov(path: Path) -> Report:
    """Read an lcov tracefile, as geninfo(1) describes it.

    A line with branches and no count of its own ran as often as branches of it were taken, as in SonarJS.

    Raises:
        UnreadableError: It is no such report, is cut short, or names no line of code.
    """
    with _opened(path) as file:
        data = file.read()
    _, *records = re.split(rb"^SF:", data, flags=re.MULTILINE)
    if not records:
        raise UnreadableError("is no lcov report: it has no line that starts with SF:")
    if not data.rstrip().endswith(b"end_of_record"):
        raise UnreadableError("is cut short: its last line is not end_of_record")
    try:
        entries = tuple(_record(record) for record in records)
    except UnicodeDecodeError as error:
        raise UnreadableError("names files in an encoding other than UTF-8") from error
    return Report(path, _filled(entries))


def _opened(path: Path) -> BinaryIO:
    try:
        if path.stat().st_size == 0:
            raise UnreadableError("is empty")
        return path.open("rb")
    except IsADirectoryError as error:
        raise UnreadableError("is a folder, not a file") from error
    except OSError as error:
        raise UnreadableError(f"cannot be read: {error.strerror}") from error


def _filled(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    entries = tuple(entries)
    if not any(entry.lines or entry.damaged for entry in entries):
        raise UnreadableError("is empty: it names no line of code")
    return entries


class _Cobertura:
    """What a Cobertura report holds, gathered as it is parsed."""

    def __init__(self) -> None:
        self.files: dict[str, dict[int, int]] = {}
        self.bases: list[str] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self._open: list[str] = []
        self._source = ""
        self._lines: dict[int, int] = {}

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != "coverage":
            raise UnreadableError(f"is no coverage report: its first element is <{name}>, not <coverage>")
        if name == "class":
            self._lines = self.files.setdefault(attributes.get("filename", ""), {})
        elif name == "line" and self._open[-2:] == ["class", "lines"]:
            # The first count of a line is the one that Sonar keeps.
            self._lines.setdefault(self._number(attributes, "number"), self._number(attributes, "hits"))
        self._open.append(name)

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "source":
            self.bases += [self._source.strip()] if self._source.strip() else []
            self._source = ""

    def _text(self, text: str) -> None:
        if self._open[-1] == "source":
            self._source += text

    def _number(self, attributes: dict[str, str], name: str) -> int:
        value = attributes.get(name, "")
        if not value.isdecimal():
            where = self.parser.CurrentLineNumber
            raise UnreadableError(f"has a <line> whose {name} is {value!r}, which is no number, at line {where}")
        return int(value)

    def _refuse(self, name: str, *_: object) -> None:
        raise UnreadableError(f"declares an entity, {name}, which no coverage report needs")


_COUNT = re.compile(rb"^DA:(\d+),(-?\d+)\r?$", re.MULTILINE)
_BRANCH = re.compile(rb"^BRDA:(\d+),[^,\r\n]*,[^,\r\n]*,(\d+|-)\r?$", re.MULTILINE)


def _record(record: bytes) -> Entry:
    written, _, rest = record.partition(b"\n")
    lines: dict[int, int] = {}
    counts = _COUNT.findall(rest)
    for line, hits in counts:
        number = int(line)
        lines[number] = lines.get(number, 0) + int(hits)
    taken: dict[int, int] = {}
    for line, times in _BRANCH.findall(rest):
        taken[int(line)] = taken.get(int(line), 0) + (times not in {b"-", b"0"})
    damaged = (b"\n" + rest).count(b"\nDA:") - len(counts)
    return Entry(written.rstrip(b"\r").decode(), taken | lines, damaged)
