"""A failure: why a generation did not work, what it used all the same, and what to do next."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

from tracking.event import Tokens

Reason = Literal["unauthorized", "rate-limited", "refused", "unavailable", "timeout", "cut", "unsupported", "failed"]

# What reading an answer of the wrong form raises: the SDKs take any JSON for their types, and leave out what it lacks.
MALFORMED = (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError)

_SENTENCES: Mapping[Reason, str] = {
    "unauthorized": "{name} does not accept the key: check {setting}, the key's rights and the account's credit",
    "rate-limited": "{name} takes no more requests for now: try again {later}, or raise the account's limits",
    "refused": "{name} refused the prompt, or what came of it, for its content: word the prompt differently",
    "unavailable": "{name} cannot be reached, or is overloaded or down: try again {later}",
    "timeout": "{name} took too long to answer: try again {later}",
    "cut": "{name} broke off before the text's end: try again {later}",
    "unsupported": "{name} has no image model: set GENERATOR to gemini, openai or local for pictures",
    "failed": "{name} answered with something else than a result: check MODEL and GENERATOR_BASE_URL",
}
_BY_STATUS: Mapping[int, Reason] = {
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.PAYMENT_REQUIRED: "unauthorized",
    HTTPStatus.FORBIDDEN: "unauthorized",
    HTTPStatus.REQUEST_TIMEOUT: "timeout",
    HTTPStatus.TOO_MANY_REQUESTS: "rate-limited",
    HTTPStatus.GATEWAY_TIMEOUT: "timeout",
}
_DAY_SECONDS = 86_400.0
_CODE = re.compile(r"[A-Za-z_]{3,40}")


class GenerationError(Exception):
    """A generation did not work; the message says what happened and what to do next, in one sentence.

    It has neither the key nor the prompt, so that it can be shown and logged: the provider's own words may have both.

    Args:
        reason: Why, for a program.
        message: Why, for a person.
        retry_after: How long the provider asks to wait, in seconds; None when it does not say.
        tokens: What was used all the same, as far as the provider says.
    """

    def __init__(
        self, reason: Reason, message: str, *, retry_after: float | None = None, tokens: Tokens | None = None
    ) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.retry_after = retry_after
        self.tokens = tokens or Tokens()


@dataclass(frozen=True, slots=True)
class Blame:
    """Whom an error names.

    Args:
        name: The provider, as people call it.
        setting: The setting with its key.
    """

    name: str
    setting: str

    def error(
        self,
        reason: Reason,
        *,
        status: int | None = None,
        code: object = None,
        retry_after: float | None = None,
        tokens: Tokens | None = None,
    ) -> GenerationError:
        """Return an error in the words for its reason.

        Args:
            reason: Why.
            status: The answer's HTTP status, if it is one that explains something.
            code: The provider's name for the error; it is left out when it is more than a name.
            retry_after: How long the provider asks to wait, in seconds.
            tokens: What was used all the same.
        """
        later = "later" if retry_after is None else f"in {math.ceil(retry_after)} seconds"
        sentence = _SENTENCES[reason].format(name=self.name, setting=self.setting, later=later)
        details = [f"HTTP {status}"] if status is not None else []
        if isinstance(code, str) and _CODE.fullmatch(code):  # a gateway may put a number there
            details.append(code)
        known = f" ({', '.join(details)})" if details else ""
        return GenerationError(reason, f"{sentence}{known}.", retry_after=retry_after, tokens=tokens)


def reason_of(status: int) -> Reason:
    """Return what an HTTP status says about a request that failed."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return "unavailable" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "failed"


def within_a_day(seconds: str) -> float:
    """Read a number of seconds; a provider that says more than a day says nonsense."""
    return min(float(seconds), _DAY_SECONDS)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read the header Retry-After: seconds or a date (RFC 9110, section 10.2.3).

    Args:
        headers: The answer's headers, their names in lower case or in any.

    Returns:
        Seconds from now; None when the header is missing or says something else.
    """
    value = headers.get("retry-after", "")
    if value.strip().isdecimal():
        return within_a_day(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    # A date without a zone is in UTC: the only zone that the format has.
    return min(_DAY_SECONDS, max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()))
