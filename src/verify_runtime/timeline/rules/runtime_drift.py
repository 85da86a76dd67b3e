"""runtime-drift: the places that name a version of Node disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from verify_runtime.timeline import versionfile
from verify_runtime.timeline.finding import ERROR, Facts, Finding
from verify_runtime.timeline.model import Active, Place
from verify_runtime.timeline.releases import disjoint, excluded, meant
from verify_runtime.timeline.repository import Repository

NAME = "runtime-drift"
_FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*(?:docker\.io/)?(?:library/)?node:(\d+(?:\.\d+){0,2})\b", re.IGNORECASE)


class _Named(NamedTuple):
    """A version that a file names for the whole repository."""

    what: str
    version: str
    place: Place


def check(facts: Facts) -> Iterator[Finding]:
    """Find files that name versions which cannot be the same, and those that no job's Node agrees with."""
    named = list(_named(facts))
    first = named[0] if named else None
    for other in named[1:]:
        against = next((each for each in named[: named.index(other)] if disjoint(each.version, other.version)), None)
        if against:
            yield _finding(other, f"{against.what} says {against.version} ({against.place})")
    used = _used(facts)
    if not facts.whole or not used or first is None:
        return
    for each in named:
        if meant(each.version) and all(_against(each, active) for active in used):
            versions = ", ".join(dict.fromkeys(active.version for active in used))
            yield _finding(each, f"the workflows run on {versions} ({used[0].place})")


def _against(named: _Named, active: Active) -> bool:
    if named.what == "engines":
        return excluded(active, named.version)
    return disjoint(named.version, active.version)


def _finding(named: _Named, against: str) -> Finding:
    return Finding(
        NAME,
        ERROR,
        named.place,
        f"{named.what} says Node {named.version}, but {against}.",
        "What passes on one person's machine then runs on another Node in the pipeline.",
        "Name one version, and have setup-node read it:\n  with:\n    node-version-file: .nvmrc",
    )


def _named(facts: Facts) -> Iterator[_Named]:
    for name, found in _written(facts.repository):
        if found and found.version and found.place:
            yield _Named(name, found.version, found.place)
    for number, line in enumerate(facts.repository.lines("Dockerfile"), 1):
        image = _FROM.match(line)
        if image:
            yield _Named("Dockerfile", image[1], Place("Dockerfile", number))


def _written(repository: Repository) -> Iterator[tuple[str, versionfile.Written | None]]:
    for name in (".nvmrc", ".node-version"):
        yield name, versionfile.node_version(repository, name) if repository.read(name) is not None else None
    for name in (".tool-versions", "mise.toml", ".mise.toml"):
        yield name, versionfile.tool_version(repository, name, "nodejs", "node")
    for name in ("volta", "engines"):
        yield name, versionfile.package_field(repository, "package.json", name, "node")


def _used(facts: Facts) -> list[Active]:
    """Return every Node that a job may run on; none where one of them is unknown, which may be the one that agrees."""
    used: list[Active] = []
    for _, step in facts.running():
        runs_node = any(command.words for command in step.commands)
        for active in step.tools.get("node", ()):
            if active.kind == "unknown":
                return []
            if active.kind == "decided" and runs_node and active not in used:
                used.append(active)
    return used
