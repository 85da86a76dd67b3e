"""install-before-setup and cache-before-pnpm: steps that stand in the wrong order."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from verify_runtime.timeline.finding import ERROR, Facts, Finding, node_of
from verify_runtime.timeline.model import Invocation, JobTimeline, StepTimeline, decided
from verify_runtime.timeline.programs import is_install

INSTALL, CACHE = "install-before-setup", "cache-before-pnpm"
_PNPM = "- uses: pnpm/action-setup@v6"


def install_before_setup(facts: Facts) -> Iterator[Finding]:
    """Find installs that run on the image's Node though a later step of the job sets another one."""
    for job in facts.jobs:
        for at, step in enumerate(job.steps if job.runs != "never" else ()):
            install = next(filter(_is_on_default, step.commands), None) if step.runs == "always" else None
            later = next(filter(_sets_node, job.steps[at + 1 :]), None) if install else None
            if install and later:
                yield _early(install, later)


def _is_on_default(command: Invocation) -> bool:
    active = node_of(command)
    return active is not None and active.kind == "default" and is_install(command.words)


def _early(install: Invocation, later: StepTimeline) -> Finding:
    line = later.place.line
    return Finding(
        INSTALL,
        ERROR,
        install.place,
        f"`{' '.join(install.words[:2])}` runs before Node {later.tools['node'][0]} is set at line {line}.",
        "Packages are built and checked for one Node, and then run on another.",
        f"Move the step of line {line} before this one.",
    )


def _sets_node(step: StepTimeline) -> bool:
    active = decided(step.tools.get("node", ()))
    return step.runs == "always" and "node" in step.sets and active is not None and active.kind == "decided"


def cache_before_pnpm(facts: Facts) -> Iterator[Finding]:
    """Find a cache of pnpm's that is asked for, or a pnpm that is run, before there is one."""
    for job in facts.jobs:
        if job.runs != "never" and _is_hosted(job):
            yield from _pnpm(job)


def _is_hosted(job: JobTimeline) -> bool:
    return any(active.kind == "default" for step in job.steps[:1] for active in step.tools.get("node", ())) or any(
        step.uses.startswith("actions/setup-node@") for step in job.steps[:1]
    )


def _pnpm(job: JobTimeline) -> Iterator[Finding]:
    for step in job.steps:
        if step.runs not in ("always", "maybe"):
            continue
        there = bool(step.tools.get("pnpm"))
        if there or _may_bring_pnpm(step):
            return
        if step.uses.startswith("actions/setup-node@") and step.inputs.get("cache") == "pnpm":
            yield Finding(
                CACHE,
                ERROR,
                step.place,
                "setup-node is asked for pnpm's cache before pnpm is installed.",
                "It fails with `Unable to locate executable file: pnpm`.",
                f"Before this step:\n{_PNPM}",
            )
            return
        for command in step.commands:
            if command.certain and command.words and posixpath.basename(command.words[0]) == "pnpm":
                yield Finding(
                    CACHE,
                    ERROR,
                    command.place,
                    "`pnpm` runs before it is installed.",
                    "The runner's image does not bring it: the step fails with `pnpm: command not found`.",
                    f"Before this step:\n{_PNPM}",
                )
                return


def _may_bring_pnpm(step: StepTimeline) -> bool:
    """Return whether a step may install pnpm in a way that is not followed."""
    if any(active.kind == "unknown" for active in step.tools.get("node", ())):
        return True
    words = {word for command in step.commands for word in command.words}
    return bool(words & {"corepack", "mise", "volta", "asdf", "proto", "brew", "choco"}) or any(
        "get.pnpm.io" in word for word in words
    )
