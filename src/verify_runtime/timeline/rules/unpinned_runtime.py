"""unpinned-runtime: a step runs on the Node that the runner's image happens to bring."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from verify_runtime.timeline.finding import ERROR, Facts, Finding, node_of, setup
from verify_runtime.timeline.model import JobTimeline
from verify_runtime.timeline.programs import RUNNERS, is_install

NAME = "unpinned-runtime"


def check(facts: Facts) -> Iterator[Finding]:
    """Find, once for each job, the first step that runs on the image's Node though nothing in the job sets one."""
    for job in facts.jobs:
        if job.runs != "never":
            yield from _job(job)


def _job(job: JobTimeline) -> Iterator[Finding]:
    sets = [step for step in job.steps if "node" in step.sets and step.runs != "never"]
    for step in job.steps:
        if step.runs not in ("always", "maybe"):
            continue
        for command in step.commands:
            name = posixpath.basename(command.words[0]) if command.words else ""
            active = node_of(command)
            if name not in RUNNERS or active is None or active.kind != "default":
                continue
            if is_install(command.words) and sets:
                continue  # install-before-setup says it better
            yield Finding(
                NAME,
                ERROR,
                command.place,
                f"`{name}` runs on the Node of {job.runner}'s image ({active.version} for now): nothing sets one.",
                "GitHub moves its images to another Node without a commit of yours, and the job changes with them.",
                f"Before this step:\n{setup(active.version.split('.', 1)[0])}",
            )
            return
