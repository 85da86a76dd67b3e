"""What a project's lock says of a tool: its version, and the Node that it needs.

Formats: pnpm-lock.yaml 5, 6 and 9 (pnpm's own documentation), package-lock.json 2 and 3 (docs.npmjs.com). A yarn.lock,
of either kind, records no engines.
"""

from __future__ import annotations

import functools
import json
import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Optional

Read = Callable[[str], Optional[str]]

_PNPM = "pnpm-lock.yaml"
_YARN = "yarn.lock"
_LOCKS = (_PNPM, "package-lock.json", "npm-shrinkwrap.json", _YARN)
_ENGINES = re.compile(r"^ {4}engines: \{(?:.*?, )?node: (?:'([^'\n]*)'|\"([^\"\n]*)\"|([^,}\n]*))", re.MULTILINE)
_DEPENDENCIES = re.compile(
    r"^( *)(?:dependencies|devDependencies|optionalDependencies):\n((?:\1 .*(?:\n|\Z))*)", re.MULTILINE
)
# What a lock writes instead of a version for a package under another name: NAME@1.0.0, in format 5 NAME/1.0.0.
_OTHER_NAME = re.compile(r"((?:@[^/@]+/)?[A-Za-z][^/@]*)[/@](\d.*)")
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
        # A checkout on Windows may end its lines with both characters.
        plain = text.replace("\r\n", "\n")
        return (_of_pnpm if name == _PNPM else _of_npm)(plain, path, inside, command)
    return None


def _upwards(folder: str) -> Iterator[str]:
    while folder.strip("/"):
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


def _of_pnpm(text: str, path: str, importer: str, command: str) -> Engine | None:
    for package in _PACKAGES.get(command, (command,)):
        version = _resolved(text, importer, package) or _resolved(text, ".", package)
        if not version:
            continue
        # A link leads into the repository, whose own packages stand in no lock.
        if version.startswith("link:"):
            return None
        plain = version.split("(", 1)[0].lstrip("/")
        other = _OTHER_NAME.fullmatch(plain)
        name, number = (other[1], other[2]) if other else (package, plain)
        key = rf"{re.escape(name)}[/@]{re.escape(number)}"
        block = re.search(rf"^ {{2}}'?/?{key}(?:\([^\n]*\))?'?:\n((?: {{4}}.*\n|\n)*)", text, re.MULTILINE)
        needs = _ENGINES.search(block[1]) if block else None
        if block is None or needs is None:
            return None
        line = text.count("\n", 0, block.start(1) + needs.start()) + 1
        # Format 5 writes the peers behind an underscore, which no version has.
        needed = (needs[1] or needs[2] or needs[3] or "").strip()
        return Engine(name, number.split("_", 1)[0], needed, path, line)
    return None


def _resolved(text: str, importer: str, package: str) -> str | None:
    """Return the version that a lock resolves for a project's own dependency; None where it has none."""
    project = _importers(text).get(importer)
    if project is None:
        return None
    for section in _DEPENDENCIES.finditer(project):
        # Format 5 has the version on the package's own line.
        found = re.search(
            rf"^{section[1]}  '?{re.escape(package)}'?:(?:\n +specifier: .*\n +version:)? '?([^'\n]+)'?$",
            section[2],
            re.MULTILINE,
        )
        if found:
            return found[1]
    return None


@functools.lru_cache(maxsize=16)
def _importers(text: str) -> dict[str, str]:
    """Return the lines of each project of a lock; a lock of one project alone may have no importers."""
    section = re.search(r"^importers:\n((?: .*\n?|\n)*)", text, re.MULTILINE)
    if not section:
        return {".": text.split("\npackages:\n", 1)[0]}
    parts = re.split(r"^ {2}'?([^\s'].*?)'?:\n", section[1], flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


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
    # The entry of a package under another name holds its own one.
    own = entry.get("name")
    name = own if isinstance(own, str) else key.rsplit("node_modules/", maxsplit=1)[-1]
    return Engine(name, entry["version"], needs, path, text.count("\n", 0, max(at, 0)) + 1)


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
