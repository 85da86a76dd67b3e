"""OpenAI, over its own SDK: texts from the Responses API, pictures from the Images API."""

import base64
import binascii
from collections.abc import Mapping
from typing import TypeAlias

import httpx2
import openai
from openai.types.images_response import Usage
from openai.types.responses import Response, ResponseStreamEvent, ResponseUsage

from tracking.event import Tokens
from tracking.generators.failure import MALFORMED, Blame, GenerationError, Reason, reason_of, retry_after
from tracking.generators.generation import AspectRatio, Picture, Text, TextStream, counted
from tracking.generators.models import Models
from tracking.generators.stream import EventStream

Sizes: TypeAlias = Mapping[AspectRatio, str]

_BLAME = Blame("OpenAI", "OPENAI_API_KEY")
# Said, because the SDK would read another one, with the key for it, from a variable that is no setting of ours.
_ADDRESS = "https://api.openai.com/v1"
_ERRORS = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, binascii.Error, *MALFORMED)
_REASONS: Mapping[str, Reason] = {
    "rate_limit_exceeded": "rate-limited",
    "insufficient_quota": "rate-limited",
    "server_error": "unavailable",
    "invalid_prompt": "refused",
    "bio_policy": "refused",
    "misalignment_policy_violation": "refused",
    "content_filter": "refused",
    "content_policy_violation": "refused",
    "image_content_policy_violation": "refused",
    "moderation_blocked": "refused",
}
# Models from gpt-image-2 on take any size of sides divisible by 16; those before it have three.
_ANY_SIZE = "gpt-image-2"
_EXACT: Sizes = {"1:1": "1024x1024", "16:9": "1536x864", "9:16": "864x1536", "4:3": "1152x864", "3:4": "864x1152"}
_NEAREST: Sizes = {
    "1:1": _EXACT["1:1"],
    **dict.fromkeys(("16:9", "4:3"), "1536x1024"),
    **dict.fromkeys(("9:16", "3:4"), "1024x1536"),
}


class OpenAI:
    """OpenAI's models.

    Args:
        models: Which ones.
        api_key: The account's key.
        base_url: Another address of the API, /v1 included; None for OpenAI's.
        timeout: How long the connection may be silent, in seconds.
    """

    provider = "openai"

    def __init__(self, models: Models, api_key: str, base_url: str | None, timeout: float) -> None:
        self.text_model = models.text
        self.image_model = models.image
        # A retried generation would be paid for twice, and the first one would be seen by nobody.
        self._client = openai.OpenAI(api_key=api_key, base_url=base_url or _ADDRESS, timeout=timeout, max_retries=0)

    def picture(self, prompt: str, aspect_ratio: AspectRatio) -> Picture:
        """Make a picture; see Generator."""
        model = self.image_model or ""
        sizes = _EXACT if model.startswith(_ANY_SIZE) else _NEAREST
        try:
            answer = self._client.images.generate(model=model, prompt=prompt, size=sizes[aspect_ratio], n=1)
            encoded = (answer.data[0].b64_json if answer.data else None) or ""
            content, tokens = base64.b64decode(encoded, validate=True), _image_tokens(answer.usage)
        except _ERRORS as error:
            raise _explain(error) from None
        if not content:
            raise _explain(None, tokens)
        return Picture(content, f"image/{answer.output_format or 'png'}", tokens)

    def text(self, prompt: str) -> Text:
        """Write a text; see Generator."""
        try:
            # Kept at OpenAI, as is usual, a prompt would outlive what TRACK_PROMPTS says.
            answer = self._client.responses.create(model=self.text_model, input=prompt, store=False)
            _check(answer)
            return Text(answer.output_text, _text_tokens(answer.usage))
        except _ERRORS as error:
            raise _explain(error) from None

    def stream(self, prompt: str) -> TextStream:
        """Write a text, piece by piece; see Generator."""
        try:
            events = self._client.responses.create(model=self.text_model, input=prompt, store=False, stream=True)
        except _ERRORS as error:
            raise _explain(error) from None
        return EventStream(events, events.close, _Reader(), _ERRORS, _explain)


class _Reader:
    """What understands the events of a response: developers.openai.com/api/docs/guides/streaming-responses."""

    def __init__(self) -> None:
        self.tokens = Tokens()
        self.ended = False

    def read(self, event: ResponseStreamEvent) -> str:
        if event.type == "response.output_text.delta":
            return event.delta
        if event.type in {"response.completed", "response.incomplete", "response.failed"}:
            # Only these count tokens: what a stream used that was cut before them, OpenAI never says.
            self.tokens = _text_tokens(event.response.usage)
            self.ended = event.type != "response.failed"  # whether or not it can be read why
            _check(event.response)
        elif event.type == "error":
            raise _failed(event.code, self.tokens)
        return ""


def _check(answer: Response) -> None:
    """Raise what a response says about itself."""
    tokens = _text_tokens(answer.usage)
    if answer.error is not None:
        raise _failed(answer.error.code, tokens)
    filtered = answer.incomplete_details is not None and answer.incomplete_details.reason == "content_filter"
    parts = (part for item in answer.output if item.type == "message" for part in item.content)
    if filtered or any(part.type == "refusal" for part in parts):
        raise _BLAME.error("refused", tokens=tokens)


def _text_tokens(usage: ResponseUsage | None) -> Tokens:
    if usage is None:
        return Tokens()
    read, written = usage.input_tokens_details, usage.output_tokens_details
    return Tokens(
        input=counted(usage.input_tokens),
        output=counted(usage.output_tokens),
        cached_input=counted(getattr(read, "cached_tokens", None)),
        # Servers that only speak OpenAI's language often leave the details out.
        cache_write=counted(getattr(read, "cache_write_tokens", None)),
        reasoning=counted(getattr(written, "reasoning_tokens", None)),
    )


def _image_tokens(usage: Usage | None) -> Tokens:
    if usage is None:
        return Tokens()
    details = usage.output_tokens_details
    return Tokens(
        input=counted(usage.input_tokens),
        output=counted(usage.output_tokens),
        image=counted(getattr(details, "image_tokens", None)),
    )


def _failed(code: str | None, tokens: Tokens) -> GenerationError:
    return _BLAME.error(_REASONS.get(code or "", "failed"), code=code, tokens=tokens)


def _explain(error: Exception | None, tokens: Tokens | None = None, broken: Reason | None = None) -> GenerationError:
    """Return our error for the SDK's, or for an answer of the wrong form; broken is what a stream calls both."""
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException)):
        return _BLAME.error("timeout", tokens=tokens)
    if isinstance(error, openai.APIStatusError):
        return _BLAME.error(
            _REASONS.get(error.code or "", reason_of(error.status_code)),
            status=error.status_code,
            code=error.code,
            retry_after=retry_after(error.response.headers),
            tokens=tokens,
        )
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError)):
        return _BLAME.error(broken or "unavailable", tokens=tokens)
    if isinstance(error, openai.APIError):
        return _failed(error.code, tokens or Tokens())
    return _BLAME.error(broken or "failed", tokens=tokens)
