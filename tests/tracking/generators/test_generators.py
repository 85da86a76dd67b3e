"""Which generator is made, of which models, and how long an error asks to wait."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest
from genai_prices import Usage, calc_price

from tracking import generators
from tracking.generators import GenerationError
from tracking.generators.failure import Blame, retry_after
from tracking.generators.models import GeneratorName

from .loopback import KEY


@pytest.mark.parametrize(
    ("name", "provider", "text", "image"),
    [
        ("local", "local", "local-text", "local-drawing"),
        ("gemini", "google", "gemini-3.8-flash", "gemini-nano-banana-2.1"),
        ("openai", "openai", "gpt-6-luna", "gpt-image-2.5-flare"),
        ("anthropic", "anthropic", "claude-sonnet-5-5", None),
    ],
)
def test_each_has_usual_models(name: GeneratorName, provider: str, text: str, image: str | None) -> None:
    made = generators.create(name, None, KEY)
    assert (made.provider, made.text_model, made.image_model) == (provider, text, image)


@pytest.mark.parametrize(
    ("name", "model", "text", "image"),
    [
        ("gemini", "gemini-3-pro-image", "gemini-3.8-flash", "gemini-3-pro-image"),
        ("gemini", "gemini-nano-banana-2.1", "gemini-3.8-flash", "gemini-nano-banana-2.1"),
        ("gemini", "imagen-4.0-generate-001", "gemini-3.8-flash", "imagen-4.0-generate-001"),
        ("gemini", "gemini-4-argon", "gemini-4-argon", "gemini-nano-banana-2.1"),
        ("openai", "GPT-Image-2", "gpt-6-luna", "GPT-Image-2"),
        ("openai", "dall-e-3", "gpt-6-luna", "dall-e-3"),
        ("openai", "gpt-5.5", "gpt-5.5", "gpt-image-2.5-flare"),
        ("anthropic", "claude-haiku-5-5", "claude-haiku-5-5", None),
        ("local", "gpt-5.5", "local-text", "local-drawing"),
    ],
)
def test_a_model_replaces_the_one_of_its_kind(name: GeneratorName, model: str, text: str, image: str | None) -> None:
    made = generators.create(name, model, KEY)
    assert (made.text_model, made.image_model) == (text, image)


def test_an_image_model_does_not_fit_anthropic() -> None:
    with pytest.raises(ValueError, match="MODEL: GENERATOR=anthropic has no image model"):
        generators.create("anthropic", "gpt-image-2", KEY)


@pytest.mark.parametrize("name", ["gemini", "openai", "anthropic"])
@pytest.mark.parametrize("key", [None, ""])
def test_a_key_is_needed_and_its_setting_named(name: GeneratorName, key: str | None) -> None:
    with pytest.raises(ValueError, match=rf"^{name.upper()}_API_KEY: GENERATOR={name} needs it$"):
        generators.create(name, None, key)


@pytest.mark.parametrize("key", ["sk-with\n", "sk with", "ключ"])
def test_what_cannot_be_a_key_is_not_sent_and_not_shown(key: str) -> None:
    with pytest.raises(ValueError, match=r"^OPENAI_API_KEY: it has a space") as caught:
        generators.create("openai", None, key)
    assert key not in str(caught.value)


@pytest.mark.parametrize("name", ["gemini", "openai", "anthropic"])
def test_the_usual_models_have_prices(name: GeneratorName) -> None:
    made = generators.create(name, None, KEY)
    for model in filter(None, (made.text_model, made.image_model)):
        price = calc_price(Usage(input_tokens=1_000_000, output_tokens=1), model, provider_id=made.provider)
        assert price.total_price > 0


@pytest.mark.parametrize(
    ("name", "sdk"), [("gemini", "google.genai"), ("openai", "openai"), ("anthropic", "anthropic")]
)
def test_an_sdk_that_is_missing_is_explained(name: GeneratorName, sdk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, f"tracking.generators.{name}", raising=False)
    monkeypatch.setitem(sys.modules, sdk, None)
    with pytest.raises(ImportError, match=rf"pip install '\.\[{name}\]'"):
        generators.create(name, None, KEY)


def test_no_sdk_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys; from tracking import generators; generators.create('local', None, None);"
        "print({'openai', 'anthropic', 'google.genai', 'httpx2'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("name", ["openai", "anthropic", "gemini"])
def test_no_variable_says_where_the_key_is_sent(name: GeneratorName, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL"):
        monkeypatch.setenv(each, "http://127.0.0.1:9")
    asked: list[str] = []

    def refuse(_: object, request: httpx2.Request, **__: object) -> None:
        asked.append(request.url.host)
        raise httpx2.ConnectError("no network here", request=request)

    monkeypatch.setattr(httpx2.Client, "send", refuse)
    with pytest.raises(GenerationError, match="cannot be reached"):
        generators.create(name, None, KEY, None).text("x")
    assert asked[0].endswith((".openai.com", ".anthropic.com", ".googleapis.com"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), ("soon", None), ("", None), ("-1", None), ("²", None), ("9" * 400, 86_400)],
)
def test_a_wait_is_seconds(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds


def test_a_wait_is_a_date_too() -> None:
    date = datetime.now(UTC) + timedelta(seconds=60)
    assert retry_after({"retry-after": format_datetime(date, usegmt=True)}) == pytest.approx(60, abs=5)
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 -0000"}) == 0
    assert retry_after({"retry-after": "Wed, 21 Oct 2915 07:28:00 GMT"}) == 86_400
    assert retry_after({}) is None


def test_a_code_that_is_more_than_a_name_is_left_out() -> None:
    blame = Blame("OpenAI", "OPENAI_API_KEY")
    assert "(HTTP 400, bad_thing)" in str(blame.error("failed", status=400, code="bad_thing"))
    assert "(HTTP 400)." in str(blame.error("failed", status=400, code="my prompt"))
