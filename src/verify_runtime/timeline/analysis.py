"""The whole of it: a repository's timelines, and what the rules find in them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from verify_runtime.timeline import ignores
from verify_runtime.timeline.configuration import Configuration, configuration
from verify_runtime.timeline.finding import Facts, Finding, Rule
from verify_runtime.timeline.reader import Reading, read
from verify_runtime.timeline.repository import Repository
from verify_runtime.timeline.rules import (
    end_of_life,
    order,
    runtime_drift,
    scan_runtime,
    switch_before_scan,
    tool_engines,
    unpinned_runtime,
)
from verify_runtime.timeline.scan import Scans

RULES: dict[str, Rule] = {
    scan_runtime.NAME: scan_runtime.check,
    switch_before_scan.NAME: switch_before_scan.check,
    tool_engines.NAME: tool_engines.check,
    unpinned_runtime.NAME: unpinned_runtime.check,
    order.INSTALL: order.install_before_setup,
    order.CACHE: order.cache_before_pnpm,
    runtime_drift.NAME: runtime_drift.check,
    end_of_life.NAME: end_of_life.check,
}
NAMES = (*RULES, ignores.NAME)


class Analysis(NamedTuple):
    """What was read and found.

    Args:
        reading: The timelines, and what could not be read.
        scans: The scans among their steps.
        findings: What the rules found, in the order of files and lines.
    """

    reading: Reading
    scans: Scans
    findings: tuple[Finding, ...]


def analyse(root: Path, paths: list[Path]) -> Analysis:
    """Read workflows, and ask the rules.

    Args:
        root: The repository's folder.
        paths: The workflows, or folders of them; all of the repository's where there are none.

    Raises:
        ConfigurationError: The repository's settings cannot be read.
    """
    settings = configuration(Repository(root), NAMES)
    reading = read(root, paths, settings)
    scans = Scans(reading.repository)
    facts = Facts(reading.repository, reading.jobs, scans, settings.scan_node, whole=not paths)
    return Analysis(reading, scans, tuple(_findings(reading, facts, settings)))


def _findings(reading: Reading, facts: Facts, settings: Configuration) -> list[Finding]:
    found = {finding: None for name, rule in RULES.items() if name not in settings.ignore for finding in rule(facts)}
    once: dict[tuple[str, object], Finding] = {}
    for finding in found:
        # The legs of a matrix say the same of the same line: the first one speaks for all.
        once.setdefault((finding.rule, finding.place), finding)
    left = ignores.applied(reading.repository, reading.files, list(once.values()), NAMES)
    return sorted(left, key=lambda finding: (finding.place, finding.rule))
