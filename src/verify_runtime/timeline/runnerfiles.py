"""What a script writes to the files that GITHUB_ENV, GITHUB_OUTPUT and GITHUB_PATH name.

Format: docs.github.com, "Workflow commands for GitHub Actions", environment files.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from verify_runtime.timeline.model import Place
from verify_runtime.timeline.words import UNKNOWN, Variable, Word

_FILES = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT")
_KEY = re.compile(r"([^=<\s]+)=(.*)")
_DOCUMENT = re.compile(r"([^=<\s]+)<<(.+)")


class Line(NamedTuple):
    """A line that a script writes for later steps; its text is None where only a run tells it."""

    text: str | None
    place: Place
    certain: bool
    folder: str | None


def pairs(lines: list[Line]) -> list[tuple[str, str | None, Place, bool]]:
    """Return the values in lines of NAME=VALUE and NAME<<END blocks; a value is None where it is unknown."""
    found: list[tuple[str, str | None, Place, bool]] = []
    name, ending = "", ""
    held: list[Line] = []
    for line in lines:
        text = line.text
        if ending and text == ending:
            found.append((name, _block(held), held[0].place if held else line.place, line.certain))
            ending = ""
        elif ending:
            held.append(line)
        elif document := _DOCUMENT.fullmatch(text or ""):
            name, ending, held = document[1], document[2], []
        elif pair := _KEY.fullmatch(text or ""):
            found.append((pair[1], _known(pair[2]), line.place, line.certain))
    return found


def _block(lines: list[Line]) -> str | None:
    texts = [line.text for line in lines]
    return None if None in texts else _known("\n".join(map(str, texts)))


def _known(text: str) -> str | None:
    return None if UNKNOWN in text else text


def runner_file(word: Word) -> str | None:
    """Return which of the runner's files a word names; None for any other one."""
    only = word[0] if len(word) == 1 else None
    return only.name if isinstance(only, Variable) and only.name in _FILES else None
