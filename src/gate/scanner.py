"""One run of Sonar's Python scanner: its command, its log, and what it says when it fails."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gate import console, paths
from gate.errors import CannotJudgeError
from gate.properties import read
from gate.sonar import Api, Server

REPORT_TASK = Path(".scannerwork/report-task.txt")
_TASK_SECONDS = 300
_ERROR_LINES = 3


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis that the server has finished.

    Args:
        key: The project's key.
        identifier: The analysis's own identifier.
    """

    key: str
    identifier: str


def scan(server: Server, folder: Path, title: str, properties: dict[str, str]) -> Analysis:
    """Analyse a folder and wait until the server has taken it in.

    Args:
        server: Where the analysis goes.
        folder: What is analysed; its sonar-project.properties say how.
        title: What a person is told that runs.
        properties: Sonar's properties on top of the file's; not the token, which goes by the environment.

    Raises:
        CannotJudgeError: The scanner or the server failed; the message has the scanner's own last errors.
    """
    log = folder / ".scannerwork.log"
    command = [str(Path(sys.prefix) / "bin" / "pysonar"), f"--sonar-host-url={server.url}"]
    command += [f"-D{name}={value}" for name, value in properties.items()]
    environment = {**os.environ, "SONAR_TOKEN": server.token, "SONAR_USER_HOME": str(paths.cache() / "sonar")}
    with console.waiting(title, "25 s"), log.open("wb") as output:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    text = log.read_text(encoding="utf-8", errors="replace")
    log.unlink()
    if done.returncode:
        raise CannotJudgeError(
            f"The scan of {folder.name} stopped (exit {done.returncode}).{last_errors(text)}",
            f"See whether {server.url} still answers: gate status. Then run the same again.",
        )
    return finished(server, read(folder / REPORT_TASK)["ceTaskId"])


def finished(server: Server, task: str) -> Analysis:
    """Wait until the server has taken in what a scanner sent.

    Args:
        server: The server.
        task: Its number for what was sent; scanners write it to REPORT_TASK, and print it.

    Raises:
        CannotJudgeError: The server failed or took too long over the task.
    """
    deadline = time.monotonic() + _TASK_SECONDS
    with Api(server) as api:
        while time.monotonic() < deadline:
            state = api.get("ce/task", id=task)["task"]
            if state["status"] == "SUCCESS":
                return Analysis(state["componentKey"], state["analysisId"])
            if state["status"] in {"FAILED", "CANCELED"}:
                raise CannotJudgeError(
                    f"The server could not take in the report: {state.get('errorMessage', state['status'])}",
                    f"Its logs tell more: {server.url}/project/background_tasks?id={state['componentKey']}",
                )
            time.sleep(0.25)
    raise CannotJudgeError(f"The server did not take in the report in {_TASK_SECONDS} s.", "Run the same again.")


def find(server: Server, key: str, revision: str) -> Analysis | None:
    """Return a project's analysis of a commit; None when the server has none.

    Raises:
        CannotJudgeError: The server did not answer.
    """
    with Api(server) as api:
        analyses = api.get("project_analyses/search", project=key)["analyses"]
    return next((Analysis(key, each["key"]) for each in analyses if each.get("revision") == revision), None)


def last_errors(text: str) -> str:
    """Return the last few errors of a scanner's log, each on an indented line; empty when it has none."""
    errors = re.findall(r"ERROR:? +(.+)", text) or text.strip().splitlines()
    return "".join(f"\n    {line[:300]}" for line in errors[-_ERROR_LINES:])
