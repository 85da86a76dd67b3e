"""What `gate doctor` learns from GitHub and from SonarCloud, each played by a stand-in on a loopback port."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gate import cli

from .conftest import WebApi
from .sandbox import write
from .standin_github import GitHub, Refusal

OURS = Path(__file__).parents[2]
FILE = ".github/rulesets/main.json"
READS = {"secrets=read", "variables=read"}


@pytest.fixture(autouse=True)
def root(engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that is ready, in which the commands run; no local server does."""
    write(engine, {".github/workflows/ci.yml": (OURS / ".github/workflows/ci.yml").read_text(encoding="utf-8")})
    head = ["git", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]
    subprocess.run(head, cwd=engine, check=True)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("SONAR_HOST_URL", "SONAR_TOKEN", "SONAR_PROJECT_KEY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return engine


@pytest.fixture
def cloud(web_api: WebApi, monkeypatch: pytest.MonkeyPatch) -> WebApi:
    """SonarCloud, played by the stand-in: it is reached as a proxy, so that its name stays sonarcloud.io."""
    monkeypatch.setenv("http_proxy", web_api.server.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("SONAR_HOST_URL", "http://sonarcloud.io")
    monkeypatch.setenv("SONAR_TOKEN", web_api.server.token)
    web_api.answers |= {
        "system/status": {"version": "8.0.0.1", "status": "UP"},
        "authentication/validate": {"valid": True},
        "components/show": {"component": {"key": "ada_engine"}},
        "project_branches/list": {
            "branches": [{"name": "main", "isMain": True, "analysisDate": "2026-11-27T10:00:00+0000"}]
        },
        "settings/values": {"settings": [{"key": "sonar.autoscan.enabled", "value": "false"}]},
    }
    return web_api


@pytest.fixture
def ready(github: GitHub) -> GitHub:
    """GitHub with our ruleset, the secret and the variable, and a token that may only read."""
    github.add(json.loads((OURS / FILE).read_text(encoding="utf-8")))
    github.repository.secrets = ["SONAR_TOKEN"]
    github.repository.variables = ["SONAR_ORGANIZATION"]
    github.permissions = READS
    return github


def examine(title: str) -> tuple[str, str, str]:
    """Return the state, the title and the fix of the one check whose title has a text."""
    result = CliRunner().invoke(cli.app, ["doctor", "--json"])
    assert "hush" not in result.output
    checks: list[dict[str, Any]] = json.loads(result.stdout)["checks"]
    assert (result.exit_code == 1) is any(each["state"] == "problem" for each in checks)
    (check,) = [each for each in checks if title in each["title"]]
    return check["state"], check["title"], check["fix"]


@pytest.mark.usefixtures("cloud", "ready")
def test_a_connected_and_protected_repository_is_ok_in_every_line() -> None:
    result = CliRunner().invoke(cli.app, ["doctor"])
    assert result.exit_code == 0
    # How old the Node versions are is the workflow's, and no matter of what is connected.
    lines = [line for line in result.stdout.splitlines() if not line.startswith(" ") and "end of life" not in line]
    assert [line for line in lines if not line.startswith("ok")] == [
        "unknown  Which Node SonarJS of this server needs cannot be told",
        "unknown  How new code is counted cannot be told",
    ]
    assert [line.split(": ", 1)[1] for line in lines if "Connect Sonar" in line] == [
        "SonarCloud has the project ada_engine",
        "automatic analysis is off",
        "GitHub has the secret SONAR_TOKEN",
        "GitHub has the variable SONAR_ORGANIZATION",
        "the main branch was scanned",
    ]
    assert "hush" not in result.output


def test_each_step_that_is_left_names_the_page_that_does_it(cloud: WebApi, github: GitHub) -> None:
    github.permissions = READS
    cloud.answers["components/show"] = 404
    assert examine("1 of 5")[::2] == ("problem", "Import ada/engine: http://sonarcloud.io/projects/create")
    assert examine("2 of 5")[0] == "unknown"
    state, _, fix = examine("3 of 5")
    assert state == "problem"
    assert "http://sonarcloud.io/account/security" in fix
    assert "https://github.com/ada/engine/settings/secrets/actions" in fix
    state, _, fix = examine("4 of 5")
    assert state == "problem"
    assert "http://sonarcloud.io/account/organizations" in fix
    assert "https://github.com/ada/engine/settings/variables/actions" in fix
    state, _, fix = examine("5 of 5")
    assert (state, "https://github.com/ada/engine/actions/workflows/ci.yml" in fix) == ("problem", True)


@pytest.mark.parametrize(
    ("settings", "state"),
    [
        ([{"key": "sonar.autoscan.enabled", "value": "true"}], "problem"),
        ([{"key": "sonar.autoscan.enabled", "value": "false"}], "ok"),
        ([], "unknown"),
    ],
)
@pytest.mark.usefixtures("ready")
def test_automatic_analysis_is_asked_for(cloud: WebApi, settings: list[dict[str, str]], state: str) -> None:
    cloud.answers["settings/values"] = {"settings": settings}
    found, _, fix = examine("2 of 5")
    assert found == state
    assert state == "ok" or "/project/analysis_method?id=ada_engine" in fix
    assert ("settings/values", {"component": "ada_engine", "keys": "sonar.autoscan.enabled"}) in cloud.asked


@pytest.mark.usefixtures("ready")
def test_a_sonar_token_that_may_only_analyse_leaves_the_rest_unknown(cloud: WebApi) -> None:
    cloud.answers["settings/values"] = 403
    assert examine("2 of 5")[0] == "unknown"
    cloud.answers["project_branches/list"] = {"branches": [{"name": "main", "isMain": True}]}
    assert examine("5 of 5")[0] == "problem"
    cloud.answers["project_branches/list"] = {"branches": []}
    assert examine("5 of 5")[0] == "unknown"
    cloud.answers["authentication/validate"] = {"valid": False}
    assert examine("1 of 5")[0] == "unknown"


@pytest.mark.usefixtures("ready")
def test_without_a_server_the_steps_on_github_are_checked_all_the_same() -> None:
    assert examine("3 of 5")[0] == examine("4 of 5")[0] == "ok"
    for step in ("1 of 5", "2 of 5", "5 of 5"):
        state, _, fix = examine(step)
        assert (state, "set SONAR_HOST_URL to https://sonarcloud.io, and SONAR_TOKEN" in fix) == ("unknown", True)


def test_a_server_of_one_s_own_has_steps_of_its_own(
    ready: GitHub, web_api: WebApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONAR_HOST_URL", web_api.server.url)
    monkeypatch.setenv("SONAR_TOKEN", web_api.server.token)
    ready.repository.variables = []
    web_api.answers |= {
        "system/status": {"version": "25.12", "status": "UP"},
        "authentication/validate": {"valid": True},
        "components/show": {},
        "project_branches/list": {"branches": [{"name": "main", "isMain": True}]},
        "plugins/installed": 403,
        "new_code_periods/show": {"type": "PREVIOUS_VERSION"},
    }
    state, title, _ = examine("2 of 3")
    assert (state, "SONAR_HOST_URL" in title) == ("problem", True)
    ready.repository.variables = ["SONAR_HOST_URL"]
    assert examine("2 of 3")[0] == "ok"
    assert examine("3 of 3")[0] == "problem"


def test_what_the_organization_shares_counts(ready: GitHub) -> None:
    repository = ready.repository
    repository.organization_secrets = [*(f"S{n}" for n in range(30)), "SONAR_TOKEN"]
    repository.organization_variables, repository.secrets, repository.variables = ["SONAR_ORGANIZATION"], [], []
    assert examine("3 of 5")[0] == examine("4 of 5")[0] == "ok"
    repository.organization_secrets = ["OTHER"]
    assert examine("3 of 5")[0] == "problem"


def test_a_token_that_may_not_see_secrets_is_told_which_permission_it_lacks(ready: GitHub) -> None:
    ready.permissions = {"variables=read"}
    state, title, fix = examine("3 of 5")
    assert (state, "the token lacks Secrets: read" in title) == ("unknown", True)
    assert "settings/secrets/actions" in fix
    assert examine("4 of 5")[0] == "ok"
    assert examine("GitHub has the ruleset")[0] == "ok"


def test_drift_names_the_field(ready: GitHub) -> None:
    rule = next(each for each in ready.repository.rulesets[0]["rules"] if each["type"] == "pull_request")
    rule["parameters"]["required_approving_review_count"] = 0
    state, title, fix = examine("GitHub's ruleset is not as")
    assert (state, fix) == ("problem", "gate protect")
    assert title.endswith("rules.pull_request.required_approving_review_count is 0, the file has 1")


def test_a_ruleset_that_is_not_there_or_not_active_leaves_no_required_check(ready: GitHub) -> None:
    ready.repository.rulesets[0]["enforcement"] = "evaluate"
    assert examine("GitHub's ruleset is not as")[1].endswith('enforcement is "evaluate", the file has "active"')
    assert examine("GitHub requires no check on the main branch")[0] == "problem"
    ready.repository.rulesets = []
    assert examine("GitHub does not have the ruleset")[::2] == ("problem", "gate protect")


def test_another_required_check_is_not_the_one(ready: GitHub) -> None:
    rule = next(each for each in ready.repository.rulesets[0]["rules"] if each["type"] == "required_status_checks")
    rule["parameters"]["required_status_checks"] = [{"context": "lint"}]
    assert examine("GitHub requires lint, not ci-passed,")[0] == "problem"


def test_the_default_branch_is_github_s_own(ready: GitHub) -> None:
    ready.repository.default_branch = "release/next"
    assert examine("GitHub requires ci-passed")[0] == "ok"
    assert ("GET", "/repos/ada/engine/rules/branches/release%2Fnext") in ready.asked


def test_the_doctor_only_reads(ready: GitHub) -> None:
    ready.repository.rulesets = []
    examine("GitHub does not have the ruleset")
    assert ready.written() == []


def test_without_a_token_it_is_unknown_with_the_command_that_tells() -> None:
    state, title, fix = examine("Whether GitHub has the ruleset")
    assert (state, "there is no token for github.com" in title) == ("unknown", True)
    assert "gh api 'repos/ada/engine/rulesets?includes_parents=false'" in fix
    assert "Metadata: read, Secrets: read and Variables: read" in fix
    assert examine("3 of 5")[0] == "unknown"


def test_a_refusal_is_unknown_with_its_reason(ready: GitHub) -> None:
    ready.refusal = Refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")
    state, title, fix = examine("Whether GitHub has the ruleset")
    assert (state, "need a paid plan" in title) == ("unknown", True)
    assert "https://github.com/ada/engine/settings" in fix


def test_a_repository_that_is_not_on_github_is_unknown(root: Path) -> None:
    subprocess.run(["git", "remote", "remove", "origin"], cwd=root, check=True)
    state, title, _ = examine("Whether GitHub has the ruleset")
    assert (state, "is not there" in title) == ("unknown", True)


def test_a_classic_token_is_a_warning_that_names_its_scopes(ready: GitHub) -> None:
    ready.scopes = "admin:org, repo"
    state, title, fix = examine("is a classic one")
    assert (state, title.endswith("with the scopes admin:org, repo")) == ("warning", True)
    assert "https://github.com/settings/personal-access-tokens" in fix
