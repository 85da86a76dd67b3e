"""Commands that only run another one: sudo, env and their like."""

from __future__ import annotations

import posixpath
import re

_ASSIGNMENT = re.compile(r"[^=<\s]+=.*")
# What runs another command: its name, and the options of it that take a value.
_PREFIXES: dict[str, tuple[str, ...]] = {
    "sudo": ("-u", "-g", "-h", "-p", "-C"),
    "env": ("-u", "-C"),
    "time": (),
    "nice": ("-n",),
    "exec": ("-a",),
    "command": (),
    "nohup": (),
    "builtin": (),
    "stdbuf": ("-o", "-e", "-i"),
    "timeout": ("-s", "-k"),
    "xvfb-run": ("-s", "-n", "--server-args"),
    "cross-env": (),
}


def without_prefixes(words: list[str | None]) -> list[str | None]:
    """Return a command without what only runs it: sudo, env and their like, with their options and assignments."""
    while words and posixpath.basename(words[0] or "") in _PREFIXES:
        rest = _behind(posixpath.basename(words[0] or ""), words[1:])
        if not rest:
            return words
        words = rest
    return words


def _behind(name: str, words: list[str | None]) -> list[str | None]:
    """Return what a prefix runs: what stands behind its options and assignments; nothing where it only asks."""
    if name == "command" and words[:1] in (["-v"], ["-V"]):
        return []
    at = 0
    while at < len(words) and _is_own(words[at]):
        at += 2 if words[at] in _PREFIXES[name] else 1
    return words[at + (name == "timeout") :]


def _is_own(word: str | None) -> bool:
    return word is not None and (word.startswith("-") or bool(_ASSIGNMENT.fullmatch(word)))
