"""What GitHub refuses, in words: played by its stand-in, through `gate protect`."""

import json
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gate import cli

from .sandbox import write
from .standin_github import GitHub, Refusal

FILE = ".github/rulesets/main.json"
pytestmark = pytest.mark.usefixtures("engine")


def gate(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["protect", *arguments])


IN_A_MINUTE = str(int(time.time()) + 60)
REFUSALS = [
    (Refusal(401, "Bad credentials"), "refuses the token (401: Bad credentials)", "personal-access-tokens"),
    (
        Refusal(403, "Resource not accessible by personal access token", method="POST"),
        "the token lacks Administration: write",
        "for ada/engine alone",
    ),
    (Refusal(403, "Must have admin rights to Repository."), "the token lacks Metadata: read", "ada/engine"),
    (
        Refusal(403, "Upgrade to GitHub Pro or make this repository public to enable this feature."),
        "private repository need a paid plan",
        "https://github.com/ada/engine/settings",
    ),
    (
        Refusal(
            403,
            "Resource protected by organization SAML enforcement.",
            {"X-GitHub-SSO": "required; url=https://github.com/orgs/ada/sso?authorization_request=A"},
        ),
        "single sign-on",
        "Open https://github.com/orgs/ada/sso?authorization_request=A",
    ),
    (Refusal(403, "Repository was archived so is read-only.", method="POST"), "archived", "Administration: write"),
    (Refusal(404, "Not Found"), "has no ada/engine for this token", "https://github.com/ada/engine"),
    (Refusal(404, "Not Found", method="POST"), "or the token may not do this", "Administration: write"),
    (
        Refusal(
            422,
            "Validation Failed",
            errors=["Invalid rule 'x': ", {"field": "name", "code": "missing_field"}],
            method="POST",
        ),
        "Invalid rule 'x':\n    name missing_field",
        "Correct that in the file",
    ),
    (
        Refusal(
            403,
            "API rate limit exceeded for user ID 1.",
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": IN_A_MINUTE},
        ),
        "rate limit is used up (403)",
        "It begins afresh at",
    ),
    (
        Refusal(429, "API rate limit exceeded", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}),
        "rate limit is used up (429)",
        "00:00:01 UTC, in 0 s",
    ),
    (
        Refusal(403, "You have exceeded a secondary rate limit.", {"Retry-After": "77"}, method="POST"),
        "secondary rate limit is reached (403)",
        "Wait 77 s",
    ),
    (Refusal(429, "You have exceeded a secondary rate limit."), "secondary rate limit", "Wait a minute or more"),
    (
        Refusal(301, "Moved Permanently", {"Location": "https://api.github.com/repositories/1/rulesets"}),
        "ada/engine has moved",
        "git remote set-url origin",
    ),
    (
        Refusal(307, "Temporary Redirect", {"Location": "/repositories/1/rulesets"}, method="POST"),
        "ada/engine has moved",
        "--repository OWNER/NAME",
    ),
    (Refusal(502, "Server Error"), "failed (502: Server Error)", "https://www.githubstatus.com"),
    (Refusal(503, "", method="POST"), "failed (503)", "it is safe"),
    (Refusal(418, "I am a teapot"), "what is not documented (418: I am a teapot)", "Run the same again later"),
]


@pytest.mark.parametrize(("refusal", "what", "fix"), REFUSALS)
def test_a_refusal_says_what_happened_and_what_to_do(github: GitHub, refusal: Refusal, what: str, fix: str) -> None:
    github.refusal = refusal
    result = gate("--yes")
    assert result.exit_code == 2
    assert "Could not protect main: " in result.stderr
    assert what in result.stderr
    assert fix in result.stderr.split(what)[1]
    assert github.repository.rulesets == []
    assert github.token not in result.output
    error = json.loads(gate("--yes", "--json").stdout)
    assert what in error["error"]
    assert fix in error["fix"]


@pytest.mark.usefixtures("github")
def test_an_invalid_file_gets_github_s_own_words(engine: Path) -> None:
    text = (engine / FILE).read_text(encoding="utf-8")
    write(engine, {FILE: text.replace('"deletion"', '"deletoin"')})
    result = gate("--yes")
    assert (result.exit_code, "Invalid rule 'deletoin':" in result.stderr) == (2, True)


def test_a_message_that_echoes_the_token_or_controls_a_terminal_is_cleaned(github: GitHub) -> None:
    github.refusal = Refusal(403, f"no \x1b[31m{github.token} here")
    result = gate()
    assert "refuses (403: no [31m*** here)" in result.stderr


def test_a_network_that_is_down_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("GH_TOKEN", "github_pat_hush")
    result = gate()
    assert (result.exit_code, "GitHub at 127.0.0.1 did not answer" in result.stderr) == (2, True)
    assert "hush" not in result.output


def test_an_answer_that_is_not_github_s_is_told(github: GitHub) -> None:
    github.refusal = Refusal(200, "a captive portal")
    result = gate()
    assert (result.exit_code, "It is not GitHub's API" in result.stderr) == (2, True)


@pytest.mark.usefixtures("github")
def test_a_wrong_token_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", "ghp_other_hush")
    result = gate()
    assert (result.exit_code, "Bad credentials" in result.stderr, "hush" in result.output) == (2, True, False)
