"""What Sonar analyses: the files under sonar.sources, less what git and the settings leave out."""

import os
import posixpath
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from gate import git, properties
from gate.errors import CannotJudgeError
from gate.languages import LANGUAGES, Language

_ELSEWHERE = "Run this in a checkout of your project."


@dataclass(frozen=True, slots=True)
class Scope:
    """Files, each by its path from the root, with / between folders.

    Args:
        root: The folder of sonar-project.properties.
        tracked: What git tracks, or would on the next `git add`: uncommitted work is judged too.
        sources: Those of them under sonar.sources that are no tests.
        measured: Those of the sources whose coverage Sonar counts.
    """

    root: Path
    tracked: frozenset[str]
    sources: frozenset[str]
    measured: frozenset[str]

    def of(self, language: Language) -> list[str]:
        """Return the measured files of a language, sorted."""
        return sorted(path for path in self.measured if path.endswith(language.suffixes))


def read(root: Path, given: Mapping[str, str]) -> Scope:
    """Find out what Sonar analyses.

    Args:
        root: The folder of sonar-project.properties.
        given: What that file says.

    Raises:
        CannotJudgeError: git is missing, or the folder is in no work tree.
    """
    tracked = _tracked(root)
    sources = frozenset(path for path in tracked if _is_source(root, path, given))
    return Scope(root, tracked, sources, frozenset(path for path in sources if _is_measured(root, path, given)))


def matches(pattern: str, path: str, root: Path) -> bool:
    """Tell whether a path fits one of Sonar's patterns.

    `*` stands for any characters of one name, `?` for one, `**` for any folders. The whole path must fit, by
    case. A pattern that starts with `file:` is for the absolute path. Source: SonarQube's documentation,
    "Narrowing the focus" (9.9) and "Excluding based on path-matching patterns" (2026.1).

    Args:
        pattern: The pattern.
        path: A path from the root.
        root: The folder of sonar-project.properties.
    """
    if pattern.startswith("file:"):
        return matches(pattern.removeprefix("file:"), (root / path).as_posix().lstrip("/"), root)
    return _expression(pattern).fullmatch(path) is not None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.replace("\\", "/").removeprefix("/"))
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts))


def _is_source(root: Path, path: str, given: Mapping[str, str]) -> bool:
    hidden = any(name.startswith(".") for name in PurePosixPath(path).parts)
    return not hidden and _under(root, path, given.get("sonar.sources", ".")) and not _is_test(root, path, given)


def _is_test(root: Path, path: str, given: Mapping[str, str]) -> bool:
    return _under(root, path, given.get("sonar.tests", "")) and _selected(root, path, given, "sonar.test")


def _is_measured(root: Path, path: str, given: Mapping[str, str]) -> bool:
    if not _selected(root, path, given, "sonar"):
        return False
    return not _any(root, path, [*_patterns(given, "sonar.coverage.exclusions"), *_left_out(path, given)])


def _left_out(path: str, given: Mapping[str, str]) -> Iterable[str]:
    """Return the patterns that the analyser of the file's language leaves out."""
    for language in LANGUAGES:
        if path.endswith(language.suffixes):
            own = [pattern for name in language.exclusions for pattern in _patterns(given, name)]
            return own or language.excluded
    return ()


def _selected(root: Path, path: str, given: Mapping[str, str], prefix: str) -> bool:
    wanted = _patterns(given, f"{prefix}.inclusions")
    return (not wanted or _any(root, path, wanted)) and not _any(root, path, _patterns(given, f"{prefix}.exclusions"))


def _patterns(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return _items(given.get(name, ""))


@cache
def _items(value: str) -> tuple[str, ...]:
    return tuple(properties.as_list(value))


def _any(root: Path, path: str, patterns: Iterable[str]) -> bool:
    return any(matches(pattern, path, root) for pattern in patterns)


def _under(root: Path, path: str, folders: str) -> bool:
    return any(folder in {".", path} or path.startswith(f"{folder}/") for folder in _folders(root.as_posix(), folders))


@cache
def _folders(root: str, folders: str) -> tuple[str, ...]:
    items = properties.as_list(folders)
    return tuple(posixpath.relpath(posixpath.join(root, each.replace("\\", "/")), root) for each in items)


def _tracked(root: Path) -> frozenset[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=root, env=git.environment(), capture_output=True, check=False)
    except OSError as error:
        if not root.is_dir():
            raise CannotJudgeError(f"There is no folder {root}.", _ELSEWHERE) from error
        raise CannotJudgeError("git is not on PATH.", "Install it (Debian, Ubuntu: apt-get install git).") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"exit {done.returncode}"
        raise CannotJudgeError(f"git cannot list the files of {root}: {said}", _ELSEWHERE)
    names = os.fsdecode(done.stdout).split("\0")
    # A file deleted but not committed is still listed.
    return frozenset(name for name in names if name and (root / name).is_file())
