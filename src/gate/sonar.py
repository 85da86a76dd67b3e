"""Sonar's web API, as far as the gate needs it. Format: /web_api of every SonarQube server."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

import httpx2

from gate.errors import CannotJudgeError

_TIMEOUT = 30.0
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Server:
    """A Sonar server, and who we are there.

    Args:
        url: Its address, without a slash at the end.
        token: A token that may analyse.
        password: The local server's own: the administrator's password. None for a server of the user's.
    """

    url: str
    token: str
    password: str | None = None

    @property
    def is_cloud(self) -> bool:
        """Whether this is SonarQube Cloud, whose API differs in places."""
        return httpx2.URL(self.url).host.endswith(("sonarcloud.io", "sonarqube.us"))

    def __repr__(self) -> str:
        return f"Server({self.url!r})"


class Api:
    """Calls to one server's web API."""

    def __init__(self, server: Server) -> None:
        auth = httpx2.BasicAuth("admin", server.password) if server.password else httpx2.BasicAuth(server.token, "")
        self._client = httpx2.Client(base_url=f"{server.url}/api/", auth=auth, timeout=_TIMEOUT)
        self.server = server

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """Ask for something.

        Raises:
            CannotJudgeError: The server did not answer, or refused.
        """
        return self._call("GET", path, parameters)

    def post(self, path: str, **parameters: str | int) -> dict[str, Any]:
        """Change something. Raises as `get` does."""
        return self._call("POST", path, parameters)

    def pages(self, path: str, items: str, **parameters: str | int) -> list[dict[str, Any]]:
        """Ask for all pages of a list. Raises as `get` does."""
        found: list[dict[str, Any]] = []
        for page in range(1, 21):  # the API serves no more than 10,000 items
            answer = self.get(path, p=page, ps=_PAGE, **parameters)
            found += answer[items]
            if len(answer[items]) < _PAGE:
                break
        return found

    def exists(self, path: str, **parameters: str | int) -> bool:
        """Tell whether something is there: false when the server says 404. Raises as `get` does."""
        return self._send("GET", path, parameters, allowed={HTTPStatus.NOT_FOUND}).is_success

    def _call(self, method: str, path: str, parameters: dict[str, str | int]) -> dict[str, Any]:
        answer = self._send(method, path, parameters, allowed=set())
        return dict(answer.json()) if answer.content else {}

    def _send(self, method: str, path: str, parameters: dict[str, str | int], allowed: set[int]) -> httpx2.Response:
        where = {"params": parameters} if method == "GET" else {"data": parameters}
        try:
            answer = self._client.request(method, path, **where)  # type: ignore[arg-type]
        except httpx2.HTTPError as error:
            raise CannotJudgeError(
                f"The Sonar server at {self.server.url} did not answer {path}: {error or type(error).__name__}.",
                "See whether it runs: gate status. Start it: gate start.",
            ) from error
        if answer.is_success or answer.status_code in allowed:
            return answer
        if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise CannotJudgeError(
                f"The Sonar server at {self.server.url} refused the token for {path} ({answer.status_code}).",
                f"Make a new one at {self.server.url}/account/security and set SONAR_TOKEN to it.",
            )
        raise CannotJudgeError(
            f"The Sonar server at {self.server.url} answered {answer.status_code} to {path}: {answer.text[:300]}",
            "See its log: gate status names it.",
        )
