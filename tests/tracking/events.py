"""Events for tests."""

from typing import Any

from tracking.event import Event, Tokens, new_id, now_ms


def event(**values: Any) -> Event:  # noqa: ANN401 - nonsense too, on purpose
    """Make an event; what is not given is what a small picture would have."""
    time_ms = values.pop("time_ms", now_ms())
    prompt = values.get("prompt", "a lighthouse")
    return Event(
        **{
            "id": new_id(time_ms),
            "time_ms": time_ms,
            "user": "ada@example.com",
            "kind": "image",
            "provider": "google",
            "model": "gemini-2.5-flash-image",
            "prompt": prompt,
            "prompt_length": len(prompt or ""),
            "settings": {"aspect_ratio": "16:9"},
            "processing_time_ms": 1234.5,
            "tokens": Tokens(input=12, output=1290),
            **values,
        }
    )
