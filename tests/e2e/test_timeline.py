"""What act finds active when it runs a workflow of the corpus is what the timeline says without running it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gate import toolchain
from verify_runtime.timeline import JobTimeline, timeline
from verify_runtime.timeline.model import Alternatives
from verify_runtime.timeline.releases import meant
from verify_runtime.version import Version

CORPUS = Path(__file__).parents[1] / "verify_runtime" / "timeline" / "corpus"
ACTIONS = Path(__file__).parent / "actions"
WORKFLOW = ".github/workflows/ci.yml"
MAJORS = ("18", "20", "22", "24")
# What is on PATH before any step, as a runner's image has one.
DEFAULT = "24"
# What act on this machine cannot do: other systems, containers, version managers that are not installed, and GitHub's
# own things that act does not have.
NOT_HERE = re.compile(
    r"windows|macos|self-hosted|container:|services:|docker|nvm|volta|fnm|asdf|mise|nodesource|apt-get|\bn \d|corepack|"
    r"pnpm|nix|devbox|brew|choco|setup-python|setup-java|gradle|mvn|<<: |\$/|needs\.list|secrets\.|"
    r"vars\.|workflow_dispatch|pull_request|schedule|continue-on-error|hashFiles|github\.(?:ref|actor|repository)|sonar-scanner|@sonar/scan|"
    r"sonarqube-scanner|runs-on: \$|fake-|shell: (?:pwsh|cmd|python)"
)
_SECTION = re.compile(r"^-- (\S+) --$", re.MULTILINE)
_MARK = re.compile(r"@@(\S+) v(\d+)\.(\d+)\.(\d+)")


def _files(case: Path) -> dict[str, str]:
    _, *parts = _SECTION.split(case.read_text(encoding="utf-8"))
    return {name: text.removeprefix("\n") for name, text in zip(parts[::2], parts[1::2], strict=True)}


def _runs_here(case: Path) -> bool:
    files = _files(case)
    text = "".join(text for name, text in files.items() if name not in {"expected", "findings"})
    remote = re.findall(r"uses: *['\"]?([\w.-]+/[\w./-]+)@", files[WORKFLOW])
    known = all(name.lower().startswith(("actions/", "sonarsource/", "codecov/")) for name in remote)
    versions = re.findall(r"\bnode=([^\s|?]+)", files["expected"])
    majors = "|".join(MAJORS)
    there = all(each == "default" or re.match(rf"(?:{majors})(?:\.x)?$|>=\d+$|\^", each) for each in versions)
    refused = case.stem in {"composite-missing", "composite-cycle", "job-circle"}  # act ends before the first step
    return known and there and not refused and not NOT_HERE.search(text) and "node=" in files["expected"]


CASES = [case for case in sorted(CORPUS.glob("*.txt")) if _runs_here(case)]


def _instrumented(text: str) -> str:
    """Return a workflow whose steps print the Node that is active: a script at its start, an action behind it."""
    quoted = re.sub(r"^on:", '"on":', text, count=1, flags=re.MULTILINE)  # YAML 1.1 reads it as true
    workflow: dict[str, Any] = yaml.safe_load(quoted)
    for job in workflow["jobs"].values():
        steps = []
        for number, step in enumerate(job.get("steps", []), 1):
            mark = f'echo "@@{number} $(node --version)"'
            if "run" in step:
                # What a script runs beside its own set-up is not there, and not the point.
                steps.append({**step, "run": f"{mark}\nnpm() {{ :; }}; npx() {{ :; }}\n{step['run']}"})
            else:
                steps.append(step)
                condition = {"if": step["if"]} if "if" in step else {}
                steps.append({**condition, "run": mark, "shell": "bash"})
        if steps:
            job["steps"] = steps
            job["runs-on"] = "ubuntu-latest"
    return yaml.safe_dump(workflow, sort_keys=False)


@pytest.fixture(scope="session")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of real Nodes, each under its version."""
    folder = tmp_path_factory.mktemp("nodes")
    for major in MAJORS:
        home = toolchain.node_home(major)
        (folder / home.name).symlink_to(home)
    return folder


def _act(repository: Path, nodes: Path, cache: Path) -> list[dict[str, Any]]:
    semver = Path(__file__).parents[2] / "node_modules" / "semver"
    default = toolchain.node_home(DEFAULT) / "bin"
    environment = {
        "TEST_NODE": str(default / "node"),
        "TEST_NODES": str(nodes),
        "TEST_SEMVER": str(semver),
    }
    text = "".join(path.read_text(encoding="utf-8") for path in (repository / ".github").rglob("*.yml"))
    used = sorted(set(re.findall(r"uses: *['\"]?([\w.-]+/[\w./-]+@[\w.]+)", text)))
    mapped = [
        f"--local-repository={name}={ACTIONS / ('setup-node' if name.startswith('actions/setup-node@') else 'nothing')}"
        for name in used
    ]
    command = [
        str(Path(sys.prefix) / "bin" / "act"),
        "push",
        f"--workflows={WORKFLOW}",
        "--platform=ubuntu-latest=-self-hosted",
        "--json",
        "--no-cache-server",
        f"--action-cache-path={cache}",
        *(f"--env={name}={value}" for name, value in environment.items()),
        *mapped,
    ]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SONAR_", "GIT_", "GITHUB_"))}
    done = subprocess.run(
        command,
        cwd=repository,
        env={**own, "PATH": f"{default}{os.pathsep}{os.environ['PATH']}", "HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    lines = []
    for line in (done.stdout + done.stderr).splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            lines.append({"msg": line})
    return lines


def _seen(lines: list[dict[str, Any]]) -> dict[tuple[str, str, str], Version]:
    """Return the versions that were printed, by job, leg and step."""
    seen = {}
    for line in lines:
        found = _MARK.match(str(line.get("msg", "")))
        if found and "jobID" in line:
            # act prints a leg's values in another order than GitHub.
            leg = ", ".join(sorted(str(value) for value in (line.get("matrix") or {}).values()))
            seen[line["jobID"], leg, found[1]] = Version(int(found[2]), int(found[3]), int(found[4]))
    return seen


def _version(text: str) -> Version:
    major, minor, patch = map(int, text.split("."))
    return Version(major, minor, patch)


def _agrees(active: Alternatives, version: Version, default: Version) -> bool:
    for each in active:
        if each.kind == "unknown" or (each.kind == "default" and version == default):
            return True
        if each.kind == "decided" and version in (meant(each.version) or ()):
            return True
    return False


def _said(jobs: list[JobTimeline], identity: str, leg: str, number: str) -> Alternatives:
    """Return what the timeline says of a step; of a called workflow act does not tell which caller's it is."""
    return tuple(
        active
        for job in jobs
        if job.id.rsplit("/", 1)[-1] == identity and leg in {"", ", ".join(sorted(job.leg.split(", ")))}
        for step in job.steps
        if step.number == number
        for active in step.tools.get("node", ())
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_act_finds_active_what_the_timeline_says(case: Path, nodes: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    for name, text in _files(case).items():
        if name in {"expected", "findings"}:
            continue
        target = repository / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    jobs = timeline(repository)
    for path in (repository / ".github" / "workflows").iterdir():
        path.write_text(_instrumented(path.read_text(encoding="utf-8")), encoding="utf-8")
    git = shutil.which("git") or "git"
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*author, "commit", "-q", "-m", "a case"]):
        subprocess.run([git, *arguments], cwd=repository, check=True)
    lines = _act(repository, nodes, tmp_path / "cache")
    seen = _seen(lines)
    assert seen, "\n".join(str(line.get("msg")) for line in lines)
    default = _version(toolchain.node_home(DEFAULT).name)
    for (identity, leg, number), version in seen.items():
        said = _said(jobs, identity, leg, number)
        assert _agrees(said, version, default), (identity, leg, number, version, said)


def test_at_least_40_cases_run_here() -> None:
    assert len(CASES) >= 40
