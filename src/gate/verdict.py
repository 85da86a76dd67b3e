"""What Sonar says of new code: the gate's conditions, the new issues, the coverage of new lines."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from gate import console
from gate.scanner import Analysis
from gate.sonar import Api, Server

_MEASURES = "new_lines_to_cover,new_uncovered_lines,lines_to_cover,uncovered_lines"
_COMPARATORS = {"LT": "at least", "GT": "at most"}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the quality gate.

    Args:
        metric: Sonar's key of what is measured.
        threshold: What is asked, in words.
        actual: What was measured; empty when there was nothing to measure.
        passed: Whether it holds.
    """

    metric: str
    threshold: str
    actual: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, or a security hotspot nobody has reviewed, in new code."""

    path: str
    line: int | None
    rule: str
    message: str

    @property
    def place(self) -> str:
        """Its file, and its line where it has one."""
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class NewCoverage:
    """How many of a file's new lines that hold code the tests ran."""

    path: str
    lines_to_cover: int
    uncovered_lines: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A file whose coverage Sonar measured other than the report has it; lines are (uncovered, to cover)."""

    path: str
    in_sonar: tuple[int, int]
    in_report: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided, and on what grounds.

    Args:
        passed: Whether the change may go in.
        conditions: The gate's conditions.
        issues: The new issues.
        coverage: New code's coverage, file by file.
        differences: Where Sonar's coverage and the reports' differ.
        dashboard: The address of the project on the server.
    """

    passed: bool
    conditions: list[Condition]
    issues: list[Issue]
    coverage: list[NewCoverage]
    differences: list[Difference]
    dashboard: str

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def judge(server: Server, analysis: Analysis, reported: Mapping[str, tuple[int, int]]) -> Verdict:
    """Ask the server what it decided on an analysis.

    Args:
        server: The server.
        analysis: The analysis, finished.
        reported: What the coverage reports say: (uncovered lines, lines to cover) by path.

    Raises:
        CannotJudgeError: The server did not answer.
    """
    with Api(server) as api:
        status = api.get("qualitygates/project_status", analysisId=analysis.identifier)["projectStatus"]
        files = api.pages(
            "measures/component_tree",
            "components",
            component=analysis.key,
            metricKeys=_MEASURES,
            qualifiers="FIL",
        )
        measured = {file["path"]: _measures(file) for file in files}
        return Verdict(
            passed=status["status"] in {"OK", "NONE"},
            conditions=[_condition(each) for each in status["conditions"]],
            issues=_issues(api, analysis.key),
            coverage=_new_coverage(measured),
            differences=_differences(measured, reported),
            dashboard=f"{server.url}/dashboard?id={analysis.key}",
        )


def show(verdict: Verdict) -> None:
    """Print a verdict for a person."""
    out = console.stdout
    _table(
        "Conditions",
        ("metric", "threshold", "actual", "verdict"),
        [
            (each.metric, each.threshold, each.actual or "-", "passed" if each.passed else "FAILED")
            for each in verdict.conditions
        ],
    )
    _table(
        "New issues",
        ("where", "rule", "what"),
        [(each.place, each.rule, each.message) for each in verdict.issues],
    )
    _table(
        "Coverage of new code",
        ("file", "covered", "new lines to cover", "uncovered"),
        [(each.path, _percent(each), str(each.lines_to_cover), str(each.uncovered_lines)) for each in verdict.coverage],
    )
    for each in verdict.differences:
        out.print(
            f"Coverage differs: {each.path}: Sonar measured {_of(each.in_sonar)}; the report: {_of(each.in_report)}",
            style="yellow",
        )
    style = "bold green" if verdict.passed else "bold red"
    out.print(f"\nQuality gate: {'PASSED' if verdict.passed else 'FAILED'}", style=style)
    if not verdict.passed:
        out.print(reason(verdict))
    out.print(verdict.dashboard)


def reason(verdict: Verdict) -> str:
    """Return one line: why the gate failed, and in which file first."""
    failed = [each for each in verdict.conditions if not each.passed]
    words = "; ".join(f"{each.metric} is {each.actual}, wanted {each.threshold}" for each in failed)
    uncovered = [each.path for each in verdict.coverage if each.uncovered_lines]
    places = uncovered if any("coverage" in each.metric for each in failed) else []
    places += [each.place for each in verdict.issues]
    return f"Because {words}{': ' * bool(places)}{', '.join(places[:3])}"


def _measures(file: dict[str, Any]) -> dict[str, int]:
    values = {each["metric"]: each.get("value", each.get("period", {}).get("value")) for each in file["measures"]}
    return {metric: int(float(value)) for metric, value in values.items() if value is not None}


def _condition(data: dict[str, str]) -> Condition:
    threshold = f"{_COMPARATORS[data['comparator']]} {data['errorThreshold']}"
    return Condition(data["metricKey"], threshold, data.get("actualValue", ""), data["status"] != "ERROR")


def _issues(api: Api, key: str) -> list[Issue]:
    found = api.pages("issues/search", "issues", components=key, inNewCodePeriod="true", resolved="false")
    issues = [_issue(each, each["rule"], key) for each in found]
    hotspots = api.pages("hotspots/search", "hotspots", projectKey=key, inNewCodePeriod="true", status="TO_REVIEW")
    issues += [_issue(each, each.get("ruleKey", "security hotspot"), key) for each in hotspots]
    return sorted(issues, key=lambda issue: (issue.path, issue.line or 0))


def _issue(data: dict[str, Any], rule: str, key: str) -> Issue:
    return Issue(data["component"].removeprefix(f"{key}:"), data.get("line"), rule, data["message"])


def _new_coverage(measured: dict[str, dict[str, int]]) -> list[NewCoverage]:
    found = [
        NewCoverage(path, values["new_lines_to_cover"], values.get("new_uncovered_lines", 0))
        for path, values in measured.items()
        if values.get("new_lines_to_cover")
    ]
    return sorted(found, key=lambda each: (-each.uncovered_lines, each.path))


def _differences(measured: dict[str, dict[str, int]], reported: Mapping[str, tuple[int, int]]) -> list[Difference]:
    differences = []
    for path, in_report in sorted(reported.items()):
        values = measured.get(path, {})
        in_sonar = (values.get("uncovered_lines", 0), values.get("lines_to_cover", 0))
        if in_sonar != in_report:
            differences.append(Difference(path, in_sonar, in_report))
    return differences


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*row, style="red" if row[-1] == "FAILED" else None)
    console.stdout.print(table)


def _percent(each: NewCoverage) -> str:
    return f"{100 * (each.lines_to_cover - each.uncovered_lines) / each.lines_to_cover:.1f} %"


def _of(lines: tuple[int, int]) -> str:
    return f"{lines[0]} of {lines[1]} lines uncovered"
