"""`gate protect`, against GitHub's stand-in: what is shown, what is written, and what is refused."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gate import cli

from .sandbox import write
from .standin_github import GitHub

OURS = Path(__file__).parents[2]
FILE = ".github/rulesets/main.json"


pytestmark = pytest.mark.usefixtures("engine")


def gate(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, ["protect", *arguments])


def edit(root: Path, old: str, new: str) -> None:
    text = (root / FILE).read_text(encoding="utf-8")
    assert old in text
    write(root, {FILE: text.replace(old, new)})


def ours() -> dict[str, Any]:
    return dict(json.loads((OURS / FILE).read_text(encoding="utf-8")))


def test_the_ruleset_is_imported_as_it_is_and_a_second_run_has_nothing_to_do(github: GitHub) -> None:
    result = gate("--yes")
    assert result.exit_code == 0
    assert '+ rules.required_status_checks.required_status_checks: [{"context": "ci-passed"' in result.stdout
    assert "Created: https://github.com/ada/engine/settings/rules/42" in result.stdout
    assert [each["name"] for each in github.repository.rulesets] == ["main"]
    result = gate("--yes")
    assert (result.exit_code, result.stdout.startswith("Nothing to do: ")) == (0, True)
    assert github.written() == ["POST"]
    assert result.stderr == ""


def test_what_differs_is_shown_field_by_field_and_put_right(github: GitHub) -> None:
    drifted = ours()
    drifted["enforcement"] = "disabled"
    drifted["rules"] = [each for each in drifted["rules"] if each["type"] != "deletion"]
    drifted["rules"][1]["parameters"]["allowed_merge_methods"] = ["squash"]
    drifted["rules"].append({"type": "required_linear_history"})
    drifted["bypass_actors"] = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]
    github.add(drifted)
    result = gate("--yes")
    assert result.stdout.splitlines()[1:-1] == [
        '- bypass_actors: [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]',
        "+ bypass_actors: []",
        '- enforcement: "disabled"',
        '+ enforcement: "active"',
        "+ rules.deletion: true",
        '- rules.pull_request.allowed_merge_methods: ["squash"]',
        "- rules.required_linear_history: true",
    ]
    assert result.stdout.splitlines()[-1].startswith("Updated: ")
    assert github.written() == ["PUT"]
    assert gate().stdout.startswith("Nothing to do")


def test_a_file_in_another_order_or_with_the_server_s_own_fields_is_no_difference(github: GitHub, engine: Path) -> None:
    github.add(ours())
    exported = ours() | {"id": 1, "source_type": "Repository", "source": "ada/other", "_links": {}}
    exported["rules"].reverse()
    write(engine, {FILE: json.dumps(exported)})
    assert gate().exit_code == 0
    assert github.written() == []


def test_an_exported_ruleset_is_written_without_the_server_s_own_fields(github: GitHub, engine: Path) -> None:
    write(engine, {FILE: json.dumps(ours() | {"id": 1, "source": "ada/other", "node_id": "x"})})
    assert gate("--yes").exit_code == 0
    assert (github.repository.rulesets[0]["id"], github.repository.rulesets[0]["source"]) == (42, "ada/engine")


def test_actors_that_may_bypass_converge(github: GitHub, engine: Path) -> None:
    edit(engine, '"bypass_actors": []', '"bypass_actors": [{"actor_type": "OrganizationAdmin", "actor_id": 1}]')
    assert gate("--yes").exit_code == 0
    github.repository.rulesets[0]["bypass_actors"] = [
        {"actor_id": None, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}
    ]
    assert gate().exit_code == 0


def test_what_github_does_not_take_is_told(github: GitHub) -> None:
    github.keeps = {"quite_new": "on"}
    result = gate("--yes")
    assert result.exit_code == 0
    assert f'GitHub keeps rules.pull_request.quite_new: "on". Write that into {FILE}' in result.stderr


@pytest.mark.parametrize(
    ("arguments", "why"),
    [([], "nobody can be asked here"), (["--dry-run"], "--dry-run"), (["--dry-run", "--yes"], "--dry")],
)
def test_without_a_yes_it_shows_and_writes_nothing(github: GitHub, arguments: list[str], why: str) -> None:
    result = gate(*arguments)
    assert result.exit_code == 1
    assert "+ rules.deletion: true" in result.stdout
    assert f"Nothing was written: {why}" in result.stdout
    assert github.written() == []


def test_the_result_is_told_to_machines(github: GitHub) -> None:
    data = json.loads(gate("--json").stdout)
    assert (data["action"], data["written"], data["identifier"], github.written()) == ("create", False, None, [])
    result = gate("--json", "--yes")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["action"], data["written"], data["identifier"]) == (0, "create", True, 42)
    assert {"field": "rules.deletion", "github": None, "file": "true"} in data["differences"]
    assert json.loads(gate("--json").stdout)["action"] == "none"


def ask(engine: Path, github: GitHub, answer: str) -> tuple[int, str]:
    """Run the command on a terminal, and answer its question."""
    terminal, other = pty.openpty()
    command = [sys.executable, "-c", "from gate.cli import main; main()", "protect"]
    environment = os.environ | {"GITHUB_API_URL": github.url, "GH_TOKEN": github.token, "TERM": "dumb"}
    with subprocess.Popen(
        command, cwd=engine, env=environment, stdin=other, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(other)
        os.write(terminal, answer.encode())
        out, err = process.communicate(timeout=300)
    os.close(terminal)
    return process.returncode, out + err


def test_on_a_terminal_it_asks_first(engine: Path, github: GitHub) -> None:
    status, said = ask(engine, github, "n\n")
    assert (status, "Write this to GitHub?" in said, github.written()) == (1, True, [])
    assert "Nothing was written: you said no." in said
    status, said = ask(engine, github, "y\n")
    assert (status, github.written()) == (0, ["POST"])
    assert github.token not in said


def test_what_was_made_is_removed_after_it_was_shown(github: GitHub) -> None:
    gate("--yes")
    result = gate("--remove")
    assert (result.exit_code, "- rules.deletion: true" in result.stdout, github.written()) == (1, True, ["POST"])
    assert "required_reviewers" not in result.stdout
    result = gate("--remove", "--yes")
    assert (result.exit_code, github.repository.rulesets) == (0, [])
    assert "Removed: " in result.stdout
    result = gate("--remove", "--yes")
    assert (result.exit_code, result.stdout) == (0, "Nothing to do: there is no ruleset main of ada/engine.\n")


def test_other_rulesets_and_branch_protection_stay_as_they_are(github: GitHub) -> None:
    other = github.add(ours() | {"name": "tags"})
    before = json.dumps(other)
    gate("--yes")
    gate("--remove", "--yes")
    assert [json.dumps(each) for each in github.repository.rulesets] == [before]
    assert {path.split("/")[4] for _, path in github.asked} == {"rulesets"}


def test_the_ruleset_is_found_on_a_later_page(github: GitHub) -> None:
    github.page_size = 1
    for name in ("one", "two", "main"):
        github.add(ours() | {"name": name})
    assert gate().stdout.startswith("Nothing to do")


def test_the_token_does_not_follow_a_next_page_to_another_host(github: GitHub) -> None:
    github.page_size, github.next_host = 1, "http://127.0.0.2:1"
    github.add(ours() | {"name": "one"})
    github.add(ours())
    result = gate()
    assert (result.exit_code, "The token does not go there" in result.stderr) == (2, True)


def test_several_rulesets_of_that_name_are_told_and_none_is_touched(github: GitHub) -> None:
    github.add(ours())
    github.add(ours() | {"enforcement": "disabled"})
    result = gate("--yes")
    assert result.exit_code == 2
    assert "has 2 rulesets named 'main'" in result.stderr
    assert "https://github.com/ada/engine/settings/rules/43" in result.stderr
    assert github.written() == []


def test_a_classic_token_is_named_with_its_scopes(github: GitHub) -> None:
    github.scopes = "admin:org, repo"
    result = gate("--yes")
    assert result.exit_code == 0
    assert "The token in GH_TOKEN is a classic one" in result.stderr
    assert "with the scopes admin:org, repo" in result.stderr
    assert "Administration: write and nothing else" in result.stderr
    github.scopes = ""
    assert gate().stderr == ""


def test_a_token_that_may_only_read_is_told_what_it_did_not_see(github: GitHub) -> None:
    github.add(ours())
    github.permissions = set()
    result = gate()
    assert (result.exit_code, result.stdout.startswith("Nothing to do")) == (0, True)
    assert "does not tell this token who may bypass the ruleset" in result.stderr


def test_without_a_token_the_commands_that_do_the_same_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    result = gate("--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert "GH_TOKEN and GITHUB_TOKEN are not set, and gh is not logged in" in told["error"]
    listed = "gh api --paginate 'repos/ada/engine/rulesets?includes_parents=false'"
    assert [line.split("      #")[0].strip() for line in told["fix"].splitlines()[1:]] == [
        f"{listed} --jq '.[] | select(.name == \"main\") | .id'",
        "gh api --method POST repos/ada/engine/rulesets --input .github/rulesets/main.json",
        "gh api --method PUT repos/ada/engine/rulesets/NUMBER --input .github/rulesets/main.json",
    ]
    assert "no classic token" in told["fix"]
    monkeypatch.setenv("GH_TOKEN", "")
    assert gate().exit_code == 2


def test_gh_s_own_login_is_used_and_its_token_is_in_no_argument(
    github: GitHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GH_TOKEN")
    github.scopes = "gist, read:org, repo"
    script = f'#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && echo {github.token}\n'
    write(tmp_path, {"bin/gh": script})
    (tmp_path / "bin/gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    result = gate("--yes")
    assert (result.exit_code, result.stderr, len(github.repository.rulesets)) == (0, "", 1)


def test_another_repository_can_be_named(github: GitHub) -> None:
    github.repository.slug = "grace/compiler"
    assert gate("--repository", "grace/compiler", "--yes").exit_code == 0
    assert gate("--repository", "grace").exit_code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "is no JSON"), ("[]", "no name"), ('{"name": "main"}', "no enforcement"), (None, "No such file")],
)
def test_a_file_that_is_no_ruleset_is_told(github: GitHub, engine: Path, text: str | None, said: str) -> None:
    (engine / FILE).unlink()
    if text is not None:
        write(engine, {FILE: text})
    result = gate("--yes")
    assert (result.exit_code, said in result.stderr, github.asked) == (2, True, [])
