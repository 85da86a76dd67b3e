"""For a terminal: a compact table for each job, then the findings."""

from __future__ import annotations

from collections.abc import Iterator

from verify_runtime.timeline.analysis import Analysis
from verify_runtime.timeline.finding import ERROR, Finding
from verify_runtime.timeline.printable import printable
from verify_runtime.timeline.table import Row, groups, title

_NAME_WIDTH, _NODE_WIDTH = 38, 16


class Colours:
    """The escape sequences; empty where they are not wanted.

    Args:
        wanted: Whether the text goes to a terminal that shows them.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.red, self.yellow, self.green, self.bold, self.dim, self.plain = (
            ("\033[31m", "\033[33m", "\033[32m", "\033[1m", "\033[2m", "\033[0m") if wanted else ("",) * 6
        )


def render(analysis: Analysis, *, coloured: bool = False) -> str:
    """Return an analysis as text.

    Args:
        analysis: What was read and found.
        coloured: Whether to use colours.
    """
    colours = Colours(wanted=coloured)
    lines: list[str] = []
    file = ""
    for group, rows in groups(analysis.scans, analysis.reading.jobs):
        if group[0].file != file:
            file = group[0].file
            lines += [f"{colours.bold}{printable(file)}{colours.plain}"]
        lines += [f"  {colours.bold}{title(group)}{colours.plain}"]
        lines += [f"    {printable(group[0].note)}"] if group[0].note else []
        lines += [_row(row, colours) for row in rows]
        lines.append("")
    for finding in analysis.findings:
        lines += [*_finding(finding, colours), ""]
    for problem in analysis.reading.problems:
        place, message = printable(str(problem.place)), printable(problem.message)
        lines += [f"{colours.red}could not read{colours.plain}  {place}", f"  {message}", ""]
    lines.append(summary(analysis))
    return "\n".join(lines) + "\n"


def summary(analysis: Analysis) -> str:
    """Return the last line: what was read, and how many findings there are."""
    errors = sum(finding.level == ERROR for finding in analysis.findings)
    notes = len(analysis.findings) - errors
    read = analysis.reading
    steps = sum(len(job.steps) for job in read.jobs)
    counted = [_count(len(read.files), "file"), _count(len(read.jobs), "job"), _count(steps, "step")]
    found = f"{_count(errors, 'finding')}, {_count(notes, 'note')}"
    unread = f", {_count(len(read.problems), 'file')} could not be read" if read.problems else ""
    return f"{', '.join(counted)}: {found}{unread}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _row(row: Row, colours: Colours) -> str:
    name = row.name if len(row.name) <= _NAME_WIDTH else f"{row.name[: _NAME_WIDTH - 1]}…"
    indent = "  " * row.number.count(".")
    head = f"    {indent}{row.number:>{4 + len(indent)}}  {name:<{_NAME_WIDTH}}"
    if not row.node:
        return f"{colours.dim}{head}  {'; '.join(row.notes)}{colours.plain}"
    if row.changed:
        node = f"{colours.bold}{colours.yellow}{row.node:<{_NODE_WIDTH}}{colours.plain}"
        said = "; ".join((row.origin, *row.notes))
    else:
        node = f"{colours.dim}{'│':<{_NODE_WIDTH}}{colours.plain}"
        said = "; ".join(row.notes)
    return f"{head}  {node}{f' {said}' if said else ''}".rstrip()


def _finding(finding: Finding, colours: Colours) -> Iterator[str]:
    mark = f"{colours.red}error{colours.plain}" if finding.level == ERROR else f"{colours.dim}note{colours.plain}"
    yield f"{mark}  {printable(str(finding.place))}  [{finding.rule}]"
    yield f"  {colours.bold}{printable(finding.message)}{colours.plain}"
    yield f"  {printable(finding.why)}"
    yield from (f"    {colours.green}{printable(line)}{colours.plain}" for line in finding.fix.splitlines())
