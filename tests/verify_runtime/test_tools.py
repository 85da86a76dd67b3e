import os
import time
from pathlib import Path

import pytest

from verify_runtime import tools
from verify_runtime.version import Version

from .conftest import Tool


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ask(path: Path, name: str = "node") -> tools.Answer:
    return tools.ask([(name, tools.Copy(str(path), str(path), executable=True))])[0]


def test_a_tool_that_answers_has_a_version(tool: Tool) -> None:
    assert ask(tool("node", "v18.20.8")) == tools.Answer("version", "v18.20.8", Version(18, 20, 8), 0)


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("node", "v21.0.0-nightly20230801abc", "21.0.0-nightly20230801abc"),
        ("pnpm", "10.34.8", "10.34.8"),
        ("npm", "10.9.9\n", "10.9.9"),
        ("python", "Python 3.11.7", "3.11.7"),
        ("python", "Python 3.14.0rc1", "3.14.0-rc1"),
        ("python3", "Python 3.12.1+", "3.12.1"),
        ("java", 'openjdk version "17.0.15" 2025-04-15', "17.0.15"),
        ("java", 'java version "1.8.0_392"', "8.0.392"),
        ("java", 'openjdk version "21" 2023-09-19', "21.0.0"),
        ("java", 'openjdk version "22-ea" 2024-03-19', "22.0.0-ea"),
        ("java", 'openjdk version "11.0.20.1" 2023-08-24', "11.0.20"),
        ("gcc", "gcc (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0"),
        ("git", "git version 2.39.5", "2.39.5"),
        ("make", "GNU Make 4.3", "4.3.0"),
        ("node", "v18.20.8\r\n", "18.20.8"),
        ("npm", "npm warn config something 1.2.3\n10.9.9", "10.9.9"),
        ("java", 'Picked up JAVA_TOOL_OPTIONS: -Dversion=9\nopenjdk version "21.0.2" 2024-01-16', "21.0.2"),
    ],
)
def test_each_tools_own_way_of_saying_it_is_understood(name: str, text: str, version: str) -> None:
    found = tools.find_version(name, text)
    assert found
    assert str(found[0]) == version
    assert found[1] in text


@pytest.mark.parametrize("text", ["", "hello", "command not found: node", "v18", "18.20", f"v{'9' * 5000}.1.2"])
def test_what_holds_no_version_of_node_is_none(text: str) -> None:
    assert tools.find_version("node", text) is None
    assert tools.find_version("java", f'version "._." {text}') is None


@pytest.mark.parametrize(
    ("script", "first_line", "status"),
    [
        ("exit 0", "", 0),
        ("exit 3", "", 3),
        ("echo v18.0.0; exit 3", "v18.0.0", 3),
        ("printf '\\377\\000\\001'", "\ufffd\x00\x01", 0),
        ("echo no version; echo here", "no version", 0),
        ("kill -9 $$", "", -9),
        ("echo v18.0.0; kill -9 $$", "v18.0.0", -9),
    ],
)
def test_nonsense_is_a_verdict_of_its_own(tool: Tool, script: str, first_line: str, status: int) -> None:
    assert ask(tool("node", script=script)) == tools.Answer("nonsense", first_line, None, status)


def test_a_tool_that_hangs_is_ended_with_all_that_it_started(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "TIMEOUT_SECONDS", 3.0)
    child = tmp_path / "child"
    path = tool("node", script=f"sleep 60 & echo $! > {child}; wait")
    assert ask(path).kind == "hangs"
    deadline = time.monotonic() + 60
    while alive(int(child.read_text(encoding="utf-8"))):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_child_that_holds_the_output_open_is_not_waited_for(tool: Tool) -> None:
    started = time.monotonic()
    answer = ask(tool("node", script="sleep 60 & echo v18.0.0"))
    assert answer.version == Version(18, 0, 0)
    assert time.monotonic() - started < 30


def test_a_flood_of_output_is_cut(tool: Tool) -> None:
    started = time.monotonic()
    assert ask(tool("node", script="echo v18.0.0; exec yes")).version == Version(18, 0, 0)
    assert ask(tool("pnpm", script="exec yes"), "pnpm") == tools.Answer("nonsense", "y", None, 0)
    assert time.monotonic() - started < 30


def test_a_tool_that_lets_go_of_its_output_is_still_waited_for(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "TIMEOUT_SECONDS", 3.0)
    assert ask(tool("node", script="echo v18.0.0; exec >&- 2>&-; sleep 60")).kind == "hangs"


def test_all_are_asked_at_the_same_time(tool: Tool, tmp_path: Path) -> None:
    # Each answers once all three were asked: one asked after another's answer would hang.
    asked = tmp_path / "asked"
    asked.mkdir()
    wait = f"until [ $(ls {asked} | wc -l) = 3 ]; do sleep 0.05; done"
    script = f"touch {asked}/${{0##*/}}; {wait}; echo v1.2.3"
    waiting = [tool(name, script=script) for name in ("node", "npm", "pnpm")]
    copies = [(path.name, tools.Copy(str(path), str(path), executable=True)) for path in waiting]
    assert [answer.kind for answer in tools.ask(copies)] == ["version"] * 3


def test_a_script_without_its_interpreter_cannot_be_executed(tmp_path: Path) -> None:
    path = tmp_path / "node"
    path.write_text("#!/no/such/interpreter\n", encoding="utf-8")
    path.chmod(0o755)
    assert ask(path).kind == "not-executable"


def test_copies_come_in_paths_order_each_file_once(tool: Tool, tmp_path: Path) -> None:
    first, second = tool("node", folder="a b"), tool("node", folder="ü")
    link = tmp_path / "links" / "node"
    link.parent.mkdir()
    link.symlink_to(first)
    path = os.pathsep.join(str(each) for each in (first.parent, tmp_path / "nowhere", link.parent, second.parent))
    found = tools.copies("node", path)
    assert [copy.path for copy in found] == [str(first), str(second)]
    assert tools.copies("node", f"{link.parent}{os.pathsep}{path}")[0].resolved == str(first)


def test_what_cannot_be_a_tool_is_passed_over(tool: Tool, tmp_path: Path) -> None:
    good = tool("node", folder="good")
    (tmp_path / "folder" / "node").mkdir(parents=True)
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "node").symlink_to(tmp_path / "nothing")
    locked = tool("node", folder="locked", mode=0o644)
    parts = (tmp_path / "folder", tmp_path / "dangling", locked.parent, good.parent)
    found = tools.copies("node", os.pathsep.join(str(each) for each in parts))
    assert [copy.path for copy in found if copy.executable] == [str(good)]
    assert found[0].path == str(good)


def test_an_empty_part_of_path_is_the_working_directory(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tool("node", "v18.0.0")
    monkeypatch.chdir(path.parent)
    for text in (f"/nowhere{os.pathsep}", f"{os.pathsep}/nowhere", os.curdir):
        assert [copy.path for copy in tools.copies("node", text)] == [str(path)]


def test_a_working_directory_that_is_gone_holds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert tools.copies("node", os.pathsep) == []


def test_without_a_path_there_is_nothing() -> None:
    assert tools.copies("node", None) == []
    assert tools.copies("node", "") == []


def test_python_means_python3_where_only_that_is_there(tool: Tool) -> None:
    path = tool("python3")
    assert [copy.path for copy in tools.copies("python", str(path.parent))] == [str(path)]
    other = tool("python")
    assert [copy.path for copy in tools.copies("python", str(path.parent))] == [str(other)]
