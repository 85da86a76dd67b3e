"""What the actions that set up a version do, read from their inputs."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, Union

from verify_runtime.timeline import versionfile
from verify_runtime.timeline.data import Data, Late, Unknown
from verify_runtime.timeline.literal import place_of, text_of
from verify_runtime.timeline.managers import PNPM_HOME
from verify_runtime.timeline.model import Active, Place
from verify_runtime.timeline.repository import Repository
from verify_runtime.timeline.state import State
from verify_runtime.timeline.tables import table

_TOOL_VERSIONS = ".tool-versions"
_TOOL_FILES = (".toml", _TOOL_VERSIONS)
_MANIFEST = "package.json"
_PNPM_SETUP = "pnpm/action-setup"
# npm's own limit for a version; what is longer is none.
_MAX_VERSION = 256
# A text with its place, Unknown, or None where the input is not given or empty.
Input = Union[str, Unknown, None]


class Use(NamedTuple):
    """An action's use.

    Args:
        name: owner/name, or owner/name/path.
        version: What stands after @.
        inputs: Its inputs.
        place: The line that names it.
        repository: The repository.
        state: The job's state, which it may change.
    """

    name: str
    version: str
    inputs: Mapping[str, Data]
    place: Place
    repository: Repository
    state: State

    def input(self, name: str) -> Input:
        """Return an input; None where it is not given, or empty."""
        value = next((each for key, each in self.inputs.items() if key.lower() == name), None)
        if isinstance(value, Late):
            value = value.value()
        if isinstance(value, Unknown):
            return value
        return text_of(value, self.place) or None


def apply(use: Use, more: tuple[str, ...] = ()) -> None:
    """Change a state as an action does; after one that is not known, Node is not.

    Args:
        use: The action's use.
        more: Actions that leave all versions as they are, beside those of the table.
    """
    handler = _HANDLERS.get(use.name.lower())
    composite = table("actions")["sets"].get(use.name)
    if handler:
        handler(use)
    elif composite:
        _set_as_written(use, composite)
    elif not keeps(use.name, more):
        before = use.state.active("node")
        said = f" ({before[0]} before it)" if len(before) == 1 and before[0].kind == "decided" else ""
        reason = f"{use.name}@{use.version} may change it{said}: what it does is in no table"
        use.state.put("node", "an action", (Active("unknown", reason=reason),))


def keeps(name: str, more: tuple[str, ...] = ()) -> bool:
    """Return whether an action is known to leave all versions as they are.

    Args:
        name: owner/name, or owner/name/path.
        more: Actions that do, beside those of the table; a star stands for any part of a name.
    """
    plain = name.lower()
    exact, patterns = _tables()
    if plain in _HANDLERS:
        return False
    return plain in exact or any(fnmatch.fnmatchcase(plain, each.lower()) for each in (*patterns, *more))


def _tables() -> tuple[frozenset[str], tuple[str, ...]]:
    if not _SPLIT:
        names = [name.lower() for name in table("actions")["keeps"]]
        _SPLIT.append(
            (frozenset(name for name in names if "*" not in name), tuple(name for name in names if "*" in name))
        )
    return _SPLIT[0]


_SPLIT: list[tuple[frozenset[str], tuple[str, ...]]] = []


def plain_version(text: str) -> str:
    """Return a version without its leading v."""
    return text[1:] if re.match(r"v\d", text) else str(text)


def _decided(version: Input, use: Use, reason: str) -> Active:
    if isinstance(version, Unknown):
        return Active("unknown", reason=version.reason)
    plain = plain_version((version or "").strip())
    if len(plain) > _MAX_VERSION:
        return Active("unknown", reason=f"what {reason} is given is longer than a version")
    return Active("decided", plain, place_of(version) or use.place, reason)


def _written(found: versionfile.Written | None, reason: str, use: Use) -> Active:
    if found and found.version:
        place = found.place
        if place:
            place = place._replace(file=use.repository.inside(place.file) or place.file)
        return Active("decided", plain_version(found.version), place, reason)
    return Active("unknown", reason=f"{reason} fails: {found.reason}" if found else f"{reason} names no version")


def _setup_node(use: Use) -> None:
    _set_node(use, use.input("node-version"), use.input("node-version-file"), "setup-node")


def _set_as_written(use: Use, entry: Mapping[str, str]) -> None:
    """Follow a composite action that hands inputs on to the setup actions, as the table has it."""
    file = use.input(entry["file"]) if "file" in entry else None
    default = entry.get("default-file")
    version = use.input(entry["node"]) if "node" in entry else None
    _set_node(use, version, file if file is not None else default, use.name)
    java = use.input(entry["java"]) if "java" in entry else None
    if java is not None:
        use.state.put("java", use.name, (_decided(java, use, use.name),))


def _set_node(use: Use, version: Input, file: Input, reason: str) -> None:
    """Set Node to a version, or to what a file holds; leave it where neither is given."""
    if version is not None:
        active = _decided(version, use, reason)
    elif isinstance(file, Unknown):
        active = Active("unknown", reason=file.reason)
    elif file is not None:
        found = versionfile.node_version(use.repository, file)
        if not found.version and found.place is None and "holds no version" in found.reason:
            return  # setup-node warns, and leaves what is there
        active = _written(found, reason, use)
    else:
        return
    use.state.put("node", reason, (active,))


def _setup_python(use: Use) -> None:
    version, file = use.input("python-version"), use.input("python-version-file")
    if version is not None:
        use.state.put("python", "setup-python", (_decided(version, use, "setup-python"),))
    elif isinstance(file, str):
        found = versionfile.tool_version(use.repository, file, "python")
        if found is None and not file.endswith(_TOOL_FILES):
            found = versionfile.node_version(use.repository, file)
        use.state.put("python", "setup-python", (_written(found, "setup-python", use),))


def _setup_uv(use: Use) -> None:
    version = use.input("python-version")
    if version is not None:
        use.state.put("python", "setup-uv", (_decided(version, use, "setup-uv"),))


def _setup_java(use: Use) -> None:
    version = use.input("java-version")
    if isinstance(version, str):
        # Of several, one to a line, the last one comes first on PATH.
        last = [line for line in version.split("\n") if line.strip()][-1:] or [version]
        active = Active("decided", last[0].strip(), place_of(version) or use.place, "setup-java")
    elif version is not None:
        active = Active("unknown", reason=version.reason)
    else:
        file = use.input("java-version-file")
        if not isinstance(file, str):
            return
        found = versionfile.tool_version(use.repository, file, "java") or versionfile.node_version(use.repository, file)
        active = _written(found, "setup-java", use)
    use.state.put("java", "setup-java", (active,))


def _setup_pnpm(use: Use) -> None:
    version = use.input("version")
    if version is not None:
        active = _decided(version, use, _PNPM_SETUP)
    else:
        file = use.input("package_json_file")
        path = file if isinstance(file, str) else _MANIFEST
        found = versionfile.package_field(use.repository, path, "packageManager")
        named = found if found and found.version.startswith("pnpm@") else None
        active = Active("unknown", reason="pnpm/action-setup is given no version, and package.json names none")
        if named:
            active = Active("decided", named.version[5:].split("+")[0], named.place, _PNPM_SETUP)
    use.state.put("pnpm", _PNPM_SETUP, (active,))
    use.state.marks[PNPM_HOME] = Active("decided", "", use.place, _PNPM_SETUP)


def _pnpm_runtime(use: Use) -> None:
    """Follow pnpm/setup, which brings pnpm, and the runtime that it is given or that package.json asks for."""
    _setup_pnpm(use)
    runtime = use.input("runtime")
    if isinstance(runtime, Unknown):
        use.state.put("node", PNPM_HOME, (Active("unknown", reason=runtime.reason),))
    elif runtime and runtime.startswith("node@"):
        place = place_of(runtime) or use.place
        use.state.put("node", PNPM_HOME, (Active("decided", plain_version(runtime[5:]), place, "pnpm/setup"),))
    elif "devEngines" in (use.repository.read(_MANIFEST) or ""):
        reason = "whether pnpm/setup installs the runtime that package.json names is not in the files"
        use.state.put("node", PNPM_HOME, (Active("unknown", reason=reason),))


def _volta(use: Use) -> None:
    version = use.input("node-version")
    if version is not None:
        active = _decided(version, use, "volta-cli/action")
    else:
        found = versionfile.package_field(use.repository, _MANIFEST, "volta", "node")
        if not found:
            _shims("volta", use)
            return
        active = _written(found, "volta", use)
    use.state.put("node", "volta", (active,))


def _shims(name: str, use: Use) -> None:
    """Put a manager's shims on PATH: until it installs something, they pass on to what is behind them."""
    use.state.put("node", name, use.state.active("node"))


def _mise(use: Use) -> None:
    if use.input("install") == "false":
        _shims("mise", use)
        return
    for name in ("mise.toml", ".mise.toml", _TOOL_VERSIONS):
        found = versionfile.tool_version(use.repository, name, "node", "nodejs")
        if found:
            use.state.put("node", "mise", (_written(found, "mise", use),))
            return
    given = use.input("tool_versions") or use.input("mise_toml")
    if given:
        text = given if isinstance(given, str) else ""
        named = re.search(
            r"""\bnode(?:js)?["']?[ \t]{0,9}(?:=[ \t]{0,9}["'])?v?([\d.]{1,30}|lts\S{0,30}|latest)""", text
        )
        active = Active("unknown", reason="the tools that mise is given are known only in a run")
        if named:
            active = Active("decided", named[1], place_of(given) or use.place, "mise")
        elif text:
            _shims("mise", use)
            return
        use.state.put("node", "mise", (active,))
        return
    _shims("mise", use)


def _asdf(use: Use) -> None:
    found = versionfile.tool_version(use.repository, _TOOL_VERSIONS, "nodejs", "node")
    if found:
        use.state.put("node", "asdf", (_written(found, "asdf", use),))


def _fnm(use: Use) -> None:
    version = use.input("node-version")
    if version is not None:
        use.state.put("node", "fnm", (_decided(version, use, use.name),))
        return
    file = use.input("node-version-file") or ".nvmrc"
    if isinstance(file, str):
        use.state.put("node", "fnm", (_written(versionfile.node_version(use.repository, file), use.name, use),))


def _not_in_files(use: Use) -> None:
    reason = f"what {use.name}@{use.version} puts on PATH is not in the files"
    use.state.put("node", use.name, (Active("unknown", reason=reason),))


def _install_only(use: Use) -> None:
    """Leave all as it is: what nix installs counts only within its own shells."""
    del use


_HANDLERS: dict[str, Callable[[Use], None]] = {
    "actions/setup-node": _setup_node,
    "actions/setup-python": _setup_python,
    "actions/setup-java": _setup_java,
    "astral-sh/setup-uv": _setup_uv,
    _PNPM_SETUP: _setup_pnpm,
    "pnpm/setup": _pnpm_runtime,
    "volta-cli/action": _volta,
    "jdx/mise-action": _mise,
    "asdf-vm/actions/install": _asdf,
    "asdf-vm/actions/setup": functools.partial(_shims, "asdf"),
    "fast-actions/setup-node": _setup_node,
    "nodenv/actions/setup-node": _fnm,
    "guybedford/setup-fnm": _fnm,
    "buildjet/setup-node": _setup_node,
    "useblacksmith/setup-node": _setup_node,
    "mskelton/setup-yarn": _fnm,
    "cachix/install-nix-action": _install_only,
    "determinatesystems/nix-installer-action": _install_only,
    "cachix/cachix-action": _install_only,
    "jetify-com/devbox-install-action": _install_only,
    "jetpack-io/devbox-install-action": _install_only,
    "nicknovitski/nix-develop": _not_in_files,
}
