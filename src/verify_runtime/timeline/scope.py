"""What an expression sees at a place of a workflow: GitHub's contexts, and what is not known before a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from verify_runtime.timeline import expression
from verify_runtime.timeline.data import Choice, Data, Late, Open, Unknown, as_text, truthy
from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.document import Node, Scalar, Sequence
from verify_runtime.timeline.evaluation import Decisions, Scope, UndecidedError, evaluate, supposed_text
from verify_runtime.timeline.expression import ExpressionError
from verify_runtime.timeline.literal import Text, data_of, place_of, placed
from verify_runtime.timeline.model import Place

_MAX_TEXT = 1_000_000
EVENT = "github.event_name"
_STATUS = ("success", "failure", "cancelled", "always")


def _functions(status: str) -> dict[str, Callable[..., Data]]:
    return {
        "always": lambda: True,
        "success": lambda: status == "success",
        "failure": lambda: status == "failure",
        "cancelled": lambda: False,
        "hashfiles": lambda *_: Unknown("hashfiles", "hashFiles() is known only in a run"),
    }


_FUNCTIONS = {status: _functions(status) for status in ("success", "failure")}


class Frame(NamedTuple):
    """The place of a workflow or an action where expressions are evaluated.

    Args:
        file: The file.
        contexts: GitHub's contexts by name.
        decisions: What is supposed of things that only a run decides.
        blind: Whether undecided things count as unknown, because there are too many of them.
    """

    file: str
    contexts: Mapping[str, Data]
    decisions: Decisions
    blind: bool = False

    def with_contexts(self, **contexts: Data) -> Frame:
        """Return a frame with other contexts added."""
        return self._replace(contexts={**self.contexts, **contexts})

    def value(self, node: Node) -> Data:
        """Return what a node gives with its expressions evaluated.

        Raises:
            UndecidedError: It depends on what only a run decides, and nothing is supposed of it yet.
        """
        if isinstance(node, Sequence):
            return [self.value(item) for item in node.items]
        if isinstance(node, MappingNode):
            return {key: self.value(each) for key, each in node.entries.items()}
        if not isinstance(node.value, str) or "${{" not in node.value:
            return data_of(node, self.file)
        return self.text(node)

    def text(self, node: Scalar) -> Data:
        """Return a text with its expressions evaluated: one that is nothing else keeps its kind."""
        try:
            parts = [part if isinstance(part, str) else self.evaluate(part) for part in expression.template(node.text)]
        except ExpressionError as error:
            return Unknown(f"{self.file}:{node.line}", f"its expression cannot be evaluated: {error}")
        place = Place(self.file, node.line)
        if len(parts) == 1:
            return placed(parts[0], place)
        unknown = next((part for part in parts if isinstance(part, Unknown)), None)
        if unknown is not None:
            return Unknown(f"{node.text}", unknown.reason)
        if sum(len(part) for part in map(as_text, parts)) > _MAX_TEXT:
            return Unknown(node.text, f"it grows beyond {_MAX_TEXT:,} characters")
        # One value within a text: its place is the one that a person would edit.
        places = [place_of(part) for part in parts if not isinstance(part, str) or place_of(part)]
        known = places[0] if len(places) == 1 and places[0] else place
        return Text("".join(map(as_text, parts)), known)

    def evaluate(self, parsed: expression.Expression, status: str = "success") -> Data:
        """Evaluate an expression, supposed that the job went so far.

        Raises:
            UndecidedError: As for `value`.
            ExpressionError: It cannot be evaluated.
        """
        try:
            return evaluate(parsed, Scope(self.contexts, _FUNCTIONS[status], self.decisions))
        except RecursionError as error:
            raise ExpressionError("it is nested too deep") from error
        except UndecidedError as error:
            if self.blind:
                return Unknown(":".join(error.key), "it depends on more conditions than are followed")
            raise

    def known(self, node: Node | None) -> str | None:
        """Return a node's text where it is known without a supposition; None where it is not."""
        if node is None:
            return None
        try:
            value = self.value(node)
        except UndecidedError:
            return None
        return None if isinstance(value, (Unknown, list, dict)) else as_text(value)

    def late(self, node: Node) -> Late:
        """Return a node's value for when it is asked for."""
        return Late(lambda: self.value(node))

    def condition(self, node: Node | None) -> str:
        """Return whether an `if` holds: always, never, after-failure, or maybe where undecided things are not followed.

        Raises:
            UndecidedError: Only a run decides it, and nothing is supposed yet.
        """
        if not isinstance(node, Scalar) or node.value is None:
            return "always"
        try:
            parsed = expression.condition(node.text)
            has_status = bool(expression.calls(parsed) & set(_STATUS))
            holds = self._holds(parsed, "success")
            if not holds and self._holds_after_failure(parsed, has_status=has_status):
                return "after-failure"
        except UndecidedError:
            if self.blind:
                return "maybe"
            raise
        except ExpressionError:
            return "always"  # GitHub refuses the workflow; that is for a linter to say
        return "always" if holds else "never"

    def _holds_after_failure(self, parsed: expression.Expression, *, has_status: bool) -> bool:
        """Return whether a condition may hold once a step or a needed job has failed."""
        if has_status:
            return self._may_hold(parsed, "failure", ("steps", "needs"))
        # Without a word on the status a step of a job that runs always may still ask for a needed job's; a job may not.
        return "steps" in self.contexts and self._may_hold(parsed, "success", ("needs",))

    def _may_hold(self, parsed: expression.Expression, status: str, asked: tuple[str, ...]) -> bool:
        # Which of the steps and jobs before has failed is not known then.
        reason = "how it ends shows in a run"
        failed = {name: Open(name, {}, reason) for name in asked if name in self.contexts}
        try:
            return self.with_contexts(**failed)._holds(parsed, status)  # noqa: SLF001 - its own
        except UndecidedError:
            return True

    def _holds(self, parsed: expression.Expression, status: str) -> bool:
        value = self.evaluate(parsed, status)
        if not isinstance(value, Unknown):
            return truthy(value)
        key = ("truth", f"{value.name}#{value.reason}")
        if key in self.decisions:
            return bool(self.decisions[key])
        supposed = supposed_text(value, self.decisions)
        if supposed is not None:
            return truthy(supposed)
        raise UndecidedError(key, (True, False))


def github(events: tuple[str, ...], job: str) -> Data:
    """Return the `github` context: the event where it is one of a few, and unknown otherwise."""
    known: dict[str, Data] = {"job": job, "server_url": "https://github.com", "api_url": "https://api.github.com"}
    if len(events) == 1:
        known["event_name"] = events[0]
    elif events:
        known["event_name"] = Choice(EVENT, events)
    return Open("github", known, "github.* is known only in a run")


def events(on: Node | None) -> tuple[str, ...]:
    """Return the events that start a workflow; empty where another workflow may be the one that does."""
    if isinstance(on, Scalar):
        names = [on.text]
    elif isinstance(on, Sequence):
        names = [item.text for item in on.items if isinstance(item, Scalar)]
    else:
        names = list(on.entries) if on else []
    # A called workflow has its caller's event, whatever that is.
    return () if "workflow_call" in names else tuple(names)


def inputs(on: Node | None, started_by: tuple[str, ...], file: str, decisions: Decisions) -> dict[str, Data]:
    """Return the `inputs` context of a workflow that is not called by another one of this repository.

    Args:
        on: The workflow's events.
        started_by: Their names; empty where another workflow may call it.
        file: The workflow.
        decisions: What is supposed; the event among it, where there are several.
    """
    if not isinstance(on, MappingNode):
        return {}
    given: dict[str, Data] = {}
    for name, node in on.mapping("workflow_call").mapping("inputs").entries.items():
        given[name] = _choice(name, node, file, f"inputs.{name} is given by the workflow that calls this one")
    event = started_by[0] if len(started_by) == 1 else decisions.get((EVENT,))
    for name, node in on.mapping("workflow_dispatch").mapping("inputs").entries.items():
        if name in given:
            continue
        if event == "workflow_dispatch" or not started_by:
            given[name] = _choice(name, node, file, f"inputs.{name} is given by whoever starts the workflow")
        elif event is None:
            given[name] = Late(lambda: _ask_for_event(started_by))
        else:
            given[name] = None
    return given


def as_texts(given: Mapping[str, Data]) -> dict[str, Data]:
    """Return inputs as `github.event.inputs` has them: texts all."""
    texts: dict[str, Data] = {}
    for name, value in given.items():
        if isinstance(value, Choice):
            texts[name] = Choice(f"github.event.{value.name}", tuple(map(as_text, value.options)))
        elif isinstance(value, (Unknown, Late)) or value is None:
            texts[name] = value
        else:
            texts[name] = as_text(value)
    return texts


def _choice(name: str, node: Node, file: str, reason: str) -> Data:
    kind = node.text("type") if isinstance(node, MappingNode) else None
    options = node.get("options") if isinstance(node, MappingNode) else None
    if kind == "boolean":
        return Choice(f"inputs.{name}", (True, False))
    if kind == "choice" and isinstance(options, Sequence) and options.items:
        return Choice(f"inputs.{name}", tuple(data_of(item, file) for item in options.items))
    return Unknown(f"inputs.{name}", reason)


def _ask_for_event(started_by: tuple[str, ...]) -> Data:
    """Have the event decided first: with any but a dispatch, the input is not there."""
    raise UndecidedError((EVENT,), started_by)
