"""The functions of GitHub's expressions that need no run. Source: the same documentation as the syntax's."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable

from verify_runtime.timeline.data import Choice, Data, Late, Open, Unknown, as_text, equal, upper
from verify_runtime.timeline.expression import ExpressionError

_MAX_TEXT = 1_000_000
_MAX_DEPTH = 100
_PLACE = re.compile(r"\{\{|\}\}|\{(\d{1,5})(?::[^}]*)?\}|[{}]")


def _contains(where: Data, what: Data) -> bool:
    if isinstance(where, list):
        return any(equal(item, what) for item in where)
    if isinstance(where, dict) or isinstance(what, (list, dict)):
        return False
    return as_text(what).lower() in as_text(where).lower()


def _has_object(*values: Data) -> bool:
    return any(isinstance(value, (list, dict)) for value in values)


def _starts_with(where: Data, what: Data) -> bool:
    return not _has_object(where, what) and upper(as_text(where)).startswith(upper(as_text(what)))


def _ends_with(where: Data, what: Data) -> bool:
    return not _has_object(where, what) and upper(as_text(where)).endswith(upper(as_text(what)))


def _format(text: Data, *values: Data) -> str:
    spent = 0

    def put(found: re.Match[str]) -> str:
        nonlocal spent
        if found[0] in ("{{", "}}"):
            return found[0][0]
        if not found[1] or int(found[1]) >= len(values):
            raise ExpressionError(f"format() cannot fill {as_text(text)[:60]!r}")
        value = as_text(values[int(found[1])])
        spent += len(value)
        _bound(spent)
        return value

    return _PLACE.sub(put, as_text(text))


def _join(values: Data, between: Data = ",") -> str:
    if isinstance(values, list):
        texts = [as_text(value) for value in values]
        sign = "," if isinstance(between, (list, dict)) else as_text(between)
        _bound(sum(map(len, texts)) + len(sign) * len(texts))
        return sign.join(texts)
    return "" if isinstance(values, dict) else as_text(values)


def _bound(length: int) -> None:
    if length > _MAX_TEXT:
        raise ExpressionError(f"a text grows beyond {_MAX_TEXT:,} characters")


def _to_json(value: Data) -> str:
    return json.dumps(_plain(value, [0]), indent=2, ensure_ascii=False)


def _plain(value: Data, spent: list[int]) -> Data:
    """Return a value as JSON writes it: whole numbers without a point; anchors may share parts, so it is bounded."""
    # A line of JSON for each value, indented.
    spent[0] += (len(value) if isinstance(value, str) else 0) + 50
    _bound(spent[0])
    if isinstance(value, dict):
        return {key: _plain(part, spent) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, spent) for part in value]
    if not isinstance(value, float):
        return value
    if not math.isfinite(value):
        return None  # JSON has no words for it
    return int(value) if value.is_integer() else value


def _from_json(text: Data) -> Data:
    try:
        value = json.loads(as_text(text), parse_int=float, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ExpressionError(f"fromJSON() cannot read {as_text(text)[:60]!r}") from error
    if _depth(value) > _MAX_DEPTH:
        raise ExpressionError(f"fromJSON() is given a value nested more than {_MAX_DEPTH} deep")
    return value


def _refuse(word: str) -> Data:
    raise ValueError(f"{word} is no JSON")


def _depth(value: Data) -> int:
    """Return how deep a value is nested."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            part
            for each in level
            if isinstance(each, (list, dict))
            for part in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


FUNCTIONS: dict[str, tuple[int, int, Callable[..., Data]]] = {
    "contains": (2, 2, _contains),
    "startswith": (2, 2, _starts_with),
    "endswith": (2, 2, _ends_with),
    "format": (1, 255, _format),
    "join": (1, 2, _join),
    "tojson": (1, 1, _to_json),
    "fromjson": (1, 1, _from_json),
}


def first_unknown(values: list[Data]) -> Unknown | None:
    """Return the first value, or part of one, that is unknown; None where all is known."""
    for value in values:
        if isinstance(value, Unknown):
            return value
        if isinstance(value, Open):
            return Unknown(value.name, value.reason)
        if isinstance(value, (list, dict)):
            inner = first_unknown(list(value.values()) if isinstance(value, dict) else value)
            if inner:
                return inner
        if isinstance(value, (Choice, Late)):
            return Unknown("context", "a whole context is not known before a run")
    return None
