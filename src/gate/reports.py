"""The coverage reports that sonar-project.properties names, and what Sonar makes of them."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from gate import formats, properties, scope
from gate.formats import Report, UnreadableError
from gate.languages import JAVASCRIPT, LANGUAGES, Language
from gate.resolution import Resolver


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """What the reports say of a file.

    Args:
        path: The file, by its path from the root, as Sonar shows it.
        lines: How often each line that holds code ran, by the line's number from 1.
    """

    path: str
    lines: Mapping[int, int]

    @property
    def lines_to_cover(self) -> int:
        """How many lines hold code: Sonar's measure of that name."""
        return len(self.lines)

    @property
    def uncovered_lines(self) -> int:
        """How many of them did not run: Sonar's measure of that name."""
        return sum(hits <= 0 for hits in self.lines.values())


def load(root: Path) -> dict[str, FileCoverage]:
    """Return what Sonar will make of the reports.

    Args:
        root: The folder of sonar-project.properties.

    Returns:
        The files whose coverage Sonar counts and a report names, by path. What Sonar drops is left out.

    Raises:
        CannotJudgeError: The settings cannot be read, or git cannot list the files.
    """
    given = properties.read(root / properties.FILE)
    analysed = scope.read(root, given)
    resolver = Resolver(analysed)
    found: dict[str, FileCoverage] = {}
    for language in LANGUAGES:
        for report in _readable(root, given, language):
            for entry in report.entries:
                path = resolver.resolve(report, entry, language).path
                if path in analysed.measured:
                    found[path] = FileCoverage(path, _sum(found[path].lines if path in found else {}, entry.lines))
    return found


def named(given: Mapping[str, str], language: Language) -> list[str]:
    """Return the paths and patterns of a language's reports, as the properties name them."""
    return [each for name in language.reports for each in properties.as_list(given.get(name, ""))]


def find(root: Path, name: str) -> list[Path]:
    """Return what a report's path or pattern leads to: nothing, a file or folder, or each file that fits."""
    if (root / name).exists() or not re.search(r"[*?]", name):
        return [root / name] if (root / name).exists() else []
    fixed = "/".join(takewhile(lambda part: not re.search(r"[*?]", part), name.split("/")))
    found = []
    for folder, folders, files in os.walk(root / fixed):
        folders[:] = sorted(each for each in folders if each != ".git")
        paths = [Path(folder, file) for file in sorted(files)]
        found += [path for path in paths if scope.matches(name, path.relative_to(root).as_posix(), root)]
    return found


def read(path: Path, language: Language) -> Report:
    """Read a report.

    Raises:
        UnreadableError: It is none, is empty, or is cut short.
    """
    return formats.read_lcov(path) if language is JAVASCRIPT else formats.read_cobertura(path)


def _readable(root: Path, given: Mapping[str, str], language: Language) -> list[Report]:
    found = []
    for path in (path for name in named(given, language) for path in find(root, name)):
        try:
            found.append(read(path, language))
        except UnreadableError:
            continue
    return found


def _sum(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    return {line: one.get(line, 0) + other.get(line, 0) for line in one.keys() | other.keys()}
