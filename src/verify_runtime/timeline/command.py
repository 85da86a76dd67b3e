"""The command `verify-runtime timeline`."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

from verify_runtime.timeline import pages
from verify_runtime.timeline.analysis import NAMES, Analysis, analyse
from verify_runtime.timeline.configuration import ConfigurationError
from verify_runtime.timeline.finding import ERROR
from verify_runtime.timeline.printable import printable
from verify_runtime.timeline.reader import WORKFLOWS, root_of, workflows_in

CLEAN, FOUND, UNREADABLE = 0, 1, 2


def run(options: argparse.Namespace) -> int:
    """Run the command.

    Args:
        options: `paths`, `format` and `explain`.

    Returns:
        The exit status: 0 clean, 1 findings, 2 something could not be read.
    """
    if options.explain:
        return _explain(options.explain)
    # A short process of bounded size: looking for garbage would take a tenth of its time.
    gc.disable()
    try:
        root, paths = _asked([Path(path) for path in options.paths])
        analysis = analyse(root, paths)
    except (_MisuseError, ConfigurationError) as error:
        return _refuse(str(error))
    finally:
        gc.enable()
    sys.stdout.write(_rendered(analysis, options.format))
    _summarize(analysis, options.format)
    if analysis.reading.problems:
        return UNREADABLE
    return FOUND if any(finding.level == ERROR for finding in analysis.findings) else CLEAN


class _MisuseError(ValueError):
    """What was asked for is not there; the message says what."""


def _asked(paths: list[Path]) -> tuple[Path, list[Path]]:
    """Return the repository, and the workflows and folders in it that were asked for; none for all of it."""
    missing = next((path for path in paths if not path.exists()), None)
    if missing:
        raise _MisuseError(f"{missing} does not exist.")
    root = root_of(paths[0] if paths else Path.cwd())
    # A repository's folder stands for all that is in it.
    if not paths or any(path.absolute() == root for path in paths):
        if (root / WORKFLOWS).is_dir():
            return root, []
        where = f"There is no {WORKFLOWS} in {root}."
        raise _MisuseError(f"{where} Name a workflow, or run this in a repository that has some.")
    empty = next((path for path in paths if path.is_dir() and not workflows_in(path)), None)
    if empty:
        raise _MisuseError(f"There is no workflow in {empty}: no file in it ends in .yml or .yaml.")
    return root, paths


def _refuse(message: str) -> int:
    sys.stderr.write(f"verify-runtime timeline: {printable(message)}\n")
    return UNREADABLE


def _explain(rule: str) -> int:
    if rule not in NAMES:
        return _refuse(f"{rule} is no rule. There are: {', '.join(NAMES)}.")
    sys.stdout.write(pages.page(rule).text)
    return CLEAN


def _rendered(analysis: Analysis, form: str) -> str:
    if form == "text":
        from verify_runtime.timeline.formats.text import render  # noqa: PLC0415 - one form is enough to load

        coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return render(analysis, coloured=coloured)
    if form == "json":
        from verify_runtime.timeline.formats import json as chosen  # noqa: PLC0415 - as above
    elif form == "github":
        from verify_runtime.timeline.formats import github as chosen  # type: ignore[no-redef]  # noqa: PLC0415
    elif form == "sarif":
        from verify_runtime.timeline.formats import sarif as chosen  # type: ignore[no-redef]  # noqa: PLC0415
    else:
        from verify_runtime.timeline.formats import markdown as chosen  # type: ignore[no-redef]  # noqa: PLC0415
    return chosen.render(analysis)


def _summarize(analysis: Analysis, form: str) -> None:
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if form == "github" and path:
        from verify_runtime.timeline.formats.markdown import render  # noqa: PLC0415 - in a workflow alone

        with Path(path).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(render(analysis))
