import json
from pathlib import Path

import pytest

from gate import plan

OWN = {
    "pull_request": {
        "user": {"login": "ada"},
        "head": {"repo": {"full_name": "o/r"}},
        "base": {"repo": {"full_name": "o/r"}},
    }
}
FORK = {
    "pull_request": {
        "user": {"login": "eve"},
        "head": {"repo": {"full_name": "eve/r"}},
        "base": {"repo": {"full_name": "o/r"}},
    }
}
DELETED_FORK = {
    "pull_request": {"user": {"login": "eve"}, "head": {"repo": None}, "base": {"repo": {"full_name": "o/r"}}}
}
DEPENDABOT = {"pull_request": OWN["pull_request"] | {"user": {"login": "dependabot[bot]"}}}
PUSH: dict[str, object] = {"ref": "refs/heads/main"}


@pytest.mark.parametrize("event", [PUSH, OWN, FORK, DEPENDABOT])
@pytest.mark.parametrize("configured", [True, False])
def test_a_token_that_is_there_is_used(event: dict[str, object], *, configured: bool) -> None:
    assert plan.decide(event, has_token=True, configured=configured) == plan.Plan(scan=True)


@pytest.mark.parametrize("event", [PUSH, OWN])
def test_a_missing_token_fails_a_configured_repository_and_names_the_secret(event: dict[str, object]) -> None:
    decided = plan.decide(event, has_token=False, configured=True)
    assert (decided.scan, decided.level) == (False, "error")
    assert "SONAR_TOKEN" in decided.message
    assert "Settings > Secrets and variables > Actions" in decided.message


@pytest.mark.parametrize(("event", "who"), [(FORK, "forks"), (DELETED_FORK, "forks"), (DEPENDABOT, "Dependabot")])
@pytest.mark.parametrize("configured", [True, False])
def test_who_gets_no_secrets_is_not_failed_for_it(event: dict[str, object], who: str, *, configured: bool) -> None:
    decided = plan.decide(event, has_token=False, configured=configured)
    assert (decided.scan, decided.level) == (False, "notice")
    assert who in decided.message


@pytest.mark.parametrize("event", [PUSH, OWN, {"pull_request": None}])
def test_a_new_template_is_told_the_two_steps_left(event: dict[str, object]) -> None:
    decided = plan.decide(event, has_token=False, configured=False)
    assert (decided.scan, decided.level) == (False, "notice")
    assert "SONAR_TOKEN" in decided.message
    assert "SONAR_ORGANIZATION" in decided.message


def test_the_steps_after_it_learn_the_decision(tmp_path: Path) -> None:
    event, output, summary = (tmp_path / name for name in ("event", "output", "summary"))
    event.write_text(json.dumps(FORK), encoding="utf-8")
    plan.carry_out(
        {
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_REPOSITORY": "Owner/name",
            "HAS_TOKEN": "false",
            "CONFIGURED": "true",
        }
    )
    assert output.read_text(encoding="utf-8") == "scan=false\nproject-key=Owner_name\n"
    assert summary.read_text(encoding="utf-8").startswith("**Scan skipped.**")


def test_a_scan_that_is_planned_writes_no_summary(tmp_path: Path) -> None:
    output, summary = tmp_path / "output", tmp_path / "summary"
    plan.carry_out({"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "HAS_TOKEN": "true"})
    assert "scan=true" in output.read_text(encoding="utf-8")
    assert not summary.exists()


def test_a_gate_that_failed_is_told_from_a_token_that_was_refused(tmp_path: Path) -> None:
    task = tmp_path / "report-task.txt"
    assert "SONAR_TOKEN" in plan.explain(task).message
    task.write_text("projectKey=k\ndashboardUrl=https://sonar.example/dashboard?id=k\n", encoding="utf-8")
    assert "https://sonar.example/dashboard?id=k" in plan.explain(task).message


def test_an_annotation_is_a_command_in_the_workflow_and_words_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decided = plan.Plan(scan=False, level="error", title="T", message="M")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert plan.annotation(decided) == "T: M"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert plan.annotation(decided) == "::error title=T::M"
