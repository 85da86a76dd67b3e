import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from gate import doctor
from gate.doctor import Check, GitHubFacts, ServerFacts

from .sandbox import make, write

OURS = Path(__file__).parents[2]
WORKFLOW, RULESET = ".github/workflows/ci.yml", ".github/rulesets/main.json"
CI = 'on:\n  push:\n    branches: [main]\nenv:\n  NODE_TEST: "18"\n  NODE_SCAN: "20"\n'
SERVER = ServerFacts(
    url="https://sonar.example.com",
    version="25.12",
    is_cloud=False,
    token_valid=True,
    project_exists=True,
    main_branch="main",
    automatic_analysis=None,
    analyzer_version="11.7.1.36988",
    new_code="previous version",
    analysed="2026-11-27T10:00:00+0000",
)
CLOUD = replace(SERVER, is_cloud=True, automatic_analysis=False)
HUB = GitHubFacts(
    slug="ada/engine",
    page="https://github.com/ada/engine",
    key="ada_engine",
    differences=[],
    required=["ci-passed"],
    secret="SONAR_TOKEN",  # noqa: S106 - its name
    variable="SONAR_ORGANIZATION",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository that is ready: with our own ruleset, and a clone's knowledge of the remote's main branch."""
    root = make(tmp_path / "repository")
    write(root, {WORKFLOW: CI, ".nvmrc": "18\n", "package.json": '{"engines": {"node": ">=18.18.0"}}'})
    (root / RULESET).parent.mkdir()
    shutil.copy(OURS / RULESET, root / RULESET)
    subprocess.run(
        ["git", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"], cwd=root, check=True
    )
    return root


def only(found: list[Check], title: str) -> Check:
    (check,) = [each for each in found if title in each.title]
    assert check.why
    assert check.fix or check.state == "ok"
    return check


@pytest.mark.parametrize("server", [SERVER, CLOUD])
def test_a_ready_repository_is_ok_in_every_line(root: Path, server: ServerFacts) -> None:
    found = doctor.checks(root, server, HUB)
    assert [each for each in found if each.state != "ok"] == []
    assert len(found) == (17 if server is SERVER else 18)


def test_our_own_repository_has_no_problem() -> None:
    problems = [each for each in doctor.checks(OURS, None, HUB) if each.state == "problem"]
    assert [each for each in problems if "shallow" not in each.title] == []


def test_an_empty_folder_has_problems_and_no_traceback(tmp_path: Path) -> None:
    found = doctor.checks(tmp_path, None, HUB)
    assert only(found, "does not set NODE_TEST and NODE_SCAN").state == "problem"
    assert only(found, f"{RULESET} cannot be used: No such file").state == "problem"
    assert only(found, "remote's main branch").state == "unknown"
    assert only(found, "shallow").state == "unknown"


def test_without_git_what_git_knows_is_unknown(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    assert only(doctor.checks(root, None, HUB), "shallow").state == "unknown"


@pytest.mark.parametrize(
    ("nvmrc", "state"), [("v18.20.8", "ok"), ("20", "problem"), ("lts/*", "unknown"), ("", "ok"), ("18.x\n\n", "ok")]
)
def test_nvmrc_agrees_with_node_test(root: Path, nvmrc: str, state: str) -> None:
    write(root, {".nvmrc": nvmrc})
    assert only(doctor.checks(root, None, HUB), ".nvmrc").state == state


@pytest.mark.parametrize(
    ("package", "state"),
    [
        ('{"engines": {"node": ">=18.18.0"}}', "ok"),
        ('{"engines": {"node": "^18 || >=20"}}', "ok"),
        ('{"engines": {"node": ">=20"}}', "problem"),
        ('{"engines": {"node": "18.x"}}', "problem"),
        ('{"engines": {"node": "18 - 20"}}', "unknown"),
        ('{"engines": []}', "ok"),
        ("[]", "ok"),
        ("no JSON", "ok"),
    ],
)
def test_engines_allow_both_versions(root: Path, package: str, state: str) -> None:
    write(root, {"package.json": package})
    (check,) = [
        each for each in doctor.checks(root, None, HUB) if "engines.node" in each.title or "package.json" in each.title
    ]
    assert check.state == state


def test_a_version_that_is_not_set_cannot_be_compared(root: Path) -> None:
    write(root, {WORKFLOW: CI.replace("NODE_TEST", "OTHER")})
    found = doctor.checks(root, None, HUB)
    assert only(found, "does not set NODE_TEST").state == "problem"
    assert only(found, ".nvmrc").state == only(found, "engines.node").state == "unknown"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ci-passed", "quality", "requires quality"),
        ('"active"', '"disabled"', "enforcement disabled"),
        ("required_status_checks", "other", "requires no check"),
        ('"context"', '"name"', "requires no check"),
        ("{", "", "it is no JSON"),
    ],
)
def test_a_ruleset_that_does_not_require_the_one_check_is_a_problem(root: Path, old: str, new: str, said: str) -> None:
    write(root, {RULESET: (root / RULESET).read_text(encoding="utf-8").replace(old, new)})
    assert only(doctor.checks(root, None, HUB), said).state == "problem"


def test_a_second_required_check_is_a_problem(root: Path) -> None:
    ruleset = json.loads((root / RULESET).read_text(encoding="utf-8"))
    ruleset["rules"][-1]["parameters"]["required_status_checks"].append({"context": "lint"})
    write(root, {RULESET: json.dumps(ruleset)})
    assert only(doctor.checks(root, None, HUB), "requires ci-passed, lint").state == "problem"


@pytest.mark.parametrize(("branches", "state"), [("[main]", "ok"), ("[master]", "problem"), ('["**"]', "ok")])
def test_the_workflow_runs_on_the_remote_s_main_branch(root: Path, branches: str, state: str) -> None:
    write(root, {WORKFLOW: CI.replace("[main]", branches)})
    assert only(doctor.checks(root, None, HUB), "runs on pushes to").state == state


def test_a_shallow_clone_is_a_problem(root: Path, tmp_path: Path) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in ("one", "two"):
        subprocess.run(["git", *who, "commit", "--quiet", "--allow-empty", "-m", words], cwd=root, check=True)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{root}", str(clone)], check=True)
    check = only(doctor.checks(clone, None, HUB), "The clone is shallow")
    assert (check.state, check.fix) == ("problem", "git fetch --unshallow")


def test_without_a_server_what_it_knows_is_unknown(root: Path) -> None:
    found = doctor.checks(root, None, HUB)[7:12]
    assert {each.state for each in found} == {"unknown"}
    assert all("gate start" in each.fix for each in found)


def test_a_refused_token_is_a_problem_and_the_rest_is_not_asked(root: Path) -> None:
    check, following = doctor.checks(root, replace(SERVER, token_valid=False), HUB)[7:9]
    assert "GitHub" in following.title
    assert check.state == "problem"
    assert "/account/security" in check.fix


@pytest.mark.parametrize(
    ("server", "title", "state"),
    [
        (replace(SERVER, project_exists=False), "does not have the project yet", "warning"),
        (replace(SERVER, main_branch="master"), "main branch is master", "problem"),
        (replace(SERVER, main_branch=None), "The server's main branch is not known", "unknown"),
        (replace(SERVER, new_code=""), "does not say what new code is", "problem"),
        (replace(SERVER, new_code=None), "How new code is counted", "unknown"),
        (replace(SERVER, analyzer_version=None), "SonarJS of this server", "unknown"),
        (replace(SERVER, analyzer_version="9.0.0.1"), "SonarJS 9.0.0.1", "unknown"),
        (replace(SERVER, analyzer_version="11.0.0.1"), "needs Node >=18.17.0", "ok"),
        (replace(SERVER, analyzer_version="12.0.0.1"), "needs Node ^20.12.0 || >=22.11.0", "ok"),
        (replace(SERVER, analyzer_version="13.7.0.1"), "needs Node ^22.12.0 || ^24.0.0", "problem"),
        (replace(CLOUD, analyzer_version="14.1.0.1"), "needs Node ^22.12.0 || ^24.0.0", "warning"),
    ],
)
def test_what_the_server_says_is_judged(root: Path, server: ServerFacts, title: str, state: str) -> None:
    assert only(doctor.checks(root, server, HUB), title).state == state


def test_node_18_does_not_do_for_the_analyser_that_it_crashed(root: Path) -> None:
    write(root, {WORKFLOW: CI.replace('"20"', '"18"')})
    assert only(doctor.checks(root, SERVER, HUB), "SonarJS 11.7.1").state == "problem"


def test_the_remote_s_unknown_main_branch_is_asked_for_in_both_checks(root: Path) -> None:
    subprocess.run(["git", "symbolic-ref", "--delete", "refs/remotes/origin/HEAD"], cwd=root, check=True)
    unknown = [each for each in doctor.checks(root, SERVER, HUB) if each.state == "unknown"]
    assert [each.fix for each in unknown] == ["git remote set-head origin --auto"] * 2


def test_each_line_is_shown_with_its_reason_and_its_fix(capsys: pytest.CaptureFixture[str]) -> None:
    found = [Check("ok", "a", "never shown"), Check("problem", "b", "because", "mend it")]
    doctor.show(found)
    assert capsys.readouterr().out == "ok       a\nproblem  b\n         because\n         mend it\n"
