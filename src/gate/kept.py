"""What a run leaves of act's copy of the work tree, which act deletes: its coverage reports, and what they say."""

import json
import shutil
from pathlib import Path

from gate import scan
from gate.repository import Repository

_SAID, _REPORTS = "reported.json", "reports"


def leave(root: Path, folder: Path) -> None:
    """Keep them, from inside the copy.

    Args:
        root: The copy's folder.
        folder: Where to keep them.

    Raises:
        CannotJudgeError: A report cannot be read.
    """
    scan.copy_reports(root, folder / _REPORTS)
    (folder / _SAID).write_text(json.dumps(scan.reported(root)), encoding="utf-8")


def said(folder: Path) -> dict[str, tuple[int, int]]:
    """Return what the reports said, (uncovered lines, lines to cover) by path; empty when none were kept."""
    if not (folder / _SAID).exists():
        return {}
    reported = json.loads((folder / _SAID).read_text(encoding="utf-8"))
    return {path: (uncovered, to_cover) for path, (uncovered, to_cover) in reported.items()}


def bring(folder: Path, repository: Repository) -> None:
    """Put the reports into the work tree, where git ignores them: `gate scan` judges by them.

    Args:
        folder: Where they were kept.
        repository: Whose work tree the copy was of.
    """
    kept = folder / _REPORTS
    for report in (path for path in kept.rglob("*") if path.is_file()):
        target = repository.root / report.relative_to(kept)
        if repository.ignores(report.relative_to(kept)):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(report, target)
