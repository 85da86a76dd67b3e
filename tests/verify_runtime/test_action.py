"""The action's own script, run as a runner runs it: in bash -e -o pipefail, from a file."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Tool

Run = Callable[..., subprocess.CompletedProcess[str]]

FOLDER = Path(__file__).parents[2] / ".github" / "actions" / "verify-runtime"


@pytest.fixture(scope="module")
def action() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((FOLDER / "action.yml").read_text(encoding="utf-8"))
    return read


@pytest.fixture
def run(action: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the action where nothing but Python, and what is put before it, is on PATH."""
    (tmp_path / "python-only").mkdir()
    (tmp_path / "python-only" / "python").symlink_to(sys.executable)
    script = tmp_path / "script.sh"
    script.write_text(action["runs"]["steps"][0]["run"], encoding="utf-8")
    (tmp_path / "output").touch()
    command = [str(shutil.which("bash")), "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)]
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_ACTION_PATH", str(FOLDER))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))

    def run(requires: str, *folders: Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.setenv("REQUIRES", requires)
        monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


def test_it_finds_the_check_beside_it_and_sets_the_outputs(
    run: Run, action: dict[str, Any], tool: Tool, tmp_path: Path
) -> None:
    node = tool("node", "v20.1.0")
    done = run("node@18 || 20\npython@>=3.9", node.parent, tmp_path / "python-only")
    assert (done.returncode, done.stderr) == (0, "")
    output = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
    assert "20.1.0" in output
    assert str(node) in output
    for name in ("node-version", "node-path"):
        assert any(line.startswith(f"{name}<<") for line in output)
        assert action["outputs"][name]["value"] == f"${{{{ steps.check.outputs.{name} }}}}"


@pytest.mark.parametrize(("requires", "status"), [("node@22", 1), ("node@latest", 2), ("", 2), ("--json", 2)])
def test_it_fails_as_the_check_does(run: Run, tool: Tool, tmp_path: Path, requires: str, status: int) -> None:
    assert run(requires, tool("node", "v20.1.0").parent, tmp_path / "python-only").returncode == status


def test_without_a_python_it_says_so(run: Run, tmp_path: Path) -> None:
    done = run("node@20", tmp_path)
    assert done.returncode == 1
    assert "::error title=No Python::" in done.stdout


def test_its_step_names_its_own_shell_and_takes_values_from_the_environment_alone(action: dict[str, Any]) -> None:
    for step in action["runs"]["steps"]:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
