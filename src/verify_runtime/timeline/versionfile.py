"""Files that hold a version: .nvmrc and its like, and package.json."""

from __future__ import annotations

import json
import posixpath
import re
from typing import Any, NamedTuple

from verify_runtime.timeline.model import Place
from verify_runtime.timeline.repository import Repository

# Source: actions/setup-node, src/util.ts, of 2026-08-18.
_LINE = re.compile(r"^(?:node(?:js)?\s+)?v?(\S+)$", re.MULTILINE)
_TOML_VERSION = re.compile(r"""["']([^"']+)["']""")
_MAX_EXTENDS = 10
# npm's own limit for a version; what is longer is none.
_MAX_VERSION = 256


class Written(NamedTuple):
    """A version that a file holds.

    Args:
        version: As written, without a leading v.
        place: Where.
        reason: Why there is none; empty where there is.
    """

    version: str
    place: Place | None
    reason: str = ""


def node_version(repository: Repository, path: str) -> Written:
    """Return the version that setup-node takes from a file, by its own order.

    Returns:
        An empty version where the file is not there, or holds none; the reason says which.
    """
    found = _node_version(repository, path, 0)
    if len(found.version) > _MAX_VERSION:
        return Written("", None, f"what {path} holds is longer than a version")
    return found


def _node_version(repository: Repository, path: str, depth: int) -> Written:
    text = repository.read(path)
    if text is None:
        return Written("", None, f"{path} is not in the repository")
    manifest = _json(text)
    if isinstance(manifest, (dict, list)):
        return _from_manifest(repository, path, text, manifest, depth)
    if path.endswith(".toml"):
        return tool_version(repository, path, "node") or Written("", None, f"{path} holds no version of node")
    found = _LINE.search(text)
    if found:
        return Written(found[1], Place(path, text.count("\n", 0, found.start()) + 1))
    plain = text.strip()
    return Written(plain, Place(path, 1)) if plain else Written("", None, f"{path} is empty")


def _from_manifest(repository: Repository, path: str, text: str, manifest: Any, depth: int) -> Written:  # noqa: ANN401 - JSON
    volta, engines = _mapping(manifest, "volta"), _mapping(manifest, "engines")
    if isinstance(volta.get("node"), str) and volta["node"]:
        return Written(volta["node"].lstrip("v"), Place(path, _line(text, ("volta", "node"))))
    for runtime in _listed(_mapping(manifest, "devEngines").get("runtime")):
        if (
            str(runtime.get("name")).lower() == "node"
            and isinstance(runtime.get("version"), str)
            and runtime["version"]
        ):
            return Written(runtime["version"], Place(path, _line(text, ("devEngines", "runtime"), runtime["version"])))
    if isinstance(engines.get("node"), str) and engines["node"]:
        return Written(engines["node"], Place(path, _line(text, ("engines", "node"))))
    base = volta.get("extends")
    if isinstance(base, str) and depth < _MAX_EXTENDS:
        return _node_version(repository, posixpath.normpath(posixpath.join(posixpath.dirname(path), base)), depth + 1)
    return Written("", None, f"{path} holds no version of node")


def package_field(repository: Repository, path: str, *keys: str) -> Written | None:
    """Return a text that stands under keys in a package.json; None where there is none."""
    text = repository.read(path)
    value: Any = _json(text) if text else None
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return Written(value, Place(path, _line(text or "", keys))) if isinstance(value, str) and value else None


def tool_version(repository: Repository, path: str, *names: str) -> Written | None:
    """Return a tool's version from .tool-versions or mise.toml; None where it holds none."""
    text = repository.read(path)
    if text is None:
        return None
    found = _in_toml(text, names) if path.endswith(".toml") else _in_lines(text, names)
    return Written(found[0].lstrip("v"), Place(path, found[1])) if found else None


def _in_toml(text: str, names: tuple[str, ...]) -> tuple[str, int] | None:
    in_tools = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            in_tools = line.strip() == "[tools]"
        key, sign, value = line.partition("=")
        named = in_tools and sign and key.strip().strip("\"'") in names
        version = _TOML_VERSION.search(value[:_MAX_VERSION]) if named else None
        if version:
            return version[1], number
    return None


def _in_lines(text: str, names: tuple[str, ...]) -> tuple[str, int] | None:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split("#", 1)[0].split()
        if len(words) > 1 and words[0] in names:
            return words[1], number
    return None


def _json(text: str) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _mapping(value: Any, key: str) -> dict[str, Any]:  # noqa: ANN401 - JSON
    part = value.get(key) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _listed(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]


def _line(text: str, keys: tuple[str, ...], version: str | None = None) -> int:
    """Return the line of a key under keys, or of a version behind it: the first that stands after the one above."""
    position = 0
    for key in keys:
        found = re.compile(rf'"{re.escape(key)}"\s*:').search(text, position)
        if found:
            position = found.end()
    if version is not None:
        found = re.compile(rf'"version"\s*:\s*{re.escape(json.dumps(version))}').search(text, position)
        position = found.start() if found else position
    return text.count("\n", 0, position) + 1
