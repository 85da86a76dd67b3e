"""What only OpenAI says; what every provider does is in test_adapters.py."""

import base64
import json

import pytest

from tracking import generators
from tracking.event import Tokens
from tracking.generators import AspectRatio, GenerationError, Generator

from .loopback import KEY, PROMPT, SSE, Loopback, body
from .openai_wire import OPENAI, delta, error, event, response, text

_PNG = b"\x89PNG\r\n\x1a\n and so on"
_USAGE = {
    "input_tokens": 14,
    "input_tokens_details": {"text_tokens": 14, "image_tokens": 0},
    "output_tokens": 1056,
    "output_tokens_details": {"text_tokens": 0, "image_tokens": 1056},
    "total_tokens": 1070,
}


@pytest.fixture
def adapter(loopback: Loopback) -> Generator:
    return generators.create("openai", None, KEY, loopback.url + OPENAI.path)


def _image(content: str, **values: object) -> bytes:
    return body({"created": 1713833628, "data": [{"b64_json": content}], **values})


_PICTURE = _image(base64.b64encode(_PNG).decode(), output_format="webp", usage=_USAGE)


def _fail(adapter: Generator) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        adapter.picture(PROMPT, "1:1")
    return caught.value


def _fail_stream(adapter: Generator) -> GenerationError:
    stream = adapter.stream(PROMPT)
    with pytest.raises(GenerationError) as caught:
        list(stream)
    return caught.value


def test_it_asks_for_a_text_that_is_not_kept(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(OPENAI.answer)
    adapter.text(PROMPT)
    assert loopback.heard[0].path == "/v1/responses"
    assert loopback.heard[0].headers["authorization"] == f"Bearer {KEY}"
    assert loopback.heard[0].body == {"model": "gpt-6-luna", "input": PROMPT, "store": False}


def test_a_picture_comes_with_what_was_counted(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(_PICTURE)
    picture = adapter.picture(PROMPT, "16:9")
    assert (picture.content, picture.media_type) == (_PNG, "image/webp")
    assert picture.tokens == Tokens(input=14, output=1056, image=1056)
    assert loopback.heard[0].path == "/v1/images/generations"
    assert loopback.heard[0].body == {
        "model": "gpt-image-2.5-flare",
        "prompt": PROMPT,
        "size": "1536x864",
        "n": 1,
    }


@pytest.mark.parametrize(
    ("model", "ratio", "size"),
    [
        ("gpt-image-2", "4:3", "1152x864"),
        ("gpt-image-2.6-flare", "9:16", "864x1536"),
        ("gpt-image-1.5", "1:1", "1024x1024"),
        ("gpt-image-1-mini", "16:9", "1536x1024"),
        ("chatgpt-image-latest", "3:4", "1024x1536"),
    ],
)
def test_each_model_gets_a_size_that_it_has(loopback: Loopback, model: str, ratio: AspectRatio, size: str) -> None:
    loopback.answers(_PICTURE)
    generators.create("openai", model, KEY, loopback.url + OPENAI.path).picture(PROMPT, ratio)
    assert (loopback.heard[0].body["model"], loopback.heard[0].body["size"]) == (model, size)


def test_what_is_not_counted_is_not_known(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(_image(base64.b64encode(_PNG).decode()))
    picture = adapter.picture(PROMPT, "1:1")
    assert (picture.media_type, picture.tokens) == ("image/png", Tokens())
    loopback.answers(body(response([text("Grüße")])))
    assert adapter.text(PROMPT).tokens == Tokens()
    loopback.answers(_image(base64.b64encode(_PNG).decode(), usage=_USAGE | {"output_tokens_details": None}))
    assert adapter.picture(PROMPT, "1:1").tokens == Tokens(input=14, output=1056)


def test_a_count_that_is_no_number_is_not_known(loopback: Loopback, adapter: Generator) -> None:
    usage: dict[str, object] = {
        "input_tokens": "14",
        "output_tokens": [1],
        "output_tokens_details": {"image_tokens": "1056"},
    }
    loopback.answers(_image(base64.b64encode(_PNG).decode(), usage=usage))
    assert adapter.picture(PROMPT, "1:1").tokens == Tokens()
    usage = {"input_tokens": 14, "output_tokens": 1.5, "output_tokens_details": {"reasoning_tokens": "2"}}
    loopback.answers(body(response([text("Grüße")], usage)))
    assert adapter.text(PROMPT).tokens == Tokens(input=14)


@pytest.mark.parametrize(
    "answer", [b"{}", b'{"data": []}', b'{"data": [{"url": "https://x.example/y.png"}]}', _image("no base 64!"), b"<p>"]
)
def test_an_answer_without_a_picture_has_failed(loopback: Loopback, adapter: Generator, answer: bytes) -> None:
    loopback.answers(answer)
    assert _fail(adapter).reason == "failed"


@pytest.mark.parametrize("code", ["moderation_blocked", "content_policy_violation"])
def test_a_picture_that_is_moderated_is_refused(loopback: Loopback, adapter: Generator, code: str) -> None:
    loopback.answers(error(f"Rejected: {PROMPT}", "image_generation_user_error", code), status=400)
    failure = _fail(adapter)
    assert failure.reason == "refused"
    assert str(failure).endswith(f"word the prompt differently (HTTP 400, {code}).")


def test_a_quota_that_is_used_up_is_a_limit(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(error("You exceeded your quota.", "insufficient_quota", "insufficient_quota"), status=429)
    assert _fail(adapter).reason == "rate-limited"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("rate_limit_exceeded", "rate-limited"),
        ("server_error", "unavailable"),
        ("invalid_prompt", "refused"),
        ("image_too_small", "failed"),
        (500, "failed"),  # a server that only speaks OpenAI's language may put a number there
    ],
)
def test_a_response_that_fails_says_why_and_what_it_used(
    loopback: Loopback, adapter: Generator, code: object, reason: str
) -> None:
    usage = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7}
    failed = response(status="failed", usage=usage, error={"code": code, "message": PROMPT})
    loopback.answers(delta("Grü", 0), event("response.failed", 1, response=failed), media_type=SSE)
    failure = _fail_stream(adapter)
    assert (failure.reason, failure.tokens) == (reason, Tokens(input=5, output=2))
    loopback.answers(body(failed))
    with pytest.raises(GenerationError) as caught:
        adapter.text(PROMPT)
    assert (caught.value.reason, caught.value.tokens) == (reason, Tokens(input=5, output=2))


def test_a_response_that_fails_without_a_reason_is_no_whole_one(loopback: Loopback, adapter: Generator) -> None:
    loopback.answers(delta("Grü", 0), event("response.failed", 1, response=response(status="failed")), media_type=SSE)
    assert _fail_stream(adapter).reason == "cut"


def test_a_text_that_was_completed_is_whole_whatever_else_cannot_be_read(
    loopback: Loopback, adapter: Generator
) -> None:
    completed = response(output=None)
    loopback.answers(delta("Grü", 0), event("response.completed", 1, response=completed), media_type=SSE)
    assert list(adapter.stream(PROMPT)) == ["Grü"]


def test_an_error_without_an_event_of_its_own_is_understood(loopback: Loopback, adapter: Generator) -> None:
    bare = b"data: " + error("Slow down.", "requests", "rate_limit_exceeded") + b"\n\n"
    loopback.answers(delta("Grü", 0), bare, media_type=SSE)
    assert _fail_stream(adapter).reason == "rate-limited"


@pytest.mark.parametrize("filtered", [True, False])
def test_a_text_that_ends_early_is_refused_only_when_it_was_filtered(
    loopback: Loopback, adapter: Generator, *, filtered: bool
) -> None:
    why = {"reason": "content_filter" if filtered else "max_output_tokens"}
    last = response([text("Grü")], json.loads(OPENAI.answer)["usage"], status="incomplete", incomplete_details=why)
    loopback.answers(delta("Grü", 0), event("response.incomplete", 1, response=last), media_type=SSE)
    if filtered:
        failure = _fail_stream(adapter)
        assert (failure.reason, failure.tokens) == ("refused", OPENAI.tokens)
    else:
        stream = adapter.stream(PROMPT)
        assert list(stream) == ["Grü"]
        assert stream.tokens == OPENAI.tokens
