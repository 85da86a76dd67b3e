from pathlib import Path

import pytest

from verify_runtime.timeline.programs import is_install, programs
from verify_runtime.timeline.repository import Repository

from .cases import write

PACKAGE = """{
  "scripts": {
    "prebuild": "tsc -b",
    "build": "cross-env NODE_ENV=production vite build && npm run after",
    "after": "echo done",
    "test": "run-s lint unit",
    "lint": "eslint . || true",
    "unit": "node ./node_modules/vitest/vitest.mjs",
    "loop": "npm run loop",
    "prepare": "husky"
  }
}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    write(
        tmp_path,
        {
            "package.json": PACKAGE,
            "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n  - '!packages/no'\n",
            "packages/web/package.json": '{"scripts": {"build": "next build"}}',
            "packages/no/package.json": "nonsense",
        },
    )
    return Repository(tmp_path)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("vite build", ["vite"]),
        ("npx vite", ["vite"]),
        ("npx vite@5", []),
        ("npx -p vite vite", []),
        ("pnpm exec eslint .", ["eslint"]),
        ("npm exec -- eslint .", ["eslint"]),
        ("npm run build", ["tsc", "vite", "echo"]),
        ("pnpm build", ["tsc", "vite", "echo"]),
        ("yarn build", ["tsc", "vite", "echo"]),
        ("npm build", []),
        ("npm test", ["run-s", "eslint", "vitest"]),
        ("npm run loop", []),
        ("npm run missing", []),
        ("pnpm missing", ["missing"]),
        ("pnpm add x", []),
        ("npm ci", ["husky"]),
        ("npm ci --ignore-scripts", []),
        ("pnpm -r build", ["tsc", "vite", "echo", "next"]),
        ("pnpm --filter web build", []),
        ("npm --prefix packages/web run build", ["next"]),
        ("npm -w web run build", []),
        ("npm --prefix ../x run build", []),
        ("node build.js", ["node"]),
    ],
)
def test_programs_are_found_through_scripts(command: str, expected: list[str], repository: Repository) -> None:
    assert [each.name for each in programs(repository, "", tuple(command.split()))] == expected


def test_the_way_to_a_program_is_told(repository: Repository) -> None:
    tsc, vite, _ = programs(repository, "", ("npm", "run", "build"))
    assert [(name, str(place)) for name, place in tsc.through] == [("prebuild", "package.json:3")]
    assert [(name, str(place)) for name, place in vite.through] == [("build", "package.json:4")]


def test_an_unknown_folder_or_word_tells_nothing(repository: Repository) -> None:
    assert programs(repository, None, ("vite",)) == []
    assert programs(repository, "", ("", "x")) == []
    assert programs(repository, "", ()) == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("npm ci", True),
        ("npm install", True),
        ("yarn", True),
        ("pnpm i --frozen-lockfile", True),
        ("npm install -g x", False),
        ("npm test", False),
        ("yarn --version", False),
        ("node x", False),
    ],
)
def test_an_install_is_told_from_other_commands(command: str, *, expected: bool) -> None:
    assert is_install(tuple(command.split())) is expected
