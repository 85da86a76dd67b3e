"""How Gemini speaks, a stand-in for its paid API.

ai.google.dev/api/generate-content, ai.google.dev/gemini-api/docs/troubleshooting and
cloud.google.com/apis/design/errors
"""

from tracking.event import Tokens

from .loopback import KEY, PROMPT, Wire, body, sse

_INPUT = {
    "promptTokenCount": 500,
    "cachedContentTokenCount": 400,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 500}],
}
_USAGE = {**_INPUT, "candidatesTokenCount": 20, "thoughtsTokenCount": 70, "totalTokenCount": 590}
_TOKENS = Tokens(input=500, output=90, cached_input=400, reasoning=70)


def answer(parts: list[dict[str, object]], usage: object, finish: str | None = None) -> dict[str, object]:
    """Return an answer, or a piece of one."""
    candidate: dict[str, object] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": "gemini-3.8-flash",
        "responseId": "abc",
    }


def error(code: int, status: str, said: str, *details: dict[str, object]) -> bytes:
    """Return the body of an error."""
    return body({"error": {"code": code, "message": said, "status": status, "details": list(details)}})


_KEY_INVALID: dict[str, object] = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    "reason": "API_KEY_INVALID",
    "domain": "googleapis.com",
    "metadata": {"service": "generativelanguage.googleapis.com"},
}
_BLOCKED = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 500}}

GEMINI = Wire(
    name="gemini",
    path="",
    answer=body(answer([{"text": "Hm.", "thought": True}, {"text": "Grüße, "}, {"text": "夜 🌊"}], _USAGE, "STOP")),
    tokens=_TOKENS,
    events=[
        sse(answer([{"text": "Hm.", "thought": True}], {**_INPUT, "thoughtsTokenCount": 70})),
        sse(answer([{"text": "Grüße, "}], {**_INPUT, "candidatesTokenCount": 9, "thoughtsTokenCount": 70})),
        sse(answer([{"text": "夜 🌊"}], _USAGE, "STOP")),
    ],
    cuts=[
        (1, Tokens(input=500, output=70, cached_input=400, reasoning=70)),
        (2, Tokens(input=500, output=79, cached_input=400, reasoning=70)),
    ],
    errors={
        400: error(400, "INVALID_ARGUMENT", f"{PROMPT} is no request."),
        401: error(400, "INVALID_ARGUMENT", f"API key not valid: {KEY}.", _KEY_INVALID),
        404: error(404, "NOT_FOUND", "models/x is not found."),
        429: error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."),
        500: error(500, "INTERNAL", "An internal error has occurred."),
        503: error(503, "UNAVAILABLE", "The model is overloaded."),
    },
    trouble=sse({"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}),
    refusal=body(_BLOCKED),
    refusing_events=[sse(_BLOCKED)],
)
