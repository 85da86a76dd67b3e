"""switch-before-scan: the scan is meant to run on another Node than the tests, and does not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from verify_runtime.timeline.finding import ERROR, Facts, Finding, setup
from verify_runtime.timeline.model import Active, JobTimeline, Place, StepTimeline, decided
from verify_runtime.timeline.programs import RUNNERS
from verify_runtime.timeline.releases import disjoint

NAME = "switch-before-scan"
_VERSION = re.compile(r"v?\d+(?:\.\d+){0,2}|lts/[\w*]+")
_WHY = "The analysis then runs on the tests' Node, and fails minutes later with words that point elsewhere."


class _Wanted(NamedTuple):
    """The version that a scan is meant to run on, and what says so."""

    version: str
    source: str


def check(facts: Facts) -> Iterator[Finding]:
    """Find scans whose switch of version is missing, conditional, after them, or undone."""
    for job in facts.jobs:
        at = _first_scan(facts, job) if job.runs != "never" else None
        finding = _scan(facts, job, at) if at is not None else None
        if finding:
            yield finding


def _first_scan(facts: Facts, job: JobTimeline) -> int | None:
    """Return which of a job's steps is its first scan that the host's Node may reach; None where none is."""
    for at, step in enumerate(job.steps):
        scan = facts.scans.of(job, step) if step.runs in ("always", "maybe") else None
        if scan and scan.kind != "docker":
            return at
    return None


def _scan(facts: Facts, job: JobTimeline, at: int) -> Finding | None:
    step = job.steps[at]
    active = decided(step.tools.get("node", ()))
    conditional = _conditional(job, at)
    if conditional:
        return conditional
    if active is None:
        return None
    wanted = _wanted(facts, step)
    if wanted and disjoint(active.version, wanted.version):
        return _missing(job, at, active, wanted)
    if wanted:
        return None
    return _late(job, at, active) or _undone(job, at, active)


def _wanted(facts: Facts, step: StepTimeline) -> _Wanted | None:
    if facts.scan_node:
        return _Wanted(facts.scan_node, "scan-node in the configuration")
    for name, value in step.environment.items():
        upper = name.upper()
        named = "NODE" in upper and ("SCAN" in upper or "SONAR" in upper)
        if value and named and _VERSION.fullmatch(value):
            return _Wanted(value, name)
    return None


def _find(place: Place, message: str, fix: str) -> Finding:
    return Finding(NAME, ERROR, place, message, _WHY, fix)


def _missing(job: JobTimeline, at: int, active: Active, wanted: _Wanted) -> Finding:
    step = job.steps[at]
    later = next((each for each in job.steps[at + 1 :] if _sets(each, wanted.version)), None)
    if later:
        return _after(step, active, later)
    earlier = next((each for each in reversed(job.steps[:at]) if _sets(each, wanted.version)), None)
    if earlier:
        undoing = next(each for each in reversed(job.steps[:at]) if "node" in each.sets)
        return _undone_at(step, active, earlier, undoing)
    message = f"The scan runs on Node {active.version}, and is meant to run on {wanted.version} ({wanted.source})."
    return _find(step.place, message, f"Right before this step:\n{setup(wanted.version)}")


def _sets(step: StepTimeline, version: str) -> bool:
    active = decided(step.tools.get("node", ()))
    return (
        step.runs == "always" and "node" in step.sets and active is not None and not disjoint(active.version, version)
    )


def _conditional(job: JobTimeline, at: int) -> Finding | None:
    """Find a switch that may not happen where the scan does."""
    step = job.steps[at]
    alternatives = step.tools.get("node", ())
    if len(alternatives) < 2 or any(active.kind not in ("decided", "default") for active in alternatives):  # noqa: PLR2004 - several
        return None
    switch = next((each for each in reversed(job.steps[:at]) if "node" in each.sets), None)
    if (
        switch is None
        or switch.runs != "maybe"
        or not any(_runs_node(each) for each in job.steps[: job.steps.index(switch)])
    ):
        return None
    to = next((active for active in switch.tools["node"] if active in alternatives), alternatives[-1])
    other = next(active for active in alternatives if active != to)
    message = (
        f"The switch to Node {to.version} at line {switch.place.line} is conditional where the scan is not: "
        f"it may run on {other.version}."
    )
    return _find(
        step.place,
        message,
        f"Give the scan the same `if` as the step at line {switch.place.line}, or take that one away.",
    )


def _late(job: JobTimeline, at: int, active: Active) -> Finding | None:
    """Find a switch that stands behind the scan, and that nothing after it has a use for."""
    for index in range(at + 1, len(job.steps)):
        step = job.steps[index]
        to = decided(step.tools.get("node", ()))
        if step.runs != "always" or "node" not in step.sets or to is None or not disjoint(to.version, active.version):
            continue
        if not any(_runs_node(each) for each in job.steps[index:]):
            return _after(job.steps[at], active, step)
    return None


def _after(step: StepTimeline, active: Active, later: StepTimeline) -> Finding:
    to = later.tools["node"][0].version
    message = f"The scan runs on Node {active.version}: the switch to {to} stands after it, at line {later.place.line}."
    return _find(step.place, message, f"Move the step of line {later.place.line} right before this one.")


def _undone(job: JobTimeline, at: int, active: Active) -> Finding | None:
    """Find a switch that is taken back before anything has run on it."""
    sets = [index for index in range(at) if "node" in job.steps[index].sets and job.steps[index].runs == "always"]
    # The version of the tests, the switch, and what takes it back.
    if len(sets) < 3:  # noqa: PLR2004 - as said above
        return None
    first, switch, back = (job.steps[index] for index in sets[-3:])
    to, before = decided(switch.tools.get("node", ())), decided(first.tools.get("node", ()))
    if to is None or before is None or before.version != active.version or not disjoint(to.version, active.version):
        return None
    if any(_runs_node(step) for step in job.steps[sets[-2] + 1 : sets[-1]]):
        return None
    return _undone_at(job.steps[at], active, switch, back)


def _undone_at(step: StepTimeline, active: Active, switch: StepTimeline, back: StepTimeline) -> Finding:
    to = switch.tools["node"][0].version
    message = (
        f"The scan runs on Node {active.version}: the switch to {to} at line {switch.place.line} "
        f"is undone at line {back.place.line}."
    )
    return _find(step.place, message, f"Take the step of line {back.place.line} away, or move it behind the scan.")


def _runs_node(step: StepTimeline) -> bool:
    return step.runs in ("always", "maybe") and any(
        command.words and posixpath.basename(command.words[0]) in RUNNERS for command in step.commands
    )
