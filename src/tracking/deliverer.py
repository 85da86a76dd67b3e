"""The deliverer: a thread that keeps a delivery running beside the service, in a process of its own.

A thread of the service's own process would be felt: MLflow's client is Python, and whoever answers a request would wait
for the interpreter's lock, 5 ms at a time.
"""

import logging
import os
import subprocess
import sys
import threading
from typing import IO

from tracking.delivery import OWNER_LOCK
from tracking.locks import exclusive
from tracking.settings import Settings

logger = logging.getLogger(__name__)

COMMAND = ("-m", "tracking", "deliver", "--while-stdin-open")

_LOOK_SECONDS = 0.1
_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 60.0
_END_SECONDS = 2.5


class Deliverer:
    """Starts a delivery where none runs for the data directory, and starts it again when it dies.

    Args:
        config: The settings that it gets.
    """

    def __init__(self, config: Settings) -> None:
        self._config = config
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="deliverer", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the delivery; what is pending stays in the journal."""
        self._closed.set()
        self._thread.join()

    def _keep(self) -> None:
        wait = _FIRST_SECONDS
        while not self._closed.is_set():
            try:
                wait = _FIRST_SECONDS if self._deliver() else min(wait * 2, _LONGEST_SECONDS)
            except OSError as error:
                logger.error("The delivery could not be started: %s", error)  # noqa: TRY400 - one line says it
                wait = min(wait * 2, _LONGEST_SECONDS)
            self._closed.wait(wait)

    def _deliver(self) -> bool:
        """Run a delivery until it ends, if none runs; returns whether nothing went wrong."""
        with exclusive(self._config.DATA_DIR / OWNER_LOCK, wait=False) as free:
            if not free:
                return True
        process = subprocess.Popen(
            [sys.executable, *COMMAND],
            stdin=subprocess.PIPE,
            env=self._config.environment(),
            start_new_session=True,  # a Ctrl-C in the terminal is the service's: it ends the delivery in order
        )
        # The pipe ends when this process does, however it does.
        with _closing(process.stdin):
            is_closed = False
            while process.poll() is None and not is_closed:
                is_closed = self._closed.wait(_LOOK_SECONDS)
        process.terminate()  # a process that was forked meanwhile may hold the pipe open
        try:
            status = process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        if status and not self._closed.is_set():
            logger.error("The delivery ended with status %d, and is started again.", status)
        return status == os.EX_OK


def _closing(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:  # it cannot be, for it was asked for
        raise OSError("The delivery has no pipe.")
    return pipe
