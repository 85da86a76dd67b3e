"""A real MLflow server on loopback, that can be killed and started again at the same address."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import httpx2

_START_SECONDS = 120


class MlflowServer:
    """Runs `mlflow server` with its data in a folder.

    Args:
        folder: Where its database and artifacts are.
        workers: How many processes answer.
        serves_artifacts: Whether clients give it their files; otherwise they write them where it says.
    """

    def __init__(self, folder: Path, workers: int = 2, *, serves_artifacts: bool = True) -> None:
        self.folder = folder
        self._workers = workers
        self._serves_artifacts = serves_artifacts
        with socket.create_server(("127.0.0.1", 0)) as free, socket.create_connection(free.getsockname()):
            # The system gives nobody else a port whose last connection just ended.
            free.accept()[0].close()
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it; it answers some seconds later."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--backend-store-uri", f"sqlite:///{self.folder / 'mlflow.db'}"]
        command += ["--workers", str(self._workers)]
        if self._serves_artifacts:
            command += ["--artifacts-destination", str(self.folder / "artifacts")]
        else:
            command += ["--no-serve-artifacts", "--default-artifact-root", (self.folder / "artifacts").as_uri()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                # Its own jobs take half a dozen processes, which nothing here needs.
                env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx2.get(f"{self.url}/health", timeout=2).is_success:
                    return
            except httpx2.HTTPError:
                time.sleep(0.2)
        raise TimeoutError((self.folder / "log").read_text()[-2_000:])

    def kill(self) -> None:
        """Kill it and its workers, at once."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
