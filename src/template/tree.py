"""A tree that is changed whole or not at all."""

import shutil
import tempfile
from pathlib import Path

from template.edits import Plan


class HalfDoneError(Exception):
    """Changing the tree stopped in the middle; the message says where, and why."""


def carry_out(root: Path, plan: Plan) -> None:
    """Write and delete what a plan says.

    Every new file is written beside the tree first: a full disk or a wrong permission stops this before anything
    has changed.

    Args:
        root: The top folder.
        plan: What is to be done.

    Raises:
        OSError: A file could not be written; nothing has changed.
        HalfDoneError: A file could not be put into its place, or not be deleted.
    """
    with tempfile.TemporaryDirectory(prefix=".init-", dir=root) as folder:
        staged = {path: Path(folder) / str(number) for number, path in enumerate(plan.write)}
        for path, file in staged.items():
            file.write_text(plan.write[path], encoding="utf-8")
            if (root / path).exists():
                shutil.copymode(root / path, file)
        try:
            for path, file in staged.items():
                file.replace(root / path)
            for path in plan.delete:
                _delete(root / path)
        except OSError as error:
            raise HalfDoneError(str(error)) from error


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
