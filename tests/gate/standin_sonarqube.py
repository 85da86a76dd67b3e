"""A stand-in for SonarQube's start-up, for what the real one does too slowly or too seldom to test.

It speaks the real web API's format for the few calls that `gate start` makes, keeps its password in the folder that
-Dsonar.path.data names, and misbehaves as the file `how` beside it says. tests/e2e use the real server.
"""

import base64
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

settings = dict(each.removeprefix("-D").split("=", 1) for each in sys.argv if each.startswith("-D"))
how = (Path(__file__).parent / "how").read_text(encoding="utf-8")
if how == "crash":
    log = Path(settings["sonar.path.logs"]) / "es.log"
    log.write_text("2026.11.23 ERROR es[] fatal: No space left on device\n", encoding="utf-8")
    sys.exit(1)
if how == "hang":
    time.sleep(600)

password = Path(settings["sonar.path.data"]) / "password"
if not password.exists():
    password.write_text("admin", encoding="utf-8")


class Handler(BaseHTTPRequestHandler):
    def who(self) -> tuple[str, str]:
        if "Cookie" in self.headers:  # the real one looks at nothing else then, and wants a header that goes with it
            return "", ""
        user, _, secret = base64.b64decode(self.headers["Authorization"].split()[1]).decode().partition(":")
        return user, secret

    def answer(self, data: dict[str, object], status: int = 200) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "JWT-SESSION=stand-in; Path=/; HttpOnly")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path == "/api/system/status":
            self.answer({"status": "UP", "version": "0"})
        elif how == "mute":
            time.sleep(600)
        else:
            known = [("admin", password.read_text(encoding="utf-8")), ("squ_stand_in", "")]
            self.answer({"valid": self.who() in known})

    def do_POST(self) -> None:
        fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        if self.who() != ("admin", password.read_text(encoding="utf-8")):
            self.answer({"errors": [{"msg": "wrong"}]}, 401)
        elif self.path == "/api/users/change_password":
            password.write_text(fields["password"][0], encoding="utf-8")
            self.answer({})
        else:
            self.answer({"token": "squ_stand_in"})

    def log_message(self, *_: object) -> None:
        """Say nothing."""


ThreadingHTTPServer(("127.0.0.1", int(settings["sonar.web.port"])), Handler).serve_forever()
