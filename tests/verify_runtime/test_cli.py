import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from verify_runtime import cli

from .conftest import Tool

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "src" / "verify_runtime"


@pytest.fixture
def node(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tool("node", "v18.20.8")
    monkeypatch.setenv("PATH", str(path.parent))
    return path


def test_as_required_exits_0_and_says_what_is_active(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "node@18"]) == 0
    assert capsys.readouterr().out == f"ok  node 18.20.8 is active, as 18 requires: {node}.\n"


@pytest.mark.usefixtures("node")
def test_not_as_required_exits_1_and_says_how_to_mend_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "node@20", "pnpm@10"]) == 1
    out = capsys.readouterr().out
    assert "NOT AS REQUIRED  node 20 is required, but 18.20.8 is active" in out
    assert "NOT AS REQUIRED  pnpm 10 is required, but no pnpm is on PATH." in out
    assert "To mend it:\n    Install node 20, and put its folder first on PATH; with nvm: nvm install 20" in out
    assert "\033" not in out


@pytest.mark.usefixtures("node")
def test_an_unreadable_range_exits_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "node@2x"]) == 2
    assert "'x' at position 2 of '2x'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["chekc"], ["check"], ["check", "node@1", "--yaml"], ["guard"]])
def test_misuse_exits_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert "verify-runtime check node@20" in capsys.readouterr().out


@pytest.mark.usefixtures("node")
def test_json_is_whole_also_in_a_workflow(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert cli.main(["check", "node@20", "--json"]) == 1
    captured = capsys.readouterr()
    data = json.loads(captured.out)
    assert (data["ok"], data["tools"][0]["verdict"], data["tools"][0]["active"]["version"]) == (
        False,
        "mismatch",
        "18.20.8",
    )
    assert captured.err.startswith("::error title=")


@pytest.mark.usefixtures("node")
def test_in_a_workflow_a_mismatch_is_an_annotation(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    cli.main(["check", "node@18"])
    assert "::error" not in capsys.readouterr().out
    cli.main(["check", "node@20"])
    assert "::error title=Wrong runtime%3A node 20 is required::node 20 is required" in capsys.readouterr().out


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("isolated", [True, False])
def test_it_runs_as_a_folder_on_any_python_with_no_installation(
    tool: Tool, version: str, tmp_path: Path, *, isolated: bool
) -> None:
    where = [f"python{version}", "-c", "import sys; print(sys.executable)"]
    found = subprocess.run(where, capture_output=True, text=True, check=False) if shutil.which(where[0]) else None
    if found is None or found.returncode:
        pytest.skip(f"there is no Python {version} on PATH")
    path = tool("node", "v20.1.0")
    command = [found.stdout.strip(), *(["-I"] if isolated else []), str(FOLDER), "check", "node@20"]
    environment = {"PATH": str(path.parent)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "node 20.1.0 is active" in done.stdout


def test_a_terminal_that_knows_only_ascii_is_no_trouble(tool: Tool) -> None:
    path = tool("node", "v20.1.0", folder="Prüfstand ✓")
    environment = {"PATH": str(path.parent), "PYTHONIOENCODING": "ascii", "LC_ALL": "C.UTF-8"}
    command = [sys.executable, str(FOLDER), "check", "node@20"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Pr\\xfcfstand \\u2713" in done.stdout


def test_guard_runs_the_script(tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    script.write_text("echo ran; exit 7\n", encoding="utf-8")
    command = [sys.executable, str(FOLDER), "guard", str(script)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "ran\n", "")


def test_it_runs_as_a_module_too(node: Path) -> None:
    command = [sys.executable, "-m", "verify_runtime", "check", "node@18"]
    environment = os.environ | {"PYTHONPATH": str(FOLDER.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, str(node) in done.stdout) == (0, True)


def test_guard_without_bash_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert cli.main(["guard", "script.sh"]) == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.usefixtures("node")
def test_json_has_the_form_that_the_help_describes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "node@18", "pnpm@10", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert list(data) == ["ok", "tools"]
    node, pnpm = data["tools"]
    assert list(node) == ["tool", "required", "ok", "verdict", "active", "shadowed", "message", "fix"]
    assert list(node["active"]) == ["path", "resolved", "origin", "version"]
    assert (node["ok"], pnpm["ok"], pnpm["verdict"], pnpm["active"]) == (True, False, "missing", None)
    with pytest.raises(SystemExit):
        cli.main(["check", "--help"])
    said = capsys.readouterr().out
    assert all(word in said for word in (*node, *node["active"]))


@pytest.mark.usefixtures("node")
def test_a_file_of_the_runner_that_cannot_be_written_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_ENV", "/nowhere/env")
    assert cli.main(["check", "node@18"]) == 2
    assert "verify-runtime: " in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a path hold bytes that are no text")
def test_a_path_that_is_no_text_is_no_trouble(tool: Tool, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.rename(os.fsencode(tool("node", "v18.0.0").parent), folder)  # noqa: PTH104 - a Path takes no bytes
    files = {name: str(tmp_path / name) for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    environment = {os.fsencode(name): os.fsencode(value) for name, value in files.items()}
    done = subprocess.run(
        [sys.executable, str(FOLDER), "check", "node@20"],
        env={**environment, b"PATH": folder, b"GITHUB_ACTIONS": b"true"},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"\\udcff/node" in done.stdout


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals to open here")
def test_colour_is_for_terminals_alone(tool: Tool) -> None:
    path = str(tool("node", "v18.0.0").parent)
    for extra, painted in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        ours, theirs = os.openpty()
        command = [sys.executable, str(FOLDER), "check", "node@18"]
        subprocess.run(command, env={"PATH": path, "TERM": "xterm", **extra}, stdout=theirs, check=True)
        os.close(theirs)
        assert (b"\033[" in os.read(ours, 4096)) is painted
        os.close(ours)
