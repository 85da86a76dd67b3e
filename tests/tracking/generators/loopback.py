"""A stand-in for a paid API: a server on this machine that answers what it was told to."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from tracking.event import Tokens
from tracking.generators.models import GeneratorName

JSON = "application/json"
SSE = "text/event-stream"
# What the tests ask for, and no error may repeat.
PROMPT = "a lighthouse in Åland, 夜"
KEY = "sk-not-a-key-0123456789"

Ending = Literal["whole", "cut", "silent", "endless"]


@dataclass(frozen=True, slots=True)
class Wire:
    """How a provider speaks.

    Args:
        name: The provider, as GENERATOR calls it.
        path: What its SDK wants behind the server's address.
        answer: A text that came in one piece.
        tokens: What such an answer counts.
        events: The same text as a stream.
        cuts: How many of the events come before a cut, and what is known of the tokens then.
        errors: The bodies of errors by their status; Gemini's 401 is sent as 400.
        trouble: An event that says in a stream that the provider is overloaded.
        refusal: An answer that refuses.
        refusing_events: A stream that does.
    """

    name: GeneratorName
    path: str
    answer: bytes
    tokens: Tokens
    events: Sequence[bytes]
    cuts: Sequence[tuple[int, Tokens]]
    errors: dict[int, bytes]
    trouble: bytes
    refusal: bytes
    refusing_events: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class _Reply:
    chunks: Sequence[bytes]
    status: int
    media_type: str
    headers: dict[str, str]
    ending: Ending


@dataclass(slots=True)
class Heard:
    """A request.

    Args:
        path: Its path, with the query.
        headers: Its headers.
        body: Its body, parsed.
    """

    path: str
    headers: dict[str, str]
    body: Any = field(repr=False)


class Loopback(ThreadingHTTPServer):
    """A server that answers what it was told to; it waits for its threads when it is closed."""

    daemon_threads = False
    # Two tests at once could be given the same free port otherwise.
    allow_reuse_address = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.heard: list[Heard] = []
        self.closing = threading.Event()
        self.hung_up = threading.Event()  # the client closed the connection before the answer's end
        self.reply = _Reply((), 200, JSON, {}, "whole")

    def answers(
        self,
        *chunks: bytes,
        status: int = 200,
        media_type: str = JSON,
        headers: dict[str, str] | None = None,
        ending: Ending = "whole",
    ) -> None:
        """Say what the next requests get.

        Args:
            chunks: The body, in the pieces that are sent.
            status: The status.
            media_type: The body's kind.
            headers: More headers.
            ending: What comes after the last chunk: the end, a lost connection, nothing, or comments for ever.
        """
        self.reply = _Reply(chunks, status, media_type, headers or {}, ending)

    def server_close(self) -> None:
        """Let go of whoever waits, and close."""
        self.closing.set()
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Loopback

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append(Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(body)))
        self.close_connection = True
        try:
            self._answer(self.server.reply)
        except OSError:
            self.server.hung_up.set()

    def _answer(self, reply: _Reply) -> None:
        if reply.ending == "silent" and not reply.chunks:
            self.server.closing.wait(30)
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in reply.chunks:
            self._send(chunk)
        if reply.ending == "whole":
            self.wfile.write(b"0\r\n\r\n")
        elif reply.ending == "silent":
            self.server.closing.wait(30)
        while reply.ending == "endless" and not self.server.closing.wait(0.01):
            self._send(b": still here\n\n")

    def _send(self, chunk: bytes) -> None:
        self.wfile.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


def sse(data: object, event: str | None = None) -> bytes:
    """Return an event as it is sent, not in ASCII."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def body(data: object) -> bytes:
    """Return a body as it is sent, not in ASCII."""
    return json.dumps(data, ensure_ascii=False).encode()
