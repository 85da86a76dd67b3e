"""What `--explain` prints: a page for each rule, in Markdown, with a wrong and a right example."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent
_FILE = re.compile(r"^```\w+ (\S+)\n((?:(?!^```).*\n)*)^```", re.MULTILINE)


class Page(NamedTuple):
    """A rule's page.

    Args:
        text: The page.
        wrong: The files of the wrong example, by path.
        right: The files of the right one.
    """

    text: str
    wrong: dict[str, str]
    right: dict[str, str]


def page(rule: str) -> Page:
    """Return a rule's page.

    Raises:
        FileNotFoundError: There is no such rule.
    """
    text = (_FOLDER / f"{rule}.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("\n## Wrong\n")
    wrong, _, right = rest.partition("\n## Right\n")
    return Page(text, dict(_FILE.findall(wrong)), dict(_FILE.findall(right)))


def title(rule: str) -> str:
    """Return the sentence that a rule's page begins with."""
    lines = (_FOLDER / f"{rule}.md").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines[1:] if line.strip())
