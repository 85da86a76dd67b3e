"""unpinned-runtime: a step runs on the Node that the runner's image happens to bring."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from verify_runtime.timeline.finding import ERROR, Facts, Finding, node_of, setup
from verify_runtime.timeline.model import Active, Invocation, JobTimeline
from verify_runtime.timeline.programs import RUNNERS, is_install

NAME = "unpinned-runtime"


def check(facts: Facts) -> Iterator[Finding]:
    """Find, once for each job, the first step that runs on the image's Node though nothing in the job sets one."""
    for job in facts.jobs:
        found = next(_unpinned(job), None) if job.runs != "never" else None
        if found:
            yield _finding(job, *found)


def _unpinned(job: JobTimeline) -> Iterator[tuple[Invocation, Active]]:
    sets = any("node" in step.sets and step.runs != "never" for step in job.steps)
    running = (step for step in job.steps if step.runs in ("always", "maybe"))
    for command in (command for step in running for command in step.commands):
        active = node_of(command)
        runs_node = bool(command.words) and posixpath.basename(command.words[0]) in RUNNERS
        # Of an install before a later set-up, install-before-setup says it better.
        if active and active.kind == "default" and runs_node and not (sets and is_install(command.words)):
            yield command, active


def _finding(job: JobTimeline, command: Invocation, active: Active) -> Finding:
    name = posixpath.basename(command.words[0])
    return Finding(
        NAME,
        ERROR,
        command.place,
        f"`{name}` runs on the Node of {job.runner}'s image ({active.version} for now): nothing sets one.",
        "GitHub moves its images to another Node without a commit of yours, and the job changes with them.",
        f"Before this step:\n{setup(active.version.split('.', 1)[0])}",
    )
