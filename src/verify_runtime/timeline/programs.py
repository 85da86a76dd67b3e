"""The programs that a command runs: itself, or what package.json's scripts run for it."""

from __future__ import annotations

import functools
import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from verify_runtime.timeline import shell
from verify_runtime.timeline.document import DocumentError, Mapping, Scalar, Sequence, load
from verify_runtime.timeline.model import Place
from verify_runtime.timeline.repository import Repository, join
from verify_runtime.timeline.words import Word

RUNNERS = ("node", "npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg", "corepack")
_IN_MODULES = re.compile(r"(?:^|/)node_modules/((?:@[\w.-]+/)?[\w.-]+)/")
_MAX_DEPTH = 10
# Scripts that call each other many times over end somewhere.
_MAX_CALLS = 5_000
_MAX_WORDS = 1_000
_MAX_PATTERN = 200
_NPM_SHORT = ("test", "t", "tst", "start", "stop", "restart")
_INSTALL = {
    "npm": ("ci", "install", "i", "clean-install", "install-ci-test", "cit", "it"),
    "pnpm": ("install", "i", "ci", "install-test", "it"),
    "yarn": ("install", ""),
}
_LIFECYCLE = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare")
# pnpm's own commands, which are no scripts of a package.
_PNPM_OWN = frozenset(
    [
        "add",
        "audit",
        "bin",
        "config",
        "create",
        "deploy",
        "dedupe",
        "dlx",
        "env",
        "fetch",
        "import",
        "init",
        "install",
        "link",
        "list",
        "ls",
        "outdated",
        "pack",
        "patch",
        "prune",
        "publish",
        "rebuild",
        "remove",
        "root",
        "runtime",
        "self-update",
        "server",
        "setup",
        "store",
        "unlink",
        "up",
        "update",
        "upgrade",
        "version",
        "why",
        "licenses",
        "cache",
        "cat-file",
        "doctor",
        "help",
        "rb",
        "i",
        "it",
        "ln",
        "la",
        "ll",
        "rm",
        "un",
        "uninstall",
        "approve-builds",
        "ignored-builds",
    ]
)
_YARN_OWN = frozenset(
    [
        "add",
        "audit",
        "bin",
        "cache",
        "config",
        "constraints",
        "create",
        "dedupe",
        "dlx",
        "explain",
        "global",
        "help",
        "import",
        "info",
        "init",
        "install",
        "licenses",
        "link",
        "list",
        "login",
        "logout",
        "node",
        "npm",
        "outdated",
        "pack",
        "patch",
        "plugin",
        "publish",
        "rebuild",
        "remove",
        "search",
        "self-update",
        "set",
        "stage",
        "tag",
        "team",
        "unlink",
        "unplug",
        "up",
        "upgrade",
        "upgrade-interactive",
        "version",
        "versions",
        "why",
        "workspace",
        "workspaces",
    ]
)
_VALUE_OPTIONS = ("--filter", "-F", "--prefix", "-C", "--dir", "--cwd", "-w", "--workspace", "--reporter", "--loglevel")


class Program(NamedTuple):
    """A program that a command runs.

    Args:
        name: The command's name, such as vite.
        folder: The package that it runs in, from the root.
        through: The scripts that lead to it, outermost first, each with the file that holds it.
    """

    name: str
    folder: str
    through: tuple[tuple[str, Place], ...] = ()


def is_install(words: tuple[str, ...]) -> bool:
    """Return whether a command installs a project's packages."""
    name = posixpath.basename(words[0]) if words else ""
    rest = _Words(words[1:])
    if rest.has("-g", "--global", "-v", "--version", "--help", "-h"):
        return False
    return name in _INSTALL and (rest.plain[:1] or ("",))[0] in _INSTALL[name]


def programs(repository: Repository, folder: str | None, words: tuple[str, ...]) -> list[Program]:
    """Return the programs that a command runs, as far as the files tell.

    Args:
        repository: The repository.
        folder: The working directory; None where it is unknown.
        words: The command's words; one that only a run gives is empty.
    """
    if folder is None or not words:
        return []
    return list(dict.fromkeys(_Finder(repository).of(words[:_MAX_WORDS], folder, (), 0)))


class _Words:
    """A command's words behind its name, told apart."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.options: dict[str, str] = {}
        plain: list[str] = []
        at = 0
        while at < len(words):
            word = words[at]
            if word == "--" or (plain and plain[0] in ("exec", "dlx", "x") and not word.startswith("-")):
                plain += [each for each in words[at:] if each != "--"]
                break
            if word.startswith("-"):
                name, sign, value = word.partition("=")
                if not sign and name in _VALUE_OPTIONS and at + 1 < len(words):
                    at += 1
                    value = words[at]
                self.options[name] = value
            else:
                plain.append(word)
            at += 1
        self.plain = tuple(plain)

    @property
    def first(self) -> str:
        """The first word that is no option; empty where there is none."""
        return self.plain[0] if self.plain else ""

    def has(self, *names: str) -> bool:
        return any(name in self.options for name in names)

    def value(self, *names: str) -> str:
        return next((self.options[name] for name in names if self.options.get(name)), "")


class _Finder:
    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._seen: set[tuple[str, str]] = set()
        self._spent = 0

    def of(
        self, words: tuple[str, ...], folder: str, through: tuple[tuple[str, Place], ...], depth: int
    ) -> Iterator[Program]:
        self._spent += 1
        if depth > _MAX_DEPTH or self._spent > _MAX_CALLS or not words or not words[0]:
            return
        name = posixpath.basename(words[0])
        rest = _Words(words[1:])
        if name in ("npm", "pnpm", "yarn", "yarnpkg"):
            yield from self._manager(name, rest, folder, through, depth)
        elif name in ("npx", "pnpx", "bunx"):
            # One with a version, or of another package, is not the lock's.
            if not rest.has("-p", "--package") and "@" not in rest.first[1:]:
                yield from self.of(rest.plain, folder, through, depth + 1)
        elif name in ("run-s", "run-p", "npm-run-all", "npm-run-all2"):
            yield Program(name, folder, through)
            for script in rest.plain:
                yield from self._script(script, folder, through, depth)
        elif name == "node":
            found = _IN_MODULES.search(rest.first)
            yield Program(found[1] if found else name, folder, through)
        else:
            yield Program(name, folder, through)

    def _manager(
        self, name: str, rest: _Words, folder: str, through: tuple[tuple[str, Place], ...], depth: int
    ) -> Iterator[Program]:
        action = rest.first
        inside = join(folder, rest.value("--prefix", "-C", "--dir", "--cwd") or ".")
        if inside is None or rest.has("-w", "--workspace", "--workspaces", "--filter", "-F", "-g", "--global"):
            return
        folder = inside
        if is_install((name, *rest.plain)):
            for script in () if rest.has("--ignore-scripts") else _LIFECYCLE:
                yield from self._script(script, folder, through, depth, plain=True)
        elif action in ("exec", "x") and name != "yarn":
            yield from self.of(rest.plain[1:], folder, through, depth + 1)
        elif script := self._named(name, rest):
            yield from self._run(script, name, rest, folder, through, depth)

    def _run(  # noqa: PLR0913, PLR0917 - all that a manager was asked
        self, script: str, name: str, rest: _Words, folder: str, through: tuple[tuple[str, Place], ...], depth: int
    ) -> Iterator[Program]:
        if name == "pnpm" and rest.has("-r", "--recursive"):
            for each in self._packages(folder):
                yield from self._script(script, each, through, depth)
        elif self._text(script, folder):
            yield from self._script(script, folder, through, depth)
        elif rest.first not in ("run", "run-script") or name == "yarn":
            yield from self.of((script, *rest.plain[1:]), folder, through, depth + 1)

    def _named(self, name: str, rest: _Words) -> str:
        action = rest.first
        if action in ("run", "run-script", "rum", "urn"):
            return rest.plain[1] if len(rest.plain) > 1 else ""
        others = _PNPM_OWN if name == "pnpm" else _YARN_OWN
        own = action not in _NPM_SHORT if name == "npm" else action in others
        return "" if own else {"t": "test", "tst": "test"}.get(action, action)

    def _script(
        self, script: str, folder: str, through: tuple[tuple[str, Place], ...], depth: int, *, plain: bool = False
    ) -> Iterator[Program]:
        for name in (script,) if plain else (f"pre{script}", script, f"post{script}"):
            found = self._text(name, folder)
            if not found or (name, folder) in self._seen:
                continue
            self._seen.add((name, folder))
            text, place = found
            for command in shell.parse(text).commands:
                words = tuple(_literal(word) for word in command.words)
                if words and command.certain:
                    yield from self.of(_without_assignments(words), folder, (*through, (name, place)), depth + 1)
            self._seen.discard((name, folder))

    def _text(self, script: str, folder: str) -> tuple[str, Place] | None:
        path = posixpath.join(folder, "package.json")
        text = self._repository.read(path)
        manifest = manifest_of(text)
        value = manifest.get("scripts", {}).get(script) if isinstance(manifest.get("scripts"), dict) else None
        if not isinstance(value, str) or text is None:
            return None
        at = text.find(json.dumps(script), text.find('"scripts"'))
        return value, Place(path, text.count("\n", 0, max(at, 0)) + 1)

    def _packages(self, folder: str) -> list[str]:
        """Return the workspace's packages, as pnpm-workspace.yaml's patterns name them."""
        wanted: list[re.Pattern[str]] = []
        unwanted: list[re.Pattern[str]] = []
        for pattern in _patterns(self._repository.read(posixpath.join(folder, "pnpm-workspace.yaml"))):
            (unwanted if pattern.startswith("!") else wanted).append(_glob(pattern.lstrip("!")))
        inside = (name[len(folder) :].lstrip("/") for name in self._repository.packages() if name.startswith(folder))
        named = [name for name in inside if any(each.fullmatch(name) for each in wanted)]
        left = [name for name in named if not any(each.fullmatch(name) for each in unwanted)]
        return [folder, *(posixpath.join(folder, name) for name in left if name)]


def _patterns(text: str | None) -> list[str]:
    try:
        document = load(text or "")
    except DocumentError:
        return []
    packages = document.get("packages") if isinstance(document, Mapping) else None
    return [each.text for each in packages.items if isinstance(each, Scalar)] if isinstance(packages, Sequence) else []


def _glob(pattern: str) -> re.Pattern[str]:
    """Return a pattern of folders: a star is any part of a name, two are any folders."""
    parts = re.split(r"(\*\*/?|\*)", pattern[:_MAX_PATTERN].rstrip("/"))
    any_of = {"*": "[^/]*", "**": ".*", "**/": "(?:.*/)?"}
    # One of those that match anything is enough, and two of them in a row take long.
    seen: list[str] = []
    for part in parts:
        made = any_of.get(part, re.escape(part))
        seen.append("[^/]*" if part.startswith("**") and any(each in (".*", "(?:.*/)?") for each in seen) else made)
    return re.compile("".join(seen))


@functools.lru_cache(maxsize=64)
def manifest_of(text: str | None) -> dict[str, Any]:
    """Return a package.json's contents; empty where it cannot be read."""
    try:
        manifest = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _literal(word: Word) -> str:
    return (
        "".join(part for part in word if isinstance(part, str)) if all(isinstance(part, str) for part in word) else ""
    )


def _without_assignments(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and words[0] in ("cross-env", "env", "dotenv", "cross-env-shell"):
        rest = words[1:]
        while rest and (rest[0].startswith("-") or "=" in rest[0]):
            rest = rest[1:]
        return rest or words
    return words
