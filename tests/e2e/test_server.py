"""The server killed in the middle of a scan: the gate says so, and the next scan works."""

import os
import signal
import subprocess
import time

import psutil
import pytest

from gate import processes, server

from .conftest import BIN, Checkout, clean

pytestmark = pytest.mark.xdist_group("sonar")  # one after the other: there is one server


def kill_the_server() -> None:
    record = server.running()
    assert record
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == record.process.pid:
                process.send_signal(signal.SIGKILL)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue


@pytest.mark.whole
def test_a_server_killed_in_the_middle_of_a_scan_ends_in_words_and_the_next_scan_works(
    checkout: Checkout,
) -> None:
    assert checkout.gate("scan").status == 0  # the base is analysed, so that what is killed is a scan
    command = [str(BIN / "gate"), "scan"]
    with subprocess.Popen(
        command, cwd=checkout.root, env=clean(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        for line in process.stderr:
            if line.startswith("Analysing the working tree"):
                break
        time.sleep(3)
        kill_the_server()
        said = process.stderr.read()
        assert process.wait(120) == 2, said
    assert "Could not judge" in said
    assert "gate s" in said
    result = checkout.gate("scan")
    assert result.status == 0, result.err


def test_the_state_of_the_real_server_is_closed_to_others_and_it_runs_without_root() -> None:
    server.start()
    record = server.running()
    assert record
    assert psutil.Process(record.process.pid).uids().real == processes.owner() != 0
