import json
import subprocess
import sys
from pathlib import Path

import pytest

from verify_runtime import cli
from verify_runtime.timeline import timeline
from verify_runtime.timeline.document import DocumentError
from verify_runtime.timeline.pages import page

from .cases import WORKFLOW, write

WRONG = page("unpinned-runtime").wrong
RIGHT = page("unpinned-runtime").right


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    return tmp_path


def test_clean_exits_0_and_shows_where_the_version_is_decided(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, RIGHT)
    assert cli.main(["timeline"]) == 0
    out = capsys.readouterr().out
    assert "test on ubuntu-24.04" in out
    assert "22               setup-node, line 9" in out
    assert out.endswith("1 file, 1 job, 4 steps: 0 findings, 0 notes.\n")
    assert "\033" not in out


def test_findings_exit_1_and_each_says_where_why_and_what_to_do(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, WRONG)
    assert cli.main(["timeline"]) == 1
    out = capsys.readouterr().out
    assert f"error  {WORKFLOW}:7  [unpinned-runtime]" in out
    assert "GitHub moves its images" in out
    assert "- uses: actions/setup-node@v7" in out


def test_a_note_alone_exits_0(repository: Path) -> None:
    write(repository, page("end-of-life").wrong)
    assert cli.main(["timeline"]) == 0


def test_what_cannot_be_read_exits_2_and_the_rest_is_still_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, {**RIGHT, ".github/workflows/broken.yml": "on: push\njobs:\n  a: [\n"})
    assert cli.main(["timeline"]) == 2
    out = capsys.readouterr().out
    assert "could not read  .github/workflows/broken.yml:" in out
    assert "test on ubuntu-24.04" in out
    assert "1 file could not be read" in out


@pytest.mark.parametrize("arguments", [["no/such/file.yml"], ["--explain", "no-rule"], []])
def test_misuse_exits_2_with_one_line(
    arguments: list[str], repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert repository.exists()
    assert cli.main(["timeline", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_wrong_setting_exits_2_and_says_what_is_allowed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, {**RIGHT, ".github/verify-runtime.toml": 'scan = "20"\n'})
    assert cli.main(["timeline"]) == 2
    assert "scan is no setting. There are: ignore, exclude, keeps, scan-node." in capsys.readouterr().err


def test_explain_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["timeline", "--explain", "scan-runtime"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("# scan-runtime\n")
    assert "## Wrong" in out


def test_one_workflow_can_be_asked_from_anywhere(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, {**RIGHT, ".github/workflows/other.yml": WRONG[WORKFLOW]})
    monkeypatch.chdir("/")
    assert cli.main(["timeline", str(repository / WORKFLOW)]) == 0
    assert "1 file, 1 job" in capsys.readouterr().out


def test_json_holds_every_step_and_how_sure_it_is(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, RIGHT)
    assert cli.main(["timeline", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["version"] == 1
    first, second = data["jobs"][0]["steps"][:2]
    assert first["tools"]["node"]["active"][0]["kind"] == "default"
    assert second["tools"]["node"] == {
        "sure": "decided",
        "active": [
            {"kind": "decided", "version": "22", "place": {"file": WORKFLOW, "line": 9}, "reason": "setup-node"}
        ],
    }


def test_json_says_unknown_and_one_of_several(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = "    steps:\n      - uses: actions/setup-node@v7\n        with:\n          node-version: "
    head = "on: [push, pull_request]\njobs:\n  a:\n    runs-on: ubuntu-24.04\n"
    choice = "${{ github.event_name == 'push' && '22' || '24' }}"
    write(
        repository,
        {WORKFLOW: f"{head}{steps}{choice}\n", ".github/workflows/b.yml": f"{head}{steps}${{{{ vars.A }}}}\n"},
    )
    cli.main(["timeline", "--format", "json"])
    jobs = json.loads(capsys.readouterr().out)["jobs"]
    sure = {job["file"]: job["steps"][0]["tools"]["node"]["sure"] for job in jobs}
    assert sure == {WORKFLOW: "one of several", ".github/workflows/b.yml": "unknown"}


def test_github_annotates_the_line_and_adds_to_the_summary(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(repository, WRONG)
    summary = repository / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert cli.main(["timeline", "--format", "github"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"::error file={WORKFLOW},line=7,title=verify-runtime unpinned-runtime::`npm` runs on")
    assert "%0A" in lines[0]
    assert lines[-1] == "1 file, 1 job, 3 steps: 1 finding, 0 notes."
    assert "unpinned-runtime" in summary.read_text(encoding="utf-8")


def test_sarif_has_the_rules_and_the_places(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, {**WRONG, ".github/workflows/broken.yml": "["})
    assert cli.main(["timeline", "--format", "sarif"]) == 2
    run = json.loads(capsys.readouterr().out)["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    [result] = run["results"]
    assert result["ruleId"] in rules
    assert result["level"] == "error"
    location = result["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": WORKFLOW}, "region": {"startLine": 7}}
    assert run["invocations"][0]["executionSuccessful"] is False


def test_markdown_fits_a_comment_and_shows_the_switch(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(repository, page("switch-before-scan").right)
    assert cli.main(["timeline", "--format", "markdown"]) == 0
    out = capsys.readouterr().out
    assert "22 → 24" in out
    assert "| 4 | actions/setup-node@v7 | **24** | setup-node, line 13 |" in out
    assert out.count("<details>") == out.count("</details>") == 1


def test_markdown_leaves_out_what_does_not_fit(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps = "".join(f"      - run: echo {number} {'x' * 200}\n" for number in range(200))
    job = f"    runs-on: ubuntu-24.04\n    steps:\n{steps}"
    write(repository, {WORKFLOW: "on: push\njobs:\n" + "".join(f"  job{number}:\n{job}" for number in range(4))})
    cli.main(["timeline", "--format", "markdown"])
    out = capsys.readouterr().out
    assert len(out) < 65_536
    assert "more jobs do not fit a comment." in out


def test_without_a_yaml_parser_the_check_works_and_the_timeline_says_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path, {"yaml/__init__.py": "raise ImportError\n"})
    folder = Path(cli.__file__).parent
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(folder.parent)!r}]; from verify_runtime import cli; "
    )
    program += "sys.exit(cli.main(sys.argv[1:]))"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-c", program, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run("check", "python@>=3.9").returncode == 0
    done = run("timeline")
    assert done.returncode == 2
    assert "pip install pyyaml" in done.stderr


def test_the_api_gives_the_jobs_of_a_workflow(tmp_path: Path) -> None:
    write(tmp_path, RIGHT)
    [job] = timeline(tmp_path / WORKFLOW)
    assert job.title == "test"
    assert [str(step.tools["node"][0]) for step in job.steps[1:]] == ["22", "22", "22"]


def test_the_api_raises_where_a_workflow_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, {WORKFLOW: "jobs: 1\n"})
    with pytest.raises(DocumentError, match=r"ci\.yml:1: This is no workflow"):
        timeline(tmp_path)
    with pytest.raises(FileNotFoundError):
        timeline(tmp_path / "no.yml")


@pytest.mark.parametrize(("side", "status", "errors"), [("before", 1, ["scan-runtime"]), ("after", 0, [])])
def test_the_storys_workflow_is_wrong_before_and_right_after(
    side: str, status: int, errors: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(__file__).parent / "story" / side
    assert cli.main(["timeline", str(folder), "--format", "json"]) == status
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [each["rule"] for each in found if each["level"] == "error"] == errors
