"""A job's steps, followed in order under given suppositions: what each one finds active, and what it leaves."""

from __future__ import annotations

from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.document import Node
from verify_runtime.timeline.evaluation import Data, UndecidedError
from verify_runtime.timeline.level import Level
from verify_runtime.timeline.library import Library, Workspace
from verify_runtime.timeline.machine import Machine
from verify_runtime.timeline.model import Active, Place, StepTimeline
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

    def steps(self, level: Level, nodes: list[Node], ids: dict[str, Data]) -> None:
        """Follow steps in order.

        Args:
            level: Where they stand.
            nodes: The steps.
            ids: The `steps` context of their level, which is filled.
        """
        for index, node in enumerate(nodes, 1):
            if isinstance(node, MappingNode):
                self._step(level, node, f"{level.number}{index}", ids)

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

    def _tried(self, step: Step, place: Place) -> bool:
        """Take a step that may not run; return whether what follows is the same either way."""
        before, kept = self.state.copy(), len(self.records)
        step.take("maybe")
        if self.state.same(before):
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
