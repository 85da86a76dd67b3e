"""The edits that make the template a team's repository, as `edits.toml` lists them."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from template import lock
from template.answers import Answers

_EDITS = Path(__file__).parent / "edits.toml"
LOCK, PROJECT = "requirements.txt", "pyproject.toml"


class EditError(ValueError):
    """A file of the template is not as its edits expect it; the message names both."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one file; exactly one of `old`, `pattern` and `section` is set.

    Args:
        file: The file, from the root.
        part: The part that must be left out for this edit to be made; empty for one that is always made.
        old: The text that goes, wherever it stands.
        pattern: A regular expression, each match of which goes; `^` and `$` are the ends of lines.
        section: A Markdown heading, which goes with all that is below it.
        new: What takes the place; `{name}` and the like stand for the answers.
        unless: Parts of which one, left out too, makes this edit needless.
    """

    file: str
    part: str = ""
    old: str = ""
    pattern: str = ""
    section: str = ""
    new: str = ""
    unless: list[str] = field(default_factory=list)

    def apply(self, text: str, words: Mapping[str, str]) -> str:
        """Return a file's text with this change.

        Raises:
            EditError: What should go is not there.
        """
        new = self.new
        for placeholder, word in words.items():
            new = new.replace(placeholder, word)
        wanted = self.pattern or re.escape(self.old)
        if self.section:
            depth = len(self.section.split(" ")[0])
            wanted = rf"^{re.escape(self.section)}\n(?s:.*?)(?=^#{{1,{depth}}} |\Z)"
        result, count = re.subn(wanted, lambda _: new, text, flags=re.MULTILINE)
        if not count:
            raise EditError(f"{self.file} does not hold what edits.toml wants to change: {wanted[:200]}")
        return result


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is to be done to a tree.

    Args:
        write: The new text of each file that changes or is made.
        delete: The files and folders that go.
    """

    write: dict[str, str]
    delete: list[str]


def plan(root: Path, answers: Answers) -> Plan:
    """Work out what becomes of a tree; nothing is written.

    Args:
        root: The template's top folder.
        answers: What the team answered.

    Raises:
        EditError: A file is not as its edits expect it.
    """
    delete = sorted({path for path in deletions(answers.without) if (root / path).exists()})
    write: dict[str, str] = {}
    for edit in edits():
        gone = any(edit.file == path or edit.file.startswith(f"{path}/") for path in delete)
        needless = edit.part and (edit.part not in answers.without or set(edit.unless) & set(answers.without))
        # A team may have deleted a file since: an update of it is none of ours.
        if gone or needless or not (root / edit.file).exists():
            continue
        text = write.get(edit.file) or (root / edit.file).read_text(encoding="utf-8")
        write[edit.file] = edit.apply(text, answers.words)
    write[LOCK] = lock.prune((root / LOCK).read_text(encoding="utf-8"), write[PROJECT])
    write[".copier-answers.yml"] = answers.to_yaml()
    return Plan(write, delete)


def edits() -> Iterator[Edit]:
    """Yield every edit, in order."""
    for table in _data()["edit"]:
        yield Edit(**table)


def deletions(without: tuple[str, ...]) -> Iterator[str]:
    """Yield what goes: what only the template needs, and what the left out parts hold."""
    for table in _data()["delete"]:
        if table["part"] == "template" or table["part"] in without:
            yield from table["paths"]


def _data() -> dict[str, Any]:
    return tomllib.loads(_EDITS.read_text(encoding="utf-8"))
