"""Anthropic, over its own SDK: texts from the Messages API; it has no model for pictures."""

from collections.abc import Mapping

import anthropic
import httpx2
from anthropic.types import MessageDeltaUsage, RawMessageStreamEvent, Usage

from tracking.event import Tokens
from tracking.generators.failure import MALFORMED, Blame, GenerationError, Reason, reason_of, retry_after
from tracking.generators.generation import AspectRatio, Picture, Text, TextStream, counted
from tracking.generators.models import Models
from tracking.generators.stream import EventStream

_BLAME = Blame("Anthropic", "ANTHROPIC_API_KEY")
# Said, because the SDK would read another one, with the key for it, from a variable that is no setting of ours.
_ADDRESS = "https://api.anthropic.com"
_ERRORS = (anthropic.AnthropicError, httpx2.HTTPError, httpx2.StreamError, *MALFORMED)
# An error in a stream comes with the status 200, so that its type alone tells.
_REASONS: Mapping[str, Reason] = {
    "authentication_error": "unauthorized",
    "billing_error": "unauthorized",
    "permission_error": "unauthorized",
    "rate_limit_error": "rate-limited",
    "timeout_error": "timeout",
    "overloaded_error": "unavailable",
    "api_error": "unavailable",
}
# It has no type of its own: platform.claude.com/docs/en/api/errors.
_FILTERED = "content filtering policy"
# The API wants a limit. Models think within it as well, before they write.
_MOST_TOKENS = 16_000
_INPUTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class Anthropic:
    """Anthropic's models.

    Args:
        models: Which ones.
        api_key: The account's key.
        base_url: Another address of the API; None for Anthropic's.
        timeout: How long the connection may be silent, in seconds.
    """

    provider = "anthropic"

    def __init__(self, models: Models, api_key: str, base_url: str | None, timeout: float) -> None:
        self.text_model = models.text
        self.image_model = models.image
        # A retried generation would be paid for twice, and the first one would be seen by nobody.
        self._client = anthropic.Anthropic(
            api_key=api_key, base_url=base_url or _ADDRESS, timeout=timeout, max_retries=0
        )

    def picture(self, prompt: str, aspect_ratio: AspectRatio) -> Picture:
        """Raise: there is no model for it."""
        del prompt, aspect_ratio
        raise _BLAME.error("unsupported")

    def text(self, prompt: str) -> Text:
        """Write a text; see Generator."""
        try:
            answer = self._client.messages.create(
                model=self.text_model, max_tokens=_MOST_TOKENS, messages=[{"role": "user", "content": prompt}]
            )
            tokens = _tokens(_counts(answer.usage))
            if answer.stop_reason == "refusal":
                raise _BLAME.error("refused", tokens=tokens)
            return Text("".join(block.text for block in answer.content if block.type == "text"), tokens)
        except _ERRORS as error:
            raise _explain(error) from None

    def stream(self, prompt: str) -> TextStream:
        """Write a text, piece by piece; see Generator."""
        try:
            events = self._client.messages.create(
                model=self.text_model,
                max_tokens=_MOST_TOKENS,
                messages=[{"role": "user", "content": prompt}],
                stream=True,
            )
        except _ERRORS as error:
            raise _explain(error) from None
        return EventStream(events, events.close, _Reader(), _ERRORS, _explain)


class _Reader:
    """What understands the events of a message: platform.claude.com/docs/en/build-with-claude/streaming."""

    def __init__(self) -> None:
        self.ended = False
        self._counts: dict[str, int] = {}

    @property
    def tokens(self) -> Tokens:
        return _tokens(self._counts)

    def read(self, event: RawMessageStreamEvent) -> str:
        if event.type == "content_block_delta":
            return event.delta.text if event.delta.type == "text_delta" else ""
        if event.type == "message_start":
            # Its output is a token or so, counted before there is any text: not what a cut stream used.
            known = _counts(event.message.usage)
            self._counts = {name: known[name] for name in _INPUTS if name in known}
        elif event.type == "message_delta":
            self._counts |= _counts(event.usage)
            if event.delta.stop_reason == "refusal":
                raise _BLAME.error("refused", tokens=self.tokens)
        elif event.type == "message_stop":
            self.ended = True
        return ""


def _counts(usage: Usage | MessageDeltaUsage) -> dict[str, int]:
    """Return the counts that are there, by their names; those of a stream's end are totals, not additions."""
    details = getattr(usage, "output_tokens_details", None)
    found = {name: counted(getattr(usage, name, None)) for name in (*_INPUTS, "output_tokens")}
    found["thinking_tokens"] = counted(getattr(details, "thinking_tokens", None))
    return {name: value for name, value in found.items() if value is not None}


def _tokens(counts: Mapping[str, int]) -> Tokens:
    return Tokens(
        # Anthropic's input_tokens are those that no cache had a part in.
        input=sum(counts.get(name, 0) for name in _INPUTS) if _INPUTS[0] in counts else None,
        output=counts.get("output_tokens"),
        cached_input=counts.get(_INPUTS[1]),
        cache_write=counts.get(_INPUTS[2]),
        reasoning=counts.get("thinking_tokens"),
    )


def _explain(error: Exception | None, tokens: Tokens | None = None, broken: Reason | None = None) -> GenerationError:
    """Return our error for the SDK's, or for an answer of the wrong form; broken is what a stream calls both."""
    if isinstance(error, (anthropic.APITimeoutError, httpx2.TimeoutException)):
        return _BLAME.error("timeout", tokens=tokens)
    if isinstance(error, anthropic.APIStatusError):
        reason = _REASONS.get(error.type or "", reason_of(error.status_code))
        return _BLAME.error(
            "refused" if _FILTERED in (error.api_message or "") else reason,
            status=error.status_code if error.response.is_error else None,
            code=error.type,
            retry_after=retry_after(error.response.headers),
            tokens=tokens,
        )
    if isinstance(error, (anthropic.APIConnectionError, httpx2.HTTPError)):
        return _BLAME.error(broken or "unavailable", tokens=tokens)
    return _BLAME.error(broken or "failed", tokens=tokens)
