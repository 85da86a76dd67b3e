"""What the workflow and the ruleset promise, read from the files themselves."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
CI: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = CI["jobs"]
QUALITY: list[dict[str, Any]] = JOBS["quality"]["steps"]
VERIFY = "./.github/actions/verify-runtime"


def uses(step: dict[str, Any]) -> str:
    return str(step.get("uses", "")).split("@")[0]


def version(step: dict[str, Any]) -> str:
    """Return which of the two versions a step names: NODE_TEST or NODE_SCAN."""
    return str(re.findall(r"env\.(NODE_\w+)", json.dumps(step["with"]))[0])


def all_steps() -> list[dict[str, Any]]:
    return [step for job in JOBS.values() for step in job["steps"]]


def test_it_stays_under_150_lines_in_one_order() -> None:
    assert len(TEXT.splitlines()) < 150
    assert list(CI) == ["name", True, "permissions", "concurrency", "env", "jobs"]  # YAML reads `on` as true


def test_pull_requests_main_and_feature_branches_start_it_and_nothing_with_more_rights() -> None:
    assert CI[True] == {"pull_request": None, "push": {"branches": ["main", "feature/**"]}}


def test_every_action_is_pinned_by_commit_with_its_version_in_a_comment() -> None:
    lines = [line for line in TEXT.splitlines() if "uses:" in line and VERIFY not in line]
    assert len(lines) > 5
    for line in lines:
        assert re.search(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_one_action_has_one_version() -> None:
    pins = set(re.findall(r"uses: ([\w.-]+/[\w.-]+)(@.*)", TEXT))
    assert len(pins) == len({name for name, _ in pins})


def test_nothing_may_write() -> None:
    assert CI["permissions"] == {}
    for job in JOBS.values():
        assert job["permissions"] in ({}, {"contents": "read"})


def test_no_credential_is_left_on_disk_and_no_job_runs_for_ever() -> None:
    checkouts = [step for step in all_steps() if uses(step) == "actions/checkout"]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)
    assert all(job["timeout-minutes"] <= 30 for job in JOBS.values())


def test_both_versions_stand_once() -> None:
    assert list(CI["env"]) == ["NODE_TEST", "NODE_SCAN"]
    assert all(str(version).isdigit() for version in CI["env"].values())
    setups = [step["with"]["node-version"] for step in all_steps() if uses(step) == "actions/setup-node"]
    assert setups == ["${{ env.NODE_TEST }}", "${{ env.NODE_SCAN }}"]


def test_each_switch_is_verified_before_anything_uses_it() -> None:
    for index, step in enumerate(QUALITY):
        if uses(step) == "actions/setup-node":
            after = QUALITY[index + 1]
            assert uses(after) == VERIFY
            assert version(after) == version(step)
            assert "if" not in step
            assert "if" not in after


def test_the_tests_run_on_node_test_and_the_scan_comes_directly_after_a_verify_of_node_scan() -> None:
    names = [step.get("name", uses(step)) for step in QUALITY]
    scan = names.index("SonarSource/sonarqube-scan-action")
    assert uses(QUALITY[scan - 1]) == VERIFY
    assert version(QUALITY[scan - 1]) == "NODE_SCAN"
    switch = max(index for index, step in enumerate(QUALITY) if uses(step) == "actions/setup-node")
    runs = [step["run"] for step in QUALITY[:switch] if "run" in step]
    for command in ("pnpm lint", "pnpm test:unit", "pnpm test:component", "make test-python", "make coverage"):
        assert command in runs
    assert runs.index("make coverage") > runs.index("make test-python")


def recipe(*targets: str) -> set[str]:
    done = subprocess.run(
        ["make", "--dry-run", *targets, "FORMAT=github"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return set(done.stdout.splitlines())


def test_make_test_runs_what_the_workflow_runs() -> None:
    """So the landing's judge, which runs the workflow through make gate, need not run the tests twice."""
    ran: set[str] = set()
    for command in (
        step["run"] for job in ("quality", "workflows-and-locks") for step in JOBS[job]["steps"] if "run" in step
    ):
        words = command.split()
        ran |= recipe(*(each for each in words[1:] if not each.startswith("-"))) if words[0] == "make" else {command}
    assert len(recipe("test")) > 5
    assert recipe("test") - recipe("setup") <= ran


def test_every_run_step_of_the_job_goes_through_the_guard() -> None:
    assert JOBS["quality"]["defaults"]["run"]["shell"] == "bash src/verify_runtime/guard.sh {0}"
    assert not [step for step in QUALITY if "shell" in step]


def test_a_step_is_one_line() -> None:
    assert all(len(step["run"].splitlines()) == 1 for step in QUALITY if "run" in step)


def test_the_token_is_on_the_scan_step_alone() -> None:
    places = re.findall(r"\$\{\{[^}]*secrets\.SONAR_TOKEN[^}]*\}\}", TEXT)
    assert sorted(places) == ["${{ secrets.SONAR_TOKEN != '' }}", "${{ secrets.SONAR_TOKEN }}"]
    given = [step for step in all_steps() if "${{ secrets.SONAR_TOKEN }}" in json.dumps(step)]
    assert [uses(step) for step in given] == ["SonarSource/sonarqube-scan-action"]
    assert "secrets" not in json.dumps({job: {**JOBS[job], "steps": []} for job in JOBS})
    assert "pull_request_target" not in TEXT


def test_the_address_that_gets_the_token_is_not_the_pull_requests_to_choose() -> None:
    scan = next(step for step in QUALITY if uses(step) == "SonarSource/sonarqube-scan-action")
    assert "-Dsonar.host.url=${{ vars.SONAR_HOST_URL || 'https://sonarcloud.io' }}" in scan["with"]["args"]
    assert "sonar.host.url" not in (ROOT / "sonar-project.properties").read_text(encoding="utf-8")


def test_expressions_reach_shells_through_the_environment_only() -> None:
    assert not [step["run"] for step in all_steps() if "${{" in step.get("run", "")]


def test_ci_passed_needs_every_other_job_and_always_runs() -> None:
    last = JOBS["ci-passed"]
    assert list(JOBS)[-1] == "ci-passed" == last["name"]
    assert sorted(last["needs"]) == sorted(set(JOBS) - {"ci-passed"})
    assert last["if"] == "always()"
    assert last["steps"][-1]["env"] == {"RESULTS": "${{ join(needs.*.result, ' ') }}"}


@pytest.mark.parametrize(
    ("results", "accepted"),
    [
        ("success success", True),
        ("success", True),
        ("success skipped", False),
        ("cancelled success", False),
        ("success failure", False),
        ("success successful", False),
        ("", False),
        (" ", False),
    ],
)
def test_ci_passed_accepts_success_and_nothing_else(results: str, *, accepted: bool) -> None:
    script = JOBS["ci-passed"]["steps"][-1]["run"]
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script],
        env=os.environ | {"RESULTS": results},
        check=False,
        capture_output=True,
    )
    assert (done.returncode == 0) is accepted


def test_the_ruleset_requires_exactly_ci_passed_and_nobody_goes_round_it() -> None:
    ruleset = json.loads((ROOT / ".github/rulesets/main.json").read_text(encoding="utf-8"))
    rules = {rule["type"]: rule.get("parameters", {}) for rule in ruleset["rules"]}
    checks = rules["required_status_checks"]["required_status_checks"]
    assert [check["context"] for check in checks] == ["ci-passed"]
    assert ruleset["enforcement"] == "active"
    assert ruleset["bypass_actors"] == []
    assert {"deletion", "non_fast_forward", "pull_request"} <= set(rules)


def test_each_stand_in_takes_the_inputs_that_the_workflow_gives() -> None:
    folders = {
        "actions/checkout": "checkout",
        "actions/setup-node": "setup-node",
        "astral-sh/setup-uv": "setup-uv",
        "pnpm/action-setup": "pnpm",
        "SonarSource/sonarqube-scan-action": "scan",
    }
    for step in QUALITY:
        if uses(step) in folders and "with" in step and uses(step) != "actions/checkout":
            action = yaml.safe_load((ROOT / "src/gate/actions" / folders[uses(step)] / "action.yml").read_text())
            assert set(step["with"]) <= set(action["inputs"])
