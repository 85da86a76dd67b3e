"""What GitHub's API refuses, in words: what happened, and what to do next."""

import json
import re
import time
from datetime import UTC, datetime
from http import HTTPStatus

import httpx2

from gate import credential
from gate.errors import CannotJudgeError
from gate.remote import Remote

_LIMITED = {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
_SHOWN = 300


def explain(answer: httpx2.Response, remote: Remote, permission: str, secret: str) -> CannotJudgeError:
    """Turn an answer that is no success into an error.

    Args:
        answer: GitHub's answer.
        remote: The repository that was asked about.
        permission: The permission that a fine-grained token needs for the call, such as `Administration: write`.
        secret: The token, which an answer that echoes it must not bring into a message.
    """
    body = _body(answer.text.replace(secret, "***"))
    said = _plain(body.get("message", ""))
    where = f"GitHub at {httpx2.URL(remote.api).host}"
    told = f"({answer.status_code}: {said})" if said else f"({answer.status_code})"
    limited = _limit(answer, said)
    if limited:
        return limited
    if answer.status_code == HTTPStatus.FORBIDDEN:
        return _forbidden(answer.headers, said, remote, permission, f"{where} refuses {told}")
    kind = HTTPStatus.MOVED_PERMANENTLY if answer.is_redirect else answer.status_code
    words: dict[int, tuple[str, str]] = {
        HTTPStatus.MOVED_PERMANENTLY: (
            f"{remote.slug} has moved: {where} answers under another name {told}.",
            f"{remote.page} leads to it. Then: git remote set-url origin ADDRESS; or name it: --repository OWNER/NAME",
        ),
        HTTPStatus.UNAUTHORIZED: (
            f"{where} refuses the token {told}: it is wrong, expired or revoked.",
            new(remote),
        ),
        HTTPStatus.NOT_FOUND: (
            f"{where} has no {remote.slug} for this token {told}: the name is wrong, or the token may not do this.",
            f"Compare the name: {remote.page}. Give the token this repository, with {permission}: {_tokens(remote)}",
        ),
        HTTPStatus.UNPROCESSABLE_ENTITY: (
            f"{where} takes this for invalid {told}{_errors(body)}",
            "Correct that in the file.",
        ),
    }
    other = (
        f"{where} failed {told}." if answer.is_server_error else f"{where} answers what is not documented {told}.",
        "Run the same again later; it is safe. Its state: https://www.githubstatus.com",
    )
    return CannotJudgeError(*words.get(kind, other))


def new(remote: Remote, permission: str = "Administration: write") -> str:
    """Say which token to make, and where; no other permission and no classic scope is needed."""
    return (
        f"Make a fine-grained token for {remote.slug} alone, with {permission} and nothing else, at "
        f"{_tokens(remote)}/new (no classic token: its repo and admin:org reach everything)"
    )


def no_token(remote: Remote, permission: str, otherwise: str) -> CannotJudgeError:
    """Say that there is no token, and what to do.

    Args:
        remote: The repository.
        permission: What a token needs.
        otherwise: What to do without one.
    """
    wanted = credential.variables(remote)
    return CannotJudgeError(
        f"there is no token for {remote.host}: {' and '.join(wanted)} are not set, and gh is not logged in",
        f"{new(remote, permission)}, and set {wanted[0]} to it. {otherwise}",
    )


def _tokens(remote: Remote) -> str:
    return f"https://{remote.host}/settings/personal-access-tokens"


def _forbidden(headers: httpx2.Headers, said: str, remote: Remote, permission: str, what: str) -> CannotJudgeError:
    if said.startswith("Upgrade to"):
        return CannotJudgeError(
            f"{what}: rulesets on a private repository need a paid plan.",
            f"Make it public ({remote.page}/settings), or upgrade the plan of {remote.slug.split('/')[0]}.",
        )
    single_sign_on = re.search(r"url=(https://[!-~]+)", headers.get("x-github-sso", ""))
    if single_sign_on:
        return CannotJudgeError(
            f"{what}: the organization wants the token authorized for its single sign-on.", f"Open {single_sign_on[1]}"
        )
    if said.startswith("Resource not accessible") or "admin rights" in said:
        return CannotJudgeError(
            f"{what}: the token lacks {permission}.", f"Give it that, for {remote.slug} alone: {_tokens(remote)}"
        )
    return CannotJudgeError(f"{what}.", f"The token needs {permission}: {_tokens(remote)}")


def _limit(answer: httpx2.Response, said: str) -> CannotJudgeError | None:
    if answer.status_code not in _LIMITED:
        return None
    headers = answer.headers
    if headers.get("retry-after", "").isdigit():
        return CannotJudgeError(
            f"GitHub's secondary rate limit is reached ({answer.status_code}).",
            f"Wait {headers['retry-after']} s, then run the same again; it is safe.",
        )
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        reset = int(headers["x-ratelimit-reset"])
        at = datetime.fromtimestamp(reset, UTC)
        return CannotJudgeError(
            f"GitHub's rate limit is used up ({answer.status_code}).",
            f"It begins afresh at {at:%H:%M:%S} UTC, in {max(0, reset - int(time.time()))} s; run the same again then.",
        )
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in said:
        what = f"GitHub's secondary rate limit is reached ({answer.status_code})."
        return CannotJudgeError(what, "Wait a minute or more, then run the same again; it is safe.")
    return None


def _body(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:  # a proxy's page, not GitHub's
        return {}
    return found if isinstance(found, dict) else {}


def _errors(body: dict[str, object]) -> str:
    """Return GitHub's errors, one a line: each is a text, or names a field and a code."""
    errors = body.get("errors", [])
    return "".join(f"\n    {_plain(_error(each))}" for each in (errors if isinstance(errors, list) else [errors]))


def _error(error: object) -> object:
    if not isinstance(error, dict):
        return error
    return error.get("message") or " ".join(str(error[name]) for name in ("resource", "field", "code") if name in error)


def _plain(text: object) -> str:
    """Return a foreign text as one line that a terminal takes for nothing but text."""
    line = " ".join(str(text).split())
    return "".join(each for each in line if each.isprintable())[:_SHOWN].strip()
