"""Comments that silence a rule on a line: `# verify-runtime: ignore[rule] reason`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verify_runtime.timeline.finding import ERROR, Finding
from verify_runtime.timeline.model import Place
from verify_runtime.timeline.repository import Repository

NAME = "ignore-reason"
_COMMENT = re.compile(r"#\s*verify-runtime:\s*ignore\[([^\]\[\n#]{0,300})\]([^\n]*)")


def applied(
    repository: Repository, files: tuple[str, ...], findings: list[Finding], rules: tuple[str, ...]
) -> list[Finding]:
    """Return the findings that no comment silences, and one for each comment that cannot count.

    Args:
        repository: The repository.
        files: The workflows that were read.
        findings: The findings.
        rules: The rules there are.
    """
    left = [finding for finding in findings if not _silenced(repository, finding)]
    for file in files:
        left += _wrong(repository, file, rules)
    return left


def _silenced(repository: Repository, finding: Finding) -> bool:
    lines = repository.lines(finding.place.file)
    at = finding.place.line - 1
    candidates = lines[at : at + 1]
    if 0 < at <= len(lines) and lines[at - 1].lstrip().startswith("#"):
        candidates.append(lines[at - 1])
    for line in candidates:
        found = _COMMENT.search(line)
        if found and found[2].strip() and finding.rule in _names(found[1]):
            return True
    return False


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _wrong(repository: Repository, file: str, rules: tuple[str, ...]) -> Iterator[Finding]:
    if "verify-runtime:" not in (repository.read(file) or ""):
        return
    for number, line in enumerate(repository.lines(file), 1):
        found = _COMMENT.search(line)
        if not found:
            continue
        unknown = [name for name in _names(found[1]) if name not in rules]
        if unknown:
            yield _finding(Place(file, number), f"{unknown[0] or 'Nothing'} is no rule: this comment silences nothing.")
        elif not found[2].strip():
            yield _finding(Place(file, number), "This comment gives no reason, so it silences nothing.")


def _finding(place: Place, message: str) -> Finding:
    return Finding(
        NAME,
        ERROR,
        place,
        message,
        "Whoever reads it later must know whether it still holds.",
        "# verify-runtime: ignore[rule] why this is right here",
    )
