"""A job's matrix, expanded into its legs.

Source: docs.github.com/actions/reference/workflow-syntax, strategy.matrix.
"""

from __future__ import annotations

import itertools
from typing import Any

from verify_runtime.timeline.data import Choice, Data, Late, Open, Unknown, as_text

# GitHub's own limit.
MAX_LEGS = 256
# Before anything is excluded, and with all that is compared.
_MAX_PRODUCT, _MAX_COMPARISONS = 16_384, 2_000_000


class MatrixError(ValueError):
    """A matrix cannot be expanded; the message says why."""


def legs(matrix: Data) -> list[dict[str, Data]]:
    """Return a matrix's legs in GitHub's order.

    Args:
        matrix: The evaluated matrix: a mapping of lists, with include and exclude; Unknown as a whole or in parts.

    Raises:
        MatrixError: It has more legs than GitHub allows, or is no matrix.
    """
    if isinstance(matrix, Unknown):
        return [Open("matrix", {}, matrix.reason)]
    if not isinstance(matrix, dict):
        raise MatrixError("the matrix is no mapping")
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    made = _product(axes)
    rules = sum(len(part) for part in (matrix.get("include"), matrix.get("exclude")) if isinstance(part, list))
    if len(made) * (1 + rules) > _MAX_COMPARISONS:
        raise MatrixError("the matrix has too many legs, or too much to include and exclude")
    made = [leg for leg in made if not any(_matches(leg, each) for each in _mappings(matrix.get("exclude")))]
    included = matrix.get("include")
    if isinstance(included, Unknown):
        return [Open("matrix", leg, included.reason) for leg in made] or [Open("matrix", {}, included.reason)]
    _include(made, _mappings(included), set(axes))
    if len(made) > MAX_LEGS:
        raise MatrixError(f"the matrix has more than {MAX_LEGS} legs")
    return made


def title(leg: dict[str, Data]) -> str:
    """Return a leg's values as GitHub prints them behind the job's name."""
    return ", ".join(text for value in leg.values() for text in _texts(value))


def _product(axes: dict[str, Data]) -> list[dict[str, Data]]:
    if not axes:
        return []
    lists = []
    count = 1
    for name, values in axes.items():
        if isinstance(values, list):
            lists.append(values)
        elif isinstance(values, Unknown):
            lists.append([Unknown(f"matrix.{name}", values.reason)])
        else:
            raise MatrixError(f"matrix.{name} is no list")
        count *= len(lists[-1])
    if count > _MAX_PRODUCT:
        raise MatrixError(f"the matrix has more than {MAX_LEGS} legs")
    return [dict(zip(axes, values)) for values in itertools.product(*lists)]


def _mappings(values: Data) -> list[dict[str, Any]]:
    return [each for each in values if isinstance(each, dict)] if isinstance(values, list) else []


def _matches(leg: dict[str, Data], pattern: dict[str, Data]) -> bool:
    return all(name in leg and leg[name] == value for name, value in pattern.items())


def _include(made: list[dict[str, Data]], included: list[dict[str, Data]], axes: set[str]) -> None:
    """Add what `include` says: to every leg whose own values it leaves as they are, else as a leg of its own."""
    originals = list(made)
    for extra in included:
        own = {name: value for name, value in extra.items() if name in axes}
        fitting = [leg for leg in originals if all(leg[name] == value for name, value in own.items())]
        for leg in fitting:
            leg.update(extra)
        if not fitting:
            made.append(dict(extra))


def _texts(value: Data) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return ["?"] if isinstance(value, (Unknown, Choice, Late)) else [as_text(value)]
