"""The version managers and package managers that a script may call, as far as its text tells what they change."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from verify_runtime.timeline import versionfile
from verify_runtime.timeline.data import Unknown
from verify_runtime.timeline.literal import Text, place_of
from verify_runtime.timeline.model import Active, Place
from verify_runtime.timeline.repository import join as join_path
from verify_runtime.timeline.state import USR, USR_LOCAL
from verify_runtime.timeline.words import Unclear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verify_runtime.timeline.session import Session
    from verify_runtime.timeline.shell import Command

_NODESOURCE = re.compile(r"(?:setup|node)_(\d+|lts|current)\.x")
_SYSTEM_PACKAGES = ("apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "pacman")
_OTHER_PACKAGES = ("brew", "choco", "winget", "scoop", "snap", "conda", "mamba", "micromamba", "port")
_NODE_PACKAGE = re.compile(r"(?:nodejs|node|nodejs-lts|openjs\.nodejs(?:\.lts)?)(?:[@=~-].*|\d+)?", re.IGNORECASE)
_ENVIRONMENTS = ("nix", "nix-env", "nix-shell", "devbox", "devenv", "direnv")
_LTS = "lts/*"
_NVMRC = ".nvmrc"
_MARK = "nodesource"
# npm's own limit for a version; what is longer is none.
_MAX_VERSION = 256
PNPM_HOME = "PNPM_HOME"


def written(name: str, value: str | None, place: Place, *, certain: bool) -> Text | Unknown:
    """Return a value that a script writes for later steps; unknown where only a run tells it."""
    if value is None:
        return Unknown(f"{name}@{place}", f"{name} is set to what only a run tells, at {place}")
    if not certain:
        return Unknown(f"{name}@{place}", f"{name} is set only under a condition of the script, at {place}")
    return Text(value, place_of(value) or place)


class _Call(NamedTuple):
    """A command: its session, its words without options, and the options."""

    session: Session
    command: Command
    words: list[str | None]

    @property
    def plain(self) -> list[str | None]:
        return [word for word in self.words[1:] if word is None or not word.startswith("-")]

    def has(self, *names: str) -> bool:
        return any(word in names for word in self.words)

    @property
    def place(self) -> Place:
        return self.session.place(self.command.line)

    def active(self, version: str | None, reason: str) -> Active:
        """Return a version that this command names; unknown where it does not tell it."""
        if version is None or len(version) > _MAX_VERSION:
            return Active("unknown", reason=f"{reason} is given a version that only a run tells, at {self.place}")
        place = place_of(version) or self.place
        return Active("decided", version[1:] if re.match(r"v\d", version) else str(version), place, reason)

    def from_file(self, *names: str, reason: str) -> Active:
        """Return the version in the first of some files, here or above."""
        for folder in _upwards(self.session.folder):
            for name in names:
                found = self._written(join_path(folder, name), name)
                if found and found.version:
                    return Active("decided", found.version, found.place, reason)
        return Active("unknown", reason=f"{reason} finds no version in {' or '.join(names)}")

    def _written(self, path: str | None, name: str) -> versionfile.Written | None:
        repository = self.session.context.repository
        if path is None or repository.read(path) is None:
            return None
        if name in _TOOL_FILES:
            return versionfile.tool_version(repository, path, "node", "nodejs")
        return versionfile.node_version(repository, path)


def _upwards(folder: str | None) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    if folder is not None:
        yield ""


_TOOL_FILES = (".tool-versions", "mise.toml", ".mise.toml")


def follow(session: Session, command: Command, words: list[str | None]) -> bool:
    """Follow a command that may change a version.

    Returns:
        Whether it is a version manager's, which is no use of Node itself.
    """
    if any(word and "nodesource" in word for word in words) or any(word and _NODESOURCE.search(word) for word in words):
        _package_source(session, command, words)
    name = posixpath.basename(words[0] or "") if words else ""
    call = _Call(session, command, words)
    if name in _INSTALLERS:
        _INSTALLERS[name](call)
    if name in _MANAGERS:
        _MANAGERS[name](call)
        return True
    return _TOOLS[name](call) if name in _TOOLS else False


def _package_source(session: Session, command: Command, words: list[str | None]) -> None:
    for word in words:
        found = _NODESOURCE.search(word or "")
        if found:
            version = {"lts": _LTS, "current": "latest"}.get(found[1], found[1])
            session.state.marks[_MARK] = Active("decided", version, session.place(command.line), "nodesource")


def _nvm(call: _Call) -> None:
    plain = call.plain
    action = plain[0] if plain else None
    if not call.session.has_nvm:
        return  # nvm is a function of the shell: without its file there is none, and the command fails
    if action not in ("use", "install", "i", "u"):
        return
    version = plain[1] if len(plain) > 1 else ""
    if call.has("--lts"):
        version = _LTS
    if version == "":
        active = call.from_file(_NVMRC, reason="nvm")
    else:
        alias = {"node": "latest", "stable": "latest", "--lts": _LTS}
        active = call.active(alias.get(version, version) if version is not None else None, "nvm")
    if version == "default":
        active = Active("unknown", reason=f"what nvm's default is, no file tells ({call.place})")
    call.session.set_here("node", active, call.command)


def _fnm(call: _Call) -> None:
    plain = call.plain
    if not plain or plain[0] != "use":
        return
    named = len(plain) > 1
    active = call.active(plain[1], "fnm") if named else call.from_file(".node-version", _NVMRC, reason="fnm")
    call.session.set_here("node", active, call.command)


def _n(call: _Call) -> None:
    plain = call.plain
    words = {"lts": _LTS, "latest": "latest", "current": "latest", "stable": _LTS}
    if plain and plain[0] in ("exec", "run", "which", "rm", "uninstall", "prune", "ls", "list", "i", "download"):
        if plain[0] != "i":
            return
        plain = plain[1:]
    if not plain or plain[0] in ("auto", "engine"):
        active = call.from_file(".node-version", _NVMRC, "package.json", reason="n")
    else:
        version = plain[0]
        active = call.active(words.get(version, version) if version is not None else None, "n")
    if call.session.context.system not in ("Linux", "") or call.session.context.variable("N_PREFIX") != "":
        active = Active("unknown", reason=f"whether n's folder comes first on PATH is not in the files ({call.place})")
    call.session.set_for_all("node", active, call.command, USR_LOCAL)


def _shims(call: _Call) -> None:
    """Follow volta, asdf and mise: what they set counts where their shims are on PATH."""
    name = posixpath.basename(call.words[0] or "")
    text = " ".join(word or "" for word in call.words)
    if not re.search(r"\b(?:install|pin|use|global|local|set|shell|i|u|activate)\b", text):
        return
    version: str | None = None
    if re.search(r"\binstall$", text):
        active = call.from_file(".tool-versions", "mise.toml", ".mise.toml", reason=name)
        version = Text(active.version, active.place) if active.place else None
    named = re.search(r"\bnode(?:js)?[@ ](?P<version>[\w.*/-]+)", text)
    if named:
        version = named["version"]
    elif re.search(r"\b(?:yarn|npm|pnpm|python|ruby|go|java|plugin)\b", text):
        return
    on_path = any(place == name for place, _ in call.session.state.layers.get("node", ()))
    if not on_path:
        reason = f"whether {name}'s shims come first on PATH is not in the files ({call.place})"
        call.session.set_for_all("node", Active("unknown", reason=reason), call.command, f"{name} shims")
    elif version:
        call.session.set_for_all("node", call.active(version, name), call.command, name)


def _corepack(call: _Call) -> None:
    plain = call.plain
    target = plain[1] if len(plain) > 1 and plain[0] in ("prepare", "use", "install") else None
    if target and target.startswith("pnpm@"):
        call.session.set_for_all("pnpm", call.active(target[5:], "corepack"), call.command, "corepack")
    elif plain and plain[0] == "enable" and (len(plain) == 1 or "pnpm" in plain):
        call.session.set_for_all("pnpm", package_manager(call, "corepack"), call.command, "corepack")


def package_manager(call: _Call, reason: str) -> Active:
    """Return the pnpm that package.json's packageManager names."""
    folder = call.session.folder
    path = join_path(folder, "package.json")
    field = versionfile.package_field(call.session.context.repository, path, "packageManager") if path else None
    if field and field.version.startswith("pnpm@"):
        return Active("decided", field.version[5:].split("+")[0], field.place, reason)
    return Active("unknown", reason=f"{reason} brings a version that no file names")


def _npm(call: _Call) -> None:
    if not call.has("-g", "--global", "--location=global") or call.plain[:1] not in (["i"], ["install"], ["add"]):
        return
    for word in call.plain[1:]:
        package, _, version = (word or "").partition("@")
        if package == "pnpm":
            active = call.active(version or "latest", "npm")
            call.session.set_for_all("pnpm", active, call.command, "npm")
        elif package == "node":
            reason = f"the package node is installed beside npm's own commands at {call.place}"
            call.session.set_for_all("node", Active("unknown", reason=reason), call.command, "npm")


def _pnpm(call: _Call) -> bool:
    plain = call.plain
    if plain[:2] not in (["env", "use"], ["runtime", "set"]):
        return False
    version = plain[-1] if len(plain) > 2 and plain[-1] != "node" else None  # noqa: PLR2004 - the version follows
    active = call.active({"lts": _LTS}.get(version, version) if version is not None else None, "pnpm env")
    if call.session.has_pnpm_home:
        call.session.set_here("node", active, call.command)
        return True
    if PNPM_HOME not in call.session.state.marks:
        active = Active("unknown", reason=f"whether pnpm's own folder is on PATH is not in the files ({call.place})")
    call.session.set_for_all("node", active, call.command, PNPM_HOME)
    return True


def _packages(call: _Call) -> bool:
    if not call.has("install", "add", "-S", "in", "upgrade"):
        return False
    if any(word and _NODE_PACKAGE.fullmatch(word) for word in call.plain[1:]):
        source = call.session.state.marks.get(_MARK)
        active = source or Active(
            "unknown", reason=f"which Node the system's own package brings is not in the files ({call.place})"
        )
        if call.session.context.system not in ("Linux", ""):
            active = Active("unknown", reason=f"a package manager installs a Node at {call.place}")
        call.session.set_for_all("node", active, call.command, USR)
    return True


def _other_packages(call: _Call) -> None:
    if any(word and _NODE_PACKAGE.fullmatch(word) for word in call.plain[1:]) and call.has(
        "install", "link", "upgrade"
    ):
        reason = (
            f"whether the Node that {call.words[0]} installs at {call.place} comes first on PATH is not in the files"
        )
        call.session.set_for_all("node", Active("unknown", reason=reason), call.command, "packages")


def _environment(call: _Call) -> None:
    """Follow nix and its like: what they install for the user is on PATH, what runs within them is not ours."""
    adds = call.has("install", "add", "-i", "-iA", "-iE", "--install")
    if adds and any(word and "nodejs" in word for word in call.words):
        reason = f"which Node nix installs at {call.place} is not in the files"
        call.session.set_for_all("node", Active("unknown", reason=reason), call.command, "nix")


def _eval(call: _Call) -> None:
    text = " ".join(part.command for word in call.command.words for part in word if isinstance(part, Unclear))
    for name in ("mise", "rtx", "asdf", "devbox", "direnv", "nix", "nodenv", "nodebrew", "hermit", "proto"):
        if name in text:
            reason = f"what {name} puts on PATH is not in the files ({call.place})"
            call.session.set_here("node", Active("unknown", reason=reason), call.command)


# What uses no Node itself.
_MANAGERS = {
    "nvm": _nvm,
    "fnm": _fnm,
    "n": _n,
    "volta": _shims,
    "asdf": _shims,
    "mise": _shims,
    "rtx": _shims,
    "nodenv": _shims,
    "eval": _eval,
    **dict.fromkeys(_OTHER_PACKAGES, _other_packages),
    **dict.fromkeys(_ENVIRONMENTS, _environment),
}
# What uses Node, and may bring another version too.
_INSTALLERS = {"corepack": _corepack, "npm": _npm}
# What may do either: each tells which it was.
_TOOLS = {"pnpm": _pnpm, **dict.fromkeys(_SYSTEM_PACKAGES, _packages)}
