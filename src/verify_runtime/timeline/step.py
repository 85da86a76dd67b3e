"""One step: what its expressions see, when it runs, and what it leaves for the next one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verify_runtime.timeline.actionstep import use
from verify_runtime.timeline.data import Data, Unknown
from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.document import Scalar
from verify_runtime.timeline.environment import Environment, extended
from verify_runtime.timeline.level import Level
from verify_runtime.timeline.model import Place, StepTimeline
from verify_runtime.timeline.scriptstep import run

if TYPE_CHECKING:
    from verify_runtime.timeline.steps import Walk

_MAX_TITLE = 200


class Step:
    """One step: its frame with its own environment, and what it does.

    Args:
        walk: The walk that it belongs to.
        level: Where it stands.
        node: What is written of it.
        number: Its number.
        ids: The `steps` context of its level.
    """

    def __init__(self, walk: Walk, level: Level, node: MappingNode, number: str, ids: dict[str, Data]) -> None:
        self.walk = walk
        self.level = level
        self.node = node
        self.number = number
        self._ids = ids
        self._runs = "always"
        self.uses = node.text("uses") or ""
        self.place = Place(level.frame.file, node.line)
        environment = walk.environment(level)
        self.frame = level.frame.with_contexts(env=environment, steps=ids)
        own = node.get("env")
        self.own = ((self.frame, own),) if isinstance(own, MappingNode) else ()
        for frame, block in self.own:
            environment = extended(environment, frame, block)
            self.frame = self.frame.with_contexts(env=environment)
        self.name = self._title()

    def _title(self) -> str:
        return self._named()[:_MAX_TITLE]

    def _named(self) -> str:
        named = self.node.get("name")
        if isinstance(named, Scalar):
            return self.frame.known(named) or named.text
        run = self.node.text("run") or ""
        return self.uses or next((line.strip() for line in run.splitlines() if line.strip()), "")

    def take(self, runs: str) -> None:
        """Do what the step does, and record it."""
        self._runs = runs
        before = self.walk.state.copy()
        at = len(self.walk.records)
        if self.uses:
            record = use(self)
        elif isinstance(script := self.node.get("run"), Scalar):
            record = run(self, script)
        else:
            record = StepTimeline(self.number, self.name, self.place, tools=self.walk.state.tools())
            self.leave({}, "success")
        sets = tuple(tool for tool in self.walk.state.layers if self.walk.state.active(tool) != before.active(tool))
        if self._may_fail():
            self.walk.state = before.joined(self.walk.state)
            if self.uses:
                record = record._replace(tools=self.walk.state.tools())
        environment = Environment(self.frame.contexts["env"])
        self.walk.records.insert(at, record._replace(runs=runs, sets=sets, environment=environment))

    def _may_fail(self) -> bool:
        node = self.node.get("continue-on-error")
        return node is not None and self.frame.known(node) != "false"

    def leave(self, outputs: Data, outcome: str) -> None:
        """Keep a step's outputs and its outcome under its id."""
        identity = self.node.text("id")
        if identity:
            how: Data = outcome
            conclusion: Data = outcome
            if outcome == "success" and (self._runs == "maybe" or self._may_fail()):
                how = Unknown(f"steps.{identity}.outcome", f"how the step at {self.place} ends shows in a run")
                conclusion = how if self._runs == "maybe" else outcome
            self._ids[identity] = {"outputs": outputs, "outcome": how, "conclusion": conclusion}

    def key(self) -> str | None:
        """Return what the step's outputs are kept under; None where it has no id."""
        identity = self.node.text("id")
        return f"{self.level.number}{identity}" if identity else None
