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
        name = posixpath.basename(words[0] or "")
        rest = words[1:]
        if name == "command" and rest and rest[0] in ("-v", "-V"):
            return words
        while rest and rest[0] is not None and (rest[0].startswith("-") or _ASSIGNMENT.fullmatch(rest[0])):
            rest = rest[2:] if rest[0] in _PREFIXES[name] else rest[1:]
        if name == "timeout" and rest:
            rest = rest[1:]
        if not rest:
            return words
        words = rest
    return words
