"""For a pull request's comment: the findings, and each job's table folded up."""

from __future__ import annotations

import re
from collections.abc import Iterator

from verify_runtime.timeline.analysis import Analysis
from verify_runtime.timeline.finding import ERROR
from verify_runtime.timeline.formats.text import summary
from verify_runtime.timeline.printable import printable
from verify_runtime.timeline.table import Row, groups, title

# GitHub takes no longer comment.
_MAX_CHARACTERS = 64_000


def render(analysis: Analysis) -> str:
    """Return an analysis as GitHub's Markdown; jobs that do not fit a comment are counted instead."""
    parts = ["### Runtime timeline\n"]
    left = _MAX_CHARACTERS
    out = 0
    for text in _items(analysis):
        if len(text) > left:
            out += 1
            continue
        left -= len(text)
        parts.append(text)
    if out:
        parts.append(f"- and {out} more\n")
    out = 0
    for group, rows in groups(analysis.scans, analysis.reading.jobs):
        heading = f"<code>{_html(group[0].file)}</code> {_html(title(group))}: {_html(_path(rows))}"
        text = f"\n<details><summary>{heading}</summary>\n\n"
        text += f"{_plain(group[0].note)}\n" if group[0].note else ""
        text += "| step | | Node | decided by |\n| --: | --- | --- | --- |\n"
        text += "".join(map(_row, rows)) + "\n</details>\n"
        if len(text) > left:
            out += 1
            continue
        left -= len(text)
        parts.append(text)
    if out:
        parts.append(f"\n{out} more jobs do not fit a comment.\n")
    return "".join(parts) + f"\n{summary(analysis)}\n"


def _items(analysis: Analysis) -> Iterator[str]:
    for finding in analysis.findings:
        mark = ":x:" if finding.level == ERROR else ":information_source:"
        fix = "\n".join(f"  {printable(line)}" for line in finding.fix.splitlines())
        words = f"<code>{_html(str(finding.place))}</code> **{finding.rule}**: {_plain(finding.message)}"
        yield f"- {mark} {words} {_plain(finding.why)}\n  ```yaml\n{fix}\n  ```\n"
    for problem in analysis.reading.problems:
        yield f"- :x: <code>{_html(str(problem.place))}</code> could not be read: {_plain(problem.message)}\n"


def _path(rows: list[Row]) -> str:
    """Return the versions of a job in order, such as 18 → 20."""
    return " → ".join(row.node for row in rows if row.changed) or "no step runs"


def _row(row: Row) -> str:
    node = f"**{_plain(row.node)}**" if row.changed else _plain(row.node)
    said = "; ".join((*((row.origin,) if row.changed else ()), *row.notes))
    return f"| {row.number} | {_plain(row.name)} | {node} | {_plain(said)} |\n"


def _html(text: str) -> str:
    return printable(text).replace("&", "&amp;").replace("<", "&lt;")


def _plain(text: str) -> str:
    return re.sub(r"([\\|`*_\[\]~])", r"\\\1", _html(text))
