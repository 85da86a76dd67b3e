import asyncio
import logging
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tracking import service
from tracking.service import TrackingService

from .conftest import MakeSettings, ReadRuns

PRICES = {"IMAGE_INPUT_TOKEN_COST_PER_MILLION": 2.0, "IMAGE_OUTPUT_TOKEN_COST_PER_MILLION": 30.0}
TEXT_PRICES = {"TEXT_INPUT_TOKEN_COST_PER_MILLION": 1.0, "TEXT_OUTPUT_TOKEN_COST_PER_MILLION": 4.0}
USER = "ada@example.com"


def test_a_generation_becomes_a_run_with_the_articles_fields(
    make_settings: MakeSettings, read_runs: ReadRuns, tmp_path: Path
) -> None:
    tracking = TrackingService(make_settings(**PRICES))
    tracking.log_image_generation(USER, "ein Löwe 🦁", "16:9", 12.5, 3, 408)
    tracking.close()
    [run] = read_runs()
    assert (run.info.run_name, run.info.status) == ("generate_image", "FINISHED")
    assert run.data.tags["user_email"] == USER
    assert "price" not in run.data.tags
    assert run.data.params == {"aspect_ratio": "16:9", "prompt_length": "10"}
    assert run.data.metrics == {
        "processing_time_ms": 12.5,
        "input_tokens": 3.0,
        "output_tokens": 408.0,
        "estimated_cost_usd": pytest.approx((3 * 2.0 + 408 * 30.0) / 1_000_000),
    }
    prompt = tmp_path / "data" / "artifacts" / run.info.run_id / "artifacts" / "prompt.txt"
    assert prompt.read_text(encoding="utf-8") == "ein Löwe 🦁"


def test_an_unknown_price_is_unknown_and_never_0(make_settings: MakeSettings, read_runs: ReadRuns) -> None:
    tracking = TrackingService(make_settings(IMAGE_INPUT_TOKEN_COST_PER_MILLION=2.0))
    assert tracking.estimate_image_cost(1, 1) is None
    tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    tracking.close()
    [run] = read_runs()
    assert "estimated_cost_usd" not in run.data.metrics
    assert run.data.tags["price"] == "unknown"


def test_text_and_image_have_prices_of_their_own(make_settings: MakeSettings) -> None:
    tracking = TrackingService(make_settings(ENABLE_TRACKING=False, **PRICES, **TEXT_PRICES))
    assert tracking._calculate_cost(1_000_000, 500_000) == pytest.approx(3.0)
    assert tracking._calculate_cost(1_000_000, 500_000, model_type="image") == pytest.approx(17.0)
    assert tracking._calculate_cost(0, 0) == 0


def test_users_who_ask_at_the_same_time_are_not_mixed_up(make_settings: MakeSettings, read_runs: ReadRuns) -> None:
    tracking = TrackingService(make_settings(**PRICES))

    async def ask(number: int) -> None:
        await asyncio.sleep(0)
        tracking.log_image_generation(f"user-{number}@example.com", "x" * number, "1:1", number, number, number)

    async def everybody() -> None:
        await asyncio.gather(*(ask(number) for number in range(1, 31)))

    asyncio.run(everybody())
    tracking.close()
    assert sorted(
        (run.data.metrics["input_tokens"], run.data.params["prompt_length"], run.data.tags["user_email"])
        for run in read_runs()
    ) == [(float(number), str(number), f"user-{number}@example.com") for number in range(1, 31)]


def test_logging_takes_no_time(make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    monkeypatch.setattr(TrackingService, "_log", lambda *_: held.wait(30))
    tracking = TrackingService(make_settings())
    started = time.perf_counter()
    for _ in range(100):
        tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    assert time.perf_counter() - started < 1
    held.set()
    tracking.close()


def test_disabled_it_writes_nothing(make_settings: MakeSettings, tmp_path: Path) -> None:
    before = threading.active_count()
    tracking = TrackingService(make_settings(ENABLE_TRACKING=False))
    tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    assert threading.active_count() == before
    tracking.close()
    assert not (tmp_path / "data").exists()


def test_mlflow_is_not_imported_before_it_is_needed(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from tracking.app import create_app; from tracking.settings import Settings;"
        "create_app(Settings(DATA_DIR=pathlib.Path(sys.argv[1])));"
        "sys.exit(any(name.partition('.')[0] == 'mlflow' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code, tmp_path / "data"], check=False).returncode == 0


@pytest.mark.parametrize(
    "where", ["http://ada:t0ken@127.0.0.1:1", "sqlite:////proc/nowhere/mlflow.db", "nonsense://ada:t0ken@host/x"]
)
def test_a_store_that_is_not_there_is_an_error_in_the_log_and_no_more(
    make_settings: MakeSettings, where: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    tracking = TrackingService(make_settings(MLFLOW_TRACKING_URI=where))
    tracking.log_image_generation(USER, "a secret prompt", "1:1", 1.0, 1, 1)
    tracking.close()
    [error] = [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]
    assert error.startswith("Failed to log image generation: ")
    for secret in ("a secret prompt", USER, "t0ken"):
        assert secret not in caplog.text


def test_a_row_that_fails_is_not_repeated_in_the_log_and_the_next_one_is_tried(
    make_settings: MakeSettings,
    read_runs: ReadRuns,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    tracking = TrackingService(make_settings())
    refuse = "CREATE TRIGGER no BEFORE INSERT ON tags WHEN NEW.key = 'user_email' BEGIN SELECT json('{'); END"
    with closing(sqlite3.connect(tmp_path / "data" / "mlflow.db")) as database:
        database.execute(refuse)
        tracking.log_image_generation(USER, "a secret prompt", "1:1", 1.0, 1, 1)
        while "Failed to log" not in caplog.text:
            time.sleep(0.01)
        database.execute("DROP TRIGGER no")
    tracking.log_image_generation("bob@example.com", "x", "1:1", 1.0, 1, 1)
    tracking.close()
    assert [run.data.tags["user_email"] for run in read_runs()] == ["bob@example.com"]
    printed = capfd.readouterr()
    for secret in ("a secret prompt", USER):
        assert secret not in caplog.text + printed.out + printed.err


def test_what_cannot_be_logged_at_all_is_not_raised(
    make_settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    tracking = TrackingService(make_settings())
    nothing: Any = None
    tracking.log_image_generation(USER, nothing, "1:1", 1.0, 1, 1)
    tracking.close()
    assert "Failed to log image generation: object of type 'NoneType' has no len()" in caplog.text


def test_after_its_end_it_says_that_it_logs_no_more(
    make_settings: MakeSettings, caplog: pytest.LogCaptureFixture
) -> None:
    tracking = TrackingService(make_settings())
    tracking.close()
    tracking.close()
    tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    assert "Failed to log image generation: the service is closed" in caplog.text


def test_what_does_not_fit_and_what_is_left_at_the_end_is_told(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "_QUEUE_LENGTH", 2)
    monkeypatch.setattr(service, "_QUIET_SECONDS", 0.1)
    monkeypatch.setattr(service, "_CLOSE_SECONDS", 0.2)
    taken, held = threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        taken.set()
        held.wait(30)

    monkeypatch.setattr(TrackingService, "_log", hold)
    tracking = TrackingService(make_settings())
    tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    assert taken.wait(10)
    for _ in range(3):
        tracking.log_image_generation(USER, "x", "1:1", 1.0, 1, 1)
    tracking.close()
    held.set()
    assert [each.getMessage() for each in caplog.records] == [
        "Failed to log image generation: 2 others are waiting already",
        "Logging the last generations, for 0 seconds at most.",
        "Closed before 3 generations were logged.",
    ]
