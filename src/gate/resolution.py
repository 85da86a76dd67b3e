"""Which file Sonar takes a path in a coverage report for."""

import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from gate.formats import Entry, Report
from gate.languages import JAVASCRIPT, Language
from gate.scope import Scope


class Fault(StrEnum):
    """What can be wrong with a path in a report, or with what is said of it; the words are in faults.toml."""

    ABSOLUTE = "absolute"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"
    OUTSIDE = "outside"
    IGNORED = "ignored"
    GUESSED = "guessed"
    LOST_BASE = "lost-base"
    BEYOND = "beyond"
    DAMAGED = "damaged"
    ABSENT = "absent"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of a path.

    Args:
        path: The file, by its path from the root; None when there is none.
        fault: What is wrong with it; None when nothing is. Only GUESSED comes with a file.
    """

    path: str | None
    fault: Fault | None = None


class Resolver:
    """Resolves paths as Sonar's analysers do.

    Sources: sonar-python 5's CoberturaParser.java; LCOVParser.java and FileLocator.java of SonarJS 11 and 13.

    Args:
        scope: What Sonar analyses.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        for path in scope.sources:
            self._by_name[posixpath.basename(path)].append(path)

    def resolve(self, report: Report, entry: Entry, language: Language) -> Resolution:
        """Return the file that an entry of a report is about."""
        path = _normal(entry.written)
        if path is None:
            return Resolution(None, Fault.MISSING)
        if _is_absolute(path):
            return Resolution(None, Fault.ABSOLUTE)
        return self._by_end(report, path) if language is JAVASCRIPT else self._by_base(report, path)

    def lost_bases(self, report: Report) -> list[str]:
        """Return a report's `<source>` folders that are none here; Sonar passes them over."""
        return [base for base in report.bases if not self._folder(base).is_dir()]

    def _by_base(self, report: Report, path: str) -> Resolution:
        """Look under each `<source>` folder, or under the root when there is none: one alone must have it."""
        bases = [base for base in report.bases if self._folder(base).is_dir()] or ["."]
        having = [base for base in bases if _exists(self._folder(base) / path)]
        if len(having) != 1:
            return Resolution(None, Fault.AMBIGUOUS if having else Fault.MISSING)
        if _is_absolute(having[0]):
            return Resolution(None, Fault.ABSOLUTE)
        return self._place(posixpath.normpath(posixpath.join(having[0].replace("\\", "/"), path)))

    def _by_end(self, report: Report, path: str) -> Resolution:
        """Look from the report's folder up to the root; failing that, for a file whose path ends so."""
        # SonarJS 11 starts at the root and 13 at the report, so only a path that both find is sure.
        near = {posixpath.normpath(f"{folder}/{path}") for folder in self._above(report)} & self._scope.sources
        if near == {path}:
            return Resolution(path)
        ending = [each for each in self._by_name[posixpath.basename(path)] if f"/{each}".endswith(f"/{path}")]
        if len(near | set(ending)) > 1:
            return Resolution(None, Fault.AMBIGUOUS)
        if ending:
            return Resolution(ending[0], Fault.GUESSED)
        return self._place(path)

    def _above(self, report: Report) -> list[str]:
        folder = Path(posixpath.relpath(report.path.parent, self._scope.root))
        return [each.as_posix() for each in (folder, *folder.parents) if ".." not in each.parts]

    def _place(self, path: str) -> Resolution:
        if path in self._scope.sources:
            return Resolution(path)
        if path in self._scope.tracked or path.startswith("../"):
            return Resolution(None, Fault.OUTSIDE)
        return Resolution(None, Fault.IGNORED if _exists(self._scope.root / path) else Fault.MISSING)

    def _folder(self, base: str) -> Path:
        return self._scope.root / base.replace("\\", "/")


def _normal(path: str) -> str | None:
    """Write a path with / and without . and ..; None when it is empty or leads above its start."""
    path = posixpath.normpath(path.strip().replace("\\", "/")) if path.strip() else ".."
    return None if path == ".." or path.startswith("../") else path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long for the disk
        return False


def _is_absolute(path: str) -> bool:
    return re.match(r"/|\\|[A-Za-z]:", path) is not None
