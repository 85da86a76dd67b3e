"""What a timeline says: jobs, their steps, and what is active at each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Place(NamedTuple):
    """Where something is written.

    Args:
        file: The file, relative to the repository's root.
        line: From 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Active(NamedTuple):
    """What is active of a tool.

    Args:
        kind: decided, default (what the runner's image brings), unknown, or absent.
        version: The version or range as written; of a default the image's version; empty where it is unknown.
        place: Where the version is written; None where no file of the repository holds it.
        reason: By what it was set, or why it is unknown.
    """

    kind: str
    version: str = ""
    place: Place | None = None
    reason: str = ""

    def __str__(self) -> str:
        return {"decided": self.version, "default": f"{self.version} (image)", "absent": "none"}.get(self.kind, "?")


Alternatives = tuple[Active, ...]
Tools = Mapping[str, Alternatives]


class Change(NamedTuple):
    """A change of version within a step's own script; the next step does not see it.

    Args:
        tool: The tool.
        active: What is active from there on.
        place: The line that changes it.
    """

    tool: str
    active: Alternatives
    place: Place


class Invocation(NamedTuple):
    """A command that a step runs.

    Args:
        words: Its words; one that only a run gives is empty.
        place: Where it stands.
        folder: The working directory, relative to the root; None where it is unknown.
        tools: What is active for it.
        certain: Whether it runs whenever the step does.
    """

    words: tuple[str, ...]
    place: Place
    folder: str | None
    tools: Tools
    certain: bool


class StepTimeline(NamedTuple):
    """A step, and what is active at it.

    Args:
        number: Its place in the job, from 1; a local composite action's steps follow as 2.1, 2.2.
        name: Its name, or what it runs.
        place: Where it stands.
        uses: The action, as written; empty for a script.
        runs: always, maybe (its `if` is decided only in a run), never, or after-failure.
        tools: What is active by tool: after an action, and at the start of a script. One alternative is decided.
        changes: What its script changes for itself.
        inputs: The action's inputs that are known.
        environment: The step's environment as far as it is known.
        commands: The commands that its script runs.
        sets: The tools whose version this step sets for those after it.
    """

    number: str
    name: str
    place: Place
    uses: str = ""
    runs: str = "always"
    tools: Tools = MappingProxyType({})
    changes: tuple[Change, ...] = ()
    inputs: Mapping[str, str | None] = MappingProxyType({})
    environment: Mapping[str, str | None] = MappingProxyType({})
    commands: tuple[Invocation, ...] = ()
    sets: tuple[str, ...] = ()


class JobTimeline(NamedTuple):
    """A job, or one leg of its matrix.

    Args:
        file: The workflow.
        id: The job's id; `caller/job` for a job of a called workflow.
        leg: The matrix values as GitHub prints them; empty without a matrix.
        place: Where the job stands.
        runner: What it runs on, as far as it is known.
        platform: The runner's system and architecture, such as Linux/X64; empty where it is unknown.
        runs: always, maybe or never.
        steps: Its steps, in order.
        note: Why it has no steps; empty where it has.
    """

    file: str
    id: str
    leg: str
    place: Place
    runner: str
    platform: str
    runs: str
    steps: tuple[StepTimeline, ...]
    note: str = ""

    @property
    def title(self) -> str:
        """The job as GitHub's pages call it: its id, and the leg."""
        return f"{self.id} ({self.leg})" if self.leg else self.id


def decided(active: Alternatives) -> Active | None:
    """Return the one thing that is active; None where it is one of several, or unknown."""
    return active[0] if len(active) == 1 and active[0].kind in ("decided", "default") else None
