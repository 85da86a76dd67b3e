"""What only Gemini says; what every provider does is in test_adapters.py."""

import base64
import json

import pytest

from tracking import generators
from tracking.event import Tokens
from tracking.generators import GenerationError, Generator

from .gemini_wire import GEMINI, answer, error
from .loopback import KEY, PROMPT, SSE, Loopback, body, sse

_PNG = b"\x89PNG\r\n\x1a\n and so on"
_USAGE = {
    "promptTokenCount": 9,
    "candidatesTokenCount": 1290,
    "thoughtsTokenCount": 30,
    "totalTokenCount": 1329,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
}
_TOKENS = Tokens(input=9, output=1320, reasoning=30, image=1290)


@pytest.fixture
def adapter(loopback: Loopback) -> Generator:
    return generators.create("gemini", None, KEY, loopback.url)


def _drawn(content: bytes, **values: object) -> dict[str, object]:
    return {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(content).decode()}, **values}


def _fail(adapter: Generator) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        adapter.picture(PROMPT, "1:1")
    return caught.value


def test_it_asks_for_a_text(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(GEMINI.answer)
    adapter.text(PROMPT)
    assert loopback.heard[0].path == "/v1/models/gemini-3.8-flash:generateContent"
    assert loopback.heard[0].headers["x-goog-api-key"] == KEY
    assert loopback.heard[0].body["contents"] == [{"parts": [{"text": PROMPT}], "role": "user"}]


def test_a_picture_is_the_one_that_is_no_draft(loopback: Loopback, adapter: Generator) -> None:
    parts: list[dict[str, object]] = [_drawn(b"a draft", thought=True), {"text": "Here it is."}, _drawn(_PNG)]
    loopback.answers(body(answer(parts, _USAGE, "STOP")))
    picture = adapter.picture(PROMPT, "16:9")
    assert (picture.content, picture.media_type, picture.tokens) == (_PNG, "image/png", _TOKENS)
    assert loopback.heard[0].path == "/v1/models/gemini-nano-banana-2.1:generateContent"
    config = loopback.heard[0].body["generationConfig"]
    assert config == {"responseModalities": ["IMAGE"], "imageConfig": {"aspectRatio": "16:9"}}


@pytest.mark.parametrize("finish", ["IMAGE_SAFETY", "PROHIBITED_CONTENT", "NO_IMAGE", "STOP"])
def test_a_model_that_will_not_draw_refuses(loopback: Loopback, adapter: Generator, finish: str) -> None:
    loopback.answers(body(answer([{"text": f"I will not draw {PROMPT}."}], _USAGE, finish)))
    failure = _fail(adapter)
    assert (failure.reason, failure.tokens) == ("refused", _TOKENS)


def test_nothing_at_all_has_failed(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(body({"usageMetadata": _USAGE}))
    failure = _fail(adapter)
    assert (failure.reason, failure.tokens) == ("failed", _TOKENS)


def test_what_is_not_counted_is_not_known(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(body(answer([_drawn(_PNG)], None, "STOP")))
    assert adapter.picture(PROMPT, "1:1").tokens == Tokens()


def test_the_answer_says_how_long_to_wait(loopback: Loopback, adapter: Generator) -> None:
    wait: dict[str, object] = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}
    loopback.answers(error(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", wait), status=429)
    failure = _fail(adapter)
    assert (failure.reason, failure.retry_after) == ("rate-limited", 34.07)
    assert "in 35 seconds" in str(failure)


@pytest.mark.parametrize(("status", "reason"), [(429, "rate-limited"), (503, "unavailable")])
def test_a_gateways_error_in_another_form_is_told_by_its_status(
    loopback: Loopback, adapter: Generator, status: int, reason: str
) -> None:
    body = json.dumps({"title": "no", "status": status}).encode()  # RFC 9457
    loopback.answers(body, status=status, headers={"Retry-After": "7"})
    failure = _fail(adapter)
    assert (failure.reason, failure.retry_after) == (reason, 7)
    assert f"(HTTP {status})" in str(failure)


def test_a_stream_that_is_filtered_is_refused(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(GEMINI.events[1], sse(answer([], _USAGE, "SAFETY")), media_type=SSE)
    stream = adapter.stream(PROMPT)
    with pytest.raises(GenerationError) as caught:
        list(stream)
    assert (caught.value.reason, caught.value.tokens) == ("refused", _TOKENS)


def test_a_piece_that_counts_nothing_changes_no_count(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(sse(answer([{"text": "Grüße"}], _USAGE)), sse(answer([], None, "STOP")), media_type=SSE)
    stream = adapter.stream(PROMPT)
    assert list(stream) == ["Grüße"]
    assert stream.tokens == _TOKENS


def test_a_broken_stream_is_not_gone_on_with(loopback: Loopback, adapter: Generator) -> None:
    # The SDK would ask again, from the token on, and count both requests as one.
    piece = answer([{"text": "Grüße"}], _USAGE)
    piece["candidates"] = [{"content": {"parts": [{"text": "Grüße"}]}, "continuationToken": "YWJj"}]
    loopback.answers(sse(piece), media_type=SSE, ending="cut")
    stream = adapter.stream(PROMPT)
    with pytest.raises(GenerationError) as caught:
        list(stream)
    assert (caught.value.reason, caught.value.tokens) == ("cut", _TOKENS)
    assert len(loopback.heard) == 1
