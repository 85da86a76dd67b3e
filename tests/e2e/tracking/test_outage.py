"""MLflow is absent for thousands of requests, one of which it will refuse; then it comes. And a soak.

`WHOLE=1` for 10,000 requests, and also with the run sink; `SOAK_SECONDS=3600` for an hour of the soak.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tracking.event import Tokens
from tracking.ledger import Ledger
from tracking.service import TrackingService
from tracking.settings import Settings
from tracking.status import Counter
from tracking.store import connect

from .delivered import read_runs, read_traces
from .mlflow_server import MlflowServer

WHOLE = bool(os.environ.get("WHOLE"))
REQUESTS = 10_000 if WHOLE else 2_000
SOAK_SECONDS = float(os.environ.get("SOAK_SECONDS", "40"))
WARM_SECONDS = 15.0
SOAK_EVENTS_PER_SECOND = 50
GROWTH_KB = 12_000
STORM = Path(__file__).with_name("storm.py")


@pytest.mark.parametrize("sink", ["trace", pytest.param("run", marks=pytest.mark.whole)])
def test_mlflow_is_absent_for_many_requests_one_of_them_poison_and_then_returns(tmp_path: Path, sink: str) -> None:
    server = MlflowServer(tmp_path / "mlflow")
    config = Settings.model_validate(
        {"DATA_DIR": tmp_path / "data", "MLFLOW_TRACKING_URI": server.url, "TRACKING_SINK": sink}
    )
    # No trace can take so long, and no run takes a parameter of this name.
    wrong: dict[str, Any] = {"processing_time_ms": 1e30} if sink == "trace" else {"settings": {"?": "x"}}
    service = TrackingService(config)
    accepted: dict[str, str] = {}
    for number in range(REQUESTS):
        values: dict[str, Any] = {"processing_time_ms": 1.0} | (wrong if number == REQUESTS // 2 else {})
        event_id = service.log_generation(
            user=f"user-{number}@example.com",
            kind="text",
            provider="openai",
            model="gpt-4o-mini",
            prompt="x" * 300,
            tokens=Tokens(number, 1),
            **values,
        )
        assert event_id is not None
        accepted[event_id] = f"user-{number}@example.com"
    poisoned = list(accepted)[REQUESTS // 2]
    del accepted[poisoned]
    status = service.status()
    assert status is not None
    assert (status.accepted, status.pending, status.lost) == (REQUESTS, REQUESTS, 0)
    with server:  # the service has been there all the time, and is not told
        deadline = time.monotonic() + (600 if sink == "trace" else 3_600)
        while status.pending:
            assert time.monotonic() < deadline, status
            time.sleep(0.2)
            status = service.status()
            assert status is not None
            assert status.adds_up, status
        service.close()
        assert (status.delivered, status.dead_lettered, status.lost) == (REQUESTS - 1, 1, 0)
        (letter,) = Ledger(config.DATA_DIR).dead_letters()
        assert (letter.id, bool(letter.reason)) == (poisoned, True)
        store = connect(config)
        found = list(read_traces(store) if sink == "trace" else read_runs(store, server.folder / "artifacts"))
        assert sorted((each.record.id, each.record.user or "") for each in found) == sorted(accepted.items())
    kept = list((config.DATA_DIR / "journal").iterdir())
    assert sum(path.stat().st_size for path in kept) < 6_000_000  # delivered segments are deleted


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="it reads Linux's /proc")
def test_memory_and_open_files_stay_flat(tmp_path: Path) -> None:
    with MlflowServer(tmp_path / "mlflow", workers=1) as server:
        config = Settings.model_validate(
            {"DATA_DIR": tmp_path / "data", "MLFLOW_TRACKING_URI": server.url, "TRACKING_SINK": "trace"}
        )
        arguments = [str(config.DATA_DIR), str(tmp_path / "accepted"), str(SOAK_EVENTS_PER_SECOND)]
        commands = [[sys.executable, str(STORM), *arguments], [sys.executable, "-m", "tracking", "deliver"]]
        processes = [subprocess.Popen(command, env=config.environment()) for command in commands]
        try:
            deadline = time.monotonic() + 120
            while not Counter(config.DATA_DIR).status().delivered:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            time.sleep(WARM_SECONDS)
            before = [measure(each.pid) for each in processes]
            time.sleep(SOAK_SECONDS)
            after = [measure(each.pid) for each in processes]
        finally:
            for each in processes:
                each.kill()
                each.wait()
    print(f"before {before}, after {after}")  # noqa: T201 - shown when it fails, and with -s
    for (memory, files), (memory_after, files_after) in zip(before, after, strict=True):
        assert memory_after - memory < GROWTH_KB
        assert abs(files_after - files) <= 3  # what is open for a moment


def measure(pid: int) -> tuple[int, int]:
    """Return a process's memory, in KB, and how many files it has open."""
    status = Path(f"/proc/{pid}/status").read_text()
    memory = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(memory.split()[1]), len(list(Path(f"/proc/{pid}/fd").iterdir()))
