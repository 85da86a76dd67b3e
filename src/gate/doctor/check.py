"""One thing that the doctor looked at, and how it is shown."""

from dataclasses import dataclass
from typing import Literal

from gate import paint

_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red", "unknown": ""}

State = Literal["ok", "warning", "problem", "unknown"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Args:
        state: How it stands; unknown when it could not be seen.
        title: What was found, in a line.
        why: Why it matters.
        fix: The command or page that mends it, or that would tell; empty when it is ok.
    """

    state: State
    title: str
    why: str
    fix: str = ""


def show(found: list[Check]) -> None:
    """Print checks for a person."""
    for each in found:
        paint.line(f"{each.state:8} {each.title}", _COLOURS[each.state])
        if each.state != "ok":
            paint.line(f"         {each.why}")
            paint.line(f"         {each.fix}")
