"""The command line of `make init`, and of copier's task."""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

from template import edits, lock, tree
from template.answers import PARTS, AnswerError, Answers

DONE, REFUSED = 0, 2

_UNDO = "git restore . && git clean -df"
_ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None, root: Path = _ROOT) -> int:
    """Make a tree a team's own.

    Args:
        arguments: The command line; the process's own when None.
        root: The tree's top folder.

    Returns:
        The exit status: 0 done, 2 refused, and then nothing has changed.
    """
    given = _parser().parse_args(arguments)
    try:
        if given.commit is None:
            _refuse_changes(root)
        answers = _answers(given, root)
        answers.check({each.name for each in lock.packages((root / edits.LOCK).read_text(encoding="utf-8"))})
        planned = edits.plan(root, answers)
        tree.carry_out(root, planned)
    except (AnswerError, edits.EditError) as error:
        return _refuse(f"{error}\nNothing has changed.")
    except OSError as error:
        return _refuse(f"{error}. Nothing has changed: mend that, and run the same again.")
    except tree.HalfDoneError as error:
        return _refuse(f"stopped in the middle: {error}. Mend that, then: {_UNDO}; and run the same again.")
    if given.commit is None:
        sys.stdout.write(_told(answers, planned))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make init",
        description="Make this repository yours: project, package and page names, licence holder, badges; leave parts "
        "out; and remove what only the template needs.",
        epilog=f"Undo it, before the first commit: {_UNDO}",
    )
    parser.add_argument("--name", required=True, help="the project's name, as PyPI, npm and Sonar know it: my-app")
    parser.add_argument("--repository", default="", help="OWNER/NAME on GitHub; from the remote origin when not given")
    parser.add_argument("--title", default="", help="what the page calls itself; from the name when not given")
    parser.add_argument("--holder", default="", help="who holds the licence; the repository's owner when not given")
    parser.add_argument("--without", default="", help=f"parts to leave out, with commas between: {', '.join(PARTS)}")
    parser.add_argument("--template", default="", help="the template's address; the remote upstream when not given")
    parser.add_argument("--commit", help="the template's version; from its pyproject.toml when not given")
    return parser


def _answers(given: argparse.Namespace, root: Path) -> Answers:
    repository = given.repository or _slug(_remote(root, "origin"))
    if not repository:
        raise AnswerError(f"REPOSITORY= is missing, and there is no remote origin to tell it: acme/{given.name}")
    template = given.template or _remote(root, "upstream")
    if not template:
        example = "https://github.com/OWNER/NAME"
        raise AnswerError(f"TEMPLATE= is missing: the address that later versions come from, {example}")
    project = tomllib.loads((root / edits.PROJECT).read_text(encoding="utf-8"))["project"]
    return Answers(
        name=given.name,
        repository=repository,
        title=given.title or given.name.replace("-", " ").capitalize(),
        holder=given.holder or repository.split("/")[0],
        without=tuple(sorted({each for each in re.split(r"[\s,]+", given.without) if each})),
        template=template,
        version=given.commit or f"v{project['version']}",
    )


def _refuse_changes(root: Path) -> None:
    status = _git(root, "status", "--porcelain")
    if status is None:
        raise AnswerError(
            "This is no Git repository, and nothing could be undone: git init && git add --all, and commit"
        )
    if status:
        raise AnswerError(f"There are changes that are not committed; commit or stash them first:\n{status.rstrip()}")


def _remote(root: Path, name: str) -> str:
    return (_git(root, "remote", "get-url", name) or "").strip()


def _slug(address: str) -> str:
    """Return OWNER/NAME of a remote's address; empty for one that has none."""
    parts = [part for part in re.split("[/:]", address.removesuffix("/").removesuffix(".git")) if part]
    return "/".join(parts[-2:]) if len(parts) > len(("owner", "name")) else ""


def _git(root: Path, *arguments: str) -> str | None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(["git", *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _refuse(why: str) -> int:
    sys.stderr.write(f"make init: {why}\n")
    return REFUSED


def _told(answers: Answers, planned: edits.Plan) -> str:
    left_out = f" Left out: {', '.join(answers.without)}." if answers.without else ""
    return (
        f"This is {answers.name} now, of {answers.repository}; {len(planned.write)} files changed, and "
        f"{len(planned.delete)} that only the template needs, or nobody any more, are gone.{left_out}\n"
        f"See it: git status. Keep it: git add --all && git commit. Undo it: {_UNDO}\n"
    )
