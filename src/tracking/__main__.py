"""`python -m tracking`: the service on this machine."""

import socket
import sys

import uvicorn

from tracking import settings
from tracking.app import create_app

CANNOT_START = 2


def main() -> int:
    """Run the service until it is told to stop.

    Returns:
        0 after a clean stop, 2 when it could not start; then standard error says why.
    """
    try:
        config = settings.load()
        listener = _listen(config.HOST, config.PORT)
        app = create_app(config)
    except settings.SettingsError as error:
        return _complain(f"A setting is wrong. {error}. The README has a table of the settings.")
    except OSError as error:
        return _complain(f"{error}")
    host, port = listener.getsockname()[:2]
    server = uvicorn.Server(uvicorn.Config(app, log_level=config.LOG_LEVEL.lower(), timeout_graceful_shutdown=5))
    sys.stdout.write(f"Open http://{host}:{port}  (Ctrl-C stops)\n")
    sys.stdout.flush()
    server.run(sockets=[listener])
    return 0


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


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(0)
