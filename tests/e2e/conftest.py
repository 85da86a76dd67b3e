"""Checkouts of this repository to break, and the command `gate` run in them against the real server."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.prefix) / "bin"
WORKFLOW = ".github/workflows/ci.yml"
SWITCH = "node-version: ${{ env.NODE_SCAN }}"
VERIFY_SCAN = "requires: node@${{ env.NODE_SCAN }}"
VERIFY_TEST = "requires: node@${{ env.NODE_TEST }}"
_FOREIGN = ("GITHUB_", "RUNNER_", "SONAR_", "VERIFY_RUNTIME", "COV_", "COVERAGE_", "PYTEST_", "GIT_", "GATE_", "MAKE")


@dataclass(frozen=True, slots=True)
class Result:
    """What a command did.

    Args:
        status: Its exit status.
        out: Its standard output.
        err: Its standard error.
    """

    status: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """Its standard output, read as JSON."""
        return dict(json.loads(self.out))


@dataclass(frozen=True, slots=True)
class Checkout:
    """A clone of this repository with the reports that its tests left.

    Args:
        root: Its folder.
    """

    root: Path

    def gate(self, *arguments: str, **environment: str) -> Result:
        """Run `gate` here, as a user does."""
        return self.run(str(BIN / "gate"), *arguments, **environment)

    def run(self, *command: str, **environment: str) -> Result:
        done = subprocess.run(
            command, cwd=self.root, env=clean() | environment, capture_output=True, text=True, check=False
        )
        return Result(done.returncode, done.stdout, done.stderr)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that must be there."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def use_node(self, test: str, scan: str) -> None:
        """Make the one edit that moves both runtimes, whatever stands there."""
        text = (self.root / WORKFLOW).read_text(encoding="utf-8")
        for name, version in (("NODE_TEST", test), ("NODE_SCAN", scan)):
            text, count = re.subn(rf'^  {name}: ".*"$', f'  {name}: "{version}"', text, flags=re.MULTILINE)
            assert count == 1, name
        self.write(WORKFLOW, text)

    def drop_steps(self, *marks: str) -> None:
        """Remove from the workflow each step that holds one of these texts, and must be there."""
        text = (self.root / WORKFLOW).read_text(encoding="utf-8")
        blocks = re.split(r"\n(?=\n)", text)
        for mark in marks:
            assert any(mark in block for block in blocks), mark
        kept = [block for block in blocks if not any(mark in block for mark in marks)]
        self.write(WORKFLOW, "\n".join(kept))

    def only_the_scan(self) -> None:
        """Remove from the workflow what takes long and is not about the scan; the reports are there already."""
        self.without_python()
        self.drop_steps(
            "name: Install the page's packages",
            "run: pnpm lint",
            "run: pnpm typecheck",
            "run: pnpm test:unit",
            "run: pnpm test:component",
            "run: pnpm build",
        )
        self.edit(WORKFLOW, "run: make coverage", "run: .venv/bin/gate coverage")

    def without_python(self) -> None:
        """Remove from the workflow Python's lint and tests, which no Node runs; the report is there already."""
        self.drop_steps("run: make lint-python", "run: make test-python")
        # In a checkout of its own the reports are new files; act copies what git does not ignore.
        self.edit(".gitignore", "coverage/\n", "")

    def cover(self, *tests: str) -> None:
        """Measure Python's coverage again, by these tests, and one of each package so that it is imported."""
        packages = ["gate/test_plan.py", "release/test_tag.py", "tracking/test_event.py", "template/test_answers.py"]
        packages.append("verify_runtime/test_requirement.py")
        done = self.run(
            *(str(BIN / "pytest"), "--cov", "--cov-report=xml", *(f"tests/{each}" for each in packages), *tests),
            PYTHONPATH=str(self.root / "src"),
        )
        assert done.status == 0, done.out + done.err


def clean() -> dict[str, str]:
    """Return the environment without what a workflow, a make or a test run around this one left in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {"PATH": f"{ROOT / '.tools' / 'bin'}{os.pathsep}{kept['PATH']}"}


def pytest_sessionstart() -> None:
    """Say once, before anything is run, that the reports are missing."""
    for report in ("coverage/python.xml", "coverage/web.lcov"):
        if not (ROOT / report).exists():
            raise pytest.UsageError(f"{report} is missing. Run the tests first: make test")


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path / "checkout")
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(made.root)], check=True, env=clean())
    shutil.copytree(ROOT / "coverage", made.root / "coverage")
    (made.root / "node_modules").symlink_to(ROOT / "node_modules")
    yield made
    shutil.rmtree(made.root)
