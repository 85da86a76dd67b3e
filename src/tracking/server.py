"""The service on this machine, until it is told to stop."""

import logging
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import NoReturn

import uvicorn

from tracking import settings
from tracking.app import create_app

CANNOT_START = 2


class _Server(uvicorn.Server):
    """A server that says where it is, once it answers there and can be stopped."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for each in sockets or ():
            host, port = each.getsockname()[:2]
            sys.stdout.write(f"Open http://{f'[{host}]' if ':' in host else host}:{port}  (Ctrl-C stops)\n")
        sys.stdout.flush()


def serve() -> int:
    """Run the service until it is told to stop.

    Returns:
        0 after a clean stop, 2 when it could not start; then standard error says why.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, _stop)
    try:
        config = settings.load()
        # What a library warns of on its way to an error, such as each retry, the service's own line sums up.
        logging.basicConfig(level=logging.ERROR, format="%(asctime)s %(levelname)s %(message)s")
        logging.getLogger("tracking").setLevel(config.LOG_LEVEL.upper())
        listener = _listen(config.HOST, config.PORT)
        app = create_app(config)
    except settings.SettingsError as error:
        return _complain(f"A setting is wrong. {error}. The README has a table of the settings.")
    except (OSError, ValueError, ImportError) as error:
        return _complain(f"{error}")
    # Whom a request comes from is what TRUSTED_PROXIES are told by: X-Forwarded-For, which anyone can write, is not it.
    server = _Server(uvicorn.Config(app, log_level=config.LOG_LEVEL, proxy_headers=False, timeout_graceful_shutdown=1))
    with suppress(SystemExit):  # uvicorn raises the signal that stopped it once more
        server.run(sockets=[listener])
    sys.stdout.flush()
    sys.stderr.flush()
    # A generation that hangs is a thread that the interpreter would wait for.
    os._exit(0 if server.started else CANNOT_START)


def _stop(*_: object) -> NoReturn:
    # uvicorn raises the signal that stopped it once more when it has finished: being told to stop is no failure.
    sys.exit(0)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise OSError(
            f"{host}:{port} cannot be listened on: {error.strerror or error}. Choose another PORT."
        ) from error


def _complain(message: str) -> int:
    sys.stderr.write(f"The service did not start. {message}\n")
    return CANNOT_START
