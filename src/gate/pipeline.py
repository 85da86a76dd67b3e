"""The workflow's main job on this machine: ci.yml through act, on a copy of the work tree."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import httpx2

from gate import console, kept, paths, shell, toolchain
from gate.errors import CannotJudgeError
from gate.repository import Repository

WORKFLOW = Path(".github/workflows/ci.yml")
JOB = "quality"
# The local server takes the analyser's Node from PATH, so that the switch is what the analysis runs on.
SCANNER_ARGS = "-Dsonar.scanner.skipNodeProvisioning=true"
_LAST_LINES = 40
# What GitHub's runners bring for JavaScript actions; act takes the first node on PATH instead.
_ACTIONS_NODE = "24"
_STAND_INS = {
    "actions/checkout": "checkout",
    "actions/setup-node": "setup-node",
    "astral-sh/setup-uv": "setup-uv",
    "pnpm/action-setup": "pnpm",
    "SonarSource/sonarqube-scan-action": "scan",
}


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts the workflow, and what GitHub would give it.

    Args:
        event: The event's name.
        payload: Its payload.
        variables: The repository's variables.
        secrets: The secrets that reach it.
        actions: Folders that stand for marketplace actions, by OWNER/NAME.
    """

    event: str = "push"
    payload: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    actions: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A step that ran.

    Args:
        name: Its name in the workflow.
        result: success, failure or skipped.
        seconds: How long it took.
        output: What it printed.
    """

    name: str
    result: str
    seconds: float
    output: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the job went.

    Args:
        passed: Whether it succeeded.
        steps: Its steps, in the order in which they ended.
        annotations: What it told GitHub: (level, title, message).
        reported: What the coverage reports said, as `gate coverage` kept it; empty when it did not come so far.
        revision: The commit that it ran on, which only this run has.
    """

    passed: bool
    steps: list[Step]
    annotations: list[tuple[str, str, str]]
    reported: dict[str, tuple[int, int]]
    revision: str

    @property
    def failed(self) -> Step | None:
        """The first step that failed."""
        return next((step for step in self.steps if step.result == "failure"), None)


def run(repository: Repository, base: str, trigger: Trigger, *, verbose: bool = False) -> Outcome:
    """Run the main job.

    Args:
        repository: The repository; but for the coverage reports that come back, it is only read.
        base: The commit that new code is counted from.
        trigger: What starts the workflow.
        verbose: Whether to print what the steps print, as they print it.

    Raises:
        CannotJudgeError: There is no workflow, or act could not run it.
    """
    if not (repository.root / WORKFLOW).exists():
        raise CannotJudgeError(f"{repository.root} has no {WORKFLOW}.", "Run this in a checkout that has it.")
    mapping, javascript = _local_actions((repository.root / WORKFLOW).read_text(encoding="utf-8"), trigger.actions)
    with repository.copy(base, uncommitted=True) as copy, paths.scratch("runs") as folder:
        revision = Repository(copy).head()
        command = [*_act(folder, trigger), *(f"--local-repository={each}" for each in mapping)]
        reader = _Reader(verbose=verbose)
        with console.stderr.status("Starting act") as status:
            for line in _lines(command, copy, shell.lingering(folder / "shell", _path(javascript))):
                status.update(reader.read(line))
        reported = kept.said(folder)
        kept.bring(folder, repository)
    if reader.passed is None:
        raise CannotJudgeError(f"act could not run {WORKFLOW}: {reader.said[-800:]}", "Mend that, and run it again.")
    return Outcome(reader.passed, reader.steps, reader.annotations, reported, revision)


def _local_actions(workflow: str, given: Mapping[str, Path]) -> tuple[list[str], bool]:
    """Say which folder stands for which action: act's `owner/name@ref=folder`; and whether one is JavaScript."""
    used = sorted(set(re.findall(r"uses: *([\w.-]+/[\w.-]+)@(\S+)", workflow)))
    folders = dict(given)
    if any(name not in given for name, _ in used) and not _github_answers():
        stand_ins = Path(str(resources.files("gate"))) / "actions"
        folders = {name: stand_ins / folder for name, folder in _STAND_INS.items()} | folders
        names = ", ".join(name for name, _ in used if name in _STAND_INS and name not in given)
        console.say(f"GitHub does not answer: stand-ins take the place of {names}.")
    mapping = [f"{name}@{ref}={folders[name].resolve()}" for name, ref in used if name in folders]
    return mapping, any(name not in folders or _is_javascript(folders[name]) for name, _ in used)


def _is_javascript(action: Path) -> bool:
    return bool(re.search(r"using: *\W?node", (action / "action.yml").read_text(encoding="utf-8")))


def _github_answers() -> bool:
    try:
        return httpx2.head("https://github.com", timeout=5.0, follow_redirects=True).is_success
    except httpx2.HTTPError:
        return False


def _act(folder: Path, trigger: Trigger) -> list[str]:
    """Return act's command line; what it must not show lies in files that only we can read."""
    files = {
        "event.json": json.dumps(trigger.payload),
        "variables": _dotenv(trigger.variables),
        "secrets": _dotenv(trigger.secrets),
        # act deletes the workspace, so `gate coverage` keeps the reports in it for us.
        "environment": _dotenv({"GATE_PYTHON": sys.executable, "GATE_KEEP": str(folder)}),
        "inputs": "",
    }
    for name, text in files.items():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    return [
        str(Path(sys.prefix) / "bin" / "act"),
        trigger.event,
        f"--workflows={WORKFLOW}",
        f"--job={JOB}",
        "--platform=ubuntu-latest=-self-hosted",
        "--json",
        "--no-cache-server",
        f"--action-cache-path={paths.cache() / 'act'}",  # the runner's tool cache lies there, for the next run too
        f"--eventpath={folder / 'event.json'}",
        f"--var-file={folder / 'variables'}",
        f"--secret-file={folder / 'secrets'}",
        f"--env-file={folder / 'environment'}",
        f"--input-file={folder / 'inputs'}",
    ]


def _dotenv(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={json.dumps(value)}\n" for name, value in values.items())


def _path(javascript: bool) -> str:  # noqa: FBT001 - the one thing that it depends on
    """Return the runner's PATH: without the Node of .tools; with one of its own where an action is JavaScript."""
    tools = str(Path(".tools") / "bin")
    parts = [part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if not part.endswith(tools)]
    if javascript:
        parts.insert(0, str(toolchain.node_home(_ACTIONS_NODE) / "bin"))
    return os.pathsep.join(parts)


def _lines(command: list[str], copy: Path, path: str) -> Iterator[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SONAR_", "GIT_"))}
    environment["PATH"] = path
    with subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        if process.stdout:
            yield from process.stdout


class _Reader:
    """Reads act's lines, and tells a person each step as it ends."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self.passed: bool | None = None
        self.steps: list[Step] = []
        self.annotations: list[tuple[str, str, str]] = []
        self.said = ""
        self._output: dict[str, str] = {}

    def read(self, line: str) -> str:
        """Take in a line; return what runs now, in words."""
        try:
            entry = json.loads(line)
        except ValueError:
            self.said += line
            return "act"
        self._take(entry)
        return _name(entry)

    def _take(self, entry: Mapping[str, Any]) -> None:
        if "jobResult" in entry:
            self.passed = entry["jobResult"] == "success"
        elif "raw_output" in entry:
            self._add(entry, entry["msg"])
        elif entry.get("command") in {"error", "warning", "notice"}:
            title = (entry.get("kvPairs") or {}).get("title", "")
            self.annotations.append((entry["command"], title, entry["arg"]))
            self._add(entry, f"{entry['command'].upper()} {title}: {entry['arg']}\n")
        elif "stepResult" in entry and entry.get("stage") == "Main" and len(entry["stepID"]) == 1:
            self._end(entry)
        elif entry.get("level") == "error":
            self.said += f"{entry['msg']}\n"

    def _add(self, entry: Mapping[str, Any], text: str) -> None:
        step = entry.get("stepID", [""])[0]
        self._output[step] = self._output.get(step, "") + text
        if self._verbose:
            console.say(text.rstrip("\n"))

    def _end(self, entry: Mapping[str, Any]) -> None:
        output = self._output.get(entry["stepID"][0], "")
        step = Step(_name(entry), entry["stepResult"], entry.get("executionTime", 0) / 1e9, output)
        self.steps.append(step)
        mark, style = {"success": ("✓", "green"), "skipped": ("-", "dim")}.get(step.result, ("✗", "bold red"))
        console.stderr.print(f"{mark} {step.name}", style=style, end="", markup=False)
        console.say(f"  {step.seconds:.1f} s")
        if step.result == "failure" and not self._verbose:
            console.say("\n".join(output.rstrip().splitlines()[-_LAST_LINES:]))


def _name(entry: Mapping[str, Any]) -> str:
    """Return a step's name; an action's without the commit that it is pinned to."""
    return re.sub(r"@[0-9a-f]{40}$", "", str(entry.get("step", "act")))
