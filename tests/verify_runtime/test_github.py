import re
from pathlib import Path

import pytest

from verify_runtime import github
from verify_runtime.check import Found, Verdict

NODE = Found("/tools/node", "/tools/node", "nvm", "20.1.0")
GOOD = Verdict("node", "20", "ok", NODE, (), "v20.1.0", "fine", "")
BAD = Verdict("node", "18 || <5", "mismatch", NODE, (), "v20.1.0", "100% wrong, it is:\nbad", "- uses: x")


def values(path: Path) -> dict[str, str]:
    """Read the runner's file as the runner does."""
    return {
        name: value
        for name, _, value in re.findall(r"(?ms)^(\S+?)<<(\S+)\n(.*?)\n\2$", path.read_text(encoding="utf-8"))
    }


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    return {name: str(tmp_path / name) for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}


def test_outputs_and_memory_are_set(runner: dict[str, str]) -> None:
    github.report([GOOD], runner)
    assert values(Path(runner["GITHUB_OUTPUT"])) == {"node-version": "20.1.0", "node-path": "/tools/node"}
    remembered = {"VERIFY_RUNTIME_TOOL_node": "node\t--version\tnode@20\tv20.1.0"}
    assert values(Path(runner["GITHUB_ENV"])) == remembered


def test_a_version_that_does_not_fit_is_remembered_as_it_is(runner: dict[str, str]) -> None:
    github.report([BAD], runner)
    assert values(Path(runner["GITHUB_ENV"])) == {"VERIFY_RUNTIME_TOOL_node": "node\t--version\tnode@18 || <5\tv20.1.0"}


def test_a_tool_without_a_version_is_forgotten(runner: dict[str, str]) -> None:
    missing = Verdict("node", "20", "missing", None, (), "", "gone", "")
    github.report([missing], runner)
    assert not Path(runner["GITHUB_ENV"]).exists()
    github.report([missing], runner | {"VERIFY_RUNTIME_TOOL_node": "something"})
    assert Path(runner["GITHUB_ENV"]).read_text(encoding="utf-8").splitlines()[1] == ""


def test_the_guards_check_changes_no_expectation_unless_it_holds(runner: dict[str, str]) -> None:
    github.report([BAD, BAD._replace(kind="missing", active=None)], {**runner, github.GUARD: "1"})
    assert not Path(runner["GITHUB_ENV"]).exists()
    github.report([GOOD], {**runner, github.GUARD: "1"})
    assert "node@20" in Path(runner["GITHUB_ENV"]).read_text(encoding="utf-8")
    assert not Path(runner["GITHUB_OUTPUT"]).exists()


def test_what_cannot_be_printed_stays_on_its_line(runner: dict[str, str]) -> None:
    github.report([GOOD._replace(said="v20\t1\x00\x1b")], runner)
    assert list(values(Path(runner["GITHUB_ENV"])).values()) == ["node\t--version\tnode@20\tv20\t1\ufffd\ufffd"]


def test_each_tool_has_a_memory_of_its_own(runner: dict[str, str]) -> None:
    other = Verdict("clang-format", "14", "ok", Found("/c", "/c", None, "14.0.0"), (), "clang 14", "fine", "")
    github.report([GOOD, other], runner)
    assert set(values(Path(runner["GITHUB_ENV"]))) == {"VERIFY_RUNTIME_TOOL_node", "VERIFY_RUNTIME_TOOL_clang_format"}


def test_the_summary_has_one_head_and_a_row_for_each_check(runner: dict[str, str]) -> None:
    github.report([GOOD], runner | {"VERIFY_RUNTIME_STEP": "verify | me"})
    github.report([BAD], runner | {"GITHUB_ACTION": "__self"})
    lines = Path(runner["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8").splitlines()
    assert lines == [
        "| step | required | active | path |",
        "| --- | --- | --- | --- |",
        "| verify \\| me | node 20 | ✅ 20.1.0 | /tools/node |",
        "| \\_\\_self | node 18 \\|\\| &lt;5 | ❌ 20.1.0 | /tools/node |",
    ]


def test_a_missing_tool_has_a_row_without_a_path(runner: dict[str, str]) -> None:
    github.report([Verdict("node", "20", "missing", None, (), "", "gone", "")], runner)
    assert "| ❌ missing |  |" in Path(runner["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert not Path(runner["GITHUB_OUTPUT"]).exists()


def test_a_path_cannot_add_lines_of_its_own(runner: dict[str, str]) -> None:
    evil = Found("/x\nend\nSECRET<<E\nstolen\nE", "/x", None, "20.1.0")
    github.report([Verdict("node", "20", "ok", evil, (), "v20.1.0", "", "")], runner)
    assert set(values(Path(runner["GITHUB_OUTPUT"]))) == {"node-version", "node-path"}


def test_a_path_that_is_no_text_is_written_with_its_bytes_named(runner: dict[str, str]) -> None:
    github.report([GOOD._replace(active=NODE._replace(path="/\udcff/node"))], runner)
    assert values(Path(runner["GITHUB_OUTPUT"]))["node-path"] == "/\\udcff/node"


def test_outside_a_runner_nothing_is_written(tmp_path: Path) -> None:
    github.report([GOOD], {})
    assert list(tmp_path.iterdir()) == []


def test_an_annotation_is_one_line_with_a_title_and_the_fix() -> None:
    text = github.annotation(BAD)
    assert text.startswith("::error title=Wrong runtime%3A node 18 || <5 is required::100%25 wrong, it is:%0Abad%0A")
    assert text.endswith("- uses: x")
    assert "\n" not in text
