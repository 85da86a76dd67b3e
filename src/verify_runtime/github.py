"""What a step tells GitHub Actions: an annotation, a row in the summary, outputs, and what `guard` remembers.

Format: docs.github.com, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from verify_runtime import tools
from verify_runtime.check import Verdict

# One variable a tool, so that a later check of the same tool replaces what was remembered of it, and of no other.
MEMORY_PREFIX = "VERIFY_RUNTIME_TOOL_"
# Set by guard.sh: the check runs within a step that is not its own.
GUARD = "VERIFY_RUNTIME_GUARD"
_HEADER = "| step | required | active | path |\n| --- | --- | --- | --- |\n"


def report(verdicts: Sequence[Verdict], environment: Mapping[str, str]) -> None:
    """Write the summary, the outputs and the memory; the runner names their files.

    Args:
        verdicts: What was found.
        environment: The runner's.

    Raises:
        OSError: One of the files cannot be written.
    """
    step = environment.get("VERIFY_RUNTIME_STEP") or environment.get("GITHUB_ACTION") or "verify-runtime"
    _summarize(verdicts, step, environment.get("GITHUB_STEP_SUMMARY"))
    guarding = GUARD in environment
    for verdict in verdicts:
        if verdict.active and verdict.active.version and not guarding:
            _set(environment.get("GITHUB_OUTPUT"), f"{verdict.tool}-version", verdict.active.version)
            _set(environment.get("GITHUB_OUTPUT"), f"{verdict.tool}-path", verdict.active.path)
        # A step that the guard has stopped changes no expectation: the next one is stopped as well.
        if verdict.ok or not guarding:
            _remember(verdict, environment)


def annotation(verdict: Verdict) -> str:
    """Return a failed verdict as an annotation."""
    title = _escaped(f"Wrong runtime: {verdict.tool} {verdict.required} is required").replace(":", "%3A")
    return f"::error title={title.replace(',', '%2C')}::{_escaped(f'{verdict.message}{chr(10)}{verdict.fix}')}"


def _remember(verdict: Verdict, environment: Mapping[str, str]) -> None:
    """Remember what was required and what was found, in the form that guard.sh reads.

    A version that does not fit is remembered too: the check has spoken already, so steps with `if: always()` run, until
    the version changes once more. Where there is no version, the tool is forgotten.
    """
    name = MEMORY_PREFIX + re.sub(r"\W", "_", verdict.tool)
    if verdict.active and verdict.active.version:
        command = Path(verdict.active.path).name
        fields = (command, tools.version_flag(verdict.tool), f"{verdict.tool}@{verdict.required}", verdict.said)
        # What cannot be printed becomes what no tool prints: the guard then asks the full check.
        line = "".join(each if each.isprintable() or each == "\t" else "\ufffd" for each in "\t".join(fields))
        _set(environment.get("GITHUB_ENV"), name, line)
    elif environment.get(name):
        _set(environment.get("GITHUB_ENV"), name, "")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _summarize(verdicts: Sequence[Verdict], step: str, path: str | None) -> None:
    if not path:
        return
    file = Path(path)
    begun = file.exists() and _HEADER in file.read_text(encoding="utf-8", errors="replace")
    _append(path, ("" if begun else _HEADER) + "".join(_row(verdict, step) for verdict in verdicts))


def _row(verdict: Verdict, step: str) -> str:
    active = verdict.active.version if verdict.active and verdict.active.version else verdict.kind
    mark = "✅" if verdict.ok else "❌"
    path = verdict.active.path if verdict.active else ""
    cells = (step, f"{verdict.tool} {verdict.required}", f"{mark} {active}", path)
    return f"| {' | '.join(_cell(each) for each in cells)} |\n"


def _cell(text: str) -> str:
    plain = re.sub(r"[\r\n]+", " ", text).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\|`*_\[\]~])", r"\\\1", plain)


def _set(path: str | None, name: str, value: str) -> None:
    """Set a value in one of the runner's files; no value can end it early and add lines of its own."""
    if path:
        end = f"end-{os.urandom(16).hex()}"
        _append(path, f"{name}<<{end}\n{value}\n{end}\n")


def _append(path: str, text: str) -> None:
    # A path on PATH may hold bytes that are no text.
    with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
