"""What a project's lock says of a tool: its version, and the Node that it needs.

Formats: pnpm-lock.yaml 6 and 9 (pnpm's own documentation), package-lock.json 2 and 3 (docs.npmjs.com). A yarn.lock, of
either kind, records no engines.
"""

from __future__ import annotations

import functools
import json
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Read = Callable[[str], str | None]

_PNPM = "pnpm-lock.yaml"
_YARN = "yarn.lock"
_LOCKS = (_PNPM, "package-lock.json", "npm-shrinkwrap.json", _YARN)
_ENGINES = re.compile(r"^ {4}engines: \{(?:.*?, )?node: (?:'([^'\n]*)'|\"([^\"\n]*)\"|([^,}\n]*))", re.MULTILINE)
# The packages of well-known commands that are called otherwise.
_PACKAGES: dict[str, tuple[str, ...]] = {
    "astro": ("astro",),
    "babel": ("@babel/cli",),
    "biome": ("@biomejs/biome",),
    "changeset": ("@changesets/cli",),
    "commitlint": ("@commitlint/cli",),
    "cucumber-js": ("@cucumber/cucumber",),
    "expo": ("@expo/cli", "expo"),
    "graphql-codegen": ("@graphql-codegen/cli",),
    "lhci": ("@lhci/cli",),
    "nest": ("@nestjs/cli",),
    "ng": ("@angular/cli",),
    "nuxi": ("nuxi", "nuxt"),
    "openapi-generator-cli": ("@openapitools/openapi-generator-cli",),
    "playwright": ("@playwright/test", "playwright"),
    "remix": ("@remix-run/dev",),
    "sb": ("storybook",),
    "sonar": ("@sonar/scan",),
    "sonar-scanner": ("sonarqube-scanner", "@sonar/scan", "sonar-scanner"),
    "stryker": ("@stryker-mutator/core",),
    "svelte-kit": ("@sveltejs/kit",),
    "tailwindcss": ("@tailwindcss/cli", "tailwindcss"),
    "tsc": ("typescript",),
    "tsserver": ("typescript",),
    "vue-cli-service": ("@vue/cli-service",),
    "webpack": ("webpack-cli", "webpack"),
}


class Engine(NamedTuple):
    """A tool of a lock.

    Args:
        package: The package.
        version: The version that the lock holds.
        node: The Node that it needs, as written.
        file: The lock.
        line: Where the need is written.
    """

    package: str
    version: str
    node: str
    file: str
    line: int


def engine(read: Read, folder: str, command: str) -> Engine | None:
    """Return what the lock of a project says of the tool that a command is.

    Args:
        read: Gives a file's text by its path from the root; None where there is none.
        folder: The project's folder, from the root.
        command: The command's name.

    Returns:
        None where no lock holds the tool, or the lock does not tell what it needs.
    """
    locks = ((above, name) for above in _upwards(folder) for name in _LOCKS)
    for above, name in locks:
        path = posixpath.join(above, name)
        text = read(path)
        if text is None:
            continue
        if name == _YARN:
            return None
        inside = posixpath.relpath(folder or ".", above or ".")
        return (_of_pnpm if name == _PNPM else _of_npm)(text, path, inside, command)
    return None


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _of_pnpm(text: str, path: str, importer: str, command: str) -> Engine | None:
    for package in _PACKAGES.get(command, (command,)):
        version = _resolved(text, importer, package) or _resolved(text, ".", package)
        if not version:
            continue
        plain = version.split("(", 1)[0]
        # A package that is installed under another name stands with its own one.
        key = plain if re.match(r"@?[a-z].*@", plain) else f"{package}@{plain}"
        block = re.search(rf"^ {{2}}'?/?{re.escape(key)}(?:\([^\n]*\))?'?:\n((?: {{4}}.*\n|\n)*)", text, re.MULTILINE)
        needs = _ENGINES.search(block[1]) if block else None
        if block is None or needs is None:
            return None
        name, _, number = key.rpartition("@")
        line = text.count("\n", 0, block.start(1) + needs.start()) + 1
        return Engine(name, number, (needs[1] or needs[2] or needs[3] or "").strip(), path, line)
    return None


def _resolved(text: str, importer: str, package: str) -> str | None:
    """Return the version that a lock resolves for a project's own dependency; None where it has none."""
    project = _importers(text).get(importer)
    if project is None:
        return None
    found = re.search(
        rf"^ +'?{re.escape(package)}'?:\n +specifier: .*\n +version: '?([^'\n]+)'?$", project, re.MULTILINE
    )
    return found[1] if found and not found[1].startswith("link:") else None


@functools.lru_cache(maxsize=16)
def _importers(text: str) -> dict[str, str]:
    """Return the lines of each project of a lock; a lock of one project alone may have no importers."""
    section = re.search(r"^importers:\n((?: .*\n?|\n)*)", text, re.MULTILINE)
    if not section:
        return {".": text.split("\npackages:\n", 1)[0]}
    parts = re.split(r"^ {2}'?([^\s'].*?)'?:\n", section[1], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _of_npm(text: str, path: str, inside: str, command: str) -> Engine | None:
    packages = _packages(text)
    for above in _upwards("" if inside == "." else inside):
        prefix = posixpath.join(above, "node_modules")
        for name in (*_PACKAGES.get(command, (command,)), *_bins(text).get(command, ())):
            key = f"{prefix}/{name}"
            entry = packages.get(key)
            if isinstance(entry, dict) and _gives(entry, name, command):
                return _from_entry(text, path, key, entry)
    return None


def _gives(entry: dict[str, Any], name: str, command: str) -> bool:
    given = entry.get("bin")
    return command in given if isinstance(given, dict) else given is not None or name in _PACKAGES.get(command, ())


def _from_entry(text: str, path: str, key: str, entry: dict[str, Any]) -> Engine | None:
    engines = entry.get("engines")
    needs = engines.get("node") if isinstance(engines, dict) else None
    if not isinstance(needs, str) or not isinstance(entry.get("version"), str):
        return None
    start = text.find(f'"{key}"')
    at = text.find('"node"', text.find('"engines"', start))
    return Engine(
        key.rsplit("node_modules/", maxsplit=1)[-1], entry["version"], needs, path, text.count("\n", 0, max(at, 0)) + 1
    )


@functools.lru_cache(maxsize=16)
def _packages(text: str) -> dict[str, Any]:
    try:
        lock = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    packages = lock.get("packages") if isinstance(lock, dict) else None
    return packages if isinstance(packages, dict) else {}


@functools.lru_cache(maxsize=16)
def _bins(text: str) -> dict[str, list[str]]:
    """Return the packages of a lock by the commands that they give."""
    found: dict[str, list[str]] = {}
    for key, entry in _packages(text).items():
        given = entry.get("bin") if isinstance(entry, dict) else None
        for command in given if isinstance(given, dict) else ():
            found.setdefault(command, []).append(key.split("node_modules/")[-1])
    return found
