import asyncio
import logging
import threading
import time
from pathlib import Path

import pytest

from tracking import service
from tracking.service import TrackingService

from .conftest import MakeSettings, runs

PRICES = {"IMAGE_INPUT_TOKEN_COST_PER_MILLION": 2.0, "IMAGE_OUTPUT_TOKEN_COST_PER_MILLION": 30.0}
TEXT_PRICES = {"TEXT_INPUT_TOKEN_COST_PER_MILLION": 1.0, "TEXT_OUTPUT_TOKEN_COST_PER_MILLION": 4.0}


def test_a_generation_becomes_a_run_with_the_articles_fields(make_settings: MakeSettings, tmp_path: Path) -> None:
    tracking = TrackingService(make_settings(**PRICES))
    tracking.log_image_generation("ada@example.com", "ein Löwe", "16:9", 12.5, 2, 408)
    run = runs(tmp_path / "data", 1)[0]
    tracking.close()
    assert run.info.run_name == "generate_image"
    assert run.data.tags["user_email"] == "ada@example.com"
    assert "price" not in run.data.tags
    assert run.data.params == {"aspect_ratio": "16:9", "prompt_length": "8"}
    assert run.data.metrics == {
        "processing_time_ms": 12.5,
        "input_tokens": 2.0,
        "output_tokens": 408.0,
        "estimated_cost_usd": pytest.approx((2 * 2.0 + 408 * 30.0) / 1_000_000),
    }
    prompt = tmp_path / "data" / "artifacts" / run.info.run_id / "artifacts" / "prompt.txt"
    assert prompt.read_text(encoding="utf-8") == "ein Löwe"


def test_an_unknown_price_is_unknown_and_never_0(make_settings: MakeSettings, tmp_path: Path) -> None:
    tracking = TrackingService(make_settings(IMAGE_INPUT_TOKEN_COST_PER_MILLION=2.0))
    assert tracking.estimate_image_cost(1, 1) is None
    tracking.log_image_generation("ada@example.com", "x", "1:1", 1.0, 1, 1)
    run = runs(tmp_path / "data", 1)[0]
    tracking.close()
    assert "estimated_cost_usd" not in run.data.metrics
    assert run.data.tags["price"] == "unknown"


def test_text_and_image_have_prices_of_their_own(make_settings: MakeSettings) -> None:
    tracking = TrackingService(make_settings(ENABLE_TRACKING=False, **PRICES, **TEXT_PRICES))
    assert tracking._calculate_cost(1_000_000, 500_000) == pytest.approx(3.0)
    assert tracking._calculate_cost(1_000_000, 500_000, model_type="image") == pytest.approx(17.0)
    assert tracking._calculate_cost(0, 0) == 0


def test_users_who_ask_at_the_same_time_are_not_mixed_up(make_settings: MakeSettings, tmp_path: Path) -> None:
    tracking = TrackingService(make_settings(**PRICES))

    async def ask(number: int) -> None:
        await asyncio.sleep(0)
        tracking.log_image_generation(f"user-{number}@example.com", "x" * number, "1:1", number, number, number)

    async def everybody() -> None:
        await asyncio.gather(*(ask(number) for number in range(1, 31)))

    asyncio.run(everybody())
    found = runs(tmp_path / "data", 30)
    tracking.close()
    assert {
        (run.data.tags["user_email"], run.data.params["prompt_length"], run.data.metrics["input_tokens"])
        for run in found
    } == {(f"user-{number}@example.com", str(number), float(number)) for number in range(1, 31)}


def test_logging_takes_no_time(make_settings: MakeSettings) -> None:
    tracking = TrackingService(make_settings())
    started = time.perf_counter()
    for _ in range(100):
        tracking.log_image_generation("ada@example.com", "x", "1:1", 1.0, 1, 1)
    assert time.perf_counter() - started < 1  # MLflow's import alone takes longer
    tracking.close()


def test_disabled_it_writes_nothing(make_settings: MakeSettings, tmp_path: Path) -> None:
    before = threading.active_count()
    tracking = TrackingService(make_settings(ENABLE_TRACKING=False))
    tracking.log_image_generation("ada@example.com", "x", "1:1", 1.0, 1, 1)
    assert threading.active_count() == before
    tracking.close()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("where", ["http://127.0.0.1:1", "sqlite:////proc/nowhere/mlflow.db"])
def test_a_store_that_is_not_there_is_an_error_in_the_log_and_no_more(
    make_settings: MakeSettings, where: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    tracking = TrackingService(make_settings(MLFLOW_TRACKING_URI=where))
    tracking.log_image_generation("ada@example.com", "a secret prompt", "1:1", 1.0, 1, 1)
    tracking.close(60)
    errors = [record.getMessage() for record in caplog.records if record.name == "tracking.service"]
    assert any(message.startswith("Failed to log image generation: ") for message in errors)
    assert "a secret prompt" not in caplog.text
    assert "ada@example.com" not in caplog.text


def test_two_services_make_one_experiment(make_settings: MakeSettings, tmp_path: Path) -> None:
    services = [TrackingService(make_settings()) for _ in range(2)]
    for each in services:
        each.log_image_generation("ada@example.com", "x", "1:1", 1.0, 1, 1)
    assert len(runs(tmp_path / "data", 2)) == 2
    for each in services:
        each.close()


def test_what_does_not_fit_in_memory_is_told(
    make_settings: MakeSettings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "_QUEUE_LENGTH", 1)
    held = threading.Event()
    monkeypatch.setattr(TrackingService, "_log", lambda *_: held.wait(30))
    tracking = TrackingService(make_settings())
    for _ in range(5):
        tracking.log_image_generation("ada@example.com", "x", "1:1", 1.0, 1, 1)
    assert "1 others are waiting already" in caplog.text
    with caplog.at_level(logging.ERROR):
        tracking.close(0.1)
    assert "were logged" in caplog.text
    held.set()
