"""The workflow itself, run for real: what it lets through, what it stops, and how soon."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from gate import shell

from .conftest import BIN, ROOT, SWITCH, VERIFY_SCAN, VERIFY_TEST, WORKFLOW, Checkout, clean

pytestmark = pytest.mark.xdist_group("sonar")  # one after the other: there is one server

CRASH = "Failed to start the bridge server"


def first_commit() -> str:
    command = ["git", "rev-list", "--max-parents=0", "HEAD"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()[-1]


@pytest.mark.whole
def test_the_whole_project_passes_its_own_gate_and_sonar_measures_what_the_reports_say(
    checkout: Checkout,
) -> None:
    # The steps before the scan, `make gate` has run: these are the reports of the same tests.
    result = checkout.gate("scan", "--json", "--base", first_commit())
    assert result.status == 0, result.out + result.err
    verdict = result.data
    assert verdict["passed"]
    assert verdict["differences"] == []
    assert {each["metric"] for each in verdict["conditions"]} >= {"new_coverage", "new_violations"}


def test_without_the_switch_the_verify_step_fails_before_the_scan_and_names_versions_and_fix(
    checkout: Checkout,
) -> None:
    checkout.use_node("18", "20")  # the story's, also in a team's copy that has moved on
    checkout.only_the_scan()
    checkout.drop_steps(SWITCH)
    result = checkout.gate("run", "--json")
    assert result.status == 1, result.err
    failed = next(step for step in result.data["steps"] if step["result"] == "failure")
    assert failed["name"] == "./.github/actions/verify-runtime"
    # The verdict is there before its shell waits for it to be read.
    assert failed["seconds"] - shell._READING_SECONDS < 1.0
    assert "SonarSource/sonarqube-scan-action" not in [step["name"] for step in result.data["steps"]]
    said = " ".join(each["message"] for each in result.data["annotations"] if each["level"] == "error")
    assert "20" in said
    assert "18.20.8" in said
    assert "actions/setup-node" in said


@pytest.mark.whole
def test_without_switch_and_verify_steps_the_real_analyser_crashes_on_node_18(checkout: Checkout) -> None:
    checkout.use_node("18", "20")  # the story's, also in a team's copy that has moved on
    checkout.only_the_scan()
    checkout.drop_steps(SWITCH, VERIFY_SCAN, VERIFY_TEST)
    log = checkout.root / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [BIN / "gate", "run", "--verbose"],
            cwd=checkout.root,
            env=clean(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    deadline = time.monotonic() + 400
    try:
        # Its own crash comes within seconds, the analyser's words 300 s later: that wait is fixed, so it is cut short.
        # Node's version is the last line of what it prints.
        while "Node.js v18.20.8" not in log.read_text(errors="replace") and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.5)
    finally:
        with suppress(ProcessLookupError):  # it ended by itself, and its log says why
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    text = log.read_text(errors="replace")
    assert "Node.js v18.20.8" in text
    assert "server.cjs" in text
    assert "SyntaxError" in text or "ReferenceError" in text or "TypeError" in text, text[-3000:]
    assert "QUALITY GATE STATUS" not in text


def test_another_node_put_first_on_path_is_stopped_before_the_next_script_runs(checkout: Checkout) -> None:
    checkout.only_the_scan()
    other = checkout.root.parent / "other" / "node"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho v16.20.2\n", encoding="utf-8")
    other.chmod(0o755)
    step = "      - name: Check both coverage reports\n"
    intruder = f"      - name: Put another Node first\n        run: echo '{other.parent}' >> \"$GITHUB_PATH\"\n\n"
    checkout.edit(WORKFLOW, step, intruder + step)
    result = checkout.gate("run", "--json")
    assert result.status == 1, result.err
    assert (
        next(each["name"] for each in result.data["steps"] if each["result"] == "failure")
        == "Check both coverage reports"
    )
    said = " ".join(each["message"] for each in result.data["annotations"] if each["level"] == "error")
    assert "16.20.2" in said
    assert str(other) in said


@pytest.mark.whole
@pytest.mark.parametrize(("test", "scan"), [("22", "24")])
def test_one_edit_moves_both_runtimes(checkout: Checkout, test: str, scan: str) -> None:
    checkout.use_node(test, scan)
    checkout.without_python()
    result = checkout.gate("run", "--verbose")
    assert result.status == 0, result.err
    for version in (test, scan):
        assert f"node v{version}." in result.err or f"/node/{version}." in result.err


def test_a_repository_without_sonar_settings_is_told(checkout: Checkout, tmp_path: Path) -> None:
    shutil.rmtree(checkout.root / "coverage")
    result = checkout.gate("scan", "--json")
    assert result.status == 2
    assert "coverage" in result.data["error"]
    assert tmp_path.exists()
