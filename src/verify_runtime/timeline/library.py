"""The repository as a job has it: where it is checked out, and its local actions."""

from __future__ import annotations

from collections.abc import Mapping as Inputs

from verify_runtime.timeline.document import DocumentError, Mapping, Node, load
from verify_runtime.timeline.repository import Repository, join, normal

_MAX_STEPS = 50_000


class Workspace(Repository):
    """The repository as it lies in a job's working directory: checked out at its root, or in folders of it.

    Args:
        repository: The repository.
    """

    def __init__(self, repository: Repository) -> None:
        self.root = repository.root
        self._repository = repository
        self.folders: list[str] = []
        self.at_root = False

    def read(self, path: str) -> str | None:
        """Return the text of a file of the working directory; None where the repository does not hold it."""
        inside = self.inside(path)
        return None if inside is None else self._repository.read(inside)

    def inside(self, path: str) -> str | None:
        """Return the path within the repository; None where it is not the repository's."""
        name = normal(path)
        for folder in self.folders:
            if name is not None and (name == folder or name.startswith(f"{folder}/")):
                return name[len(folder) + 1 :]
        return name if self.at_root or not self.folders else None

    def checked_out(self, given: Inputs[str, str | None]) -> None:
        """Note where a checkout puts the repository; another repository's files are none of its."""
        path = given.get("path") if "path" in given else ""
        if given.get("repository", "") == "" and path is not None:
            folder = normal(path)
            if folder:
                self.folders.append(folder)
            else:
                self.at_root = True


class Library:
    """The repository's local actions, each read once.

    Args:
        repository: The repository.
        keeps: Actions that leave all versions as they are, beside those of the table.

    Attributes:
        used: The local actions that some step uses, by path.
    """

    def __init__(self, repository: Repository, keeps: tuple[str, ...]) -> None:
        self.repository = repository
        self.keeps = keeps
        self.used: set[str] = set()
        self._left = _MAX_STEPS
        self._documents: dict[str, Node | str] = {}

    def refill(self) -> None:
        """Begin a workflow: each one has a budget of its own."""
        self._left = _MAX_STEPS

    def spend(self, count: int) -> None:
        """Count steps.

        Raises:
            DocumentError: A workflow comes to more than can be followed, by matrices, conditions and calls.
        """
        self._left -= count
        if self._left < 0:
            raise DocumentError(f"With its matrices, conditions and calls it comes to more than {_MAX_STEPS:,} steps.")

    def action(self, folder: str | None) -> tuple[str, Mapping] | str:
        """Return the path and the document of a local action; why there is none where there is none."""
        if folder is None:
            return "the action is outside of the repository, or of where it is checked out"
        for name in ("action.yml", "action.yaml"):
            path = join(folder, name)
            text = self.repository.read(path) if path else None
            if text is None or path is None:
                continue
            document = self._document(path, text)
            if isinstance(document, Mapping):
                self.used.add(path)
                return path, document
            return document if isinstance(document, str) else f"{path} is no action"
        return f"{folder or '.'}/action.yml is not in the repository"

    def _document(self, path: str, text: str) -> Node | str:
        if path not in self._documents:
            try:
                self._documents[path] = load(text)
            except DocumentError as error:
                self._documents[path] = f"{path}:{error.line} cannot be read: {error}"
        return self._documents[path]
