"""What pre-commit is given: this repository's own hooks, and the one that it offers to others."""

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
OWN: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
OFFERED: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_own_hook_is_a_locked_tool_of_this_repository() -> None:
    hooks = [hook for repository in OWN for hook in repository["hooks"]]
    assert {repository["repo"] for repository in OWN} == {"local"}
    assert all(hook["language"] == "system" and hook["entry"].startswith((".venv/", ".tools/")) for hook in hooks)


def test_the_offered_hook_is_a_command_that_the_package_installs_with_all_that_it_needs() -> None:
    [hook] = OFFERED
    command, subcommand = hook["entry"].split()
    assert command in PROJECT["scripts"]
    assert subcommand == "timeline"
    assert hook["additional_dependencies"] == PROJECT["optional-dependencies"]["timeline"]


def test_both_run_where_an_answer_may_change() -> None:
    own = next(hook for repository in OWN for hook in repository["hooks"] if hook["id"] == OFFERED[0]["id"])
    for path in (
        ".github/workflows/ci.yml",
        ".github/actions/a/action.yaml",
        "package.json",
        "pnpm-lock.yaml",
        ".nvmrc",
    ):
        assert re.search(own["files"], path)
        assert re.search(OFFERED[0]["files"], path)
    assert not re.search(OFFERED[0]["files"], "src/main.py")
