"""The token table of the pipeline, row by row, with the events that GitHub sends."""

from typing import Any

import pytest

from gate import pipeline, repository, server
from gate import scan as scans

from .conftest import Checkout

pytestmark = pytest.mark.xdist_group("sonar")  # one after the other: there is one server

SCAN = "SonarSource/sonarqube-scan-action"


def pull_request(head: str, author: str) -> dict[str, Any]:
    """Return the payload's part that matters, in GitHub's format."""
    return {
        "action": "opened",
        "number": 7,
        "pull_request": {
            "number": 7,
            "user": {"login": author},
            "head": {"ref": "change", "sha": "0" * 40, "repo": {"full_name": head, "fork": head != "o/r"}},
            "base": {"ref": "main", "sha": "0" * 40, "repo": {"full_name": "o/r"}},
        },
    }


OWN = ("pull_request", pull_request("o/r", "ada"))
FORK = ("pull_request", pull_request("eve/r", "eve"))
DEPENDABOT = ("pull_request", pull_request("o/r", "dependabot[bot]"))
PUSH: tuple[str, dict[str, Any]] = ("push", {})


def run(
    checkout: Checkout, event: tuple[str, dict[str, Any]], *, token: str | None, configured: bool
) -> pipeline.Outcome:
    checkout.only_the_scan()
    work = repository.find(checkout.root)
    base = work.base(None)
    variables = {}
    secrets = {}
    if configured:
        sonar = server.start()
        project = scans.ensure_base(work, sonar, base)
        arguments = f"{pipeline.SCANNER_ARGS} -Dsonar.projectVersion={scans.NEW}"
        variables = {
            "SONAR_HOST_URL": sonar.url,
            "SONAR_PROJECT_KEY": project.key,
            "SONAR_SCANNER_ARGS": arguments,
        }
        secrets = {"SONAR_TOKEN": sonar.token if token == "right" else token} if token else {}  # noqa: S105 - no token
    return pipeline.run(work, base, pipeline.Trigger(event[0], event[1], variables, secrets))


def results(outcome: pipeline.Outcome) -> dict[str, str]:
    return {step.name: step.result for step in outcome.steps}


@pytest.mark.whole
@pytest.mark.parametrize("event", [PUSH, OWN], ids=["push", "own pull request"])
def test_with_the_token_the_gate_decides(checkout: Checkout, event: tuple[str, dict[str, Any]]) -> None:
    outcome = run(checkout, event, token="right", configured=True)  # noqa: S106 - stands for the server's token
    assert outcome.passed
    assert results(outcome)[SCAN] == "success"
    assert server.local()


@pytest.mark.parametrize("event", [PUSH, OWN], ids=["push", "own pull request"])
def test_a_missing_token_fails_and_says_which_secret_to_set_and_where(
    checkout: Checkout, event: tuple[str, dict[str, Any]]
) -> None:
    outcome = run(checkout, event, token=None, configured=True)
    assert not outcome.passed
    assert results(outcome).get(SCAN) != "success"
    assert [(level, title) for level, title, _ in outcome.annotations] == [("error", "SONAR_TOKEN is missing")]
    assert "Settings > Secrets and variables > Actions" in outcome.annotations[0][2]


def test_a_refused_token_fails_and_says_which_secret_to_set_and_where(checkout: Checkout) -> None:
    outcome = run(checkout, PUSH, token="squ_refused", configured=True)  # noqa: S106 - a wrong one on purpose
    assert not outcome.passed
    assert results(outcome)[SCAN] == "failure"
    message = outcome.annotations[-1][2]
    assert "SONAR_TOKEN" in message
    assert "Settings > Secrets and variables > Actions" in message


@pytest.mark.parametrize("event", [FORK, DEPENDABOT], ids=["fork", "Dependabot"])
def test_who_gets_no_secrets_is_judged_by_the_tests(checkout: Checkout, event: tuple[str, dict[str, Any]]) -> None:
    outcome = run(checkout, event, token=None, configured=True)
    assert outcome.passed
    assert results(outcome).get(SCAN) != "success"
    assert [(level, title) for level, title, _ in outcome.annotations] == [("notice", "Scan skipped")]


def test_a_template_that_is_not_set_up_yet_says_the_two_steps_left(checkout: Checkout) -> None:
    outcome = run(checkout, PUSH, token=None, configured=False)
    assert outcome.passed
    assert results(outcome).get(SCAN) != "success"
    level, title, message = outcome.annotations[0]
    assert (level, title) == ("notice", "Sonar is not set up yet")
    assert "SONAR_TOKEN" in message
    assert "SONAR_ORGANIZATION" in message
