"""What only Anthropic says; what every provider does is in test_adapters.py."""

import pytest

from tracking import generators
from tracking.event import Tokens
from tracking.generators import GenerationError, Generator

from .anthropic_wire import ANTHROPIC, delta, end, error, event, message
from .loopback import KEY, PROMPT, SSE, Loopback, body


@pytest.fixture
def adapter(loopback: Loopback) -> Generator:
    return generators.create("anthropic", None, KEY, loopback.url)


def _text(usage: object) -> bytes:
    return body(message([{"type": "text", "text": "Grüße"}], usage, "end_turn"))


def test_it_asks_for_a_text(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(ANTHROPIC.answer)
    adapter.text(PROMPT)
    assert loopback.heard[0].path == "/v1/messages"
    assert loopback.heard[0].headers["authorization"] == f"Bearer {KEY}"
    asked = {"model": "claude-sonnet-5-5", "max_tokens": 16_000, "messages": [{"role": "user", "content": PROMPT}]}
    assert loopback.heard[0].body == asked


def test_it_has_no_pictures_and_says_who_has(loopback: Loopback, adapter: Generator) -> None:
    with pytest.raises(GenerationError) as caught:
        adapter.picture(PROMPT, "1:1")
    assert caught.value.reason == "unsupported"
    assert str(caught.value) == ("Anthropic has no image model: set GENERATOR to gemini, openai or local for pictures.")
    assert adapter.image_model is None
    assert loopback.heard == []


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"input_tokens": 5, "output_tokens": 2}, Tokens(input=5, output=2)),
        (
            {"input_tokens": 5, "cache_read_input_tokens": 0, "cache_creation_input_tokens": None, "output_tokens": 2},
            Tokens(input=5, output=2, cached_input=0),
        ),
        ({"input_tokens": "5", "output_tokens": [2]}, Tokens()),
        ({"input_tokens": {}, "output_tokens": 1.5}, Tokens()),
        (None, Tokens()),
    ],
)
def test_what_is_not_counted_is_not_known(
    loopback: Loopback, adapter: Generator, usage: object, tokens: Tokens
) -> None:
    loopback.answers(_text(usage))
    assert adapter.text(PROMPT).tokens == tokens


@pytest.mark.parametrize("usage", [{"input_tokens": {}}, {"input_tokens": "5", "output_tokens": None}, {}])
def test_counts_of_a_stream_that_are_none_are_not_known(loopback: Loopback, adapter: Generator, usage: object) -> None:
    begin = event("message_start", message=message([], usage, None))
    loopback.answers(begin, *ANTHROPIC.events[1:], media_type=SSE)
    stream = adapter.stream(PROMPT)
    assert "".join(stream) == "Grüße, 夜 🌊"
    assert stream.tokens == Tokens(output=90, reasoning=60)


def test_the_totals_at_a_streams_end_replace_those_at_its_start(loopback: Loopback, adapter: Generator) -> None:
    start = {"input_tokens": 11, "cache_read_input_tokens": 1000, "output_tokens": 3}
    totals = {"input_tokens": 50, "output_tokens": 90}
    loopback.answers(
        event("message_start", message=message([], start, None)),
        delta("Grüße"),
        end("end_turn", {"output_tokens": 40}),
        end("end_turn", totals),
        event("message_stop"),
        media_type=SSE,
    )
    stream = adapter.stream(PROMPT)
    assert list(stream) == ["Grüße"]
    assert stream.tokens == Tokens(input=1050, output=90, cached_input=1000)


def test_a_text_that_is_too_long_is_what_came(loopback: Loopback, adapter: Generator) -> None:
    usage = {"input_tokens": 5, "output_tokens": 16_000}
    loopback.answers(body(message([{"type": "text", "text": "Grü"}], usage, "max_tokens")))
    assert adapter.text(PROMPT).content == "Grü"


def test_a_text_that_is_filtered_is_refused(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(error("invalid_request_error", "Output blocked by content filtering policy"), status=400)
    with pytest.raises(GenerationError) as caught:
        adapter.text(PROMPT)
    assert caught.value.reason == "refused"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("rate_limit_error", "rate-limited"), ("timeout_error", "timeout"), ("billing_error", "unauthorized")],
)
def test_an_error_in_a_stream_is_known_by_its_type(
    loopback: Loopback, adapter: Generator, kind: str, reason: str
) -> None:
    loopback.answers(event("error", error={"type": kind, "message": PROMPT}), media_type=SSE)
    stream = adapter.stream(PROMPT)
    with pytest.raises(GenerationError) as caught:
        list(stream)
    assert caught.value.reason == reason
    assert kind in str(caught.value)
    assert "HTTP" not in str(caught.value)
