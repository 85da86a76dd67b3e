"""The working tree's verdict: the base analysed once, then what is there now, judged as a pull request is."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gate import coverage, download, paths, properties, reports, scanner, verdict
from gate.errors import CannotJudgeError
from gate.repository import Repository
from gate.sonar import Api, Server

_BASE = "base"
NEW = "new"
_PROPERTIES = "sonar-project.properties"


@dataclass(frozen=True, slots=True)
class Project:
    """A project on the server that holds one base commit's analysis, and new code's after it.

    Args:
        key: Its key.
        base: The commit that new code is counted from.
    """

    key: str
    base: str


def scan(repository: Repository, connect: Callable[[], Server], base: str | None) -> verdict.Verdict:
    """Judge the working tree, uncommitted work included.

    Args:
        repository: The repository.
        connect: Gives the server; called only when the reports are fit to be judged.
        base: What the work goes to; None for the remote's default branch, else the first commit.

    Raises:
        CannotJudgeError: No verdict could be reached.
    """
    commit = repository.base(base)
    findings = coverage.check(repository.root)
    problems = [each for each in findings if each.severity == "error"]
    if problems:
        raise CannotJudgeError(
            f"The coverage reports would mislead Sonar: {problems[0].message}", "See all of it: gate coverage"
        )
    server = connect()
    base_project = ensure_base(repository, server, commit)
    with repository.copy(commit, uncommitted=True) as copy:
        _bring_reports(repository.root, copy)
        given = _place(repository, server, base_project) | {"sonar.projectVersion": NEW}
        analysis = scanner.scan(server, copy, "Analysing the working tree", given)
        return verdict.judge(server, analysis, reported(repository.root))


def reported(root: Path) -> dict[str, tuple[int, int]]:
    """Return what the coverage reports say: (uncovered lines, lines to cover) by path.

    Raises:
        CannotJudgeError: A report cannot be read.
    """
    return {path: (file.uncovered_lines, file.lines_to_cover) for path, file in reports.load(root).items()}


def copy_reports(root: Path, folder: Path) -> None:
    """Copy the coverage reports, each to the same place below another folder.

    Args:
        root: The top folder of the work tree, or of a copy of it.
        folder: The other folder.

    Raises:
        CannotJudgeError: The settings, which name them, cannot be read.
    """
    for report in coverage.report_paths(root):
        target = folder / report.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(report, target)


def project(repository: Repository, commit: str) -> Project:
    """Return the project for a base commit, whether the server has it or not.

    A project of its own for each base keeps what counts as new free of what was scanned before.
    """
    return Project(f"{repository.key}:{commit[:12]}", commit)


def ensure_base(repository: Repository, server: Server, commit: str) -> Project:
    """Analyse the base commit unless the server has it already.

    Raises:
        CannotJudgeError: The base could not be analysed.
    """
    # One at a time: the second of two commands that start together finds what the first has analysed.
    with download.locked(paths.cache() / "base.lock"):
        return _ensure_base(repository, server, project(repository, commit))


def _ensure_base(repository: Repository, server: Server, made: Project) -> Project:
    with Api(server) as api:
        if _has_base(api, made):
            return made
        if not api.exists("components/show", component=made.key):
            name = f"{repository.key} since {made.base[:7]}"
            extra = {"organization": repository.organization} if server.is_cloud else {}
            api.post("projects/create", project=made.key, name=name, mainBranch="main", **extra)
        _count_from_base(api, made)
    with repository.copy(made.base, uncommitted=False) as copy:
        _make_fit(repository.root, copy)
        given = _place(repository, server, made) | {"sonar.projectVersion": _BASE}
        scanner.scan(server, copy, f"Analysing the base, {made.base[:7]}, once", given)
    return made


def _place(repository: Repository, server: Server, project: Project) -> dict[str, str]:
    """Return the scanner's properties that say where an analysis belongs."""
    organization = {"sonar.organization": repository.organization} if server.is_cloud else {}
    return {"sonar.projectKey": project.key} | organization


def _has_base(api: Api, project: Project) -> bool:
    if not api.exists("components/show", component=project.key):
        return False
    analyses = api.get("project_analyses/search", project=project.key)["analyses"]
    return any(each.get("projectVersion") == _BASE for each in analyses)


def _count_from_base(api: Api, project: Project) -> None:
    if api.server.is_cloud:
        api.post("settings/set", component=project.key, key="sonar.leak.period", value="previous_version")
    else:
        api.post("new_code_periods/set", project=project.key, type="PREVIOUS_VERSION")


def _make_fit(root: Path, copy: Path) -> None:
    """Let a base that is older than the gate be analysed as the work tree is: same settings, same folders."""
    settings = root / _PROPERTIES
    if not settings.exists():
        raise CannotJudgeError(f"There is no {settings}.", "Write it: sonar.sources=..., sonar.tests=...")
    shutil.copy(settings, copy / _PROPERTIES)
    given = properties.read(settings)
    for name in ("sonar.sources", "sonar.tests"):
        for folder in properties.as_list(given.get(name, "")):
            if not (root / folder).is_file():
                (copy / folder).mkdir(parents=True, exist_ok=True)


def _bring_reports(root: Path, copy: Path) -> None:
    """Bring what git ignores but the analysis reads: the reports, and the packages that types come from."""
    copy_reports(root, copy)
    modules = root / "node_modules"
    if modules.is_dir() and not (copy / "node_modules").exists():
        (copy / "node_modules").symlink_to(modules)
