"""The steps of a job, or of a composite action: what they have in common."""

from __future__ import annotations

from typing import NamedTuple

from verify_runtime.timeline.document import Mapping as MappingNode
from verify_runtime.timeline.scope import Frame


class Level(NamedTuple):
    """The steps of a job or of a composite action.

    Args:
        frame: Where their expressions are evaluated; its `steps` are theirs.
        environment: The `env` blocks around them, outermost first, each with its frame.
        folder: The default working directory; None where it is unknown.
        shell: The default shell; empty for the system's own.
        number: What stands before their numbers.
        names: The composite actions around them, outermost first.
    """

    frame: Frame
    environment: tuple[tuple[Frame, MappingNode], ...]
    folder: str | None
    shell: str
    number: str = ""
    names: tuple[str, ...] = ()
