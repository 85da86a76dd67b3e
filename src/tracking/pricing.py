"""What a generation cost, in US dollars: by the environment's prices, else by genai-prices', else unknown, never 0."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import get_args

from genai_prices import Usage, __version__, calc_price
from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseOr,
    ClauseStartsWith,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    PriceCalculation,
    StartDateConstraint,
    TieredPrices,
)

from tracking.event import Kind, Tokens

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLION = 1_000_000

# The counts of Tokens, and genai-prices' names for the same: of the count, and of its price for a million.
_UNITS = {
    "input": ("input_tokens", "input_mtok"),
    "output": ("output_tokens", "output_mtok"),
    "cached_input": ("cache_read_tokens", "cache_read_mtok"),
    "cache_write": ("cache_write_tokens", "cache_write_mtok"),
    "reasoning": ("output_reasoning_tokens", "output_reasoning_mtok"),
    "image": ("output_image_tokens", "output_image_mtok"),
}
# Which counts are parts of which; a part without a price of its own has its whole's.
_PARTS = {"input": ("cached_input", "cache_write"), "output": ("reasoning", "image")}

_OWN = "PRICE_"
_SUFFIXES = tuple(f"_{unit.upper()}" for unit in _UNITS)
_SHARED = {
    kind: {unit: f"{kind.upper()}_{unit.upper()}_TOKEN_COST_PER_MILLION" for unit in _PARTS} for kind in get_args(Kind)
}

# What may follow a model's name and leave it the same model: a date, a revision, or one of these words.
_STAGES = "latest|preview|exp|instruct"
_VERSION = re.compile(rf"(\d{{2,}})?([-@]\d{{2,}}|-v\d+|[.:]\d+|-({_STAGES}))*")


@dataclass(frozen=True, slots=True)
class Price:
    """What one generation cost.

    Args:
        usd: The cost, in US dollars; None when it is unknown, which is not 0.
        source: Whose prices were used: environment, genai-prices or unknown.
        date: When these prices held. The environment's: the event's day, UTC. genai-prices': the library's version, as
            in "0.2.3", and, where it knows since when a price holds, that day, as in "0.2.3, since 2026-08-17".
        per_million: The prices, in US dollars for a million tokens, by input, output, cached_input, cache_write,
            reasoning and image; of prices that depend on the input's length, those that its length led to. A part
            that is not named cost what its whole costs. genai-prices' cost may hold a fee for the request beside them.
        reason: Why the cost is unknown.
    """

    usd: Decimal | None
    source: str
    date: str | None
    per_million: Mapping[str, Decimal]
    reason: str | None = None


class _UnknownPriceError(Exception):
    """The cost cannot be known; the message says why."""


class PriceList:
    """Prices a generation.

    A model's own prices are `PRICE_<PROVIDER>_<MODEL>_INPUT`, `_OUTPUT`, and, where they differ from these two,
    `_CACHED_INPUT`, `_CACHE_WRITE`, `_REASONING` and `_IMAGE`. Both names are in upper case, with one underscore for
    each run of other characters than letters and digits: `PRICE_OPENAI_GPT_4O_MINI_INPUT`.

    Args:
        environment: The environment's variables. Prices are US dollars for a million tokens; an empty one is not set.

    Raises:
        ValueError: A price is no number of 0 or more, or a model's prices lack that of its input or output.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._prices = {name: _read(name, value) for name, value in environment.items() if value and _is_price(name)}
        for name in self._prices:
            if name.startswith(_OWN) and not self._is_complete(name):
                raise ValueError(f"{name}: a model's prices need both, that of its input and that of its output.")

    def price(self, kind: Kind, provider: str, model: str, tokens: Tokens, time_ms: int) -> Price:
        """Price a generation; this never fails, whatever the event holds.

        Args:
            kind: What was generated.
            provider: Who runs the model.
            model: The model's name, as its provider spells it.
            tokens: What the provider counted; no count of a part means that there was none of it, but for a picture,
                whose output is the picture.
            time_ms: When it was, in milliseconds since 1970, UTC.

        Returns:
            The price. A model's own price in the environment comes first, then the environment's for all models of
            this kind, then genai-prices' for this provider, model and date.
        """
        try:
            counts = _count(kind, tokens)
            time = _EPOCH + timedelta(milliseconds=time_ms)
            per_million = self._set(kind, provider, model)
            if not per_million:
                return _listed(provider, model, counts, time)
            _require(per_million, counts, "the environment")
            return Price(_cost(per_million, counts), "environment", time.date().isoformat(), per_million)
        except _UnknownPriceError as unknown:
            reason = str(unknown)
        except (ArithmeticError, TypeError, ValueError):
            reason = "a count, a price or the time is none, or too large, to reckon with"
        return Price(None, "unknown", None, {}, reason)

    def _is_complete(self, name: str) -> bool:
        """Whether a name belongs to a model with both prices; FOO_CACHED_INPUT may be foo's or foo-cached's."""
        models = (name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix))
        return any({f"{model}_INPUT", f"{model}_OUTPUT"} <= self._prices.keys() for model in models)

    def _set(self, kind: Kind, provider: str, model: str) -> dict[str, Decimal]:
        """Return the environment's prices for a model, which may lack one, or none."""
        own = self._find({unit: f"{_OWN}{_spell(provider)}_{_spell(model)}_{unit.upper()}" for unit in _UNITS})
        if _PARTS.keys() <= own.keys():
            return own
        return self._find(_SHARED[kind])

    def _find(self, names: Mapping[str, str]) -> dict[str, Decimal]:
        return {unit: self._prices[name] for unit, name in names.items() if name in self._prices}


def _is_price(name: str) -> bool:
    # A provider, a model and a suffix follow: PRICE_LIST_INPUT is somebody else's.
    own = name.startswith(_OWN) and name.endswith(_SUFFIXES) and name.count("_") > 2  # noqa: PLR2004
    return own or any(name in shared.values() for shared in _SHARED.values())


def _read(name: str, value: str) -> Decimal:
    try:
        price = Decimal(value)
    except InvalidOperation:
        price = Decimal("NaN")
    if price.is_finite() and price >= 0:
        return price
    # The value itself is left out: it may be a secret that landed in the wrong place.
    raise ValueError(f"{name}: must be US dollars for a million tokens, a number of 0 or more.")


def _spell(name: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", name.upper())


def _count(kind: Kind, tokens: Tokens) -> dict[str, int]:
    for whole in _PARTS:
        if getattr(tokens, whole) is None:
            raise _UnknownPriceError(f"the provider gave no {whole} tokens")
    given = {unit: getattr(tokens, unit) for unit in _UNITS}
    if any(type(count) is not int for count in given.values() if count is not None):
        raise _UnknownPriceError("the provider gave a count of tokens that is no whole number")
    counts: dict[str, int] = {unit: count or 0 for unit, count in given.items()}
    if kind == "image" and tokens.image is None:  # what a picture model puts out, and does not think, is the picture
        counts["image"] = max(counts["output"] - counts["reasoning"], 0)
    if min(counts.values()) < 0:
        raise _UnknownPriceError("the provider gave a negative count of tokens")
    for whole, parts in _PARTS.items():
        if sum(counts[part] for part in parts) > counts[whole]:
            raise _UnknownPriceError(f"the provider gave fewer {whole} tokens than their parts make")
    return counts


def _require(per_million: Mapping[str, Decimal], counts: Mapping[str, int], source: str) -> None:
    for whole in _PARTS:
        if counts[whole] and whole not in per_million:
            raise _UnknownPriceError(f"{source} has no price for {whole} tokens")


def _cost(per_million: Mapping[str, Decimal], counts: Mapping[str, int]) -> Decimal:
    total = Decimal(0)
    for whole, parts in _PARTS.items():
        price = per_million.get(whole, Decimal(0))  # it lacks only where there is nothing to price
        total += price * (counts[whole] - sum(counts[part] for part in parts))
        total += sum(per_million.get(part, price) * counts[part] for part in parts)
    return total / _MILLION


def _listed(provider: str, model: str, counts: Mapping[str, int], time: datetime) -> Price:
    usage = Usage(**{count: counts[unit] for unit, (count, _) in _UNITS.items()})
    unlisted = f"no price for {provider} {model}"
    try:
        found = calc_price(usage, model, provider_id=provider, genai_request_timestamp=time)
    except (LookupError, ValueError):
        raise _UnknownPriceError(unlisted) from None
    if not _is_meant(found, provider.lower().strip(), model.lower()):
        raise _UnknownPriceError(unlisted)
    per_million = _per_million(found.model_price, counts["input"])
    if not per_million:  # as of models that cost nothing for now, or that are not priced by tokens
        raise _UnknownPriceError(unlisted)
    _require(per_million, counts, "genai-prices")
    since = _since(found.model, found.model_price)
    return Price(found.total_price, "genai-prices", __version__ + since, per_million)


def _is_meant(found: PriceCalculation, provider: str, model: str) -> bool:
    """Whether what genai-prices found is what was asked for, and not only alike.

    Many of its rules take every name that starts with, or contains, some text: claude-haiku-4-5-fast would have the
    price of claude-haiku-4-5, and not-openai that of openai.
    """
    same_provider = provider == found.provider.id or (
        found.provider.provider_match is not None and _is_plain(found.provider.provider_match, provider)
    )
    same_model = (
        model == found.model.id.lower()
        or not found.model.is_match(model)  # found with its date spelled otherwise: no loose rule was used
        or model.startswith("ft:")  # a fine-tuned model's name ends in its owner's own words
        or _is_plain(found.model.match, model)
    )
    return same_provider and same_model


def _is_plain(rule: MatchLogic, name: str) -> bool:
    """Whether a rule matches a name by no more than a path before it and a version behind it."""
    match rule:
        case ClauseOr(or_=rules):
            return any(_is_plain(each, name) for each in rules)
        case ClauseAnd(and_=rules):
            return all(_is_plain(each, name) for each in rules)
        case ClauseStartsWith(starts_with=text) | ClauseEndsWith(ends_with=text) | ClauseContains(contains=text):
            before, found, after = name.partition(text.lower())
            return bool(found and (not before or before[-1] in "/.:") and _VERSION.fullmatch(after))
    return rule.is_match(name)


def _per_million(prices: ModelPrice, input_tokens: int) -> dict[str, Decimal]:
    found = {unit: getattr(prices, key) for unit, (_, key) in _UNITS.items()}
    return {unit: _tier(price, input_tokens) for unit, price in found.items() if price is not None}


def _tier(price: Decimal | TieredPrices, input_tokens: int) -> Decimal:
    """Return the price that an input of some length leads to, as genai-prices does: for all of its tokens."""
    if isinstance(price, Decimal):
        return price
    return next((tier.price for tier in reversed(price.tiers) if input_tokens > tier.start), price.base)


def _since(model: ModelInfo, used: ModelPrice) -> str:
    for each in model.prices if isinstance(model.prices, list) else ():
        if each.prices is used and isinstance(each.constraint, StartDateConstraint):
            return f", since {each.constraint.start_date.isoformat()}"
    return ""
