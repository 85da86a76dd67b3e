"""GitHub's expressions: their values, where what is not known before a run stays unknown."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from verify_runtime.timeline.expression import (
    Call,
    Compare,
    Expression,
    ExpressionError,
    Index,
    Literal,
    Logic,
    Name,
    Not,
    number,
    text_of,
)

_MAX_TEXT = 1_000_000
_PLACE = re.compile(r"\{\{|\}\}|\{(\d+)(?::[^}]*)?\}|[{}]")

# None, a boolean, a number, a text, a list, a mapping, or Unknown.
Data = Any
Key = tuple[str, ...]
Decisions = Mapping[Key, Data]


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


class Late(NamedTuple):
    """A value that is evaluated only when it is asked for.

    Args:
        value: What evaluates it; it may raise what `evaluate` raises.
    """

    value: Callable[[], Data]


class All(list[Data]):
    """What `*` gives: a list whose parts are asked in each of its items."""


class UndecidedError(Exception):
    """An evaluation needs a decision between values that only a run makes.

    Args:
        key: What is decided; the same key is the same decision.
        options: What it may be.
    """

    def __init__(self, key: Key, options: tuple[Data, ...]) -> None:
        super().__init__(key)
        self.key = key
        self.options = options


class Scope(NamedTuple):
    """What an expression sees.

    Args:
        contexts: The contexts by name.
        functions: Functions beyond GitHub's pure ones, by name; they take the arguments' values.
        decisions: What undecided things are supposed to be, by key.
    """

    contexts: Mapping[str, Data]
    functions: Mapping[str, Callable[..., Data]]
    decisions: Decisions


def evaluate(expression: Expression, scope: Scope) -> Data:
    """Evaluate an expression.

    Returns:
        Its value; Unknown where only a run gives it.

    Raises:
        UndecidedError: The value depends on a decision that the scope does not hold.
        ExpressionError: A function or context is not there, or is misused.
    """
    return _Evaluation(scope).value(expression)


def truthy(value: Data) -> bool:
    """Return whether a known value counts as true."""
    return not (
        value is None or value is False or value == "" or (_is_number(value) and (value == 0 or value != value))
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
    return "Object" if isinstance(value, dict) else _number_text(value)


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = format(value, ".15g")
    if "e" in text:
        return text.replace("e", "E")
    return "0" if text == "-0" else text


def _is_number(value: Data) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_number(value: Data) -> float:
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    return number(value) if isinstance(value, str) else float("nan")


def _kind(value: Data) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text"
    return "number" if _is_number(value) else "object"


def _upper(text: str) -> str:
    return "ı".join(part.upper() for part in text.split("ı"))


def _coerced(left: Data, right: Data) -> tuple[Data, Data]:
    """Return both sides with GitHub's loose equality applied: other kinds become numbers."""
    kinds = {_kind(left), _kind(right)}
    if len(kinds) > 1:
        if "object" in kinds:
            return None, float("nan")
        left, right = _as_number(left), _as_number(right)
    return (_upper(left), _upper(right)) if isinstance(left, str) else (left, right)


def _equal(left: Data, right: Data) -> bool:
    if _kind(left) == "object" or _kind(right) == "object":
        return left is right
    one, other = _coerced(left, right)
    return bool(one == other)


def _compared(sign: str, left: Data, right: Data) -> bool:
    if sign == "==":
        return _equal(left, right)
    if sign == "!=":
        return not _equal(left, right)
    if sign in ("<=", ">=") and _equal(left, right):
        return True
    if "object" in (_kind(left), _kind(right)):
        return False
    one, other = _coerced(left, right)
    if one is None:
        return False
    return bool(one < other) if sign[0] == "<" else bool(one > other)


def _identity(value: Data, expression: Expression) -> str:
    """Return what a side of a comparison is called in a decision's key."""
    if isinstance(value, Unknown):
        return f"{value.name}#{value.reason}"
    return as_text(value).lower() if not isinstance(value, (list, dict)) else text_of(expression)


class _Evaluation:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def value(self, expression: Expression) -> Data:
        if isinstance(expression, Literal):
            return expression.value
        if isinstance(expression, Name):
            return self._name(expression.name)
        if isinstance(expression, Index):
            return self._index(expression)
        if isinstance(expression, Not):
            return not self._truth(expression.of)
        if isinstance(expression, Compare):
            return self._compare(expression)
        if isinstance(expression, Logic):
            return self._logic(expression)
        return self._call(expression)

    def _name(self, name: str) -> Data:
        if name not in self._scope.contexts:
            raise ExpressionError(f"no context is called {name!r} here")
        return self._chosen(self._scope.contexts[name])

    def _chosen(self, value: Data) -> Data:
        if isinstance(value, Late):
            value = value.value()
        return self._decide((value.name,), value.options) if isinstance(value, Choice) else value

    def _decide(self, key: Key, options: tuple[Data, ...]) -> Data:
        if key in self._scope.decisions:
            return self._scope.decisions[key]
        raise UndecidedError(key, options)

    def _truth(self, expression: Expression) -> bool:
        value = self.value(expression)
        return self._truth_of(value)

    def _truth_of(self, value: Data) -> bool:
        if not isinstance(value, Unknown):
            return truthy(value)
        known = self._equal_to(value)
        if known is not None:
            return truthy(known)
        return bool(self._decide(("truth", f"{value.name}#{value.reason}"), (True, False)))

    def _equal_to(self, value: Unknown) -> str | None:
        """Return the text that an unknown is supposed to be equal to; None where nothing is supposed."""
        identity = f"{value.name}#{value.reason}"
        for key, decided in self._scope.decisions.items():
            if decided is True and len(key) == 3 and key[0] == "==" and key[1] == identity:  # noqa: PLR2004 - its parts
                return key[2]
        return None

    def _logic(self, expression: Logic) -> Data:
        value: Data = None
        for operand in expression.operands:
            value = self.value(operand)
            if operand is expression.operands[-1]:
                break
            if self._truth_of(value) != (expression.sign == "&&"):
                # A falsy unknown is the empty text in all that follows; a truthy one stays what it is.
                return "" if isinstance(value, Unknown) and expression.sign == "&&" else value
        return value

    def _compare(self, expression: Compare) -> bool:
        left, right = self.value(expression.left), self.value(expression.right)
        left = self._supposed(left)
        right = self._supposed(right)
        if not isinstance(left, Unknown) and not isinstance(right, Unknown):
            return _compared(expression.sign, left, right)
        one, other = _identity(left, expression.left), _identity(right, expression.right)
        if expression.sign in ("==", "!="):
            if not isinstance(left, Unknown):
                one, other = other, one
            equal = bool(self._decide(("==", one, other), (True, False)))
            return equal == (expression.sign == "==")
        return bool(self._decide((expression.sign, one, other), (True, False)))

    def _supposed(self, value: Data) -> Data:
        if not isinstance(value, Unknown):
            return value
        known = self._equal_to(value)
        return value if known is None else known

    def _index(self, expression: Index) -> Data:
        of = self.value(expression.of)
        if expression.key is None:
            return self._all(of)
        key = self.value(expression.key)
        if isinstance(of, Unknown):
            return Unknown(text_of(expression), of.reason)
        if isinstance(key, Unknown):
            return Unknown(text_of(expression), key.reason)
        if isinstance(of, All):
            found = (_part(item, key) for item in of if isinstance(item, (dict, list, Unknown)))
            return All(self._chosen(part) for part in found if part is not None)
        return self._chosen(_part(of, key))

    def _all(self, of: Data) -> Data:
        if isinstance(of, Unknown):
            return of
        if isinstance(of, Open):
            return Unknown(f"{of.name}.*", of.reason)
        if isinstance(of, All):
            return All(part for item in of for part in _parts(item))
        return All(_parts(of))

    def _call(self, expression: Call) -> Data:
        arguments = [self.value(argument) for argument in expression.arguments]
        name = expression.name
        if name in self._scope.functions:
            try:
                return self._scope.functions[name](*arguments)
            except TypeError as error:
                raise ExpressionError(f"{name}() is called with {len(arguments)} arguments") from error
        if name == "case":
            return self._case(arguments)
        if name not in _FUNCTIONS:
            raise ExpressionError(f"no function is called {name!r}")
        fewest, most, function = _FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            raise ExpressionError(f"{name}() is called with {len(arguments)} arguments")
        unknown = _first_unknown(arguments)
        if unknown is None:
            return function(*arguments)
        if name in ("contains", "startswith", "endswith"):
            if name == "contains" and isinstance(arguments[0], list) and not isinstance(arguments[1], Unknown):
                known = [item for item in arguments[0] if not isinstance(item, Unknown)]
                if any(_equal(item, arguments[1]) for item in known):
                    return True
            return bool(self._decide((name, text_of(expression), unknown.reason), (True, False)))
        return Unknown(text_of(expression), unknown.reason)

    def _case(self, arguments: list[Data]) -> Data:
        if len(arguments) % 2 == 0 or len(arguments) < 3:  # noqa: PLR2004 - a predicate, its value, and the default
            raise ExpressionError("case() takes pairs of a condition and a value, then a default")
        for condition, value in zip(arguments[:-1:2], arguments[1::2]):
            if self._truth_of(condition):
                return value
        return arguments[-1]


def _first_unknown(values: list[Data]) -> Unknown | None:
    for value in values:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Open):
            return Unknown(value.name, value.reason)
        if isinstance(value, (list, dict)):
            inner = _first_unknown(list(value.values()) if isinstance(value, dict) else value)
            if inner:
                return inner
        if isinstance(value, (Choice, Late)):
            return Unknown("context", "a whole context is not known before a run")
    return None


def _parts(of: Data) -> list[Data]:
    if isinstance(of, dict):
        return list(of.values())
    return list(of) if isinstance(of, list) else []


def _part(of: Data, key: Data) -> Data:
    if isinstance(of, list):
        place = _as_number(key)
        return of[int(place)] if place >= 0 and place < len(of) else None
    if not isinstance(of, dict):
        return None
    if isinstance(key, (list, dict)):
        return None
    name = as_text(key)
    if name in of:
        return of[name]
    lower = name.lower()
    for each, value in of.items():
        if each.lower() == lower:
            return value
    return Unknown(f"{of.name}.{lower}", of.reason.replace("*", name)) if isinstance(of, Open) else None


def _contains(where: Data, what: Data) -> bool:
    if isinstance(where, list):
        return any(_equal(item, what) for item in where)
    if isinstance(where, dict) or isinstance(what, (list, dict)):
        return False
    return as_text(what).lower() in as_text(where).lower()


def _starts_with(where: Data, what: Data) -> bool:
    return not isinstance(where, (list, dict)) and _upper(as_text(where)).startswith(_upper(as_text(what)))


def _ends_with(where: Data, what: Data) -> bool:
    return not isinstance(where, (list, dict)) and _upper(as_text(where)).endswith(_upper(as_text(what)))


def _format(text: Data, *values: Data) -> str:
    def put(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if not found[1] or int(found[1]) >= len(values):
            raise ExpressionError(f"format() cannot fill {as_text(text)!r}")
        return as_text(values[int(found[1])])

    return _bounded(_PLACE.sub(put, as_text(text)))


def _join(values: Data, between: Data = ",") -> str:
    if isinstance(values, list):
        return _bounded(as_text(between).join(map(as_text, values)))
    return "" if isinstance(values, dict) else as_text(values)


def _bounded(text: str) -> str:
    if len(text) > _MAX_TEXT:
        raise ExpressionError(f"a text grows beyond {_MAX_TEXT:,} characters")
    return text


def _to_json(value: Data) -> str:
    return _bounded(json.dumps(_plain(value, [0]), indent=2, ensure_ascii=False))


def _plain(value: Data, spent: list[int]) -> Data:
    """Return a value as JSON writes it: whole numbers without a point; anchors may share parts, so it is bounded."""
    spent[0] += 1
    if spent[0] > _MAX_TEXT // 100:
        raise ExpressionError("a value is too large for toJSON()")
    if isinstance(value, dict):
        return {key: _plain(part, spent) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, spent) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _from_json(text: Data) -> Data:
    try:
        return json.loads(as_text(text), parse_int=float)
    except (ValueError, RecursionError) as error:
        raise ExpressionError(f"fromJSON() cannot read {as_text(text)[:60]!r}") from error


_FUNCTIONS: dict[str, tuple[int, int, Callable[..., Data]]] = {
    "contains": (2, 2, _contains),
    "startswith": (2, 2, _starts_with),
    "endswith": (2, 2, _ends_with),
    "format": (1, 255, _format),
    "join": (1, 2, _join),
    "tojson": (1, 1, _to_json),
    "fromjson": (1, 1, _from_json),
}
