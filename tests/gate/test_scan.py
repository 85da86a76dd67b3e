import os
import subprocess
from pathlib import Path

import pytest

from gate import coverage, facts, repository, scan, scanner, server
from gate.errors import CannotJudgeError
from gate.scanner import Analysis
from gate.sonar import Server

from .conftest import WebApi

PROPERTIES = "sonar.sources=src\nsonar.tests=tests\nsonar.python.coverage.reportPaths=coverage/python.xml\n"
REPORT = """<?xml version="1.0" ?>
<coverage><sources><source></source></sources><packages><package><classes>
<class filename="src/a.py"><lines><line number="1" hits="1"/></lines></class>
</classes></package></packages></coverage>
"""


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{what}": "ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=os.environ | who).stdout


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> repository.Repository:
    """Make a repository whose first commit is older than its Sonar settings, with a report."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("SONAR_HOST_URL", "SONAR_TOKEN", "SONAR_PROJECT_KEY", "SONAR_ORGANIZATION"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "work"
    for path, text in {
        "README.md": "hello\n",
        "sonar-project.properties": PROPERTIES,
        "src/a.py": "a = 1\n",
        "coverage/python.xml": REPORT,
        ".gitignore": "coverage/\nnode_modules/\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "node_modules").mkdir()
    git(folder, "init", "--initial-branch=main")
    git(folder, "add", "README.md")
    git(folder, "commit", "--message=First")
    return repository.find(folder)


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, str], list[str]]]:
    """Take the scanner's place: it is Sonar's own, and needs the real server (tests/e2e)."""
    calls: list[tuple[dict[str, str], list[str]]] = []

    def note(_: Server, folder: Path, __: str, properties: dict[str, str]) -> Analysis:
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if ".git" not in path.parts)
        calls.append((properties, files))
        return Analysis(properties["sonar.projectKey"], "AZ-1")

    monkeypatch.setattr(scanner, "scan", note)
    return calls


def put_answers(web_api: WebApi) -> None:
    web_api.answers |= {
        "projects/create": {},
        "new_code_periods/set": {},
        "project_analyses/search": {"analyses": []},
        "qualitygates/project_status": {"projectStatus": {"status": "OK", "conditions": []}},
        "measures/component_tree": {"components": []},
        "issues/search": {"issues": []},
        "hotspots/search": {"hotspots": []},
    }


def test_the_base_is_analysed_first_then_the_work_tree_with_its_reports(
    work: repository.Repository, web_api: WebApi, scanned: list[tuple[dict[str, str], list[str]]]
) -> None:
    put_answers(web_api)
    judged = scan.scan(work, lambda: web_api.server, None)
    assert judged.passed
    assert [each.path for each in judged.differences] == ["src/a.py"]  # the stand-in has measured nothing
    key = f"local_work:{work.base(None)[:12]}"
    (base, base_files), (new, new_files) = scanned
    assert base == {"sonar.projectKey": key, "sonar.projectVersion": "base"}
    assert new == {"sonar.projectKey": key, "sonar.projectVersion": "new"}
    # The base is older than the settings: it is analysed with the work tree's, in folders that it did not have.
    assert base_files == ["README.md", "sonar-project.properties", "src", "tests"]
    assert {"coverage/python.xml", "src/a.py", "node_modules"} <= set(new_files)
    assert ("new_code_periods/set", {"project": key, "type": "PREVIOUS_VERSION"}) in web_api.asked


def test_a_base_that_the_server_has_is_not_analysed_again(
    work: repository.Repository, web_api: WebApi, scanned: list[tuple[dict[str, str], list[str]]]
) -> None:
    put_answers(web_api)
    web_api.answers["components/show"] = {}
    web_api.answers["project_analyses/search"] = {"analyses": [{"projectVersion": "base"}]}
    scan.scan(work, lambda: web_api.server, None)
    assert [properties["sonar.projectVersion"] for properties, _ in scanned] == ["new"]


def test_reports_that_would_mislead_sonar_stop_it_before_any_server(work: repository.Repository) -> None:
    (work.root / "coverage/python.xml").unlink()

    def never() -> Server:
        raise AssertionError("no server is needed to see this")

    with pytest.raises(CannotJudgeError, match=r"would mislead Sonar: coverage/python\.xml is not there"):
        scan.scan(work, never, None)


def test_on_sonarqube_cloud_the_organization_is_told(
    work: repository.Repository,
    web_api: WebApi,
    scanned: list[tuple[dict[str, str], list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_answers(web_api)
    web_api.answers["settings/set"] = {}
    monkeypatch.setattr(Server, "is_cloud", property(lambda _: True))
    monkeypatch.setenv("SONAR_ORGANIZATION", "octo")
    scan.ensure_base(work, web_api.server, work.base(None))
    assert scanned[0][0]["sonar.organization"] == "octo"
    assert dict(web_api.asked)["projects/create"]["organization"] == "octo"
    assert dict(web_api.asked)["settings/set"]["value"] == "previous_version"


def test_the_doctor_hears_nothing_where_no_server_runs(work: repository.Repository) -> None:
    assert facts.gather(work) is None


def test_the_doctor_hears_what_a_server_of_ones_own_says(
    work: repository.Repository, web_api: WebApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SONAR_HOST_URL", web_api.server.url)
    monkeypatch.setenv("SONAR_TOKEN", web_api.server.token)
    web_api.answers |= {
        "system/status": {"version": "25.12"},
        "authentication/validate": {"valid": True},
        "components/show": {},
        "project_branches/list": {"branches": [{"name": "x", "isMain": False}, {"name": "main", "isMain": True}]},
        "plugins/installed": {"plugins": [{"key": "php", "version": "1"}, {"key": "javascript", "version": "11.7.1"}]},
        "new_code_periods/show": {"type": "PREVIOUS_VERSION"},
    }
    found = facts.gather(work)
    assert found
    assert (found.project_exists, found.main_branch, found.analyzer_version) == (True, "main", "11.7.1")
    assert found.new_code == "previous version"
    web_api.answers["plugins/installed"] = 403
    found = facts.gather(work)
    assert found
    assert found.analyzer_version is None
    web_api.answers["authentication/validate"] = {"valid": False}
    found = facts.gather(work)
    assert found
    assert not found.token_valid


def test_the_doctor_finds_the_project_that_gate_scan_made(
    work: repository.Repository, web_api: WebApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "local", lambda: web_api.server)
    web_api.answers |= {
        "system/status": {"version": "25.12"},
        "authentication/validate": {"valid": True},
        "plugins/installed": {"plugins": []},
    }
    found = facts.gather(work)
    assert found
    assert (found.project_exists, found.analyzer_version, found.new_code) == (False, None, None)
    assert ("components/show", {"component": f"local_work:{work.base(None)[:12]}"}) in web_api.asked


def test_the_reports_are_summed_up_for_the_verdict(work: repository.Repository) -> None:
    assert scan.reported(work.root) == {"src/a.py": (0, 1)}
    assert coverage.report_paths(work.root) == [work.root / "coverage/python.xml"]
