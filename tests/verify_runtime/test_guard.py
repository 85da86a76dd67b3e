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
    return {"VERIFY_RUNTIME_TOOL_node": f"node\t--version\tnode@{wanted}\t{version}"}


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


def test_a_runtime_that_is_wrong_stops_every_step_until_it_is_right_again(
    script: Path, tool: Tool, tmp_path: Path
) -> None:
    node, memory = tool("node", "v16.20.2"), {**remembered("v18.20.8"), "GITHUB_ENV": str(tmp_path / "env")}
    assert guard(script, node.parent, **memory).returncode == 1
    assert not (tmp_path / "env").exists()
    tool("node", "v18.21.0")
    assert guard(script, node.parent, **memory).returncode == 0
    assert "\tv18.21.0\n" in (tmp_path / "env").read_text(encoding="utf-8")


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
        script, folder, **remembered("v18.20.8"), VERIFY_RUNTIME_TOOL_pnpm="pnpm\t--version\tpnpm@>=10 <11\t10.0.0"
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
        assert process.wait(60) == 5
    assert mark.read_text(encoding="utf-8") == "caught\n"


@pytest.mark.parametrize("arguments", [[], ["a", "b"]])
def test_misuse_says_how_it_is_called(arguments: list[str]) -> None:
    done = subprocess.run(["bash", str(GUARD), *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (
        2,
        "usage: guard.sh SCRIPT (what defaults.run.shell puts in the place of {0})\n",
    )


def test_without_any_python_the_difference_alone_stops_it(script: Path, tool: Tool, tmp_path: Path) -> None:
    found = shutil.which("bash")
    tool("node", "v16.0.0", folder="only")
    done = subprocess.run(
        [str(found), str(GUARD), str(script)],
        env={"PATH": str(tmp_path / "only"), **remembered("v18.20.8")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "No Python for the full check" in done.stdout


def test_a_runtime_that_has_begun_to_hang_stops_before_the_script(script: Path, tool: Tool) -> None:
    node = tool("node", script="exec sleep 60")
    started = time.monotonic()
    done = guard(script, node.parent, **remembered("v18.20.8"))
    assert done.returncode == 1
    assert "did not answer --version within 5 s" in done.stdout
    assert "ran" not in done.stdout
    assert time.monotonic() - started < 50


@pytest.mark.parametrize(
    "output", ["echo v18.20.8", "printf v18.20.8", "printf 'v18.20.8\\r\\n'", "echo '  v18.20.8 '"]
)
def test_the_line_is_compared_without_what_surrounds_it(script: Path, tool: Tool, output: str) -> None:
    node = tool("node", script=output)
    tool("python3", script="echo python was started; exit 1")
    assert guard(script, node.parent, **remembered("v18.20.8")).stdout == "ran\n"


@pytest.mark.parametrize(("version", "status"), [("17.0.2", 0), ("21.0.1", 1)])
def test_lines_before_the_one_with_the_version_hide_no_switch(
    script: Path, tool: Tool, version: str, status: int
) -> None:
    java = tool("java", script=f"echo Picked up JAVA_TOOL_OPTIONS: -Dx >&2; echo 'openjdk version \"{version}\"' >&2")
    memory = 'java\t-version\tjava@17\topenjdk version "17.0.2"'
    done = guard(script, java.parent, VERIFY_RUNTIME_TOOL_java=memory)
    assert (done.returncode, "ran" in done.stdout) == (status, status == 0)


def test_a_flood_that_never_holds_the_version_ends(script: Path, tool: Tool) -> None:
    done = guard(script, tool("node", script="exec yes").parent, **remembered("v18.20.8"))
    assert done.returncode == 1
    assert "printed 'y'" in done.stdout


def test_the_scripts_input_is_left_to_the_script(script: Path, tool: Tool) -> None:
    node = tool("node", script="cat; echo v18.20.8")
    script.write_text("cat\n", encoding="utf-8")
    environment = {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}", **remembered("v18.20.8")}
    command = ["bash", str(GUARD), str(script)]
    done = subprocess.run(command, env=environment, input="for it", capture_output=True, text=True, check=False)
    assert done.stdout == "for it"


def test_a_forgotten_tool_is_not_asked(script: Path, tool: Tool) -> None:
    node = tool("node", script="echo asked >&2; exit 1")
    done = guard(script, node.parent, VERIFY_RUNTIME_TOOL_node="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ran\n", "")


def test_what_the_check_remembers_the_guard_understands(script: Path, tool: Tool, tmp_path: Path) -> None:
    folder = tool("node", "v18.20.8").parent
    tool("clang-format", "'Debian  clang-format version 14.0.6\t(x)'")
    tool("java", script="echo 'openjdk version \"17.0.15\" 2025-04-15' >&2")
    file = tmp_path / "env"
    checked = subprocess.run(
        [sys.executable, str(GUARD.parent), "check", "node@18 || 20", "clang-format@>=14", "java@17"],
        env={"PATH": f"{folder}:/usr/bin:/bin", "GITHUB_ACTIONS": "true", "GITHUB_ENV": str(file)},
        check=False,
    )
    assert checked.returncode == 0
    lines = file.read_text(encoding="utf-8").splitlines()
    memory = {name.split("<<")[0]: value for name, value in zip(lines[::3], lines[1::3], strict=True)}
    assert len(memory) == 3
    for name in ("python3", "python"):
        tool(name, script="echo python was started; exit 1")
    assert guard(script, folder, **memory).stdout == "ran\n"
    tool("node", "v16.0.0")
    assert guard(script, folder, **memory).stdout == "python was started\n"


def test_the_guard_works_from_its_own_folder_too(script: Path, tool: Tool) -> None:
    path = f"{tool('node', 'v16.0.0').parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, **remembered("v18.20.8")}
    command = ["bash", GUARD.name, str(script)]
    done = subprocess.run(command, cwd=GUARD.parent, env=environment, capture_output=True, text=True, check=False)
    assert "node 18 is required, but 16.0.0 is active" in done.stdout


def test_the_script_sees_a_plain_bash(script: Path, tool: Tool) -> None:
    script.write_text(
        'printf \'%s|%s|%s|%q\' "$0" "$#" "${fields-none}" "$IFS"; set -o | grep noglob\n', encoding="utf-8"
    )
    done = guard(script, tool("node", "v18.20.8").parent, **remembered("v18.20.8"))
    assert done.stdout.startswith(f"{script}|0|none|$' \\t\\n'noglob")
    assert done.stdout.split()[-1] == "off"
