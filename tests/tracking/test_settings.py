import re
from pathlib import Path

import pytest

from tracking import settings


def test_nothing_set_is_fine() -> None:
    read = settings.load()
    assert read.ENABLE_TRACKING
    assert read.IMAGE_INPUT_TOKEN_COST_PER_MILLION is None


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_INPUT_TOKEN_COST_PER_MILLION", "")
    assert settings.load().IMAGE_INPUT_TOKEN_COST_PER_MILLION is None


def test_a_price_of_0_is_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_INPUT_TOKEN_COST_PER_MILLION", "0")
    assert settings.load().IMAGE_INPUT_TOKEN_COST_PER_MILLION == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENABLE_TRACKING", "perhaps"),
        ("TEXT_INPUT_TOKEN_COST_PER_MILLION", "-1"),
        ("IMAGE_OUTPUT_TOKEN_COST_PER_MILLION", "cheap"),
        ("IMAGE_OUTPUT_TOKEN_COST_PER_MILLION", "inf"),
        ("IMAGE_OUTPUT_TOKEN_COST_PER_MILLION", "nan"),
        ("PORT", "70000"),
        ("LOG_LEVEL", "loud"),
        ("GENERATOR_BASE_URL", "localhost:8080/v1"),
        ("GENERATOR_BASE_URL", "http://localhost:abc/v1"),
        ("GENERATOR_BASE_URL", "http://[::1/v1"),
        ("GENERATOR_BASE_URL", "https://user:s3cr#et@gateway/v1"),
        ("GENERATOR_BASE_URL", "https://exa..mple/v1"),
        ("MLFLOW_TRACKING_URI", "postgresqlfoo"),
        ("MLFLOW_TRACKING_URI", "postgresql+://ada@host/db"),
        ("MLFLOW_TRACKING_URI", "http://ada:correct horse@host"),
        ("GALLERY_SIZE", "9223372036854775808"),
        ("GENERATIONS_PER_MINUTE", "1" + "0" * 400),
    ],
)
def test_a_wrong_value_is_told_by_its_name_and_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingsError) as told:
        settings.load()
    assert str(told.value).startswith(f"{name}: ")
    assert value not in str(told.value)


@pytest.mark.parametrize(
    "address",
    [
        "mssql+pyodbc://a:b@h/c?driver=ODBC Driver 17 for SQL Server",
        "postgresql://a@h/b",
        "postgresql+psycopg2://a:%20@h/b",
        "mysql+pymysql://a@h/b",
        "sqlite:////with a blank/x.db",
    ],
)
def test_an_address_of_a_store_may_name_its_driver(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    read = settings.load()
    assert address == read.MLFLOW_TRACKING_URI


def test_every_setting_is_described() -> None:
    assert all(field.description for field in settings.Settings.model_fields.values())


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {"MLFLOW_TRACKING_URI": "gopher://x"},
            "MLFLOW_TRACKING_URI: it is databricks, or begins with one of sqlite:///, http://",
        ),
        ({"MLFLOW_TRACKING_URI": "databricksx"}, "MLFLOW_TRACKING_URI: it is databricks, or begins with"),
        ({"MLFLOW_TRACKING_URI": "databricks"}, "databricks needs DATABRICKS_HOST, and DATABRICKS_TOKEN or"),
        (
            {"MLFLOW_TRACKING_URI": "databricks", "DATABRICKS_HOST": "https://x", "DATABRICKS_CLIENT_ID": "y"},
            "databricks needs DATABRICKS_HOST",
        ),
        (
            {
                "MLFLOW_TRACKING_URI": "databricks",
                "DATABRICKS_HOST": "https://x",
                "DATABRICKS_TOKEN": "y",
                "MLFLOW_EXPERIMENT_NAME": "portraits",
            },
            "MLFLOW_EXPERIMENT_NAME: in Databricks it is a path",
        ),
        (
            {
                "MLFLOW_TRACKING_URI": "databricks",
                "DATABRICKS_HOST": "https://x",
                "DATABRICKS_TOKEN": "y",
                "TRACKING_SINK": "trace",
            },
            "TRACKING_SINK: Databricks takes traces into Unity Catalog's tables only",
        ),
        ({"TRACK_USERS": "hash"}, "TRACKING_HASH_KEY: a hash needs a key of 16 characters"),
        ({"TRACK_PROMPTS": "hash", "TRACKING_HASH_KEY": "short"}, "TRACKING_HASH_KEY: "),
        ({"GENERATOR": "openai"}, "OPENAI_API_KEY: GENERATOR=openai needs it"),
        ({"USAGE_TIME_ZONE": "Mars/Olympus"}, "USAGE_TIME_ZONE: "),
        ({"USAGE_TIME_ZONE": "../../etc/passwd"}, "USAGE_TIME_ZONE: "),
        ({"TRACKING_SINK": "both"}, "TRACKING_SINK: Input should be 'run' or 'trace'"),
    ],
)
def test_values_that_do_not_fit_together_are_told_by_name(
    environment: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingsError) as told:
        settings.load()
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "image-generation-dev"),
        ({"APP_ENV": "prod"}, "image-generation-prod"),
        ({"APP_ENV": "prod", "MLFLOW_EXPERIMENT_NAME": "mine"}, "mine"),
        (
            {"MLFLOW_TRACKING_URI": "databricks", "DATABRICKS_HOST": "https://x", "DATABRICKS_TOKEN": "y"},
            "/Shared/image-generation-dev",
        ),
    ],
)
def test_each_environment_has_an_experiment_of_its_own(
    values: dict[str, str], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each, value in values.items():
        monkeypatch.setenv(each, value)
    assert settings.load().experiment == name


SECRETS = [name for name, field in settings.Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


def test_a_secret_is_in_no_repr_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"MLFLOW_TRACKING_TOKEN", "DATABRICKS_CLIENT_SECRET", "TRACKING_HASH_KEY", "GEMINI_API_KEY"} <= set(SECRETS)
    for name in SECRETS:
        monkeypatch.setenv(name, "s3cret-value-of-it")
    read = settings.load()
    assert "s3cret" not in repr(read) + str(read) + read.model_dump_json()
    monkeypatch.setenv("PORT", "many")
    with pytest.raises(settings.SettingsError) as told:
        settings.load()
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_end_in_a_line_break_as_one_from_a_file_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, " s3cret-value-of-it\r\n")
    read = settings.load()
    assert getattr(read, name).get_secret_value() == "s3cret-value-of-it"
    assert read.environment()[name] == "s3cret-value-of-it"


@pytest.mark.parametrize("value", ["\n", "s3cret\nvalue", "s3cret\x7fvalue", "s3cret\u2028value"])
@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_no_request_can_carry_is_told_by_its_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(settings.SettingsError) as told:
        settings.load()
    assert str(told.value).startswith(f"{name}: it is blank, or has a line break")
    assert "s3cret" not in str(told.value)


def test_another_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRICE_OPENAI_GPT_4O_INPUT", "1")
    monkeypatch.setenv("MODEL", "another")
    made = settings.Settings.model_validate(
        {"DATA_DIR": tmp_path, "ENABLE_TRACKING": False, "OPENAI_API_KEY": "key", "MODEL": None}
    )
    environment = made.environment()
    for name in environment.keys() & settings.Settings.model_fields.keys():
        monkeypatch.setenv(name, environment[name])
    for name in settings.Settings.model_fields.keys() - environment.keys():
        monkeypatch.delenv(name, raising=False)
    assert settings.load() == made
    assert environment["PRICE_OPENAI_GPT_4O_INPUT"] == "1"


def test_prices_are_those_of_the_four_and_of_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICE_OPENAI_GPT_4O_INPUT", "1")
    monkeypatch.setenv("TEXT_INPUT_TOKEN_COST_PER_MILLION", "0.10")
    assert settings.load().prices() == {
        "PRICE_OPENAI_GPT_4O_INPUT": "1",
        "TEXT_INPUT_TOKEN_COST_PER_MILLION": "0.10",
    }


def test_the_readmes_table_names_each_setting_its_default_and_what_it_is() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+) \|$", readme, re.MULTILINE)
    rows = {name: default for name, default, _ in found}
    assert rows.keys() == settings.Settings.model_fields.keys()
    for name, field in settings.Settings.model_fields.items():
        default = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
        assert rows[name] == ("not set" if field.default is None else f"`{default}`"), name
    for name, _, words in found:  # a sentence in the code, a cell in the table
        told = (settings.Settings.model_fields[name].description or "").rstrip(".")
        assert words.rstrip(".") in {told, told[0].lower() + told[1:]}, name
