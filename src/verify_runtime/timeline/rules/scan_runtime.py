"""scan-runtime: the Node that Sonar's scan will really use is not one that the analyser can use."""

from __future__ import annotations

from collections.abc import Iterator

from verify_runtime.timeline.finding import ERROR, NOTE, Facts, Finding, setup
from verify_runtime.timeline.model import Active, JobTimeline, StepTimeline, decided
from verify_runtime.timeline.releases import as_of, excluded, lines
from verify_runtime.timeline.scan import Scan, host_node
from verify_runtime.timeline.tables import table

NAME = "scan-runtime"


def check(facts: Facts) -> Iterator[Finding]:
    """Find scans on a Node that no analyser they may meet can use, and switches that never reach their scan."""
    for job in facts.jobs:
        if job.runs == "never":
            continue
        for at, step in enumerate(job.steps):
            scan = facts.scans.of(job, step) if step.runs in ("always", "maybe") else None
            if scan:
                yield from _scan(scan)
                if scan.kind == "docker":
                    yield from _unreached(job, at, scan)


def _scan(scan: Scan) -> Iterator[Finding]:
    package, version, own = scan.package
    on_path = decided(scan.node)
    if own and on_path and excluded(on_path, own):
        yield Finding(
            NAME,
            ERROR,
            scan.place,
            f"The scanner {package} {version} needs Node {own}, and Node {on_path.version} is active here.",
            "An npm scanner itself runs on the Node that is first on PATH.",
            f"Right before this step:\n{setup(_fitting([own]))}",
        )
    active = host_node(scan)
    needs = needed(cloud=scan.cloud)
    if active and all(excluded(active, each) for each in needs):
        who = "SonarQube Cloud's analyser" if scan.cloud else "any analyser since SonarQube 9.9"
        yield Finding(
            NAME,
            ERROR,
            scan.place,
            f"The analysis runs on Node {active.version}, because {scan.why}; {who} needs Node {needs[0]}.",
            "The scan fails minutes later, and its words name a supported version of Node.js and not this line.",
            f"Right before this step:\n{setup(_fitting(needs))}",
        )


def _unreached(job: JobTimeline, at: int, scan: Scan) -> Iterator[Finding]:
    switch = _switch_for(job, at)
    if switch is None:
        return
    to = switch.tools["node"][0].version
    yield Finding(
        NAME,
        NOTE,
        scan.place,
        f"The switch to Node {to} at line {switch.place.line} never reaches this scan: {scan.why}.",
        "It looks as if the scan's Node were chosen here, and it is not.",
        "Take the action that runs on the host: SonarSource/sonarqube-scan-action@v8",
    )


def _switch_for(job: JobTimeline, at: int) -> StepTimeline | None:
    """Return a step that sets a version which nothing between it and the scan has a use for."""
    for step in reversed(job.steps[:at]):
        if any(command.words for command in step.commands):
            return None
        if "node" in step.sets and decided(step.tools.get("node", ())):
            return step
    return None


def needed(*, cloud: bool | None) -> list[str]:
    """Return what the analysers need that a scan may meet, the least demanding first.

    Args:
        cloud: Whether the server is SonarQube Cloud, which has none that is older than a year.
    """
    data = table("scanners")
    oldest = _number(data["cloud"]["oldest"]) if cloud else (0,)
    return [entry["node"] for entry in data["analyzer"] if _number(entry["from"]) >= oldest]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _fitting(needs: list[str]) -> str:
    """Return the newest LTS line that fits all of some ranges, and that the newest analyser recommends."""
    wanted = [*needs, table("scanners")["analyzer"][-1]["recommended"]]
    kept = [line for line in lines().values() if line.lts and line.lts <= as_of()]
    for line in reversed(kept):
        newest = Active("decided", str(line.releases[-1]))
        if not any(excluded(newest, each) for each in wanted):
            return str(line.major)
    return needs[-1]
