import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gate import (
    cli,
    coverage,
    distribution,
    doctor,
    facts,
    kept,
    paths,
    pipeline,
    processes,
    scanner,
    server,
    settings,
    toolchain,
    verdict,
)
from gate import scan as scans
from gate.errors import CannotJudgeError
from gate.sonar import Server

PASSED = verdict.Verdict(True, [], [], [], [], "http://127.0.0.1:9/dashboard?id=k")  # noqa: FBT003
FAILED = verdict.Verdict(
    False,  # noqa: FBT003
    [verdict.Condition("new_coverage", "at least 80", "0.0", passed=False)],
    [],
    [verdict.NewCoverage("src/a.py", 3, 3)],
    [],
    "http://127.0.0.1:9/dashboard?id=k",
)


@pytest.fixture(autouse=True)
def _no_server_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SONAR_HOST_URL", "SONAR_TOKEN", "GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "GATE_KEEP"):
        monkeypatch.delenv(name, raising=False)
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def gate(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, list(arguments))


def test_help_tells_the_exit_statuses_and_has_examples() -> None:
    result = gate("--help")
    assert result.exit_code == 0
    for part in ("0 passed, 1 failed, 2 could not judge", "gate scan --base develop", "coverage", "doctor", "stop"):
        assert part in result.output
    assert "toolchain" not in result.output


@pytest.mark.parametrize("arguments", [["sacn"], ["scan", "--bsae", "x"], ["stop", "now"]])
def test_misuse_exits_2(arguments: list[str]) -> None:
    assert gate(*arguments).exit_code == 2


def test_outside_a_repository_it_says_so_in_words_and_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for command in ("scan", "run", "coverage", "doctor"):
        result = gate(command, "--json")
        assert result.exit_code == 2
        assert "in no git work tree" in json.loads(result.stdout)["error"]
        assert "Could not judge" in result.stderr


@pytest.mark.parametrize(("judged", "status", "words"), [(PASSED, 0, "PASSED"), (FAILED, 1, "src/a.py")])
def test_scan_prints_the_verdict_and_exits_by_it(
    judged: verdict.Verdict, status: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "scan", lambda *_: judged)
    result = gate("scan")
    assert (result.exit_code, words in result.stdout) == (status, True)
    result = gate("scan", "--json")
    assert (result.exit_code, json.loads(result.stdout)["passed"]) == (status, judged.passed)


def outcome(*, passed: bool) -> pipeline.Outcome:
    step = pipeline.Step("Run pytest with coverage", "success" if passed else "failure", 1.5, "out")
    return pipeline.Outcome(passed, [step], [("error", "title", "message")], {}, "abc")


@pytest.mark.parametrize(
    ("passed", "judged", "status"), [(True, PASSED, 0), (False, None, 1), (False, FAILED, 1), (True, FAILED, 1)]
)
def test_run_prints_the_verdict_of_what_was_scanned_and_names_the_step_that_failed(
    judged: verdict.Verdict | None, status: int, monkeypatch: pytest.MonkeyPatch, *, passed: bool
) -> None:
    sonar = Server("http://127.0.0.1:9", "squ_hush")
    given: list[pipeline.Trigger] = []
    monkeypatch.setattr(server, "connect", lambda: sonar)
    monkeypatch.setattr(scans, "ensure_base", lambda *_: scans.Project("o_r:abc", "abc"))

    def note(_: object, __: str, trigger: pipeline.Trigger, *, verbose: bool) -> pipeline.Outcome:
        assert not verbose
        given.append(trigger)
        return outcome(passed=passed)

    monkeypatch.setattr(pipeline, "run", note)
    monkeypatch.setattr(scanner, "find", lambda *_: scanner.Analysis("o_r:abc", "AZ-1") if judged else None)
    monkeypatch.setattr(verdict, "judge", lambda *_: judged)
    result = gate("run")
    assert result.exit_code == status
    assert ("failed at the step: Run pytest with coverage" in result.stdout) is not passed
    result = gate("run", "--json")
    data = json.loads(result.stdout)
    assert (result.exit_code, data["passed"], bool(data["verdict"])) == (status, status == 0, bool(judged))
    assert data["annotations"] == [{"level": "error", "title": "title", "message": "message"}]
    assert given[0].variables["SONAR_PROJECT_KEY"] == "o_r:abc"
    assert "skipNodeProvisioning=true" in given[0].variables["SONAR_SCANNER_ARGS"]
    assert given[0].secrets == {"SONAR_TOKEN": "squ_hush"}
    assert "squ_hush" not in result.output


def test_without_a_command_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "run", lambda: print("running"))  # noqa: T201
    assert gate().stdout == "running\n"


def test_an_action_that_is_no_action_is_told(tmp_path: Path) -> None:
    result = gate("run", "--action", f"actions/checkout={tmp_path}")
    assert result.exit_code == 2
    assert "no action.yml in" in result.stderr


@pytest.mark.parametrize(("severity", "status"), [("error", 1), ("warning", 0)])
def test_coverage_fails_for_errors_and_not_for_warnings(
    severity: str, status: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = coverage.Finding(severity, "coverage/web.lcov", ("a",), "sonar.sources", "message", "fix")  # type: ignore[arg-type]
    monkeypatch.setattr(coverage, "check", lambda _: [found])
    monkeypatch.setattr(scans, "reported", lambda _: {"src/a.py": (1, 2)})
    monkeypatch.setenv("GATE_KEEP", str(tmp_path))
    result = gate("coverage")
    assert (result.exit_code, "message" in result.stdout) == (status, True)
    result = gate("coverage", "--json")
    assert json.loads(result.stdout)["passed"] is (status == 0)
    assert kept.said(tmp_path) == ({"src/a.py": (1, 2)} if status == 0 else {})


@pytest.mark.parametrize(("state", "status"), [("problem", 1), ("warning", 0), ("ok", 0)])
def test_doctor_fails_for_problems(state: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    check = doctor.Check(state, "title", "why", "fix")  # type: ignore[arg-type]
    monkeypatch.setattr(facts, "gather", lambda _: None)
    monkeypatch.setattr(settings, "gather", lambda _: None)
    monkeypatch.setattr(doctor, "checks", lambda *_: [check])
    assert gate("doctor").exit_code == status
    result = gate("doctor", "--json")
    assert json.loads(result.stdout)["checks"][0]["state"] == state


def test_where_no_server_runs_status_exits_1_and_stop_0() -> None:
    result = gate("status")
    assert (result.exit_code, "gate start" in result.stdout) == (1, True)
    assert json.loads(gate("status", "--json").stdout) == {"running": False}
    result = gate("stop", "--purge")
    assert (result.exit_code, result.stdout) == (0, "No SonarQube was running; its data are gone.\n")
    assert json.loads(gate("stop", "--json").stdout) == {"stopped": False, "purged": False}


def test_start_says_where_and_how_to_log_in_but_not_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    record = server.Record("http://127.0.0.1:9", "25.12", "/s", processes.Handle(1, 1.0), ready=True)
    monkeypatch.setattr(server, "start", lambda: Server(record.url, "squ_hush", "hush"))
    monkeypatch.setattr(server, "running", lambda: record)
    result = gate("start")
    assert result.exit_code == 0
    assert "SonarQube 25.12 runs at http://127.0.0.1:9" in result.stdout
    assert str(paths.state() / "admin-password") in result.stdout
    assert "hush" not in result.stdout
    assert json.loads(gate("start", "--json").stdout)["url"] == record.url


def test_a_server_that_does_not_start_exits_2(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise CannotJudgeError("no room", "make some")

    monkeypatch.setattr(distribution, "install", fail)
    result = gate("start")
    assert result.exit_code == 2
    assert "Could not judge: no room" in result.stderr
    assert "make some" in result.stderr


def test_plan_and_explain_speak_to_the_workflow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAS_TOKEN", "false")
    monkeypatch.setenv("CONFIGURED", "true")
    result = gate("plan")
    assert (result.exit_code, "SONAR_TOKEN is missing" in result.stdout) == (1, True)
    monkeypatch.setenv("HAS_TOKEN", "true")
    result = gate("plan")
    assert (result.exit_code, result.stdout) == (0, "")
    result = gate("explain")
    assert (result.exit_code, "The scan sent no report" in result.stdout) == (0, True)


def test_the_toolchain_is_put_where_the_makefile_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "install", lambda root, version: tmp_path / root.name / version)
    assert gate("toolchain", "18").stdout.strip().endswith("/18")
    assert gate("toolchain").exit_code == 2


def test_ctrl_c_is_an_end_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scans, "scan", stop)
    assert gate("scan").exit_code == 130
