import subprocess
import sys
from pathlib import Path

import pytest

from gate import standins, toolchain
from gate.errors import CannotJudgeError

ROOT = Path(__file__).parents[2]


def output(command: str, *arguments: str, path: Path) -> str:
    environment = {"PATH": f"{path}:/usr/bin:/bin"}
    return subprocess.run(
        [path / command, *arguments], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_node_npm_and_pnpm_come_from_the_registry_and_run_on_the_node_beside_them(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"packageManager": "pnpm@10.34.8+sha512.0"}', encoding="utf-8")
    folder = toolchain.install(tmp_path, "18")
    assert output("node", "--version", path=folder) == "v18.20.8"
    assert output("npm", "--version", path=folder).startswith("10.")
    assert output("pnpm", "--version", path=folder) == "10.34.8"
    assert toolchain.install(tmp_path, "18") == folder


def test_a_node_that_is_not_pinned_is_told_with_those_that_are() -> None:
    with pytest.raises(CannotJudgeError, match=r"No Node 17 is pinned for .*18\.20\.8"):
        toolchain.node_home("17")


def test_another_package_manager_than_the_pinned_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"packageManager": "yarn@4.0.0"}', encoding="utf-8")
    with pytest.raises(CannotJudgeError, match=r"wants yarn@4\.0\.0"):
        toolchain.pnpm_home(tmp_path / "package.json")


def test_a_package_that_is_not_what_was_pinned_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    wrong = toolchain.Package("semver", "7.7.3", "sha512-0")
    with pytest.raises(CannotJudgeError, match=r"semver@7\.7\.3 is not what was pinned"):
        toolchain._unpacked(wrong)
    assert not (tmp_path / "ci-gate" / "npm" / "semver-7.7.3").exists()


def test_a_package_that_the_registry_does_not_have_is_told_in_npms_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(CannotJudgeError, match=r"npm could not fetch semver@0\.0\.999"):
        toolchain._unpacked(toolchain.Package("semver", "0.0.999", "sha512-0"))


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set the variables that a runner sets for a step."""
    monkeypatch.setenv("GITHUB_PATH", str(tmp_path / "path"))
    monkeypatch.setenv("RUNNER_TOOL_CACHE", str(tmp_path / "tools"))
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "temp"))
    monkeypatch.chdir(ROOT)
    return tmp_path / "path"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["standins", *arguments])
    standins.main()


def test_the_stand_ins_put_their_tools_on_path_as_the_real_actions_do(
    runner: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text('{"packageManager": "pnpm@10.34.8"}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # a job may set up Node twice
        run(monkeypatch, "setup-node", "18")
    run(monkeypatch, "pnpm")
    run(monkeypatch, "setup-uv")
    added = [Path(line) for line in runner.read_text(encoding="utf-8").splitlines()]
    assert added[0].parts[:-2] == (tmp_path / "tools" / "node" / "18.20.8").parts
    assert output("node", "--version", path=added[0]) == "v18.20.8"
    assert sorted(path.name for path in added[2].glob("[!.]*")) == ["pnpm", "pnpx"]
    assert [path.name for path in added[3].iterdir()] == ["uv"]


@pytest.mark.usefixtures("runner")
def test_a_stand_in_that_fails_says_so_as_an_annotation(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="::error title=The stand-in for setup-node failed::No Node 17 is pinned"):
        run(monkeypatch, "setup-node", "17")


def test_the_scan_stand_in_becomes_the_scanner(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gate.standins", "scan", "--version -Dname='with spaces'"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("pysonar ")
