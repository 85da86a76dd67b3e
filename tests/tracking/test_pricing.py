import math
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import genai_prices
import pytest
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from tracking.event import Kind, Tokens
from tracking.pricing import Price, PriceList

_DATA = tomllib.loads((Path(__file__).parent / "data" / "published_prices.toml").read_text())
_EXAMPLES: list[dict[str, Any]] = _DATA["example"]
_NOON = int(datetime(2025, 11, 1, 12, tzinfo=UTC).timestamp() * 1000)
_MILLION = Tokens(input=1_000_000, output=1_000_000)
_TEXT = {"TEXT_INPUT_TOKEN_COST_PER_MILLION": "3", "TEXT_OUTPUT_TOKEN_COST_PER_MILLION": "4"}
_IMAGE = {"IMAGE_INPUT_TOKEN_COST_PER_MILLION": "5", "IMAGE_OUTPUT_TOKEN_COST_PER_MILLION": "6"}
_ODD: list[Any] = ["", "12", [1], {}, False, True, 0.0, 1.5, math.nan]
_NO_NUMBER = "a count of tokens that is no whole number"
_OWN = {"PRICE_OPENAI_GPT_4O_MINI_INPUT": "1", "PRICE_OPENAI_GPT_4O_MINI_OUTPUT": "2"}


def _price(
    environment: dict[str, str] | None = None,
    *,
    kind: Kind = "text",
    who: tuple[str, str] = ("openai", "gpt-4o-mini"),
    tokens: Tokens = _MILLION,
    time_ms: int = _NOON,
) -> Price:
    return PriceList(environment or {}).price(kind, *who, tokens, time_ms)


def _price_example(example: dict[str, Any], environment: dict[str, str] | None = None) -> Price:
    who = example["provider"], example["model"]
    time_ms = int(example["time"].timestamp() * 1000)
    return _price(environment, who=who, tokens=Tokens(**example["tokens"]), time_ms=time_ms)


def _as_environment(example: dict[str, Any]) -> dict[str, str]:
    name = f"{example['provider']}_{example['model']}".upper().replace("-", "_").replace(".", "_")
    prices = example["per_million"]
    # A page that prices pictures alone prices the whole output of a model that gives nothing else.
    prices = {"output": prices["image"]} | prices if "image" in prices else prices
    return {f"PRICE_{name}_{unit.upper()}": price for unit, price in prices.items()}


def test_there_are_examples_enough_of_four_providers() -> None:
    assert len(_EXAMPLES) >= 20
    assert {example["provider"] for example in _EXAMPLES} == {"google", "openai", "anthropic", "deepseek"}
    counted = {unit for example in _EXAMPLES for unit in example["tokens"]}
    assert counted == {"input", "output", "cached_input", "cache_write", "reasoning", "image"}


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: example["name"])
def test_genai_prices_gives_the_published_cost(example: dict[str, Any]) -> None:
    priced = _price_example(example)
    expected = example.get("genai_prices", example["usd"])
    assert priced.usd == (None if expected == "unknown" else Decimal(expected))


@pytest.mark.parametrize(
    "example", [each for each in _EXAMPLES if "genai_prices" not in each], ids=lambda example: example["name"]
)
def test_the_prices_used_are_the_published_ones(example: dict[str, Any]) -> None:
    used = _price_example(example).per_million
    published = {unit: Decimal(price) for unit, price in example["per_million"].items()}
    # A part without a price of its own has its whole's.
    assert {unit: used.get(unit, used["output"]) for unit in published} == published


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: example["name"])
def test_the_environments_prices_give_the_published_cost(example: dict[str, Any]) -> None:
    priced = _price_example(example, _as_environment(example))
    assert priced.usd == Decimal(example["usd"])
    assert priced.source == "environment"
    assert priced.date == example["time"].date().isoformat()


def test_a_models_own_prices_come_first() -> None:
    priced = _price(_OWN | _TEXT | _IMAGE)
    assert priced == Price(
        Decimal(3), "environment", "2025-11-01", {"input": Decimal(1), "output": Decimal(2)}, reason=None
    )


def test_the_prices_for_all_models_of_a_kind_come_next() -> None:
    assert _price(_TEXT | _IMAGE).usd == 7
    assert _price(_TEXT | _IMAGE, kind="image").usd == 11


def test_genai_prices_come_last() -> None:
    priced = _price(_IMAGE)
    assert priced.usd == Decimal("0.75")
    assert priced.source == "genai-prices"
    assert priced.date == genai_prices.__version__
    published = {"input": Decimal("0.15"), "output": Decimal("0.6"), "cached_input": Decimal("0.075")}
    assert priced.per_million == published


def test_the_day_since_when_a_price_holds_is_told() -> None:
    assert _price(who=("openai", "o3")).date == f"{genai_prices.__version__}, since 2025-06-10"
    assert _price(who=("openai", "o3"), time_ms=0).date == genai_prices.__version__


def test_an_empty_price_is_not_set() -> None:
    assert _price(dict.fromkeys(_OWN, "")).source == "genai-prices"


def test_a_price_of_0_is_a_price() -> None:
    assert _price(dict.fromkeys(_TEXT, "0")).usd == 0


def test_other_variables_are_left_alone() -> None:
    assert _price({"PATH": "/bin", "PRICE_INPUT": "much", "PRICE_FEED_URL": "there"}).source == "genai-prices"


def test_one_of_the_pair_prices_only_what_it_can() -> None:
    only_output = {"TEXT_OUTPUT_TOKEN_COST_PER_MILLION": "4"}
    assert _price(only_output, tokens=Tokens(input=0, output=1_000_000)).usd == 4
    assert _price(only_output).reason == "the environment has no price for input tokens"


def test_parts_cost_what_their_whole_costs_when_they_have_no_price_of_their_own() -> None:
    tokens = Tokens(1_000_000, 1_000_000, cached_input=300_000, cache_write=200_000, reasoning=400_000, image=600_000)
    assert _price(_OWN, tokens=tokens).usd == 3


def test_parts_have_their_own_prices() -> None:
    own = {"CACHED_INPUT": "0.1", "CACHE_WRITE": "10", "REASONING": "100", "IMAGE": "1000"}
    environment = _OWN | {f"PRICE_OPENAI_GPT_4O_MINI_{unit}": price for unit, price in own.items()}
    tokens = Tokens(1_000_000, 1_000_000, cached_input=300_000, cache_write=200_000, reasoning=400_000, image=500_000)
    assert _price(environment, tokens=tokens).usd == Decimal("0.5") + Decimal("0.03") + 2 + Decimal("0.2") + 40 + 500


def test_a_price_of_foo_cached_is_not_one_of_foo() -> None:
    environment = {"PRICE_LOCAL_FOO_CACHED_INPUT": "1", "PRICE_LOCAL_FOO_CACHED_OUTPUT": "2"}
    assert _price(environment, who=("local", "foo-cached")).usd == 3
    assert _price(environment, who=("local", "foo")).usd is None


@pytest.mark.parametrize("name", [*_TEXT, *_IMAGE, *_OWN])
@pytest.mark.parametrize("value", ["cheap", "-1", "inf", "nan", "snan", " "])
def test_a_wrong_price_is_told_by_its_name_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: must be .* a number of 0 or more.$") as told:
        PriceList(_OWN | {name: value})
    assert value.strip() == "" or value not in str(told.value).removeprefix(name)


@pytest.mark.parametrize(
    "names",
    [
        ["PRICE_OPENAI_GPT_4O_INPUT"],
        ["PRICE_OPENAI_GPT_4O_OUTPUT"],
        ["PRICE_OPENAI_GPT_4O_IMAGE"],
        ["PRICE_OPENAI_GPT_4O_INPUT", "PRICE_OPENAI_GPT_4O_CACHED_INPUT"],
    ],
)
def test_a_models_prices_are_complete(names: list[str]) -> None:
    with pytest.raises(ValueError, match=f"^{names[0]}: a model's prices need both"):
        PriceList(dict.fromkeys(names, "1"))


@pytest.mark.parametrize("who", _DATA["names"]["unlisted"])
def test_a_model_that_is_not_listed_is_unknown(who: tuple[str, str]) -> None:
    assert _price(who=who) == Price(None, "unknown", None, {}, f"no price for {who[0]} {who[1]}")


@pytest.mark.parametrize(("provider", "model", "usd"), _DATA["names"]["listed"])
def test_a_listed_model_is_known_by_its_versions_too(provider: str, model: str, usd: str) -> None:
    assert _price(who=(provider, model)).usd == Decimal(usd)


def test_every_model_is_known_by_its_listed_name() -> None:
    reasons = {
        _price(who=(group.id, model.id), tokens=Tokens(input=1, output=0)).reason
        for group in providers
        for model in group.models
        if group.find_model(model.id) is model and "input_mtok" in repr(model.prices)
    }
    assert reasons == {None}


@pytest.mark.parametrize(
    "who", [("google", "gemma-3-27b-it"), ("github-copilot", "gpt-4o"), ("openai", "omni-moderation")]
)
def test_a_model_with_no_prices_is_unknown_and_not_free(who: tuple[str, str]) -> None:
    assert _price(who=who).usd is None


def test_a_model_that_has_a_price_for_its_input_alone_has_none_for_output() -> None:
    assert _price(who=("openai", "text-embedding-3-small"), tokens=Tokens(1_000_000, 0)).usd == Decimal("0.02")
    assert _price(who=("openai", "text-embedding-3-small")).reason == "genai-prices has no price for output tokens"


@pytest.mark.parametrize("environment", [{}, _TEXT, _OWN])
@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        (Tokens(), "no input tokens"),
        (Tokens(input=1), "no output tokens"),
        (Tokens(input=-1, output=1), "a negative count of tokens"),
        (Tokens(input=1, output=1, reasoning=-1), "a negative count of tokens"),
        (Tokens(input=1, output=1, cached_input=2), "fewer input tokens than their parts make"),
        (Tokens(input=3, output=1, cached_input=2, cache_write=2), "fewer input tokens than their parts make"),
        (Tokens(input=1, output=3, reasoning=2, image=2), "fewer output tokens than their parts make"),
        *((Tokens(1, 1, cached_input=odd), _NO_NUMBER) for odd in _ODD),
    ],
)
def test_counts_that_lack_or_contradict_are_unknown(environment: dict[str, str], tokens: Tokens, reason: str) -> None:
    assert _price(environment, tokens=tokens) == Price(None, "unknown", None, {}, f"the provider gave {reason}")


def test_what_is_too_large_is_unknown() -> None:
    reason = "a count, a price or the time is none, or too large, to reckon with"
    assert _price(_TEXT | {"TEXT_INPUT_TOKEN_COST_PER_MILLION": "9e999999"}).reason == reason
    assert _price(time_ms=10**30).reason == reason


def test_no_tokens_of_a_listed_model_cost_0() -> None:
    assert _price(tokens=Tokens(0, 0)).usd == 0


# What holds for all.

_COUNT = st.integers(min_value=0, max_value=10**9)


@st.composite
def _tokens(draw: st.DrawFn) -> Tokens:
    parts = {unit: draw(st.none() | _COUNT) for unit in ("cached_input", "cache_write", "reasoning", "image")}
    return Tokens(
        input=draw(_COUNT) + (parts["cached_input"] or 0) + (parts["cache_write"] or 0),
        output=draw(_COUNT) + (parts["reasoning"] or 0) + (parts["image"] or 0),
        **parts,
    )


def _sum(left: Tokens, right: Tokens) -> Tokens:
    names = Tokens._fields
    return Tokens(**{name: (getattr(left, name) or 0) + (getattr(right, name) or 0) for name in names})


@pytest.mark.parametrize(
    ("environment", "who"),
    [
        (_TEXT, ("local", "demo")),
        ({}, ("openai", "gpt-4o-mini")),
        ({}, ("google", "gemini-3-pro-image")),
        ({}, ("anthropic", "claude-opus-4-1")),
    ],
)
@given(left=_tokens(), right=_tokens())
def test_the_cost_of_both_is_the_sum_of_each(
    environment: dict[str, str], who: tuple[str, str], left: Tokens, right: Tokens
) -> None:
    one, other, both = (_price(environment, who=who, tokens=each).usd for each in (left, right, _sum(left, right)))
    assert one is not None
    assert other is not None
    assert one + other == both
    assert min(one, other) >= 0


@given(
    kind=st.sampled_from(get_args(Kind)),
    who=st.sampled_from([("openai", "gpt-4o"), ("anthropic", "claude-haiku-5-5"), ("google", "gemini-3-pro-image")])
    | st.tuples(st.sampled_from(["openai", "google", "perplexity"]) | st.text(), st.text()),
    tokens=_tokens() | st.builds(Tokens, *[st.none() | st.integers()] * len(Tokens._fields)),
    time_ms=st.integers(0, 2**42) | st.integers(),
    environment=st.sampled_from([{}, _TEXT, _IMAGE, _OWN]),
)
def test_whatever_comes_is_priced_or_unknown(
    kind: Kind, who: tuple[str, str], tokens: Tokens, time_ms: int, environment: dict[str, str]
) -> None:
    priced = _price(environment, kind=kind, who=who, tokens=tokens, time_ms=time_ms)
    if priced.usd is None:
        assert (priced.source, priced.date, priced.per_million) == ("unknown", None, {})
        assert priced.reason
    else:
        assert type(priced.usd) is Decimal
        assert priced.usd >= 0
        assert priced.usd > 0 or not (tokens.input or tokens.output)
        assert priced.source in {"environment", "genai-prices"}
        assert priced.date
        assert priced.per_million
        assert priced.reason is None
