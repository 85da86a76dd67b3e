import os
import subprocess
from pathlib import Path

import pytest

from verify_runtime import fix, tools
from verify_runtime.check import Verdict, check
from verify_runtime.ranges import parse_range
from verify_runtime.requirement import parse

from .conftest import Tool

ACTIONS = {"GITHUB_ACTIONS": "true"}


def verdict(requirement: str, *folders: Path, **environment: str) -> Verdict:
    path = os.pathsep.join(str(folder) for folder in folders)
    return check(parse([requirement]), {"PATH": path, **environment})[0]


def test_what_is_as_required_is_ok_and_shows_what_it_shadows(tool: Tool) -> None:
    first, second = tool("node", "v20.1.0", folder="a"), tool("node", "v18.0.0", folder="b")
    found = verdict("node@20", first.parent, second.parent)
    assert (found.kind, found.ok, found.fix) == ("ok", True, "")
    assert found.active
    assert found.active.version == "20.1.0"
    assert [each.path for each in found.shadowed] == [str(second)]
    assert found.said == "v20.1.0"


def test_a_mismatch_says_what_is_wanted_what_is_active_why_and_what_mends_it(tool: Tool) -> None:
    first, second = tool("node", "v18.20.8", folder="a"), tool("node", "v20.1.0", folder="b")
    found = verdict("node@20", first.parent, second.parent)
    assert found.kind == "mismatch"
    assert found.message == (
        f"node 20 is required, but 18.20.8 is active: {first} comes first on PATH. "
        f"It shadows {second}, which is 20.1.0 and would fit."
    )
    assert found.fix == f"export PATH='{second.parent}':\"$PATH\""


@pytest.mark.parametrize(
    ("folder", "requirement", "fix"),
    [
        (".nvm/versions/node/v18/bin", "node@20", "nvm install 20 && nvm use 20"),
        (".volta/bin", "node@20.x", "volta pin node@20"),
        ("fnm_multishells/1/bin", "node@^20.12", "fnm use --install-if-missing 20"),
        ("mise/installs/node/18/bin", "node@20", "mise use node@20"),
        (".asdf/shims", "node@20", "asdf install nodejs latest:20 && asdf set nodejs latest:20"),
        ("Cellar/node/18/bin", "node@20", "brew install node@20 && brew link --overwrite node@20"),
        (".pyenv/shims", "python@>=3.11 <3.13", "pyenv install --skip-existing 3.11 && pyenv local 3.11"),
        (".nvm/versions/node/v18/bin", "pnpm@10", "npm install --global 'pnpm@10'"),
        (
            "bin",
            "node@>=20 <21",
            "Install node >=20 <21, and put its folder first on PATH; with nvm: nvm install 20 && nvm use 20",
        ),
        ("bin", "pnpm@10", "npm install --global 'pnpm@10'"),
        ("bin", "ruff@1", "Install ruff 1, and put its folder first on PATH."),
    ],
)
def test_on_a_laptop_the_manager_in_use_mends_it(tool: Tool, folder: str, requirement: str, fix: str) -> None:
    path = tool(requirement.split("@", maxsplit=1)[0], "v0.0.1", folder=folder)
    assert verdict(requirement, path.parent).fix == fix


@pytest.mark.parametrize(
    ("requirement", "fix"),
    [
        ("node@20", '- uses: actions/setup-node@v7\n  with:\n    node-version: "20"'),
        ("python@>=3.11", '- uses: actions/setup-python@v7\n  with:\n    python-version: ">=3.11"'),
        ("java@21", '- uses: actions/setup-java@v5\n  with:\n    java-version: "21"\n    distribution: temurin'),
        ("npm@10", "- run: npm install --global 'npm@10'"),
        ("ruff@1", "Put a step before this one that installs ruff 1."),
    ],
)
def test_in_a_workflow_the_step_to_add_mends_it(tmp_path: Path, requirement: str, fix: str) -> None:
    assert verdict(requirement, tmp_path, **ACTIONS).fix == fix


def test_a_missing_tool_is_told(tmp_path: Path) -> None:
    assert verdict("python@3", tmp_path).message == "python 3 is required, but no python or python3 is on PATH."
    assert verdict("node@20", tmp_path).kind == "missing"
    assert check(parse(["node@20"]), {})[0].kind == "missing"


def test_a_file_that_may_not_be_run_is_told(tool: Tool) -> None:
    found = verdict("node@20", tool("node", mode=0o644).parent)
    assert found.kind == "not-executable"
    assert "cannot be executed" in found.message


def test_a_tool_that_hangs_is_told(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "TIMEOUT_SECONDS", 0.2)
    found = verdict("node@20", tool("node", script="sleep 30").parent)
    assert found.kind == "hangs"
    assert "did not answer --version within 0.2 s" in found.message


def test_nonsense_is_told_with_what_was_said(tool: Tool) -> None:
    found = verdict("node@20", tool("node", script="echo what?; exit 3").parent)
    assert found.kind == "nonsense"
    assert "printed 'what?' and ended with status 3" in found.message
    assert "printed nothing" in verdict("pnpm@1", tool("pnpm", script="exit 0").parent).message


def test_a_shadowed_copy_that_is_broken_does_not_count(tool: Tool) -> None:
    first, second = tool("node", "v18.0.0", folder="a"), tool("node", "nonsense", folder="b")
    assert "No other copy on PATH would fit." in verdict("node@20", first.parent, second.parent).message


def test_every_copy_is_asked_once_and_the_first_that_fits_is_named(tool: Tool) -> None:
    folders = [tool("node", f"v{version}.0.0", folder=version).parent for version in ("18", "16", "20", "22")]
    found = verdict("node@>=20", *folders)
    assert [each.version for each in found.shadowed] == ["16.0.0", "20.0.0", "22.0.0"]
    assert f"It shadows {folders[2] / 'node'}, which is 20.0.0" in found.message


def test_a_prerelease_is_told_apart_from_its_release(tool: Tool) -> None:
    folder = tool("node", "v21.0.0-nightly2023").parent
    assert "a prerelease of 21.0.0, which a range takes only where it names one" in verdict("node@21", folder).message
    assert "That is a prerelease" not in verdict("node@18", folder).message


def test_a_manager_that_the_environment_names_mends_it(tool: Tool) -> None:
    folder = tool("node", "v18.0.0").parent
    assert verdict("node@20", folder, NVM_DIR="/home/ada/.nvm").fix == "nvm install 20 && nvm use 20"
    assert verdict("node@20", folder, FNM_DIR="/fnm").fix == "fnm use --install-if-missing 20"


def test_a_folder_with_an_apostrophe_is_quoted(tool: Tool) -> None:
    first, second = tool("node", "v18.0.0", folder="a"), tool("node", "v20.0.0", folder="ada's tools")
    script = f"{verdict('node@20', first.parent, second.parent).fix}; command -v node"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == f"{second}\n"


@pytest.mark.parametrize(
    ("text", "version"),
    [
        *(("20", "20"), ("^20.12", "20"), ("18 || 20", "20"), (">=18.12 <19 || 20", "20"), ("~20.12.1", "20.12")),
        *(("20.1.2", "20.1.2"), ("<=18", "18"), (">=3.11 <3.13", "3.11"), ("*", ""), ("<18", ""), ("x", "")),
    ],
)
def test_a_range_has_a_plain_version_that_stands_for_it(text: str, version: str) -> None:
    assert fix.plain_version(parse_range(text)) == version
