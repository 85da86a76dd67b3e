"""An event: one generation, whether it worked or not, as the journal keeps it and MLflow gets it.

A request makes one, and a named tuple is made in half a frozen dataclass's time.
"""

import os
import time
from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["text", "image"]
Outcome = Literal["ok", "error", "cancelled"]


class Tokens(NamedTuple):
    """The tokens that a provider counted; None where it did not say, which is not 0.

    Args:
        input: All tokens of the input, those read from or written to a cache included.
        output: All tokens of the output, those of reasoning and of pictures included.
        cached_input: The input tokens that were read from a cache.
        cache_write: The input tokens that were written to a cache.
        reasoning: The output tokens that the model thought with.
        image: The output tokens that are pictures.
    """

    input: int | None = None
    output: int | None = None
    cached_input: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    image: int | None = None


class Event(NamedTuple):
    """One generation.

    Args:
        id: A UUIDv7, 32 hexadecimal digits: the order of ids is the order of time.
        time_ms: When it was accepted, in milliseconds since 1970, UTC.
        user: Who asked, as the settings let it be kept; None when they do not.
        kind: What was generated.
        provider: Who runs the model, such as openai.
        model: The model's name, as its provider spells it.
        prompt: What for, as the settings let it be kept; None when they do not.
        prompt_length: The prompt's length in characters, whatever is kept of the prompt.
        settings: What else the request set, such as aspect_ratio.
        processing_time_ms: How long it took, in milliseconds.
        time_to_first_token_ms: How long the first token took, in milliseconds; None when it was not streamed.
        tokens: What the provider counted.
        outcome: Whether it worked.
        error_class: The error's class when it did not.
    """

    id: str
    time_ms: int
    user: str | None
    kind: Kind
    provider: str
    model: str
    prompt: str | None
    prompt_length: int
    settings: Mapping[str, str]
    processing_time_ms: float
    time_to_first_token_ms: float | None = None
    tokens: Tokens = Tokens()
    outcome: Outcome = "ok"
    error_class: str | None = None


def new_id(time_ms: int) -> str:
    """Make a UUIDv7: 48 bits of time, then chance (RFC 9562, section 5.7).

    Args:
        time_ms: Milliseconds since 1970, UTC.

    Returns:
        32 hexadecimal digits.
    """
    chance = os.urandom(9).hex()
    return f"{time_ms:012x}7{chance[:3]}8{chance[3:]}"


def now_ms() -> int:
    """Return the time, in milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000
