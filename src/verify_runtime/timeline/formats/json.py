"""For machines: everything that is known, as JSON."""

from __future__ import annotations

import json
from typing import Any

from verify_runtime.timeline.analysis import Analysis
from verify_runtime.timeline.model import Active, Alternatives, JobTimeline, Place, StepTimeline

VERSION = 1


def render(analysis: Analysis) -> str:
    """Return an analysis as JSON; `verify-runtime timeline --help` documents its shape."""
    read = analysis.reading
    document = {
        "version": VERSION,
        "files": list(read.files),
        "jobs": [_job(job) for job in read.jobs],
        "findings": [{**finding._asdict(), "place": _place(finding.place)} for finding in analysis.findings],
        "problems": [{"place": _place(problem.place), "message": problem.message} for problem in read.problems],
    }
    return json.dumps(document, indent=2) + "\n"


def _job(job: JobTimeline) -> dict[str, Any]:
    return {
        "file": job.file,
        "line": job.place.line,
        "id": job.id,
        "leg": job.leg,
        "runner": job.runner,
        "runs": job.runs,
        "note": job.note,
        "steps": [_step(step) for step in job.steps],
    }


def _step(step: StepTimeline) -> dict[str, Any]:
    return {
        "number": step.number,
        "name": step.name,
        "uses": step.uses,
        "place": _place(step.place),
        "runs": step.runs,
        "tools": {tool: _alternatives(active) for tool, active in step.tools.items()},
        "changes": [
            {"tool": change.tool, "place": _place(change.place), **_alternatives(change.active)}
            for change in step.changes
        ],
    }


def _alternatives(active: Alternatives) -> dict[str, Any]:
    sure = "unknown" if active[0].kind == "unknown" else "decided"
    if len(active) > 1:
        sure = "one of several"
    return {"sure": sure, "active": [_active(each) for each in active]}


def _active(active: Active) -> dict[str, Any]:
    return {
        "kind": active.kind,
        "version": active.version or None,
        "place": _place(active.place) if active.place else None,
        "reason": active.reason,
    }


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line}
