"""The values of GitHub's expressions, where what is not known before a run is a value too."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from verify_runtime.timeline.expression import number

# None, a boolean, a number, a text, a list, a mapping, or Unknown.
Data = Any

_DOTLESS_I = "\u0131"


class Unknown(NamedTuple):
    """A value that only a run gives.

    Args:
        name: What it is called, in canonical form; the same name and reason mean the same value.
        reason: Why it is unknown.
    """

    name: str
    reason: str


class Choice(NamedTuple):
    """A value that is one of a few, such as the event of a workflow that has two.

    Args:
        name: What it is called, in canonical form.
        options: What it may be.
    """

    name: str
    options: tuple[Data, ...]


class Open(dict[str, Data]):
    """A context of which more parts may exist than are known.

    Args:
        name: What it is called.
        known: The known parts.
        reason: Why the others are unknown.
    """

    def __init__(self, name: str, known: Mapping[str, Data], reason: str) -> None:
        super().__init__(known)
        self.name = name
        self.reason = reason


class Late:
    """A value that is evaluated only when it is asked for, and once.

    Args:
        evaluation: What evaluates it; it may raise what `evaluate` raises.
    """

    __slots__ = ("_evaluation", "_known", "_value")

    def __init__(self, evaluation: Callable[[], Data]) -> None:
        self._evaluation = evaluation
        self._known = False
        self._value: Data = None

    def value(self) -> Data:
        """Return the value."""
        if not self._known:
            self._value = self._evaluation()
            self._known = True
        return self._value


class All(list[Data]):
    """What `*` gives: a list whose parts are asked in each of its items."""


def truthy(value: Data) -> bool:
    """Return whether a known value counts as true."""
    return not (
        value is None or value is False or value == "" or (is_number(value) and (value == 0 or math.isnan(value)))
    )


def as_text(value: Data) -> str:
    """Return a known value as GitHub writes it into a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "Array"
    return _number_text(value) if isinstance(value, (int, float)) else "Object"


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = format(value, ".15g")
    if "e" in text:
        return text.replace("e", "E")
    return "0" if text == "-0" else text


def is_number(value: Data) -> bool:
    """Return whether a value is a number; a boolean is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_number(value: Data) -> float:
    """Return a value as GitHub coerces it to a number."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    return number(value) if isinstance(value, str) else float("nan")


def kind(value: Data) -> str:
    """Return what kind of value it is: null, boolean, text, number or object."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "number" if is_number(value) else "object"


def upper(text: str) -> str:
    """Return a text as GitHub compares it: in upper case, but for the dotless i."""
    return _DOTLESS_I.join(part.upper() for part in text.split(_DOTLESS_I))


def _coerced(left: Data, right: Data) -> tuple[Data, Data]:
    """Return both sides with GitHub's loose equality applied: other kinds become numbers."""
    kinds = {kind(left), kind(right)}
    if len(kinds) > 1:
        if "object" in kinds:
            return None, float("nan")
        left, right = as_number(left), as_number(right)
    return (upper(left), upper(right)) if isinstance(left, str) else (left, right)


def equal(left: Data, right: Data) -> bool:
    """Return whether two values are equal, as GitHub's == has it."""
    if kind(left) == "object" or kind(right) == "object":
        return left is right
    one, other = _coerced(left, right)
    return bool(one == other)


def compared(sign: str, left: Data, right: Data) -> bool:
    """Return what one of `== != < <= > >=` gives for two values."""
    if sign == "==":
        return equal(left, right)
    if sign == "!=":
        return not equal(left, right)
    if sign in ("<=", ">=") and equal(left, right):
        return True
    if "object" in (kind(left), kind(right)):
        return False
    one, other = _coerced(left, right)
    if one is None:
        return False
    return bool(one < other) if sign[0] == "<" else bool(one > other)
