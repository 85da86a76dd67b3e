"""For GitHub Actions: an annotation for each finding. Format: docs.github.com, "Workflow commands"."""

from __future__ import annotations

from verify_runtime.timeline.analysis import Analysis
from verify_runtime.timeline.finding import ERROR
from verify_runtime.timeline.formats.text import summary
from verify_runtime.timeline.printable import printable


def render(analysis: Analysis) -> str:
    """Return an analysis as workflow commands, and one line that sums it up."""
    lines = []
    for finding in analysis.findings:
        level = "error" if finding.level == ERROR else "notice"
        place = f"file={_property(finding.place.file)},line={finding.place.line}"
        words = "\n".join(map(printable, (finding.message, finding.why, *finding.fix.splitlines())))
        lines.append(f"::{level} {place},title={_property(f'verify-runtime {finding.rule}')}::{_data(words)}")
    for problem in analysis.reading.problems:
        place = f"file={_property(problem.place.file)},line={problem.place.line}"
        lines.append(f"::error {place},title=verify-runtime could not read::{_data(printable(problem.message))}")
    return "\n".join([*lines, summary(analysis)]) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
