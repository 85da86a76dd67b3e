"""What stands between a sink and a real MLflow server, and does to it what networks and servers do."""

import http.client
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

Fault = Literal["lose reply", "lose request", "delay"] | int | bytes | None
"""Nothing; a reply that is lost after the server did what it was asked; a request that never arrives; a request that
arrives after the client has gone; or a status, or JSON, that is answered instead."""

_DELAY_SECONDS = 1.0
_DROPPED = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Proxy:
    """Passes requests on, or not.

    Args:
        port: The server's port on loopback.
    """

    def __init__(self, port: int) -> None:
        self.fault: Callable[[str, str], Fault] = lambda *_: None
        self.answer = b'{"error_code": "INTERNAL_ERROR", "message": "as it was told"}'
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy._handle(self, port)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that the library looks for

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, handler: BaseHTTPRequestHandler, port: int) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
        path = handler.path.partition("?")[0]
        fault = self.fault(handler.command, path)
        if isinstance(fault, int):
            self._answer(handler, fault, self.answer, [])
            return
        if isinstance(fault, bytes):
            self._answer(handler, 200, fault, [("Content-Type", "application/json")])
            return
        if fault == "lose request":
            handler.close_connection = True
            return
        if fault == "delay":
            handler.close_connection = True
            handler.connection.close()
            time.sleep(_DELAY_SECONDS)
        upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        upstream.request(handler.command, handler.path, body, dict(handler.headers.items()))
        response = upstream.getresponse()
        content = response.read()
        upstream.close()
        if fault is None:
            self._answer(handler, response.status, content, response.getheaders())
        else:
            handler.close_connection = True

    @staticmethod
    def _answer(handler: BaseHTTPRequestHandler, status: int, content: bytes, headers: list[tuple[str, str]]) -> None:
        handler.send_response(status)
        for name, value in headers:
            if name.lower() not in _DROPPED:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
