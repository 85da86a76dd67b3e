"""A job's steps, followed in order under given suppositions: what each one finds active, and what it leaves."""

from __future__ import annotations

from verify_runtime.timeline.data import Data, Open
from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.document import Node
from verify_runtime.timeline.environment import extended
from verify_runtime.timeline.evaluation import UndecidedError
from verify_runtime.timeline.level import Level
from verify_runtime.timeline.library import Library, Workspace
from verify_runtime.timeline.machine import Machine
from verify_runtime.timeline.model import Active, Place, StepTimeline
from verify_runtime.timeline.state import State
from verify_runtime.timeline.step import Step


class Walk:
    """One walk through a job's steps.

    Args:
        library: The repository's actions.
        machine: What the job runs on.
    """

    def __init__(self, library: Library, machine: Machine) -> None:
        self.library = library
        self.repository = Workspace(library.repository)
        self.machine = machine
        self.state = machine.state()
        self.records: list[StepTimeline] = []
        self._environments: dict[str, tuple[Level, dict[str, Data]]] = {}

    def steps(self, level: Level, nodes: list[Node], ids: dict[str, Data]) -> None:
        """Follow steps in order.

        Args:
            level: Where they stand.
            nodes: The steps.
            ids: The `steps` context of their level, which is filled.
        """
        for index, node in enumerate(nodes, 1):
            if isinstance(node, MappingNode):
                self.library.spend(1 + (len(node.mapping("env").entries) + len(self.environment(level))) // 20)
                self._step(level, node, f"{level.number}{index}", ids)

    def environment(self, level: Level) -> dict[str, Data]:
        """Return the variables that all steps of a level see: its blocks, and what steps wrote to GITHUB_ENV."""
        known = self._environments.get(level.number)
        if known is None or known[0] is not level:
            blocks: dict[str, Data] = {}
            for frame, block in level.environment:
                blocks = extended(blocks, frame, block)
            known = self._environments[level.number] = (level, blocks)
        # What a step writes wins over the workflow's and the job's blocks, and it may have written more than is seen.
        return (
            Open("env", {**known[1], **self.state.env}, "env.* may be set by a step before")
            if self.records
            else known[1]
        )

    def _step(self, level: Level, node: MappingNode, number: str, ids: dict[str, Data]) -> None:
        step = Step(self, level, node, number, ids)
        place = Place(level.frame.file, node.line)
        try:
            runs = step.frame.condition(node.get("if"))
        except UndecidedError:
            if self._tried(step, place):
                return
            raise
        if runs == "maybe":
            self._tried(step, place)
        elif runs == "always":
            step.take("always")
        else:
            self.records.append(StepTimeline(number, step.name, place, step.uses, runs, self.state.tools()))
            step.leave({}, "skipped")

    def _only_unknown(self, before: State) -> bool:
        """Return whether all that a step has changed is what is unknown: a supposition would tell nothing more."""
        if self.state.env != before.env or self.state.outputs != before.outputs or self.state.marks != before.marks:
            return False
        after = (
            self.state.active(tool) for tool in self.state.layers if self.state.active(tool) != before.active(tool)
        )
        return all(active.kind == "unknown" for alternatives in after for active in alternatives)

    def _tried(self, step: Step, place: Place) -> bool:
        """Take a step that may not run; return whether what follows is the same either way."""
        before, kept = self.state.copy(), len(self.records)
        step.take("maybe")
        if self.state.same(before):
            return True
        if self._only_unknown(before):
            self.state = before.joined(self.state)
            return True
        if step.level.frame.blind:
            for tool in self.state.layers:
                if self.state.active(tool) != before.active(tool):
                    reason = f"it depends on more conditions than are followed, last at {place}"
                    self.state.put(tool, "conditions", (Active("unknown", reason=reason),))
            return True
        self.state = before
        del self.records[kept:]
        return False
