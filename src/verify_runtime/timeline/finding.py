"""What a rule finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from verify_runtime.timeline.model import Active, Invocation, JobTimeline, Place, StepTimeline, decided
from verify_runtime.timeline.repository import Repository
from verify_runtime.timeline.scan import Scans

ERROR, NOTE = "error", "note"


class Finding(NamedTuple):
    """Something wrong, or worth knowing.

    Args:
        rule: The rule's identifier.
        level: error, or note, which is information only.
        place: The line that it is about.
        message: What is wrong, in one sentence.
        why: Why it matters, in one sentence.
        fix: The lines to add or change.
    """

    rule: str
    level: str
    place: Place
    message: str
    why: str
    fix: str


class Facts(NamedTuple):
    """What rules look at.

    Args:
        repository: The repository.
        jobs: The jobs' timelines.
        scans: The scans among their steps.
        scan_node: The version that scans are meant to run on, where the configuration says it; else empty.
        whole: Whether all of the repository's workflows are among the jobs.
    """

    repository: Repository
    jobs: tuple[JobTimeline, ...]
    scans: Scans
    scan_node: str
    whole: bool

    def running(self) -> Iterator[tuple[JobTimeline, StepTimeline]]:
        """Go through the steps that run unless an earlier one fails."""
        for job in self.jobs:
            if job.runs != "never":
                for step in job.steps:
                    if step.runs in ("always", "maybe"):
                        yield job, step


Rule = Callable[[Facts], Iterator[Finding]]


def node_of(command: Invocation) -> Active | None:
    """Return the Node that a command certainly runs on; None where it is not decided."""
    return decided(command.tools.get("node", ())) if command.certain else None


def setup(version: str) -> str:
    """Return the lines of a step that sets a version of Node."""
    return f"- uses: actions/setup-node@v7\n  with:\n    node-version: {quoted(version)}"


def quoted(version: str) -> str:
    """Return a version as YAML needs it: one that looks like a number with a point is quoted."""
    return version if version.isdigit() else f'"{version}"'
