"""Whether the workflow scans: the token table of the pipeline, and the words for each of its rows."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECRETS_PAGE = "Settings > Secrets and variables > Actions"


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to the scan.

    Args:
        scan: Whether it runs.
        level: GitHub's annotation level: notice, or error when the job must fail.
        title: The annotation's title; empty when there is nothing to say.
        message: One or two sentences: what happens, and what to do.
    """

    scan: bool
    level: str = "notice"
    title: str = ""
    message: str = ""


def decide(event: Mapping[str, Any], *, has_token: bool, configured: bool) -> Plan:
    """Decide by the event and by what the repository's settings hold.

    Args:
        event: GitHub's payload of the event that started the workflow.
        has_token: Whether the secret SONAR_TOKEN reached this run.
        configured: Whether a variable says that Sonar is set up (SONAR_ORGANIZATION, SONAR_HOST_URL).
    """
    if has_token:
        return Plan(scan=True)
    outsider = _outsider(event.get("pull_request") or {})
    if outsider:
        return Plan(
            scan=False,
            title="Scan skipped",
            message=f"GitHub withholds secrets from {outsider}: the tests decide here, and main is scanned after the "
            "merge.",
        )
    if configured:
        return Plan(
            scan=False,
            level="error",
            title="SONAR_TOKEN is missing",
            message=f"Sonar is set up, but the secret SONAR_TOKEN is not: add it under {SECRETS_PAGE} > Secrets.",
        )
    return Plan(
        scan=False,
        title="Sonar is not set up yet",
        message=f"Two steps are left: import the repository at sonarcloud.io and add its token as the secret "
        f"SONAR_TOKEN; then set the variable SONAR_ORGANIZATION (both under {SECRETS_PAGE}). Until then the tests "
        "decide.",
    )


def carry_out(environment: Mapping[str, str]) -> Plan:
    """Decide for the step that runs, and tell the steps after it.

    Args:
        environment: The step's: GitHub's own variables, HAS_TOKEN and CONFIGURED.
    """
    path = environment.get("GITHUB_EVENT_PATH")
    event = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    has_token, configured = (environment.get(name) == "true" for name in ("HAS_TOKEN", "CONFIGURED"))
    plan = decide(event, has_token=has_token, configured=configured)
    key = environment.get("GITHUB_REPOSITORY", "").replace("/", "_")
    _append(environment, "GITHUB_OUTPUT", f"scan={str(plan.scan).lower()}\nproject-key={key}\n")
    if plan.title:
        _append(environment, "GITHUB_STEP_SUMMARY", f"**{plan.title}.** {plan.message}\n")
    return plan


def explain(report_task: Path) -> Plan:
    """Say why a scan step failed, from what the scanner left.

    Args:
        report_task: The file that a scanner leaves once it has sent its report.
    """
    if report_task.exists():
        lines = report_task.read_text(encoding="utf-8").splitlines()
        address = next((line.split("=", 1)[1] for line in lines if line.startswith("dashboardUrl=")), "the server")
        return Plan(
            scan=True,
            level="error",
            title="The quality gate failed",
            message=f"Sonar judged the new code and refused it. Its conditions and the lines: {address}",
        )
    return Plan(
        scan=False,
        level="error",
        title="The scan sent no report",
        message="If its log says 'Not authorized' or '401', the secret SONAR_TOKEN is wrong or expired: make a new one "
        f"on your Sonar account's security page and set it under {SECRETS_PAGE} > Secrets. If it says 'project not "
        "found', import the repository at sonarcloud.io, or set the variable SONAR_PROJECT_KEY.",
    )


def _outsider(pull_request: Mapping[str, Any]) -> str:
    """Return whose pull request this is when GitHub gives it no secrets; empty for one's own."""
    if (pull_request.get("user") or {}).get("login") == "dependabot[bot]":
        return "Dependabot's pull requests"
    head, base = ((pull_request.get(side) or {}).get("repo") or {} for side in ("head", "base"))
    # A fork that was deleted meanwhile has no repository left.
    if pull_request and head.get("full_name") != base.get("full_name"):
        return "pull requests from forks"
    return ""


def annotation(plan: Plan) -> str:
    """Return a plan as GitHub's annotation command, or plain words elsewhere."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        return f"::{plan.level} title={plan.title}::{plan.message}"
    return f"{plan.title}: {plan.message}"


def _append(environment: Mapping[str, str], name: str, text: str) -> None:
    if environment.get(name):
        with Path(environment[name]).open("a", encoding="utf-8") as file:
            file.write(text)
