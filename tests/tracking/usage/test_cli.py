"""The command line answers with exit status 0, also from an old index, and says with 2 why it cannot."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tracking.settings import Settings
from tracking.usage import Index
from tracking.usage.cli import app

from .records import filled, record

DAYS = ("--since", "2026-11-22", "--until", "2026-11-24", "--tz", "Asia/Kathmandu")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


@pytest.fixture
def data(local_store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = local_store.parent
    filled(folder, [record(), record(user="=bob", cost_usd=None)], Index.of(Settings(DATA_DIR=folder))._identity)
    monkeypatch.setenv("DATA_DIR", str(folder))
    return folder


@pytest.mark.usefixtures("data")
def test_a_table_names_the_days_and_the_zone() -> None:
    result = run("cost", "--by", "user", *DAYS)
    heading, *lines = result.stdout.splitlines()
    assert heading.startswith("cost by user, 2026-11-22 to 2026-11-24 (Asia/Kathmandu), as of ")
    assert [line.split() for line in lines] == [
        ["user", "cost_usd", "unknown_price", "events"],
        ["ada@example.com", "0.01", "0", "1"],
        ["=bob", "-", "1", "1"],
        ["(all)", "0.01", "1", "2"],
    ]
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.usefixtures("data")
def test_csv_is_the_rows_alone() -> None:
    result = run("cost", "--csv", *DAYS)
    assert result.stdout_bytes == b"user,cost_usd,unknown_price,events\r\nada@example.com,0.01,0,1\r\n'=bob,,1,1\r\n"


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ("spending", "--of", "user"),
            [
                "day,key,cost_usd,unknown_price,events",
                "2026-11-23,ada@example.com,0.01,0,1",
                "2026-11-23,'=bob,,1,1",
            ],
        ),
        (
            ("activity",),
            [
                "day,events,errors,cancelled,cost_usd,unknown_price,input_tokens,output_tokens,unknown_tokens,p50_ms,p95_ms",
                "2026-11-23,2,0,0,0.01,1,,,2,1000.0,1000.0",
            ],
        ),
        (
            ("points",),
            ["model,n,prompt_length,processing_time_ms", *["openai/gpt-image-1,1,100,1000.0"] * 2],
        ),
    ],
)
def test_what_the_page_draws_can_be_asked_for(arguments: tuple[str, ...], lines: list[str]) -> None:
    result = run(*arguments, "--csv", *DAYS)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == lines
    table = run(*arguments, *DAYS).stdout.splitlines()
    assert table[0].startswith(f"{arguments[0]}, 2026-11-22 to 2026-11-24 (Asia/Kathmandu), as of ")
    assert table[1].split() == lines[0].split(",")


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize(
    "arguments",
    [
        ("top-users", "--on", "2026-11-23"),
        *((question, *DAYS) for question in ("cost", "latency", "spending", "activity", "points")),
    ],
)
def test_every_question_can_be_about_one_user(arguments: tuple[str, ...]) -> None:
    total = json.loads(run(*arguments, "--user", "=bob", "--json").stdout)["total"]
    assert total.get("events", total.get("n")) == 1


@pytest.mark.usefixtures("data")
def test_the_zone_is_the_settings_where_no_other_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGE_TIME_ZONE", "Pacific/Apia")
    assert "(Pacific/Apia)" in run("latency").stdout


def test_without_mlflow_the_answer_is_an_old_one(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data / "mlflow.db").write_text("no database")
    result = run("cost", *DAYS)
    assert (result.exit_code, "ada@example.com" in result.stdout) == (0, True)
    assert "MLflow could not be asked, so this is 0 minutes old." in result.stderr
    monkeypatch.setenv("APP_ENV", "prod")
    result = run("cost", *DAYS)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "The index was not filled yet:" in result.stderr


def test_the_index_is_made_anew_with_one_command(data: Path) -> None:
    assert run("rebuild").stdout == "The index has 0 events.\n"
    (data / "mlflow.db").write_text("no database")
    result = run("rebuild")
    assert result.exit_code == 2
    assert "The index is as it was." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cost", "--tz", "Europe/Bielefeld"), "such as UTC or Europe/Berlin"),
        (("cost", "--since", "2026-11-24", "--until", "2026-11-23"), "before it begins"),
        (("top-users", "--on", "last week"), "today, yesterday or a date"),
        (("latency", "--json", "--csv"), "Choose one of --csv and --json"),
        (("cost", "--by", "colour"), "--by"),
    ],
)
def test_what_cannot_be_answered_ends_with_2(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGE_TIME_ZONE", "../UTC")
    result = run("cost")
    assert result.exit_code == 2
    assert "A setting is wrong. USAGE_TIME_ZONE" in result.stderr
