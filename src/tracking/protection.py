"""Protection: what a browser may do, what another site may not, how large a request may be, what a log has of it."""

import logging
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORBIDDEN = 403
_TOO_LARGE = 413
_API = "/api/"
# As much as this is read and thrown away: a connection that ends in the middle of a body may take the answer with it.
_THROWN_AWAY = 32 * 1024 * 1024

# The page is files of this service alone: no inline script or style, no frame, nothing from elsewhere. A picture that
# could not be kept comes in its address (data:).
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Protection:
    """Stands before the service.

    Args:
        app: The service.
        max_bytes: The most bytes of a request's body.
    """

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on; either way the answer has the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if scope["path"].startswith(_API):
                    # One person's answers are not for the next one's cache.
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        if _is_from_elsewhere(scope):
            words = "Another site's page sent this. Only the service's own page may."
            await _refuse(_FORBIDDEN, words)(scope, receive, send_with_headers)
            return
        if scope["method"] not in _SAFE:
            try:
                body = await self._body(scope, receive)
            except ClientDisconnect:  # nobody waits for an answer
                return
            if body is None:
                words = f"The request has more than {self._max_bytes:,} bytes. Shorten the prompt."
                await _refuse(_TOO_LARGE, words)(scope, receive, send_with_headers)
                return
            receive = _replay(body, receive)
        await self._app(scope, receive, send_with_headers)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Read the body; None when it is too large, whatever its header says of that."""
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self._max_bytes + _THROWN_AWAY:
            return None
        body, size = bytearray(), 0
        while size <= self._max_bytes + _THROWN_AWAY:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            part = message.get("body", b"")
            size += len(part)
            if size <= self._max_bytes:
                body += part
            if not message.get("more_body", False):
                return bytes(body) if size <= self._max_bytes else None
        return None


def _is_from_elsewhere(scope: Scope) -> bool:
    """Tell whether another site's page sent a request, and not the service's own, nor a program that is no browser.

    Sec-Fetch-Site says so where the browser sends it; where not, the host of Origin does for what may change something.
    Sources: https://pkg.go.dev/net/http#CrossOriginProtection and https://web.dev/articles/fetch-metadata.
    """
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    is_own = site in {"same-origin", "none"}
    if scope["method"] in _SAFE:
        # It could read nothing, but use up what its visitor may ask for. A link is another matter.
        is_link = headers.get("sec-fetch-dest") == "document"
        return scope["path"].startswith(_API) and site is not None and not is_own and not is_link
    if site is not None:
        return not is_own
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host")


def _refuse(status: int, words: str) -> JSONResponse:
    # What is left of the request is not read: the connection ends with the answer.
    return JSONResponse({"detail": words}, status, {"Connection": "close"})


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what hands over a body that was read, and then what comes after it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return first.pop() if first else await receive()

    return replay


class PathAlone(logging.Filter):
    """Leaves out of a log's line about a request what was asked for: who somebody is, and words of prompts."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep a record, without the queries in it."""
        if isinstance(record.args, tuple):
            record.args = tuple(each.partition("?")[0] if isinstance(each, str) else each for each in record.args)
        return True
