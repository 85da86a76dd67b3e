"""Small workflows, each with the timeline that GitHub's documentation makes of it written beside it."""

from pathlib import Path

import pytest

from verify_runtime.timeline.analysis import analyse
from verify_runtime.timeline.model import Active, Alternatives, JobTimeline, StepTimeline

from .cases import CASES, WORKFLOW, Case

TOOLS = ("node", "python", "java", "pnpm")


def value(active: Alternatives) -> str:
    """Return what is active as a case writes it, without its place."""
    words = {"default": "default", "unknown": "?", "absent": "-"}
    return "|".join(sorted({words.get(each.kind, each.version) for each in active}))


def origin(active: Alternatives) -> str:
    only: Active | None = active[0] if len(active) == 1 else None
    if only is None or only.place is None or only.kind != "decided":
        return ""
    return f" :{only.place.line}" if only.place.file == WORKFLOW else f" {only.place}"


def line(job: JobTimeline, step: StepTimeline) -> str:
    head = f"{job.title}/{step.number}"
    if step.runs in {"never", "after-failure"}:
        return f"{head} {step.runs}"
    for tool in TOOLS:
        active = step.tools.get(tool, ())
        if not active or (tool != "node" and value(active) in {"default", "?"}):
            continue
        head += f" {tool}={value(active)}{origin(active)}"
        for change in step.changes:
            if change.tool == tool and change == [each for each in step.changes if each.tool == tool][-1]:
                head += f" then {value(change.active)}{origin(change.active)}"
    return head


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_timeline_is_the_one_beside_the_workflow(case: Case, tmp_path: Path) -> None:
    case.unpack(tmp_path)
    analysis = analyse(tmp_path, [])
    assert not analysis.reading.problems
    lines = []
    for job in analysis.reading.jobs:
        if job.file == WORKFLOW or "/" in job.id:
            lines += [line(job, step) for step in job.steps] or [f"{job.title}/- node=?"]
    assert lines == case.expected
    if case.findings is not None:
        found = [f"{each.rule} :{each.place.line}" for each in analysis.findings]
        assert found == case.findings


def test_there_are_at_least_120_cases() -> None:
    assert len(CASES) >= 120
