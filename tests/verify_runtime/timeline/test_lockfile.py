import random

import pytest

from verify_runtime.timeline.lockfile import Engine, Read, engine

PNPM_9 = """lockfileVersion: '9.0'

importers:

  .:
    devDependencies:
      '@biomejs/biome':
        specifier: ^2.0.0
        version: 2.1.0
      vite:
        specifier: ^7.0.0
        version: 7.1.0(@types/node@20.0.0)
      linked:
        specifier: npm:rolldown-vite@7.0.0
        version: rolldown-vite@7.0.0

  packages/web:
    dependencies:
      vite:
        specifier: ^6.0.0
        version: 6.4.0
      bundler:
        specifier: npm:rolldown-vite@7.0.0
        version: rolldown-vite@7.0.0
      linked:
        specifier: workspace:*
        version: link:../linked

packages:

  '@biomejs/biome@2.1.0':
    resolution: {integrity: sha512-A}
    engines: {node: '>=14.21.3'}
    hasBin: true

  rolldown-vite@7.0.0:
    resolution: {integrity: sha512-A}
    engines: {node: ^20.19.0 || >=22.12.0}

  vite@6.4.0:
    resolution: {integrity: sha512-A}
    engines: {node: ^18.0.0 || ^20.0.0 || >=22.0.0}
    hasBin: true

  vite@7.1.0:
    resolution: {integrity: sha512-A}
    engines: {node: ^20.19.0 || >=22.12.0}
    hasBin: true

snapshots:

  vite@7.1.0(@types/node@20.0.0): {}
"""
PNPM_6 = """lockfileVersion: '6.0'

devDependencies:
  '@angular/cli':
    specifier: ^17.0.0
    version: 17.0.0(typescript@5.0.0)

packages:

  /@angular/cli@17.0.0(typescript@5.0.0):
    resolution: {integrity: sha512-A}
    engines: {node: ^18.13.0 || >=20.9.0, npm: ^6.11.0, yarn: '>= 1.13.0'}
    hasBin: true
"""
PNPM_5 = """lockfileVersion: 5.4

overrides:
  vite: 9.9.9

specifiers:
  bundler: npm:rolldown-vite@7.0.0
  vite: ^3.0.0

dependencies:
  bundler: /rolldown-vite/7.0.0

devDependencies:
  '@angular/cli': 14.0.0
  vite: 3.2.0_@types+node@18.0.0

packages:

  /@angular/cli/14.0.0:
    resolution: {integrity: sha512-A}
    engines: {node: ^14.15.0 || >=16.10.0, npm: ^6.11.0}
    hasBin: true
    dev: true

  /rolldown-vite/7.0.0:
    resolution: {integrity: sha512-A}
    engines: {node: ^20.19.0 || >=22.12.0}

  /vite/3.2.0_@types+node@18.0.0:
    resolution: {integrity: sha512-A}
    engines: {node: ^14.18.0 || >=16.0.0}
    dev: true
"""
PNPM_5_WORKSPACE = """lockfileVersion: 5.3

importers:

  packages/web:
    specifiers:
      vite: ^3.0.0
    devDependencies:
      vite: 3.2.0

packages:

  /vite/3.2.0:
    resolution: {integrity: sha512-A}
    engines: {node: ^14.18.0 || >=16.0.0}
"""
NPM = """{
  "lockfileVersion": 3,
  "packages": {
    "": { "devDependencies": { "@sonar/scan": "5.0.0" } },
    "node_modules/@sonar/scan": {
      "version": "5.0.0",
      "bin": { "sonar": "bin/sonar.js" },
      "engines": { "node": ">=22.12.0" }
    },
    "web/node_modules/vite": {
      "version": "5.0.0",
      "bin": { "vite": "bin/vite.js" },
      "engines": { "node": "^18.0.0 || >=20.0.0" }
    },
    "node_modules/vite": { "version": "4.0.0", "bin": { "vite": "x" }, "engines": { "node": ">=14" } },
    "node_modules/alias": { "name": "own", "version": "1.0.0", "bin": { "own": "x" }, "engines": { "node": ">=18" } },
    "node_modules/quiet": { "version": "1.0.0", "bin": { "quiet": "x" } }
  }
}
"""


def read_pnpm(text: str) -> Read:
    return lambda path: text if path == "pnpm-lock.yaml" else None


def read_any(text: str) -> Read:
    return lambda path: text if path.endswith(("lock.yaml", "lock.json")) else None


def read_npm(path: str) -> str | None:
    return NPM if path == "package-lock.json" else None


@pytest.mark.parametrize(
    ("folder", "command", "version", "node", "line"),
    [
        ("", "vite", "7.1.0", "^20.19.0 || >=22.12.0", 47),
        ("packages/web", "vite", "6.4.0", "^18.0.0 || ^20.0.0 || >=22.0.0", 42),
        ("", "biome", "2.1.0", ">=14.21.3", 33),
        ("packages/web", "biome", "2.1.0", ">=14.21.3", 33),  # the workspace's own tools are there too
        ("packages/web", "bundler", "7.0.0", "^20.19.0 || >=22.12.0", 38),
    ],
)
def test_pnpm_9_holds_a_version_for_each_project(folder: str, command: str, version: str, node: str, line: int) -> None:
    found = engine(read_pnpm(PNPM_9), folder, command)
    assert found is not None
    assert (found.version, found.node, found.line) == (version, node, line)


def test_pnpm_6_holds_one_project_without_importers() -> None:
    found = engine(read_pnpm(PNPM_6), "", "ng")
    assert found == Engine("@angular/cli", "17.0.0", "^18.13.0 || >=20.9.0", "pnpm-lock.yaml", 12)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("vite", Engine("vite", "3.2.0", "^14.18.0 || >=16.0.0", "pnpm-lock.yaml", 31)),
        ("ng", Engine("@angular/cli", "14.0.0", "^14.15.0 || >=16.10.0", "pnpm-lock.yaml", 21)),
        ("bundler", Engine("rolldown-vite", "7.0.0", "^20.19.0 || >=22.12.0", "pnpm-lock.yaml", 27)),
    ],
)
def test_pnpm_5_writes_versions_on_the_line_of_the_package(command: str, expected: Engine) -> None:
    assert engine(read_pnpm(PNPM_5), "", command) == expected


def test_pnpm_5_holds_the_projects_of_a_workspace() -> None:
    found = engine(read_pnpm(PNPM_5_WORKSPACE), "packages/web", "vite")
    assert found == Engine("vite", "3.2.0", "^14.18.0 || >=16.0.0", "pnpm-lock.yaml", 15)


@pytest.mark.parametrize("text", [PNPM_9, PNPM_5])
def test_lines_may_end_as_on_windows(text: str) -> None:
    assert engine(read_pnpm(text.replace("\n", "\r\n")), "", "vite") == engine(read_pnpm(text), "", "vite") is not None


@pytest.mark.parametrize("folder", ["/", "//", "/somewhere", "..", "a//b", "."])
def test_a_folder_that_is_no_projects_still_ends(folder: str) -> None:
    assert engine(lambda _: None, folder, "vite") is None


def test_npm_holds_the_own_name_of_a_package_under_another() -> None:
    found = engine(read_npm, "", "own")
    assert found is not None
    assert (found.package, found.node) == ("own", ">=18")


def test_npm_tells_the_package_by_its_command() -> None:
    assert engine(read_npm, "", "sonar") == Engine("@sonar/scan", "5.0.0", ">=22.12.0", "package-lock.json", 8)
    nearest = engine(read_npm, "web", "vite")
    assert nearest is not None
    assert nearest.version == "5.0.0"
    above = engine(read_npm, "other", "vite")
    assert above is not None
    assert above.version == "4.0.0"


@pytest.mark.parametrize(
    ("read", "command"),
    [
        (read_pnpm(PNPM_9), "linked"),
        (read_pnpm(PNPM_9), "missing"),
        (read_npm, "quiet"),
        (read_npm, "missing"),
        (lambda path: "# yarn lockfile v1\n" if path == "yarn.lock" else None, "vite"),
        (lambda _: None, "vite"),
    ],
)
def test_what_no_lock_tells_is_none(read: Read, command: str) -> None:
    assert engine(read, "packages/web", command) is None


@pytest.mark.parametrize("text", [PNPM_9, PNPM_6, PNPM_5, PNPM_5_WORKSPACE, NPM])
def test_a_lock_that_is_cut_or_garbled_is_no_error(text: str) -> None:
    chance = random.Random(18)  # noqa: S311 - the same cuts each time
    for _ in range(200):
        cut = text[: chance.randrange(len(text))] + text[chance.randrange(len(text)) :]
        for command in ("vite", "ng", "sonar", "biome"):
            engine(read_any(cut), "web", command)
