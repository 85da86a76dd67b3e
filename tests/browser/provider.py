"""A stand-in for OpenAI's paid API that does what the prompt says: a slow picture, an endless text, a failure."""

import base64
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image

from ..tracking.generators.loopback import JSON, SSE, body
from ..tracking.generators.openai_wire import delta, error, event, response, text

SLOW = "slow"
FAILS_ONCE = "fails once"
BREAKS_OFF = "breaks off"
WORD_BY_WORD = "word by word"
REFUSED_FOR_NOW = "too many"
RETRY_SECONDS = 17
WORDS = ("Once ", "upon ", "a ", "time")

_USAGE = {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30}
_WORD_SECONDS = 0.02
_LONGEST_SECONDS = 600


class Provider(ThreadingHTTPServer):
    """Answers as OpenAI does; a slow picture comes when `released` is set, a held word or end with each of `words`."""

    allow_reuse_address = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/v1"
        self.released = threading.Event()
        self.words = threading.Semaphore(0)
        self.closing = threading.Event()
        self.asked: set[str] = set()
        self.failed: set[str] = set()

    def server_close(self) -> None:
        """Let go of whoever waits, and close."""
        self.closing.set()
        self.released.set()
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = asked.get("prompt") or asked["input"]
        self.server.asked.add(prompt)
        if FAILS_ONCE in prompt and prompt not in self.server.failed:
            self.server.failed.add(prompt)
            self._send(error("The server is overloaded.", "server_error", "server_error"), status=503)
        elif REFUSED_FOR_NOW in prompt:
            self._send(error("Rate limit reached.", "requests", "rate_limit_exceeded"), status=429)
        elif "input" in asked:
            self._write(prompt)
        else:
            self._draw(prompt)

    def _draw(self, prompt: str) -> None:
        if SLOW in prompt:
            self.server.released.wait(_LONGEST_SECONDS)
        file = io.BytesIO()
        Image.new("RGB", (64, 64), "teal").save(file, "PNG")
        data = [{"b64_json": base64.b64encode(file.getvalue()).decode()}]
        self._send(body({"created": 1, "data": data, "output_format": "png", "usage": _USAGE}))

    def _write(self, prompt: str) -> None:
        self._send(event("response.created", 0, response=response(status="in_progress")), media_type=SSE)
        is_held = WORD_BY_WORD in prompt
        for number, word in enumerate(WORDS, 1):
            self._wait_for_word(is_held=is_held)
            self.wfile.write(delta(word, number))
        self._wait_for_word(is_held=is_held)
        if BREAKS_OFF in prompt:
            return
        if SLOW in prompt:
            self._go_on()
        usage: dict[str, Any] = {**_USAGE, "input_tokens_details": {}, "output_tokens_details": {}}
        self.wfile.write(event("response.completed", 9, response=response([text("".join(WORDS))], usage)))

    def _wait_for_word(self, *, is_held: bool) -> None:
        while is_held and not self.server.closing.is_set() and not self.server.words.acquire(timeout=0.1):
            pass

    def _go_on(self) -> None:
        """Write until nobody listens."""
        try:
            while not self.server.closing.wait(_WORD_SECONDS):
                self.wfile.write(delta(" and on", 5))
        except OSError:
            return

    def _send(self, content: bytes, status: int = 200, media_type: str = JSON) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        if status == 429:
            self.send_header("Retry-After", str(RETRY_SECONDS))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
