from pathlib import Path

import pytest

from gate import scanner
from gate.errors import CannotJudgeError
from gate.sonar import Server

from .conftest import WebApi


def test_a_report_that_the_server_has_taken_in_is_an_analysis(web_api: WebApi) -> None:
    web_api.answers["ce/task"] = [
        {"task": {"status": "PENDING", "componentKey": "k"}},
        {"task": {"status": "SUCCESS", "componentKey": "k", "analysisId": "AZ-1"}},
    ]
    assert scanner.finished(web_api.server, "7") == scanner.Analysis("k", "AZ-1")
    assert web_api.asked[0] == ("ce/task", {"id": "7"})


def test_a_report_that_the_server_refuses_is_told_in_its_words(web_api: WebApi) -> None:
    web_api.answers["ce/task"] = {"task": {"status": "FAILED", "componentKey": "k", "errorMessage": "no such branch"}}
    with pytest.raises(CannotJudgeError, match="could not take in the report: no such branch"):
        scanner.finished(web_api.server, "7")


def test_a_server_that_never_ends_is_given_up(web_api: WebApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "_TASK_SECONDS", 0.1)
    web_api.answers["ce/task"] = {"task": {"status": "PENDING", "componentKey": "k"}}
    with pytest.raises(CannotJudgeError, match="did not take in the report"):
        scanner.finished(web_api.server, "7")


def test_the_real_scanner_against_a_dead_server_ends_in_words_without_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(CannotJudgeError, match=r"The scan of .* stopped \(exit 1\)") as told:
        scanner.scan(Server("http://127.0.0.1:1", "squ_hush"), tmp_path, "Scanning", {"sonar.projectKey": "k"})
    assert "squ_hush" not in str(told.value)
    assert "gate status" in told.value.fix


def test_an_analysis_is_found_by_the_commit_that_only_it_has(web_api: WebApi) -> None:
    web_api.answers["project_analyses/search"] = {"analyses": [{"key": "AZ-2", "revision": "b"}, {"key": "AZ-1"}]}
    assert scanner.find(web_api.server, "k", "b") == scanner.Analysis("k", "AZ-2")
    assert scanner.find(web_api.server, "k", "a") is None


def test_the_last_errors_of_a_log_are_its_last_lines_where_it_has_no_errors() -> None:
    assert scanner.last_errors("INFO a\nERROR one\n10:00 ERROR: two\n") == "\n    one\n    two"
    assert scanner.last_errors("a\nb\n") == "\n    a\n    b"
