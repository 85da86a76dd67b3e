"""What a step tells GitHub Actions: an annotation, a row in the summary, outputs, and what `guard` remembers.

Format: docs.github.com, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from verify_runtime.check import Verdict

# One variable a tool, so that a later check of the same tool replaces what was remembered of it, and of no other.
MEMORY_PREFIX = "VERIFY_RUNTIME_TOOL_"
_HEADER = "| step | required | active | path |\n| --- | --- | --- | --- |\n"


def report(verdicts: Sequence[Verdict], flags: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Write the summary, the outputs and the memory; the runner names their files.

    Args:
        verdicts: What was found.
        flags: The argument that makes each tool print its version, which the guard repeats.
        environment: The runner's.
    """
    step = environment.get("VERIFY_RUNTIME_STEP") or environment.get("GITHUB_ACTION") or "verify-runtime"
    _summarize(verdicts, step, environment.get("GITHUB_STEP_SUMMARY"))
    for verdict in verdicts:
        if verdict.active and verdict.active.version:
            _set(environment.get("GITHUB_OUTPUT"), f"{verdict.tool}-version", verdict.active.version)
            _set(environment.get("GITHUB_OUTPUT"), f"{verdict.tool}-path", verdict.active.path)
        if verdict.ok:
            name = MEMORY_PREFIX + re.sub(r"\W", "_", verdict.tool)
            command = Path(verdict.active.path).name if verdict.active else verdict.tool
            remembered = (command, flags[verdict.tool], verdict.said, f"{verdict.tool}@{verdict.required}")
            _set(environment.get("GITHUB_ENV"), name, "\t".join(remembered))


def annotation(verdict: Verdict) -> str:
    """Return a failed verdict as an annotation."""
    title = _escaped(f"Wrong runtime: {verdict.tool} {verdict.required} is required").replace(":", "%3A")
    return f"::error title={title.replace(',', '%2C')}::{_escaped(verdict.message + chr(10) + verdict.fix)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _summarize(verdicts: Sequence[Verdict], step: str, path: str | None) -> None:
    if not path:
        return
    file = Path(path)
    begun = file.exists() and _HEADER in file.read_text(encoding="utf-8", errors="replace")
    rows = [_row(verdict, step) for verdict in verdicts]
    with file.open("a", encoding="utf-8") as summary:
        summary.write(("" if begun else _HEADER) + "".join(rows))


def _row(verdict: Verdict, step: str) -> str:
    active = verdict.active.version if verdict.active and verdict.active.version else verdict.kind
    mark = "✅" if verdict.ok else "❌"
    path = verdict.active.path if verdict.active else ""
    cells = (step, f"{verdict.tool} {verdict.required}", f"{mark} {active}", path)
    return f"| {' | '.join(_cell(each) for each in cells)} |\n"


def _cell(text: str) -> str:
    plain = re.sub(r"[\r\n]+", " ", text).replace("&", "&amp;").replace("<", "&lt;")
    return plain.replace("|", "\\|").replace("`", "\\`")


def _set(path: str | None, name: str, value: str) -> None:
    """Set a value in one of the runner's files; no value can end it early and add lines of its own."""
    if not path:
        return
    end = f"end-{os.urandom(16).hex()}"
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(f"{name}<<{end}\n{value}\n{end}\n")
