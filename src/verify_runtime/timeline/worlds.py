"""Every way that a job may go: what only a run decides is supposed both ways, and the ways are put together again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from verify_runtime.timeline.data import Data
from verify_runtime.timeline.evaluation import Decisions, Key, UndecidedError
from verify_runtime.timeline.model import Alternatives, Change, Invocation, StepTimeline, Tools
from verify_runtime.timeline.state import join

_MAX_WORLDS = 16

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class World(NamedTuple, Generic[Result]):
    """One way, under what is supposed.

    Args:
        decisions: What is supposed.
        result: What comes of it.
    """

    decisions: Decisions
    result: Result


class Run(Protocol[Result_co]):
    """What is explored."""

    def __call__(self, decisions: Decisions, *, blind: bool) -> Result_co:
        """Return what comes of suppositions; `blind` goes on without asking for more."""


def explore(run: Run[Result]) -> list[World[Result]]:
    """Run something under every supposition that it asks for.

    Args:
        run: Takes suppositions; it raises UndecidedError to ask for one more.

    Returns:
        Every way; a single one that asked nothing, where there would be too many.
    """
    waiting: list[dict[Key, Data]] = [{}]
    done: list[World[Result]] = []
    while waiting:
        if len(waiting) + len(done) > _MAX_WORLDS:
            return [World({}, run({}, blind=True))]
        decisions = waiting.pop()
        try:
            done.append(World(decisions, run(decisions, blind=False)))
        except UndecidedError as undecided:
            if undecided.key in decisions:
                return [World({}, run({}, blind=True))]
            waiting += [{**decisions, undecided.key: option} for option in reversed(undecided.options)]
    return done


def merge(ways: Sequence[Sequence[StepTimeline]]) -> tuple[StepTimeline, ...]:
    """Put the ways of a job's steps together: what differs between them is one of several."""
    if len(ways) == 1:
        return tuple(ways[0])
    order: dict[str, list[StepTimeline]] = {}
    for way in ways:
        for step in way:
            order.setdefault(step.number, []).append(step)
    numbers = sorted(order, key=lambda number: [int(part) for part in number.split(".")])
    return tuple(_merged(order[number], len(ways)) for number in numbers)


def _merged(steps: list[StepTimeline], ways: int) -> StepTimeline:
    running = [step for step in steps if step.runs in ("always", "maybe")]
    if not running:
        return steps[0] if len({step.runs for step in steps}) == 1 else steps[0]._replace(runs="never")
    always = len(running) == ways and all(step.runs == "always" for step in running)
    first = running[0]
    return first._replace(
        runs="always" if always else "maybe",
        tools=_tools([step.tools for step in running]),
        changes=_changes(running),
        inputs={name: _agreed([step.inputs.get(name) for step in running]) for name in first.inputs},
        environment={name: _agreed([step.environment.get(name) for step in running]) for name in first.environment},
        commands=_commands(running),
        sets=tuple(sorted({tool for step in running for tool in step.sets})),
    )


def _agreed(values: list[str | None]) -> str | None:
    return values[0] if len(set(values)) == 1 else None


def _tools(ways: list[Tools]) -> Tools:
    merged: dict[str, Alternatives] = {}
    for tools in ways:
        for tool, active in tools.items():
            merged[tool] = join(merged.get(tool, ()), active)
    return merged


def _changes(steps: list[StepTimeline]) -> tuple[Change, ...]:
    found: dict[tuple[str, object], Change] = {}
    for step in steps:
        for change in step.changes:
            key = (change.tool, change.place)
            known = found.get(key)
            found[key] = change._replace(active=join(known.active, change.active)) if known else change
    return tuple(found.values())


def _commands(steps: list[StepTimeline]) -> tuple[Invocation, ...]:
    found: dict[tuple[object, ...], list[Invocation]] = {}
    for step in steps:
        for command in step.commands:
            found.setdefault((command.place, command.words), []).append(command)
    return tuple(
        group[0]._replace(tools=_tools([each.tools for each in group]), certain=all(each.certain for each in group))
        for group in found.values()
    )
