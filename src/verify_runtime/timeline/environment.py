"""The variables that a step sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from verify_runtime.timeline.data import Data, Late, Open, Unknown, as_text
from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.evaluation import UndecidedError
from verify_runtime.timeline.expression import ExpressionError
from verify_runtime.timeline.scope import Frame

# What a rule may ask about: the other variables are not told.
_RELEVANT = re.compile("SONAR|NODE", re.IGNORECASE)


class Environment(Mapping[str, str | None]):
    """The variables of a step that a rule may ask about, each evaluated when it is asked for.

    Args:
        values: All its variables.
    """

    def __init__(self, values: Mapping[str, Data]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> str | None:
        value = self._values[name]
        try:
            known = value.value() if isinstance(value, Late) else value
        except (UndecidedError, ExpressionError):
            return None
        return None if isinstance(known, (Unknown, list, dict)) else as_text(known)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._values if _RELEVANT.search(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def extended(environment: Mapping[str, Data], frame: Frame, block: MappingNode) -> dict[str, Data]:
    """Return variables with an `env` block added; its expressions see what stands outside of it."""
    within = frame.with_contexts(env=environment)
    merged = {**environment, **{name: within.late(value) for name, value in block.entries.items()}}
    return Open(environment.name, merged, environment.reason) if isinstance(environment, Open) else merged
