"""What is required: a tool and a range of versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from verify_runtime.ranges import Range, RangeError, parse_range

_START = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.+-]*)@(.*)")


class RequirementError(ValueError):
    """A requirement cannot be read; the message says where."""


class Requirement(NamedTuple):
    """A tool and the versions of it that will do.

    Args:
        tool: The command's name.
        range: The versions.
    """

    tool: str
    range: Range

    def __str__(self) -> str:
        return f"{self.tool}@{self.range.text}"


def parse(arguments: Sequence[str]) -> list[Requirement]:
    """Read requirements: `TOOL@RANGE`, separated by white space or given one by one.

    A range may hold spaces (`node@18 || >=20 <21`): a new requirement begins where a name and an @ do.

    Raises:
        RequirementError: A requirement has no tool or an unreadable range; the message names the character.
    """
    texts: list[str] = []
    for word in " ".join(arguments).split():
        if _START.fullmatch(word) or not texts:
            texts.append(word)
        else:
            texts[-1] += f" {word}"
    if not texts:
        raise RequirementError("No requirement was given. Write TOOL@RANGE, for example node@20.")
    return [_parse_one(text) for text in texts]


def _parse_one(text: str) -> Requirement:
    found = _START.fullmatch(text)
    if not found:
        raise RequirementError(f"{text!r} is no requirement. Write TOOL@RANGE, for example node@20.")
    try:
        return Requirement(found[1], parse_range(found[2].strip() or "*"))
    except RangeError as error:
        raise RequirementError(f"{found[1]}: {error}. Examples: 20, 20.x, ^20.12, >=18 <21, 18 || 20.") from error
