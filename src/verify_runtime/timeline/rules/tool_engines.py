"""tool-engines: a step runs a tool whose own `engines` exclude the Node that is active there."""

from __future__ import annotations

from collections.abc import Iterator

from verify_runtime.timeline.finding import ERROR, Facts, Finding, node_of, quoted
from verify_runtime.timeline.lockfile import engine
from verify_runtime.timeline.model import Active, Invocation
from verify_runtime.timeline.programs import Program, programs
from verify_runtime.timeline.releases import excluded, lines, meant

NAME = "tool-engines"


def check(facts: Facts) -> Iterator[Finding]:
    """Find the tools of each step that exclude its Node, in the order of the steps."""
    found: dict[tuple[str | None, tuple[str, ...]], list[Program]] = {}
    for _, step in facts.running():
        for command in step.commands:
            active = node_of(command)
            if active is not None and active.kind == "decided":
                key = (command.folder, command.words)
                if key not in found:
                    found[key] = programs(facts.repository, command.folder, command.words)
                findings = (_finding(facts, command, active, program) for program in found[key])
                yield from (finding for finding in findings if finding)


def _finding(facts: Facts, command: Invocation, active: Active, program: Program) -> Finding | None:
    tool = engine(facts.repository.read, program.folder, program.name)
    if tool is None or not excluded(active, tool.node):
        return None
    way = "".join(f", through the script {name} ({place})" for name, place in program.through[-1:])
    where = f" at {active.place}" if active.place else ""
    return Finding(
        NAME,
        ERROR,
        command.place,
        f"{tool.package} {tool.version} needs Node {tool.node}, and Node {active.version} is active here{way}.",
        f"The lock says so ({tool.file}:{tool.line}); the tool may not even start.",
        f"Set{where}: node-version: {quoted(_fitting(tool.node))}\n"
        f"or take a version of {tool.package} that runs on {active.version}.",
    )


def _fitting(needed: str) -> str:
    """Return the oldest line that is still kept and fits; the range itself where none does."""
    for line in lines().values():
        found = meant(f"{line.major}.x")
        if line.lts and found and not excluded(Active("decided", str(line.releases[-1])), needed):
            return str(line.major)
    return needed
