"""GitHub's REST API, as far as the gate needs it. Format: https://docs.github.com/rest, version 2022-11-28."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Self

import httpx2

from gate import refusal
from gate.credential import Credential
from gate.errors import CannotJudgeError
from gate.remote import Remote

_TIMEOUT = 30.0
_PAGES = 50
# The oldest one that GitHub, and every GitHub Enterprise Server that it still maintains, answers.
_VERSION = "2022-11-28"


class Api:
    """Calls about one repository.

    Args:
        remote: The repository.
        credential: The user's token.
    """

    def __init__(self, remote: Remote, credential: Credential) -> None:
        headers = {
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": _VERSION,
            "User-Agent": "ci-gate",
            "Authorization": f"Bearer {credential.token}",
        }
        self._base = httpx2.URL(f"{remote.api}/repos/{remote.slug}")
        # No redirect is followed: another host must not get the token.
        self._client = httpx2.Client(headers=headers, timeout=_TIMEOUT)
        self.remote, self.credential = remote, credential
        self.scopes = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, permission: str) -> dict[str, Any]:
        """Ask for something.

        Args:
            path: Its path below the repository's: empty, or with a slash first.
            permission: What a fine-grained token needs for it, for the words of a refusal.

        Raises:
            CannotJudgeError: GitHub did not answer, or refused.
        """
        return dict(self._data(self._send("GET", path, permission), dict))

    def exists(self, path: str, permission: str) -> bool:
        """Tell whether something is there: false when GitHub says 404. Raises as `get` does."""
        return self._send("GET", path, permission, allowed=HTTPStatus.NOT_FOUND).is_success

    def pages(self, path: str, permission: str, items: str = "") -> Iterator[dict[str, Any]]:
        """Yield the items of all pages of a list. Raises as `get` does.

        Args:
            path: As for `get`.
            permission: As for `get`.
            items: The name under which a page has its items; empty when a page is the list itself.
        """
        for _ in range(_PAGES):
            answer = self._send("GET", path, permission)
            yield from self._data(answer, dict)[items] if items else self._data(answer, list)
            following = answer.links.get("next", {}).get("url")
            if not following:
                return
            path = self._same_host(following)

    def write(self, method: str, path: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Change something, which takes Administration: write. Raises as `get` does."""
        answer = self._send(method, path, "Administration: write", data=data)
        return dict(self._data(answer, dict)) if answer.content else {}

    def _send(
        self,
        method: str,
        path: str,
        permission: str,
        *,
        data: dict[str, Any] | None = None,
        allowed: HTTPStatus | None = None,
    ) -> httpx2.Response:
        address = path if path.startswith("http") else f"{self._base}{path}"
        try:
            answer = self._client.request(method, address, json=data)
        except httpx2.HTTPError as error:
            raise CannotJudgeError(
                f"GitHub at {self._base.host} did not answer: {error or type(error).__name__}.",
                "See whether this machine reaches it, then run the same again; it is safe.",
            ) from error
        self.scopes = answer.headers.get("x-oauth-scopes", self.scopes)
        if answer.is_success or answer.status_code == allowed:
            return answer
        raise refusal.explain(answer, self.remote, permission, self.credential.token)

    def _data(self, answer: httpx2.Response, kind: type) -> Any:  # noqa: ANN401 - JSON
        try:
            found = answer.json()
        except ValueError:
            found = None
        if isinstance(found, kind):
            return found
        raise CannotJudgeError(
            f"{answer.url} answered {answer.status_code} with what is not documented.",
            "It is not GitHub's API: see GITHUB_API_URL, the remote origin, and a proxy in between.",
        )

    def _same_host(self, address: str) -> str:
        url = httpx2.URL(address)
        if (url.scheme, url.host, url.port) != (self._base.scheme, self._base.host, self._base.port):
            raise CannotJudgeError(
                f"GitHub at {self._base.host} sends the next page's question to {url.host}.",
                "The token does not go there: see GITHUB_API_URL and a proxy in between.",
            )
        return address
