import os
import re
import subprocess
from pathlib import Path

import pytest

from gate import paths, pipeline, repository, toolchain
from gate.errors import CannotJudgeError

WORKFLOW = """
name: ci
on: [push, pull_request]
jobs:
  quality:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - name: Speak
        run: |
          echo "variable $VARIABLE, event $EVENT, secret in hand: ${#SECRET}"
          env | grep '^SONAR_' || echo "no Sonar variable comes from outside"
          echo "::notice title=Hear::this"
          echo new > report.txt
        env:
          VARIABLE: ${{ vars.VARIABLE }}
          SECRET: ${{ secrets.SECRET }}
          EVENT: ${{ github.event.pull_request.number }}
      - name: Never
        if: github.event_name == 'push'
        run: exit 1
      - name: Clean up
        if: always()
        run: echo cleaned
"""


def git(folder: Path, *arguments: str) -> None:
    who = {f"GIT_{role}_{what}": "ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, env=os.environ | who)


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> repository.Repository:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SONAR_TOKEN", "the user's own")
    folder = tmp_path / "work"
    (folder / pipeline.WORKFLOW).parent.mkdir(parents=True)
    (folder / pipeline.WORKFLOW).write_text(WORKFLOW, encoding="utf-8")
    git(folder, "init", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--message=First")
    return repository.find(folder)


@pytest.fixture
def action(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    text = "name: checkout\ndescription: a stand-in\nruns: {using: composite, steps: [{run: 'true', shell: bash}]}\n"
    (folder / "action.yml").write_text(text, encoding="utf-8")
    return folder


def trigger(action: Path, event: str = "pull_request") -> pipeline.Trigger:
    return pipeline.Trigger(
        event=event,
        payload={"pull_request": {"number": 7}},
        variables={"VARIABLE": 'with "quotes" and $dollars'},
        secrets={"SECRET": "hush-hush"},
        actions={"actions/checkout": action},
    )


def test_the_workflow_runs_on_a_copy_with_what_github_would_give_it(work: repository.Repository, action: Path) -> None:
    outcome = pipeline.run(work, work.base(None), trigger(action))
    assert outcome.passed
    assert outcome.failed is None
    assert [step.name for step in outcome.steps] == ["actions/checkout", "Speak", "Clean up"]
    assert outcome.annotations == [("notice", "Hear", "this")]
    said = outcome.steps[1].output
    assert 'variable with "quotes" and $dollars, event 7, secret in hand: 9' in said
    assert "no Sonar variable comes from outside" in said
    assert not (work.root / "report.txt").exists()
    left = [path.name for path in paths.cache().glob("*/*")]
    assert left == ["tool_cache"] or not left


def test_what_the_reports_said_comes_back(work: repository.Repository, action: Path) -> None:
    assert pipeline.run(work, work.base(None), trigger(action)).reported == {}
    text = WORKFLOW.replace(
        "echo new > report.txt",
        """
            echo '{"src/a.py": [1, 2]}' > "$GATE_KEEP/reported.json"
            mkdir -p "$GATE_KEEP/reports/coverage/web" "$GATE_KEEP/reports/src"
            touch "$GATE_KEEP/reports/coverage/web/a.lcov" "$GATE_KEEP/reports/src/b.lcov"
    """,
    )
    (work.root / ".gitignore").write_text("coverage/\n", encoding="utf-8")
    (work.root / pipeline.WORKFLOW).write_text(text, encoding="utf-8")
    outcome = pipeline.run(work, work.base(None), trigger(action))
    assert outcome.reported == {"src/a.py": (1, 2)}
    assert (work.root / "coverage/web/a.lcov").exists()
    assert not (work.root / "src/b.lcov").exists()  # git would not ignore it
    assert re.fullmatch(r"[0-9a-f]{40}", outcome.revision)


def test_the_first_failing_step_is_named(
    work: repository.Repository, action: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = pipeline.run(work, work.base(None), trigger(action, event="push"))
    assert not outcome.passed
    assert outcome.failed
    assert outcome.failed.name == "Never"
    assert "✗ Never" in capsys.readouterr().err


def test_what_a_failing_step_says_last_is_heard_each_time(work: repository.Repository, action: Path) -> None:
    step = "      - continue-on-error: true\n        run: echo '::error::the reason'; exit 1\n"
    text = WORKFLOW.partition("      - name: Speak")[0] + 12 * step
    (work.root / pipeline.WORKFLOW).write_text(text, encoding="utf-8")
    outcome = pipeline.run(work, work.base(None), trigger(action))
    assert outcome.annotations == 12 * [("error", "", "the reason")]


def test_the_secret_is_neither_printed_nor_in_the_repr(work: repository.Repository, action: Path) -> None:
    started = trigger(action)
    outcome = pipeline.run(work, work.base(None), started)
    assert "hush-hush" not in "".join(step.output for step in outcome.steps)
    assert "hush-hush" not in repr(started)


@pytest.mark.parametrize(("using", "javascript"), [("node24", True), ("'node20'", True), ("composite", False)])
def test_an_action_in_javascript_gets_a_node_of_the_runners_own(
    using: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, javascript: bool
) -> None:
    (tmp_path / "action.yml").write_text(f"runs:\n  using: {using}\n", encoding="utf-8")
    _, found = pipeline._local_actions("- uses: a/b@c", {"a/b": tmp_path})
    assert found is javascript
    monkeypatch.setattr(toolchain, "node_home", lambda version: tmp_path / version)
    monkeypatch.setenv("PATH", f"/w/.tools/bin{os.pathsep}/usr/bin")
    own = [str(tmp_path / "24" / "bin")] if javascript else []
    assert pipeline._path(found).split(os.pathsep) == [*own, "/usr/bin"]


def test_a_repository_without_the_workflow_is_told(work: repository.Repository) -> None:
    (work.root / pipeline.WORKFLOW).unlink()
    base = work.base(None)
    with pytest.raises(CannotJudgeError, match=r"has no \.github/workflows/ci\.yml"):
        pipeline.run(work, base, pipeline.Trigger())


def test_a_workflow_that_is_no_workflow_is_told_in_acts_words(work: repository.Repository, action: Path) -> None:
    (work.root / pipeline.WORKFLOW).write_text("jobs: [nonsense", encoding="utf-8")
    base = work.base(None)
    with pytest.raises(CannotJudgeError, match="act could not run"):
        pipeline.run(work, base, trigger(action))
