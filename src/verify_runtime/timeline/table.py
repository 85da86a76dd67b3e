"""A job's timeline as rows: what a person needs of each step, and where a version changes."""

from __future__ import annotations

import re
from typing import NamedTuple

from verify_runtime.timeline.model import Alternatives, JobTimeline, StepTimeline
from verify_runtime.timeline.printable import printable
from verify_runtime.timeline.scan import Scans

_LABELS = {"node": "Node", "python": "Python", "java": "Java", "pnpm": "pnpm"}
# As many as fit a line.
_LEGS = 4
_CHANGES = 8
# A commit's first characters are enough for a person.
_COMMIT = re.compile(r"(@[0-9a-f]{7})[0-9a-f]{33}\b")
_RUNS = {"maybe": "on a condition", "never": "never", "after-failure": "after a failure"}


class Row(NamedTuple):
    """A step.

    Args:
        number: Its number.
        name: Its name.
        line: Where it stands.
        changed: Whether Node, or what is known of it, is another one than at the step before.
        node: What is active of Node; empty for a step that does not run.
        origin: Where that is decided, or why it is not.
        notes: What else is to be said.
    """

    number: str
    name: str
    line: int
    changed: bool
    node: str
    origin: str
    notes: tuple[str, ...]


def rows(scans: Scans, job: JobTimeline) -> list[Row]:
    """Return a job's steps as rows."""
    made: list[Row] = []
    before: Alternatives | None = None
    tools: dict[str, Alternatives] = {}
    for step in job.steps:
        node = step.tools.get("node", ())
        runs = step.runs in ("always", "maybe")
        changed = runs and node != before
        notes = [_RUNS[step.runs]] if step.runs in _RUNS else []
        notes += _others(step, tools)
        notes += _changes(step)
        scan = scans.of(job, step) if runs else None
        if scan:
            notes.append(_scanned(scan.uses, scan.why))
        made.append(
            Row(
                step.number,
                printable(_COMMIT.sub(r"\1", step.name)),
                step.place.line,
                changed,
                printable(text(node)) if runs else "",
                printable(origin(node, job.file)),
                tuple(map(printable, notes)),
            )
        )
        if runs:
            before = node
    return made


def text(active: Alternatives) -> str:
    """Return what is active in a few characters: the version, versions with a bar between them, or a question mark."""
    return " | ".join(dict.fromkeys(map(str, active))) or "?"


def origin(active: Alternatives, file: str) -> str:
    """Return where what is active is decided; within the same file the line alone."""
    said = []
    for each in active:
        if each.place:
            where = f"line {each.place.line}" if each.place.file == file else str(each.place)
            said.append(f"{each.reason}, {where}")
        else:
            said.append(each.reason)
    return "; ".join(dict.fromkeys(said))


def groups(scans: Scans, jobs: tuple[JobTimeline, ...]) -> list[tuple[list[JobTimeline], list[Row]]]:
    """Return jobs with their rows; the legs of a matrix that have the same ones stand together."""
    made: dict[tuple[object, ...], tuple[list[JobTimeline], list[Row]]] = {}
    for job in jobs:
        found = rows(scans, job)
        key = (job.file, job.id, job.runs, job.note, tuple(found))
        made.setdefault(key, ([], found))[0].append(job)
    return list(made.values())


def title(group: list[JobTimeline]) -> str:
    """Return the heading of jobs that stand together."""
    first = group[0]
    runners = ", ".join(dict.fromkeys(job.runner for job in group))
    legs = [job.leg for job in group if job.leg]
    out = len(legs) - _LEGS
    more = f"; and {out} more" if out > 0 else ""
    named = f"{first.id} ({'; '.join(legs[:_LEGS])}{more})" if legs else first.id
    said = {"never": ", never runs", "maybe": ", runs on a condition"}.get(first.runs, "")
    return printable(f"{named} on {runners}{said}" if first.runner != "?" or first.steps else f"{named}{said}")


def _changes(step: StepTimeline) -> list[str]:
    said = [
        f"then {_LABELS[each.tool]} {text(each.active)} (line {each.place.line})" for each in step.changes[:_CHANGES]
    ]
    out = len(step.changes) - _CHANGES
    return [*said, f"and {out} more changes"] if out > 0 else said


def _others(step: StepTimeline, known: dict[str, Alternatives]) -> list[str]:
    said = []
    for tool, active in step.tools.items():
        if tool != "node" and known.get(tool) != active:
            known[tool] = active
            if active[0].kind != "default":
                said.append(f"{_LABELS[tool]} {text(active)}")
    return said


def _scanned(uses: str, why: str) -> str:
    named = {
        "image": "scan on its container's Node",
        "host": "scan on it",
        "embedded": "scan on the analyser's own Node",
        "executable": "scan on a Node of its own",
        "unknown": "scan on an unknown Node",
    }
    return f"{named[uses]}: {why}"
