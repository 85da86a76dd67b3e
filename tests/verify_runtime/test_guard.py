import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import Tool

GUARD = Path(__file__).parents[2] / "src" / "verify_runtime" / "guard.sh"


def guard(script: Path, *folders: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the guard as a runner does: with what an earlier step left in its environment."""
    path = os.pathsep.join([*(str(folder) for folder in folders), os.environ["PATH"]])
    return subprocess.run(
        ["bash", str(GUARD), str(script)],
        env={"PATH": path, "GITHUB_ACTIONS": "true", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def remembered(version: str, wanted: str = "18") -> dict[str, str]:
    return {"VERIFY_RUNTIME_TOOL_node": f"node\t--version\t{version}\tnode@{wanted}"}


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "a script.sh"
    path.write_text("echo ran\n", encoding="utf-8")
    return path


def test_nothing_remembered_only_runs_the_script(script: Path) -> None:
    done = guard(script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_the_same_runtime_runs_the_script_and_starts_no_python(script: Path, tool: Tool) -> None:
    node = tool("node", "v18.20.8")
    tool("python3", script="echo python was started; exit 1")
    tool("python", script="echo python was started; exit 1")
    done = guard(script, node.parent, **remembered("v18.20.8"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_another_runtime_stops_before_the_script(script: Path, tool: Tool) -> None:
    node = tool("node", "v16.20.2")
    done = guard(script, node.parent, **remembered("v18.20.8"))
    assert done.returncode == 1
    assert "ran" not in done.stdout
    assert "::error title=Wrong runtime" in done.stdout
    assert "16.20.2" in done.stdout
    assert str(node) in done.stdout


def test_a_runtime_that_changed_within_the_range_is_no_reason_to_stop(script: Path, tool: Tool) -> None:
    node = tool("node", "v18.21.0")
    done = guard(script, node.parent, **remembered("v18.20.8"))
    assert done.returncode == 0
    assert done.stdout.endswith("ran\n")


def test_a_runtime_that_is_gone_stops_before_the_script(script: Path, tool: Tool, tmp_path: Path) -> None:
    tool("python3", script=f'exec {sys.executable} "$@"', folder="only")
    path = str(tmp_path / "only")
    done = subprocess.run(
        [str(shutil.which("bash")), str(GUARD), str(script)],
        env={"PATH": path, **remembered("v18.20.8")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no node is on PATH" in done.stdout
    assert "ran" not in done.stdout


def test_every_remembered_tool_is_compared(script: Path, tool: Tool) -> None:
    folder = tool("node", "v18.20.8").parent
    tool("pnpm", "9.0.0")
    done = guard(
        script, folder, **remembered("v18.20.8"), VERIFY_RUNTIME_TOOL_pnpm="pnpm\t--version\t10.0.0\tpnpm@>=10 <11"
    )
    assert done.returncode == 1
    assert "pnpm >=10 <11 is required, but 9.0.0 is active" in done.stdout
    assert "node 18" not in done.stdout


@pytest.mark.parametrize(
    ("text", "status"),
    [("exit 7", 7), ("false; echo never", 1), ("false | true; echo never", 1), ("kill -TERM $$", -signal.SIGTERM)],
)
def test_the_scripts_own_status_comes_through(script: Path, text: str, status: int) -> None:
    script.write_text(f"{text}\n", encoding="utf-8")
    done = guard(script)
    assert done.returncode == status
    assert "never" not in done.stdout


def test_a_signal_reaches_the_script(script: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script.write_text(
        f"trap 'echo caught > {mark}; exit 5' TERM\ntouch {mark}\nwhile :; do sleep 0.05; done\n", encoding="utf-8"
    )
    with subprocess.Popen(["bash", str(GUARD), str(script)]) as process:
        while not mark.exists():
            time.sleep(0.01)
        process.terminate()
        assert process.wait(10) == 5
    assert mark.read_text(encoding="utf-8") == "caught\n"


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_misuse_says_how_it_is_called(arguments: list[str]) -> None:
    done = subprocess.run(["bash", str(GUARD), *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "usage: guard.sh SCRIPT\n")


def test_without_any_python_the_difference_alone_stops_it(script: Path, tool: Tool, tmp_path: Path) -> None:
    found = shutil.which("bash")
    tool("node", "v16.0.0", folder="only")
    tool("bash", script=f'exec {found} "$@"', folder="only")
    done = subprocess.run(
        [str(found), str(GUARD), str(script)],
        env={"PATH": str(tmp_path / "only"), **remembered("v18.20.8")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "No Python for the full check" in done.stdout
