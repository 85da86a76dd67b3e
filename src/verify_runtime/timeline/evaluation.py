"""GitHub's expressions: their values, where what is not known before a run stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from verify_runtime.timeline.data import (
    All,
    Choice,
    Data,
    Late,
    Open,
    Unknown,
    as_number,
    as_text,
    compared,
    equal,
    kind,
    truthy,
)
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
    text_of,
)
from verify_runtime.timeline.functions import FUNCTIONS, first_unknown

# What begins the key of a decision that an unknown equals a text.
EQUAL = "=="
_MISSING = object()
Key = tuple[str, ...]
Decisions = Mapping[Key, Data]


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


def supposed_text(value: Unknown, decisions: Decisions) -> str | None:
    """Return the text that an unknown is supposed to be equal to; None where nothing is supposed."""
    start = (EQUAL, f"{value.name}#{value.reason}")
    return next((key[2] for key, decided in decisions.items() if decided is True and key[:2] == start), None)


def evaluate(expression: Expression, scope: Scope) -> Data:
    """Evaluate an expression.

    Returns:
        Its value; Unknown where only a run gives it.

    Raises:
        UndecidedError: The value depends on a decision that the scope does not hold.
        ExpressionError: A function or context is not there, or is misused.
    """
    return _Evaluation(scope).value(expression)


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
        if isinstance(expression, Compare):
            return self._compare(expression)
        return self._combined(expression)

    def _combined(self, expression: Not | Logic | Call) -> Data:
        if isinstance(expression, Not):
            return not self._truth(expression.of)
        return self._logic(expression) if isinstance(expression, Logic) else self._call(expression)

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
        return supposed_text(value, self._scope.decisions)

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
            return compared(expression.sign, left, right)
        one, other = _identity(left, expression.left), _identity(right, expression.right)
        if expression.sign in ("==", "!="):
            if not isinstance(left, Unknown):
                one, other = other, one
            known = right if isinstance(left, Unknown) else left
            # What equals a boolean or a number may be another value that counts as it.
            equality = EQUAL if isinstance(known, str) else f"{EQUAL} {kind(known)}"
            equal = bool(self._decide((equality, one, other), (True, False)))
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
            found = (_part(item, key, _MISSING) for item in of)
            return All(self._chosen(part) for part in found if part is not _MISSING)
        return self._chosen(_part(of, key))

    def _all(self, of: Data) -> Data:
        if isinstance(of, Unknown):
            return of
        if isinstance(of, Open):
            return Unknown(f"{of.name}.*", of.reason)
        parts = [part for item in of for part in _parts(item)] if isinstance(of, All) else _parts(of)
        return All(map(self._chosen, parts))

    def _call(self, expression: Call) -> Data:
        name = expression.name
        if name == "case":
            return self._case(expression.arguments)
        arguments = [self.value(argument) for argument in expression.arguments]
        if name in self._scope.functions:
            try:
                return self._scope.functions[name](*arguments)
            except TypeError as error:
                raise ExpressionError(f"{name}() is called with {len(arguments)} arguments") from error
        if name not in FUNCTIONS:
            raise ExpressionError(f"no function is called {name!r}")
        fewest, most, function = FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            raise ExpressionError(f"{name}() is called with {len(arguments)} arguments")
        unknown = first_unknown(arguments)
        if unknown is None:
            return function(*arguments)
        if name in ("contains", "startswith", "endswith"):
            if name == "contains" and isinstance(arguments[0], list) and not isinstance(arguments[1], Unknown):
                known = [item for item in arguments[0] if not isinstance(item, Unknown)]
                if any(equal(item, arguments[1]) for item in known):
                    return True
            return bool(self._decide((name, text_of(expression), unknown.reason), (True, False)))
        return Unknown(text_of(expression), unknown.reason)

    def _case(self, arguments: tuple[Expression, ...]) -> Data:
        # Pairs of a predicate and a value, then the default; only what is asked for is evaluated.
        if len(arguments) % 2 == 0 or len(arguments) < 3:  # noqa: PLR2004 - as said above
            raise ExpressionError("case() takes pairs of a condition and a value, then a default")
        for condition, value in zip(arguments[:-1:2], arguments[1::2]):
            holds = self.value(condition)
            if not isinstance(holds, (bool, Unknown)):
                raise ExpressionError("a condition of case() is true or false, and nothing else")
            if self._truth_of(holds):
                return self.value(value)
        return self.value(arguments[-1])


def _parts(of: Data) -> list[Data]:
    if isinstance(of, (Open, Unknown)):
        known = of.values() if isinstance(of, Open) else ()
        return [*known, Unknown(f"{of.name}.*", of.reason)]
    if isinstance(of, dict):
        return list(of.values())
    return list(of) if isinstance(of, list) else []


def _part(of: Data, key: Data, missing: Data = None) -> Data:
    if isinstance(of, list):
        place = as_number(key)
        return of[int(place)] if place >= 0 and place < len(of) else missing
    if isinstance(of, Unknown):
        return Unknown(f"{of.name}.{as_text(key).lower()}", of.reason)
    if not isinstance(of, dict) or isinstance(key, (list, dict)):
        return missing
    name = as_text(key)
    if name in of:
        return of[name]
    lower = name.lower()
    for each, value in of.items():
        if each.lower() == lower:
            return value
    return Unknown(f"{of.name}.{lower}", of.reason.replace("*", name)) if isinstance(of, Open) else missing
