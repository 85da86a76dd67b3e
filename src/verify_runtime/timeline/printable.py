"""Texts of others, as a terminal, a log and a comment may show them."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return a text in which nothing controls what shows it.

    Characters that a terminal would obey stand as their escapes, and what GitHub's runner would read as a command does
    not: `::` where a line begins, and `##[` anywhere. Source: actions/runner, ActionCommand.cs.
    """
    plain = "".join(each if each.isprintable() else _escape(each) for each in text) if not text.isprintable() else text
    plain = plain.replace("##[", "#\\#[")
    return f"\\{plain.lstrip()}" if plain.lstrip().startswith("::") else plain


def _escape(character: str) -> str:
    return " " if character in "\n\t" else character.encode("unicode_escape").decode("ascii")
