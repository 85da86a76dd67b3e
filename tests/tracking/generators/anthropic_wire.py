"""How Anthropic speaks, a stand-in for its paid API.

platform.claude.com/docs/en/api/messages, .../docs/en/build-with-claude/streaming and .../docs/en/api/errors
"""

from tracking.event import Tokens

from .loopback import KEY, PROMPT, Wire, body, sse

_INPUT = {"input_tokens": 11, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 1000}
_USAGE = {**_INPUT, "output_tokens": 90, "output_tokens_details": {"thinking_tokens": 60}, "service_tier": "standard"}
_KNOWN = Tokens(input=1211, cached_input=1000, cache_write=200)
_TOKENS = Tokens(input=1211, output=90, cached_input=1000, cache_write=200, reasoning=60)


def message(content: list[dict[str, object]], usage: object, stop_reason: str | None) -> dict[str, object]:
    """Return a message."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }


def event(kind: str, **values: object) -> bytes:
    """Return an event of a stream."""
    return sse({"type": kind, **values}, kind)


def delta(said: str) -> bytes:
    """Return a piece of text."""
    return event("content_block_delta", index=1, delta={"type": "text_delta", "text": said})


def error(kind: str, said: str) -> bytes:
    """Return the body of an error."""
    return body({"type": "error", "error": {"type": kind, "message": said}, "request_id": "req_1"})


def end(stop_reason: str, usage: object) -> bytes:
    """Return the event with the totals."""
    return event("message_delta", delta={"stop_reason": stop_reason, "stop_sequence": None}, usage=usage)


# Its one token of output is counted before there is any text.
_BEGIN = event("message_start", message=message([], {**_INPUT, "output_tokens": 1}, None))
_TOTALS = {"output_tokens": 90, "output_tokens_details": {"thinking_tokens": 60}}
_OVERLOADED = error("overloaded_error", "Overloaded")

ANTHROPIC = Wire(
    name="anthropic",
    path="",
    answer=body(
        message(
            [
                {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                {"type": "text", "text": "Grüße, 夜 🌊", "citations": None},
            ],
            _USAGE,
            "end_turn",
        )
    ),
    tokens=_TOKENS,
    events=[
        _BEGIN,
        event("content_block_start", index=0, content_block={"type": "thinking", "thinking": "", "signature": ""}),
        event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm."}),
        event("content_block_stop", index=0),
        event("content_block_start", index=1, content_block={"type": "text", "text": ""}),
        event("ping"),
        delta("Grüße, "),
        delta("夜 🌊"),
        event("content_block_stop", index=1),
        end("end_turn", _TOTALS),
        event("message_stop"),
    ],
    cuts=[(7, _KNOWN), (10, _TOKENS)],
    errors={
        400: error("invalid_request_error", f"messages: {PROMPT} is no request"),
        401: error("authentication_error", f"invalid x-api-key {KEY}"),
        404: error("not_found_error", "model: x"),
        429: error("rate_limit_error", "This request would exceed the rate limit."),
        500: error("api_error", "Internal server error"),
        529: _OVERLOADED,
    },
    trouble=event("error", error={"type": "overloaded_error", "message": "Overloaded"}),
    refusal=body(message([], _USAGE, "refusal")),
    refusing_events=[_BEGIN, end("refusal", _TOTALS), event("message_stop")],
)
