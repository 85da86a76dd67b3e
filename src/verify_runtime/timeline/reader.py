"""The timelines of a repository's workflows."""

from __future__ import annotations

import fnmatch
import os
from pathlib import Path
from typing import NamedTuple

from verify_runtime.timeline.configuration import Configuration
from verify_runtime.timeline.document import DocumentError
from verify_runtime.timeline.jobs import WorkflowReader
from verify_runtime.timeline.model import JobTimeline, Place
from verify_runtime.timeline.repository import Repository

WORKFLOWS = ".github/workflows"
_ENDINGS = (".yml", ".yaml")


class Problem(NamedTuple):
    """A file that could not be read.

    Args:
        place: Where.
        message: Why.
    """

    place: Place
    message: str


class Reading(NamedTuple):
    """What was read.

    Args:
        repository: The repository.
        files: The workflows that were read.
        jobs: Their jobs.
        problems: What could not be read.
    """

    repository: Repository
    files: tuple[str, ...]
    jobs: tuple[JobTimeline, ...]
    problems: tuple[Problem, ...]


def timeline(path: str | os.PathLike[str]) -> list[JobTimeline]:
    """Return what is active at each step of workflows.

    Args:
        path: A workflow, or a repository or any folder in it.

    Returns:
        The jobs of the workflow, or of all of the repository's, one for each leg of a matrix.

    Raises:
        DocumentError: A workflow cannot be read; its message says where.
        FileNotFoundError: There is no such path.
    """
    found = Path(path)
    if not found.exists():
        raise FileNotFoundError(f"{path} does not exist")
    reading = read(root_of(found), [found] if found.is_file() else [])
    if reading.problems:
        first = reading.problems[0]
        raise DocumentError(f"{first.place}: {first.message}", first.place.line)
    return list(reading.jobs)


def root_of(path: Path) -> Path:
    """Return the repository that a path is in: the nearest folder with .git or .github; its own folder without one."""
    start = path.absolute()
    folders = [start, *start.parents] if start.is_dir() else list(start.parents)
    for folder in folders:
        if (folder / ".git").exists() or (folder / ".github").is_dir():
            return folder
    return folders[0]


def read(root: Path, paths: list[Path], settings: Configuration = Configuration()) -> Reading:  # noqa: B008 - frozen
    """Read workflows of a repository, and its local actions that none of them uses.

    Args:
        root: The repository's folder.
        paths: The workflows, or folders of them; all of the repository's where there are none.
        settings: The repository's settings.
    """
    repository = Repository(root)
    reader = WorkflowReader(repository, settings.keeps)
    files = [name for path in paths for name in _under(root, path)] if paths else _under(root, root / WORKFLOWS)
    files = [name for name in files if not any(fnmatch.fnmatchcase(name, each) for each in settings.exclude)]
    jobs: dict[str, list[JobTimeline]] = {}
    problems = []
    for name in files:
        reader.library.refill()
        try:
            jobs[name] = reader.jobs(name)
        except DocumentError as error:
            problems.append(Problem(Place(name, error.line), str(error)))
    shown: list[str] = []
    for name in jobs:
        # A workflow that another one here calls is shown there, with what it is given.
        if len(files) == 1 or not any(
            caller in shown or caller not in reader.called for caller in reader.called.get(name, ())
        ):
            shown.append(name)
    made = [job for name in shown for job in jobs[name]]
    if not paths:
        actions = [path for path in _actions(root) if path not in reader.library.used]
        made += [job for path in actions if (job := reader.action(path))]
        files += [job.file for job in made if job.file in actions]
    return Reading(repository, tuple(files), tuple(made), tuple(problems))


def _actions(root: Path) -> list[str]:
    folder = root / ".github"
    names = ("action.yml", "action.yaml")
    found = [path for name in names for path in folder.rglob(name)] if not folder.is_symlink() else []
    found += [root / name for name in ("action.yml", "action.yaml") if (root / name).is_file()]
    return sorted(os.path.relpath(path, root).replace(os.sep, "/") for path in found)


def workflows_in(folder: Path) -> list[Path]:
    """Return the files of a folder that end as workflows do."""
    return sorted(each for each in folder.iterdir() if each.suffix in _ENDINGS)


def _under(root: Path, path: Path) -> list[str]:
    found = workflows_in(path) if path.is_dir() else [path]
    return [os.path.relpath(each.absolute(), root).replace(os.sep, "/") for each in found if not each.is_dir()]
