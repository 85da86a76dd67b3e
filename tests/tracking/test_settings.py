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


def test_every_setting_is_described() -> None:
    assert all(field.description for field in settings.Settings.model_fields.values())
