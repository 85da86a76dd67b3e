"""How OpenAI speaks, a stand-in for its paid API.

developers.openai.com/api/reference/resources/responses, developers.openai.com/api/reference/resources/images and
developers.openai.com/api/docs/guides/error-codes
"""

from tracking.event import Tokens

from .loopback import PROMPT, Wire, body, sse

_USAGE = {
    "input_tokens": 36,
    "input_tokens_details": {"cached_tokens": 12, "cache_write_tokens": 8},
    "output_tokens": 87,
    "output_tokens_details": {"reasoning_tokens": 64},
    "total_tokens": 123,
}
_TOKENS = Tokens(input=36, output=87, cached_input=12, cache_write=8, reasoning=64)


def response(
    content: list[dict[str, object]] | None = None, usage: object = None, **values: object
) -> dict[str, object]:
    """Return a response with a message, or with none yet."""
    message = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant", "content": content}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1741476542,
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": "gpt-6-luna",
        "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, message] if content else [],
        "parallel_tool_calls": True,
        "store": False,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage,
        **values,
    }


def text(said: str) -> dict[str, object]:
    """Return the part of a message that is text."""
    return {"type": "output_text", "text": said, "annotations": [], "logprobs": []}


def event(kind: str, number: int, **values: object) -> bytes:
    """Return an event of a stream."""
    return sse({"type": kind, "sequence_number": number, **values}, kind)


def delta(said: str, number: int) -> bytes:
    """Return a piece of text."""
    place = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    return event("response.output_text.delta", number, delta=said, logprobs=[], **place)


def error(message: str, kind: str, code: str | None) -> bytes:
    """Return the body of an error."""
    return body({"error": {"message": message, "type": kind, "param": None, "code": code}})


_REFUSED: list[dict[str, object]] = [{"type": "refusal", "refusal": f"I will not write about {PROMPT}."}]
_BEGIN = event("response.created", 0, response=response(status="in_progress"))
_UNAVAILABLE = error("The server is overloaded.", "server_error", "server_error")

OPENAI = Wire(
    name="openai",
    path="/v1",
    answer=body(response([text("Grüße, 夜 🌊")], _USAGE)),
    tokens=_TOKENS,
    events=[
        _BEGIN,
        event("response.in_progress", 1, response=response(status="in_progress")),
        delta("Grüße, ", 2),
        delta("夜 🌊", 3),
        event("response.completed", 4, response=response([text("Grüße, 夜 🌊")], _USAGE)),
    ],
    cuts=[(3, Tokens()), (4, Tokens())],
    errors={
        400: error(f"'{PROMPT}' is no request.", "invalid_request_error", None),
        401: error("Incorrect API key provided: sk-not-a-key-0123456789.", "invalid_request_error", "invalid_api_key"),
        404: error("The model `x` does not exist.", "invalid_request_error", "model_not_found"),
        429: error("Rate limit reached.", "requests", "rate_limit_exceeded"),
        500: _UNAVAILABLE,
        503: _UNAVAILABLE,
    },
    trouble=event("error", 4, code="server_error", message="The server is overloaded.", param=None),
    refusal=body(response(_REFUSED, _USAGE)),
    refusing_events=[_BEGIN, event("response.completed", 1, response=response(_REFUSED, _USAGE))],
)
