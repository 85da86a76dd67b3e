"""The check before the scan: will Sonar find every file's coverage, or drop it in silence?"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from gate import paint, properties, reports, scope
from gate.formats import Report, UnreadableError
from gate.languages import LANGUAGES, PYTHON, Language
from gate.resolution import Fault, Resolver
from gate.scope import Scope

_FAULTS = Path(__file__).parent / "data" / "faults.toml"
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that would make Sonar's coverage differ from the tests'.

    Args:
        severity: Whether the check fails for it.
        report: The report, by its path from the root; the property, where no report is there.
        paths: The paths that it is about: the report's own words where they are wrong, else files.
        setting: The setting to change.
        message: One sentence: what is wrong, and where.
        fix: What to do.
    """

    severity: Literal["error", "warning"]
    report: str
    paths: tuple[str, ...]
    setting: str
    message: str
    fix: str


def check(root: Path) -> list[Finding]:
    """Compare the coverage reports with what Sonar analyses.

    Files that no report names are told of only once the reports themselves are right.

    Args:
        root: The folder of sonar-project.properties.

    Returns:
        What is wrong; empty when nothing is.

    Raises:
        CannotJudgeError: The settings cannot be read, or git cannot list the files.
    """
    given = properties.read(root / properties.FILE)
    analysed = scope.read(root, given)
    if not analysed.sources:
        where = given.get("sonar.sources", ".")
        message = f"sonar.sources leads to no file that Git tracks: {where}"
        return [Finding("error", properties.FILE, (), "sonar.sources", message, "Name the folders of your code there.")]
    return [each for language in LANGUAGES for each in _Check(given, analysed, language).run()]


def report_paths(root: Path) -> list[Path]:
    """Return the reports that sonar-project.properties names and that are there, absent ones left out.

    Raises:
        CannotJudgeError: The settings cannot be read.
    """
    given = properties.read(root / properties.FILE)
    names = [name for language in LANGUAGES for name in reports.named(given, language)]
    return sorted({path for name in names for path in reports.find(root, name) if path.is_file()})


def show(findings: list[Finding]) -> None:
    """Print findings for a person."""
    for each in findings:
        paint.line(each.message, "red" if each.severity == "error" else "yellow")
        paint.line(f"  setting: {each.setting}")
        paint.line(f"  {each.fix}")
    if not any(each.severity == "error" for each in findings):
        paint.line("The coverage reports name every source file, and no other.", "green")


class _Check:
    """The check of one language's reports."""

    def __init__(self, given: Mapping[str, str], analysed: Scope, language: Language) -> None:
        self._scope = analysed
        self._language = language
        self._names = reports.named(given, language)
        self._setting = language.reports[0]
        # The newest report that names a file: when it was written, and its name.
        self._covered: dict[str, tuple[float, str]] = {}

    def run(self) -> list[Finding]:
        if not self._names:
            return self._unnamed()
        findings = [each for name in self._names for each in self._check_name(name)]
        if not any(each.severity == "error" for each in findings):
            findings += self._absent()
        return findings + self._stale()

    def _unnamed(self) -> list[Finding]:
        example = next(self._with_code(), None)
        if example is None:
            return []
        message = f"{properties.FILE} names no coverage report for {self._language.name}, yet there is {example}"
        fix = f"Add {self._setting}=PATH, the report that the tests write."
        return [Finding("error", properties.FILE, (example,), self._setting, message, fix)]

    def _check_name(self, name: str) -> Iterator[Finding]:
        """Check what the properties name: a report, or a pattern of reports."""
        found = reports.find(self._scope.root, name)
        if not found and next(self._with_code(), None):
            fix = f"Run the tests with coverage, or correct {self._setting}."
            yield Finding("error", name, (), self._setting, f"{name} is not there", fix)
        for path in found:
            where = Path(os.path.relpath(path, self._scope.root)).as_posix()
            try:
                report = reports.read(path, self._language)
            except UnreadableError as error:
                fix = "Run the tests with coverage again, to their end."
                yield Finding("error", where, (), self._setting, f"{where} {error}", fix)
            else:
                yield from self._check_report(report, where)

    def _check_report(self, report: Report, where: str) -> Iterator[Finding]:
        resolver = Resolver(self._scope)
        written = report.path.stat().st_mtime
        wrong: dict[Fault, list[str]] = {Fault.LOST_BASE: resolver.lost_bases(report)}
        for entry in report.entries:
            found = resolver.resolve(report, entry, self._language)
            if found.fault:
                wrong.setdefault(found.fault, []).append(entry.written)
            if found.path:
                self._covered[found.path] = max((written, where), self._covered.get(found.path, (0.0, "")))
                if max(entry.lines, default=0) > self._length(found.path):
                    wrong.setdefault(Fault.BEYOND, []).append(entry.written)
            if entry.damaged:
                wrong.setdefault(Fault.DAMAGED, []).append(entry.written)
        yield from (self._finding(fault, where, paths) for fault, paths in wrong.items() if paths)

    def _absent(self) -> list[Finding]:
        absent = [path for path in self._with_code() if path not in self._covered]
        return [self._finding(Fault.ABSENT, " and ".join(self._names), absent)] if absent else []

    def _stale(self) -> list[Finding]:
        stale: dict[str, list[str]] = {}
        for path, (written, where) in sorted(self._covered.items()):
            if (self._scope.root / path).stat().st_mtime > written:
                stale.setdefault(where, []).append(path)
        return [self._finding(Fault.STALE, where, paths) for where, paths in stale.items()]

    def _finding(self, fault: Fault, where: str, paths: list[str]) -> Finding:
        words = _words()[fault]
        advice = words["python" if self._language is PYTHON else "javascript"]
        count = f"{len(paths)} path{'s' * (len(paths) > 1)}"
        more = f" and {len(paths) - _EXAMPLES} more" if len(paths) > _EXAMPLES else ""
        message = f"{where} {words['verb']} {count} {words['reason']}: {', '.join(paths[:_EXAMPLES])}{more}"
        return Finding(words["severity"], where, tuple(paths), advice["setting"], message, advice["fix"])

    def _with_code(self) -> Iterator[str]:
        for path in self._scope.of(self._language):
            text = (self._scope.root / path).read_text(encoding="utf-8", errors="replace")
            if self._language.has_code(text):
                yield path

    def _length(self, path: str) -> int:
        """Count a file's lines as Sonar does, the empty one after the last line break included."""
        return len((self._scope.root / path).read_bytes().splitlines()) + 1


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(_FAULTS.read_text(encoding="utf-8"))
