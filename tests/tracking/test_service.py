import asyncio
import logging
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tracking.event import Tokens
from tracking.service import TrackingService

from .conftest import Deliver, MakeSettings

PRICES = {"IMAGE_INPUT_TOKEN_COST_PER_MILLION": 2.0, "IMAGE_OUTPUT_TOKEN_COST_PER_MILLION": 30.0}
USER = "ada@example.com"


def test_the_articles_call_becomes_a_run_with_the_articles_fields(
    make_settings: MakeSettings, deliver: Deliver, tmp_path: Path
) -> None:
    config = make_settings(**PRICES)
    tracking = TrackingService(config, "google", "gemini-2.5-flash-image")
    tracking.log_image_generation(USER, "ein Löwe 🦁", "16:9", 12.5, 3, 408)
    tracking.close()
    store = deliver(config)
    [run] = store.client.search_runs([store.experiment_id])
    assert (run.info.run_name, run.info.status) == ("generate_image", "FINISHED")
    event_id = run.data.tags.pop("event_id")
    assert run.info.start_time == int(event_id[:12], 16)
    assert {name: value for name, value in run.data.tags.items() if not name.startswith("mlflow.")} == {
        "user_email": USER,
        "provider": "google",
        "model": "gemini-2.5-flash-image",
        "price_source": "environment",
        "price_date": time.strftime("%Y-%m-%d", time.gmtime(run.info.start_time / 1000)),
        "price_per_million": '{"input":"2.0","output":"30.0"}',
        "cost_usd": "0.012246",
    }
    assert run.data.params == {"aspect_ratio": "16:9", "prompt_length": "10"}
    assert run.data.metrics == {
        "processing_time_ms": 12.5,
        "input_tokens": 3.0,
        "output_tokens": 408.0,
        "estimated_cost_usd": 0.012246,
    }
    prompt = tmp_path / "data" / "artifacts" / run.info.run_id / "artifacts" / "prompt.txt"
    assert prompt.read_text(encoding="utf-8") == "ein Löwe 🦁"


def test_an_unknown_price_is_unknown_and_never_0(make_settings: MakeSettings, deliver: Deliver) -> None:
    config = make_settings()
    tracking = TrackingService(config)
    assert tracking.price("image", "unknown", "unknown", Tokens(1, 1)).usd is None
    tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    tracking.close()
    store = deliver(config)
    [run] = store.client.search_runs([store.experiment_id])
    assert "estimated_cost_usd" not in run.data.metrics
    assert "cost_usd" not in run.data.tags
    assert run.data.tags["price_source"] == "unknown"
    assert run.data.tags["price_reason"] == "no price for unknown unknown"


def test_sixty_four_users_at_once_under_asyncio_are_not_mixed_up(make_settings: MakeSettings, deliver: Deliver) -> None:
    config = make_settings()
    tracking = TrackingService(config)

    async def ask(number: int) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        tracking.log_image_generation(f"user-{number}@example.com", "x" * number, "1:1", number, number, number)

    async def everybody() -> None:
        await asyncio.gather(*(ask(number) for number in range(1, 65)))

    asyncio.run(everybody())
    tracking.close()
    store = deliver(config)
    assert sorted(
        (run.data.metrics["input_tokens"], run.data.params["prompt_length"], run.data.tags["user_email"])
        for run in store.client.search_runs([store.experiment_id])
    ) == [(float(number), str(number), f"user-{number}@example.com") for number in range(1, 65)]


@pytest.mark.parametrize(
    ("how", "prompt", "user"),
    [("full", "my secret prompt", USER), ("hash", "hmac-sha256:", "hmac-sha256:"), ("off", None, None)],
)
def test_privacy_is_applied_before_anything_is_written(  # noqa: PLR0913, PLR0917 - what is kept, and where to look
    make_settings: MakeSettings, deliver: Deliver, tmp_path: Path, how: str, prompt: str | None, user: str | None
) -> None:
    key = "a key of the environment"
    users = "email" if how == "full" else how
    config = make_settings(TRACK_PROMPTS=how, TRACK_USERS=users, TRACKING_HASH_KEY=key, TRACKING_SINK="run")
    tracking = TrackingService(config)
    tracking.log_image_generation(USER, "my secret prompt", "1:1", 1.0, 1, 1)
    written = b"".join(path.read_bytes() for path in (tmp_path / "data" / "journal").iterdir())
    tracking.close()
    assert (b"my secret prompt" in written, USER.encode() in written) == (how == "full", how == "full")
    store = deliver(config)
    [run] = store.client.search_runs([store.experiment_id])
    assert run.data.params["prompt_length"] == "16"
    assert run.data.tags.get("user_email", "").startswith(user or "")
    assert ("user_email" in run.data.tags) is (user is not None)
    artifact = tmp_path / "data" / "artifacts" / run.info.run_id / "artifacts" / "prompt.txt"
    assert artifact.exists() is (prompt is not None)
    assert prompt is None or artifact.read_text().startswith(prompt)
    everything = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert (b"my secret prompt" in everything) is (how == "full")
    assert key.encode() not in everything


def test_the_readmes_ten_lines_log_a_generation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = [each for each in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "log_generation" in each]
    assert len(example.splitlines()) <= 10
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DELIVERY", "separate")
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - what a reader would paste
    names["tracking"].close()
    status = names["tracking"].status()
    assert (status.accepted, status.pending) == (1, 1)


def test_disabled_it_writes_nothing(make_settings: MakeSettings, tmp_path: Path) -> None:
    before = threading.active_count()
    tracking = TrackingService(make_settings(ENABLE_TRACKING=False))
    tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    assert tracking.status() is None
    assert threading.active_count() == before
    tracking.close()
    assert not (tmp_path / "data").exists()


def test_mlflow_is_not_imported_before_it_is_needed(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from tracking.app import create_app; from tracking.settings import Settings;"
        "create_app(Settings(DATA_DIR=pathlib.Path(sys.argv[1]), DELIVERY='separate'));"
        "sys.exit(any(name.partition('.')[0] == 'mlflow' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path / "data"], check=False).returncode == 0


def test_what_cannot_be_logged_at_all_is_counted_and_not_raised(
    make_settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    tracking = TrackingService(make_settings())
    nothing: Any = None
    tracking.log_image_generation(USER, nothing, "1:1", 1.0, 1, 1)
    tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    status = tracking.status()
    tracking.close()
    assert status is not None
    assert (status.accepted, status.lost, status.pending, status.adds_up) == (2, 1, 1, True)
    assert "Events that were lost: 1, because of this: object of type 'NoneType' has no len()" in caplog.text


def test_after_its_end_events_are_lost_and_counted(
    make_settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    tracking = TrackingService(make_settings())
    tracking.close()
    assert (
        tracking.log_generation(user=USER, kind="text", provider="p", model="m", prompt="x", processing_time_ms=1.0)
        is None
    )
    status = tracking.status()
    assert status is not None
    assert (status.lost, status.adds_up) == (1, True)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


def test_the_service_delivers_by_itself_and_its_death_ends_the_delivery(
    make_settings: MakeSettings, local_store: Path, tmp_path: Path
) -> None:
    config = make_settings(DELIVERY="service")
    assert local_store.exists()
    script = """
import time
from tracking import settings
from tracking.service import TrackingService
tracking = TrackingService(settings.load())
tracking.log_image_generation("ada@example.com", "x", "1:1", 1.0, 1, 1)
while tracking.status().pending:
    time.sleep(0.1)
print("delivered", flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script], env=config.environment(), stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "delivered\n"
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (child,) = children.read_text().split() or _children(process.pid)
        process.kill()
    deadline = time.monotonic() + 60
    while _is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_closing_it_ends_the_delivery_within_5_seconds_also_when_mlflow_hangs(make_settings: MakeSettings) -> None:
    import socket  # noqa: PLC0415 - here alone

    with socket.create_server(("127.0.0.1", 0)) as hanging:
        tracking = TrackingService(
            make_settings(DELIVERY="service", MLFLOW_TRACKING_URI=f"http://127.0.0.1:{hanging.getsockname()[1]}")
        )
        tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
        hanging.settimeout(60)
        connection, _ = hanging.accept()  # the delivery waits for an answer now
        with connection:
            started = time.monotonic()
            tracking.close()
            assert time.monotonic() - started < 5
    status = tracking.status()
    assert status is not None
    assert (status.accepted, status.pending) == (1, 1)


def _children(pid: int) -> list[str]:
    """Find a process's children, which a thread of it may have started."""
    return [
        each.parent.name
        for each in Path("/proc").glob("[0-9]*/stat")
        if each.read_text().rpartition(")")[2].split()[1] == str(pid)
    ]


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
