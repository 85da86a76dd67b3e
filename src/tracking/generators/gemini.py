"""Gemini, over Google's own SDK: texts and pictures, both from generateContent."""

import re
from collections.abc import Generator, Iterator
from itertools import chain, islice

import httpx2
import pydantic
from google import genai
from google.genai import errors, types

from tracking.event import Tokens
from tracking.generators.failure import MALFORMED, Blame, GenerationError, Reason, reason_of, retry_after, within_a_day
from tracking.generators.generation import AspectRatio, Picture, Text, TextStream
from tracking.generators.models import Models
from tracking.generators.stream import EventStream

# A duration in protobuf's JSON, such as 34.07s.
_DELAY = re.compile(r"\d+(\.\d+)?s")
_BLAME = Blame("Gemini", "GEMINI_API_KEY")
# Said, because the SDK would read another one, with the key for it, from a variable that is no setting of ours.
_ADDRESS = "https://generativelanguage.googleapis.com/"
_ERRORS = (
    errors.APIError,
    errors.UnknownApiResponseError,
    httpx2.HTTPError,
    httpx2.StreamError,
    pydantic.ValidationError,
    *MALFORMED,
)
_REFUSALS = {
    types.FinishReason.SAFETY,
    types.FinishReason.RECITATION,
    types.FinishReason.BLOCKLIST,
    types.FinishReason.PROHIBITED_CONTENT,
    types.FinishReason.SPII,
    types.FinishReason.ESCALATION,
    types.FinishReason.IMAGE_SAFETY,
    types.FinishReason.IMAGE_PROHIBITED_CONTENT,
    types.FinishReason.IMAGE_RECITATION,
}


class Gemini:
    """Gemini's models.

    Args:
        models: Which ones.
        api_key: The account's key.
        base_url: Another address of the API; None for Google's.
        timeout: How long the connection may be silent, in seconds.
    """

    provider = "google"

    def __init__(self, models: Models, api_key: str, base_url: str | None, timeout: float) -> None:
        self.text_model = models.text
        self.image_model = models.image
        options = types.HttpOptions(
            base_url=base_url or _ADDRESS,
            timeout=round(timeout * 1000),
            # A retried generation would be paid for twice, and the first one would be seen by nobody.
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        self._client = genai.Client(api_key=api_key, vertexai=False, http_options=options)

    def picture(self, prompt: str, aspect_ratio: AspectRatio) -> Picture:
        """Make a picture; see Generator."""
        config = _config()
        config.response_modalities = ["IMAGE"]
        config.image_config = types.ImageConfig(aspect_ratio=aspect_ratio)
        answer = self._generate(self.image_model or "", prompt, config)
        tokens = _tokens(answer.usage_metadata)
        for part in _parts(answer):
            if part.inline_data is not None and part.inline_data.data:
                return Picture(part.inline_data.data, part.inline_data.mime_type or "image/png", tokens)
        # A model that will not draw something says so in a text instead, or says nothing.
        raise _BLAME.error("refused" if answer.candidates else "failed", tokens=tokens)

    def text(self, prompt: str) -> Text:
        """Write a text; see Generator."""
        answer = self._generate(self.text_model, prompt, _config())
        tokens = _tokens(answer.usage_metadata)
        if not answer.candidates:
            raise _BLAME.error("failed", tokens=tokens)
        return Text(_text(answer), tokens)

    def stream(self, prompt: str) -> TextStream:
        """Write a text, piece by piece; see Generator."""
        answers = self._answers(prompt)
        try:
            # Google's SDK asks only when the first piece is wanted, and a stream that does not begin is no stream.
            first = list(islice(answers, 1))
        except _ERRORS as error:
            raise _explain(error) from None
        return EventStream(chain(first, answers), answers.close, _Reader(), _ERRORS, _explain)

    def _answers(self, prompt: str) -> Generator[types.GenerateContentResponse, None, None]:
        # The SDK's client closes its connections when it is collected: this frame keeps it as long as the stream.
        yield from self._client.models.generate_content_stream(model=self.text_model, contents=prompt, config=_config())

    def _generate(self, model: str, prompt: str, config: types.GenerateContentConfig) -> types.GenerateContentResponse:
        try:
            answer = self._client.models.generate_content(model=model, contents=prompt, config=config)
        except _ERRORS as error:
            raise _explain(error) from None
        _check(answer, _tokens(answer.usage_metadata))
        return answer


class _Reader:
    """What understands a stream's answers: ai.google.dev/api/generate-content."""

    def __init__(self) -> None:
        self.tokens = Tokens()
        self.ended = False

    def read(self, event: types.GenerateContentResponse) -> str:
        if event.usage_metadata is not None:
            # Each answer counts all that came so far.
            self.tokens = _tokens(event.usage_metadata)
        _check(event, self.tokens)
        self.ended = self.ended or any(each.finish_reason is not None for each in event.candidates or [])
        return _text(event)


def _config() -> types.GenerateContentConfig:
    # Left on, the SDK goes on with a stream that broke by another request: a retry, and paid for.
    return types.GenerateContentConfig(automatic_continuation=False)


def _parts(answer: types.GenerateContentResponse) -> Iterator[types.Part]:
    """Yield the parts of the answer that are no thoughts; a model that thinks writes and draws drafts."""
    content = answer.candidates[0].content if answer.candidates else None
    parts = content.parts if content is not None else None
    return (part for part in parts or [] if not part.thought)


def _text(answer: types.GenerateContentResponse) -> str:
    return "".join(part.text or "" for part in _parts(answer))


def _check(answer: types.GenerateContentResponse, tokens: Tokens) -> None:
    """Raise what an answer says about itself: a refusal is no HTTP error here."""
    blocked = answer.prompt_feedback is not None and answer.prompt_feedback.block_reason is not None
    if blocked or any(each.finish_reason in _REFUSALS for each in answer.candidates or []):
        raise _BLAME.error("refused", tokens=tokens)


def _tokens(usage: types.GenerateContentResponseUsageMetadata | None) -> Tokens:
    if usage is None:
        return Tokens()
    pictures = [
        each.token_count or 0
        for each in usage.candidates_tokens_details or []
        if each.modality is types.MediaModality.IMAGE
    ]
    return Tokens(
        input=_sum(usage.prompt_token_count, usage.tool_use_prompt_token_count),
        # Gemini counts thoughts beside the output, and bills them as output.
        output=_sum(usage.candidates_token_count, usage.thoughts_token_count),
        cached_input=usage.cached_content_token_count,
        reasoning=usage.thoughts_token_count,
        image=sum(pictures) if pictures else None,
    )


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _explain(error: Exception | None, tokens: Tokens | None = None, broken: Reason | None = None) -> GenerationError:
    """Return our error for the SDK's, or for an answer of the wrong form; broken is what a stream calls both."""
    if isinstance(error, httpx2.TimeoutException):
        return _BLAME.error("timeout", tokens=tokens)
    if isinstance(error, errors.APIError):
        # A wrong key is a bad request here, and only the details say that it is the key.
        details = list(_details(error))
        is_key = any(each.get("reason") == "API_KEY_INVALID" for each in details)
        reason: Reason = "unauthorized" if is_key else reason_of(error.code)
        return _BLAME.error(
            reason, status=error.code, code=error.status, retry_after=_retry_after(error, details), tokens=tokens
        )
    if isinstance(error, httpx2.HTTPError):
        return _BLAME.error(broken or "unavailable", tokens=tokens)
    return _BLAME.error(broken or "failed", tokens=tokens)


def _details(error: errors.APIError) -> Iterator[dict[str, object]]:
    """Yield an error's details: cloud.google.com/apis/design/errors."""
    body = error.details.get("error") if isinstance(error.details, dict) else None
    found = body.get("details") if isinstance(body, dict) else None
    return (each for each in found or [] if isinstance(each, dict))


def _retry_after(error: errors.APIError, details: list[dict[str, object]]) -> float | None:
    """Return how long Gemini asks to wait, in seconds: it says so in the body, a proxy in a header."""
    for each in details:
        delay = each.get("retryDelay")
        if isinstance(delay, str) and _DELAY.fullmatch(delay):
            return within_a_day(delay.removesuffix("s"))
    return retry_after(getattr(error.response, "headers", {}))
