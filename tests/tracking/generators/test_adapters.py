"""What every provider's adapter does, each against its own wire format."""

import gc
import logging
import socket
from collections.abc import Callable
from functools import partial

import pytest

from tracking import generators
from tracking.event import Tokens
from tracking.generators import GenerationError, Generator

from ..journal.reading import until
from .anthropic_wire import ANTHROPIC
from .gemini_wire import GEMINI
from .loopback import KEY, PROMPT, SSE, Loopback, Wire
from .openai_wire import OPENAI

WIRES = (ANTHROPIC, GEMINI, OPENAI)

Make = Callable[..., Generator]


@pytest.fixture(params=WIRES, ids=lambda wire: wire.name)
def wire(request: pytest.FixtureRequest) -> Wire:
    found: Wire = request.param
    return found


@pytest.fixture
def make(loopback: Loopback, wire: Wire) -> Make:
    def adapter(timeout: float = 30.0) -> Generator:
        return generators.create(wire.name, None, KEY, loopback.url + wire.path, timeout)

    return adapter


def _fail(call: Callable[[], object]) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        call()
    error = caught.value
    for word in (str(error), repr(error)):
        assert KEY not in word
        assert PROMPT not in word
    # What a log would show: no trace of the SDK's error, which may have both.
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert str(error).endswith(".")
    return error


def test_a_text_comes_with_what_the_provider_counted(loopback: Loopback, wire: Wire, make: Make) -> None:
    loopback.answers(wire.answer)
    answer = make().text(PROMPT)
    assert answer.content == "Grüße, 夜 🌊"
    assert answer.tokens == wire.tokens
    assert PROMPT in str(loopback.heard[0].body)


def test_a_stream_counts_all_when_it_has_ended(loopback: Loopback, wire: Wire, make: Make) -> None:
    loopback.answers(*wire.events, media_type=SSE)
    with make().stream(PROMPT) as stream:
        assert stream.tokens == Tokens()
        assert list(stream) == ["Grüße, ", "夜 🌊"]
    assert stream.tokens == wire.tokens


def test_characters_may_be_split_between_packets(loopback: Loopback, wire: Wire, make: Make) -> None:
    whole = b"".join(wire.events)
    loopback.answers(*(whole[at : at + 7] for at in range(0, len(whole), 7)), media_type=SSE)
    assert "".join(make().stream(PROMPT)) == "Grüße, 夜 🌊"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "failed"),
        (401, "unauthorized"),
        (404, "failed"),
        (429, "rate-limited"),
        (500, "unavailable"),
        (503, "unavailable"),
        (529, "unavailable"),
    ],
)
def test_an_error_is_raised_by_its_reason_and_asked_once(
    loopback: Loopback, wire: Wire, make: Make, status: int, reason: str
) -> None:
    body = wire.errors.get(status, b"upstream connect error")
    sent = 400 if status == 401 and wire.name == "gemini" else status
    loopback.answers(body, status=sent)
    for number, call in enumerate((make().text, make().stream), 1):
        error = _fail(partial(call, PROMPT))
        assert error.reason == reason
        assert f"HTTP {sent}" in str(error)
        assert error.retry_after is None
        assert error.tokens == Tokens()
        assert len(loopback.heard) == number


@pytest.mark.parametrize("method", ["text", "stream"])
def test_a_rate_limit_says_how_long_to_wait(loopback: Loopback, wire: Wire, make: Make, method: str) -> None:
    loopback.answers(wire.errors[429], status=429, headers={"Retry-After": "17"})
    error = _fail(lambda: getattr(make(), method)(PROMPT))
    assert error.retry_after == 17
    assert "in 17 seconds" in str(error)
    assert len(loopback.heard) == 1


def test_a_refusal_has_its_tokens(loopback: Loopback, wire: Wire, make: Make) -> None:
    loopback.answers(wire.refusal)
    error = _fail(lambda: make().text(PROMPT))
    assert error.reason == "refused"
    assert error.tokens.input == wire.tokens.input


def test_a_stream_that_refuses_has_its_tokens(loopback: Loopback, wire: Wire, make: Make) -> None:
    loopback.answers(*wire.refusing_events, media_type=SSE)
    stream = make().stream(PROMPT)
    error = _fail(lambda: list(stream))
    assert error.reason == "refused"
    assert error.tokens.input == wire.tokens.input
    assert stream.tokens == error.tokens


@pytest.mark.parametrize("method", ["text", "stream"])
def test_a_silent_provider_takes_too_long(loopback: Loopback, make: Make, method: str) -> None:
    loopback.answers(ending="silent")
    assert _fail(lambda: getattr(make(timeout=0.2), method)(PROMPT)).reason == "timeout"
    until(lambda: loopback.heard)
    assert len(loopback.heard) == 1


def test_a_stream_that_falls_silent_takes_too_long(loopback: Loopback, wire: Wire, make: Make) -> None:
    count, tokens = wire.cuts[0]
    loopback.answers(*wire.events[:count], media_type=SSE, ending="silent")
    stream = make(timeout=3.0).stream(PROMPT)
    error = _fail(lambda: list(stream))
    assert (error.reason, error.tokens) == ("timeout", tokens)


@pytest.mark.parametrize("method", ["text", "stream"])
def test_a_provider_that_cannot_be_reached_is_unavailable(wire: Wire, method: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        adapter = generators.create(wire.name, None, KEY, url + wire.path)
        assert _fail(lambda: getattr(adapter, method)(PROMPT)).reason == "unavailable"


@pytest.mark.parametrize(
    "body",
    [
        b'{"half": ',
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'"words"',
        b'{"output": [null], "content": [null], "candidates": 5}',
    ],
)
def test_an_answer_that_makes_no_sense_has_failed(loopback: Loopback, make: Make, body: bytes) -> None:
    loopback.answers(body)
    assert _fail(lambda: make().text(PROMPT)).reason == "failed"


def test_a_page_of_a_proxy_has_failed(loopback: Loopback, make: Make) -> None:
    loopback.answers(b"<html>Please log in</html>", media_type="text/html")
    assert _fail(lambda: make().text(PROMPT)).reason == "failed"


def test_an_answer_that_breaks_off_is_unavailable(loopback: Loopback, wire: Wire, make: Make) -> None:
    loopback.answers(wire.answer[:40], ending="cut")
    assert _fail(lambda: make().text(PROMPT)).reason == "unavailable"


@pytest.mark.parametrize("ending", ["whole", "cut"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_cut_stream_keeps_the_tokens_it_knows(
    loopback: Loopback, wire: Wire, make: Make, which: int, ending: str
) -> None:
    count, tokens = wire.cuts[which]
    loopback.answers(*wire.events[:count], media_type=SSE, ending=ending)  # type: ignore[arg-type]
    stream = make().stream(PROMPT)
    pieces: list[str] = []
    error = _fail(lambda: pieces.extend(stream))
    assert (error.reason, error.tokens, stream.tokens) == ("cut", tokens, tokens)
    assert "".join(pieces) in {"", "Grüße, ", "Grüße, 夜 🌊"}
    assert len(loopback.heard) == 1


def test_a_stream_that_breaks_after_its_end_is_whole(loopback: Loopback, wire: Wire, make: Make) -> None:
    loopback.answers(*wire.events, media_type=SSE, ending="cut")
    stream = make().stream(PROMPT)
    assert "".join(stream) == "Grüße, 夜 🌊"
    assert stream.tokens == wire.tokens


def test_a_stream_that_breaks_inside_an_event_is_cut(loopback: Loopback, wire: Wire, make: Make) -> None:
    count, tokens = wire.cuts[0]
    loopback.answers(*wire.events[:count], wire.events[count][:-20], media_type=SSE)
    stream = make().stream(PROMPT)
    error = _fail(lambda: list(stream))
    assert (error.reason, error.tokens) == ("cut", tokens)


@pytest.mark.parametrize(
    "data", [b"{nonsense", b"null", b"[]", b"5", b'{"type": "response.completed"}', b'{"candidates": 5}']
)
def test_a_stream_that_turns_into_nonsense_is_cut(loopback: Loopback, wire: Wire, make: Make, data: bytes) -> None:
    count, tokens = wire.cuts[0]
    name = b"event: content_block_delta\n" if wire.name == "anthropic" else b""
    loopback.answers(*wire.events[:count], name + b"data: " + data + b"\n\n", media_type=SSE)
    stream = make().stream(PROMPT)
    error = _fail(lambda: list(stream))
    assert (error.reason, error.tokens) == ("cut", tokens)


@pytest.mark.parametrize("events", [0, 1])
def test_a_stream_that_turns_into_nonsense_is_hung_up_on(
    loopback: Loopback, wire: Wire, make: Make, events: int
) -> None:
    name = b"event: content_block_delta\n" if wire.name == "anthropic" else b""
    loopback.answers(*wire.events[:events], name + b"data: {nonsense\n\n", media_type=SSE, ending="endless")
    adapter = make()
    gc.disable()
    try:
        _fail(lambda: list(adapter.stream(PROMPT)))
        assert loopback.hung_up.wait(5)
    finally:
        gc.enable()


def test_trouble_in_a_stream_keeps_the_tokens_it_knows(loopback: Loopback, wire: Wire, make: Make) -> None:
    count, tokens = wire.cuts[0]
    loopback.answers(*wire.events[:count], wire.trouble, media_type=SSE)
    stream = make().stream(PROMPT)
    error = _fail(lambda: list(stream))
    assert (error.reason, error.tokens) == ("unavailable", tokens)


def test_a_stream_that_we_close_hangs_up_and_keeps_its_tokens(loopback: Loopback, wire: Wire, make: Make) -> None:
    count, tokens = wire.cuts[0]
    loopback.answers(*wire.events[: count + 1], media_type=SSE, ending="endless")
    stream = make().stream(PROMPT)
    pieces = iter(stream)
    assert next(pieces).startswith(("Grüße", "夜"))
    assert not loopback.hung_up.is_set()
    stream.close()
    assert loopback.hung_up.wait(10)
    assert list(pieces) == []
    assert stream.tokens.input == tokens.input
    stream.close()


def test_a_stream_that_nobody_reads_can_be_closed(loopback: Loopback, wire: Wire, make: Make) -> None:
    loopback.answers(*wire.events[:1], media_type=SSE, ending="endless")
    with make().stream(PROMPT) as stream:
        pass
    assert loopback.hung_up.wait(10)
    assert stream.tokens == Tokens()


def test_the_environment_has_no_say(
    loopback: Loopback, wire: Wire, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GEMINI_API_KEY", "GOOGLE_API_KEY")
    for name in names:
        monkeypatch.setenv(name, "another-key")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    loopback.answers(wire.answer)
    make().text(PROMPT)
    headers = str(loopback.heard[0].headers)
    assert KEY in headers
    assert "another-key" not in headers


def test_no_log_has_the_key(loopback: Loopback, wire: Wire, make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    loopback.answers(wire.errors[401], status=401)
    adapter = make()
    _fail(lambda: adapter.text(PROMPT))
    loopback.answers(wire.answer)
    adapter.text(PROMPT)
    loopback.answers(*wire.events, media_type=SSE)
    list(adapter.stream(PROMPT))
    assert any(KEY in str(heard.headers) for heard in loopback.heard)
    assert KEY not in repr(adapter) + str(vars(adapter))
    ours = [record for record in caplog.records if KEY in record.getMessage()]
    assert ours == []
