"""A step that uses an action."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from verify_runtime.timeline import actions
from verify_runtime.timeline.data import Data, Open
from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.document import Sequence as SequenceNode
from verify_runtime.timeline.level import Level
from verify_runtime.timeline.model import Active, Place, StepTimeline
from verify_runtime.timeline.repository import normal
from verify_runtime.timeline.scope import Frame

if TYPE_CHECKING:
    from verify_runtime.timeline.step import Step

# GitHub's own limit for composite actions within composite actions.
_MAX_NESTING = 10
# The actions whose inputs a rule may ask about: those of others are not evaluated for the record.
_ASKED = ("actions/setup-node@", "actions/checkout@", "sonarsource/")
# Where on PATH an action may have put another version.
_PLACE = "an action"
_OUTPUT = "an output of {} is known only in a run"


def use(step: Step) -> StepTimeline:
    """Do what a step's action does, and return its record."""
    given = step.node.mapping("with")
    inputs = {name: step.frame.late(value) for name, value in given.entries.items()}
    asked = given.entries if step.uses.lower().startswith(_ASKED) else {}
    known = {name: step.frame.known(value) for name, value in asked.items()}
    record = StepTimeline(step.number, step.name, step.place, step.uses, "always", {}, (), known)
    if step.uses.startswith("./"):
        _local(step, inputs, step.walk.repository.inside(step.uses))
    elif step.uses.startswith("$/"):
        _local(step, inputs, normal(step.uses[2:]))
    elif step.uses.startswith("docker://"):
        step.leave(Open("outputs", {}, _OUTPUT.format(step.uses)), "success")
    else:
        name, _, version = step.uses.partition("@")
        if name.lower() == "actions/checkout":
            step.walk.repository.checked_out(known)
        uses_line = Place(step.level.frame.file, step.node.keys.get("uses", step.node.line))
        use = actions.Use(name, version, inputs, uses_line, step.walk.repository, step.walk.state)
        actions.apply(use, step.walk.library.keeps)
        step.leave(Open("outputs", {}, _OUTPUT.format(name)), "success")
    return record._replace(tools=step.walk.state.tools())


def _unknown_local(step: Step, reason: str) -> None:
    step.walk.state.put("node", _PLACE, (Active("unknown", reason=reason),))
    step.leave(Open("outputs", {}, reason), "success")


def _local(step: Step, inputs: Mapping[str, Data], folder: str | None) -> None:
    found = step.walk.library.action(folder)
    if isinstance(found, str) or folder is None:
        _unknown_local(step, str(found))
        return
    path, document = found
    runs = document.mapping("runs")
    steps = runs.get("steps")
    if runs.text("using") != "composite" or not isinstance(steps, SequenceNode):
        _program(step, folder, runs)
        return
    if folder in step.level.names or len(step.level.names) >= _MAX_NESTING:
        _unknown_local(step, f"{step.uses} calls itself, or is nested more than {_MAX_NESTING} deep")
        return
    frame = Frame(path, dict(step.frame.contexts), step.frame.decisions, step.frame.blind)
    defaults = _under(document.mapping("inputs"), "default", frame)
    frame = frame.with_contexts(inputs={name: inputs.get(name, default) for name, default in defaults.items()})
    ids: dict[str, Data] = {}
    level = Level(frame, (*step.level.environment, *step.own), "", "", f"{step.number}.", (*step.level.names, folder))
    step.walk.steps(level, steps.items, ids)
    step.leave(_under(document.mapping("outputs"), "value", frame.with_contexts(steps=ids)), "success")


def _program(step: Step, folder: str, runs: MappingNode) -> None:
    """Follow a local action that is a program: one that may put folders on PATH leaves Node unknown."""
    names = [name for name in (runs.text(key) for key in ("pre", "main")) if name]
    texts = [step.walk.library.repository.read(posixpath.join(folder, name)) for name in names]
    if any(text is None or "addPath" in text or "GITHUB_PATH" in text for text in texts):
        reason = f"{step.uses} is a program that may put another one on PATH"
        step.walk.state.put("node", _PLACE, (Active("unknown", reason=reason),))
        step.walk.state.put("pnpm", _PLACE, (Active("unknown", reason=reason),))
    step.leave(Open("outputs", {}, _OUTPUT.format(step.uses)), "success")


def _under(declared: MappingNode, key: str, frame: Frame) -> dict[str, Data]:
    """Return what stands under a key of each input or output; an empty text where nothing does."""
    found: dict[str, Data] = {}
    for name, node in declared.entries.items():
        value = node.get(key) if isinstance(node, MappingNode) else None
        found[name] = frame.late(value) if value is not None else ""
    return found
