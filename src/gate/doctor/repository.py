"""What a repository's own files and its clone say."""

import json
import subprocess
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gate import git, node_range, ruleset, workflow
from gate.doctor.check import Check
from gate.errors import CannotJudgeError

_WORKFLOW = ".github/workflows/ci.yml"
REQUIRED = "ci-passed"


@dataclass(frozen=True, slots=True)
class Clone:
    """A repository as it is on this machine.

    Args:
        root: The top folder of its work tree.
        main: The name of the remote's main branch; empty when it is not known here.
        ci: The text of its workflow; empty when there is none.
    """

    root: Path
    main: str
    ci: str

    @property
    def environment(self) -> dict[str, str]:
        """The workflow's variables."""
        return workflow.environment(self.ci)


def read(root: Path) -> Clone:
    """Read what the checks have in common.

    Args:
        root: The top folder of the work tree.
    """
    main = _git(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").removeprefix("origin/")
    return Clone(root, main, _text(root / _WORKFLOW))


def checks(clone: Clone) -> list[Check]:
    """Look at a repository's files and at its clone."""
    env = clone.environment
    return [
        _versions(env),
        _nvmrc(clone.root, env.get("NODE_TEST", "")),
        _engines(clone.root, env),
        _ruleset(clone.root),
        _main_branch(clone.ci, clone.main),
        _depth(clone.root),
    ]


def _versions(env: dict[str, str]) -> Check:
    why = "The pipeline takes both Node versions from there."
    missing = [name for name in ("NODE_TEST", "NODE_SCAN") if not env.get(name)]
    if missing:
        title = f"{_WORKFLOW} does not set {' and '.join(missing)}"
        return Check("problem", title, why, f'In {_WORKFLOW}, at the top: env: NODE_TEST: "18", NODE_SCAN: "20"')
    return Check("ok", f"Tests run on Node {env['NODE_TEST']}, the scan on Node {env['NODE_SCAN']}", why)


def _nvmrc(root: Path, node_test: str) -> Check:
    why = "With another Node than the pipeline's, tests pass on one machine and fail on the other."
    wanted = _text(root / ".nvmrc").strip()
    if not wanted:
        return Check("ok", "No .nvmrc that could disagree with NODE_TEST", why)
    agrees = node_range.fits(wanted, node_test) if node_test else None
    fix = f"Write NODE_TEST's version into .nvmrc: {node_test}"
    return _agreement(agrees, f".nvmrc ({wanted})", f"NODE_TEST ({node_test or 'not set'})", why, fix)


def _engines(root: Path, env: dict[str, str]) -> Check:
    why = "pnpm warns, or refuses to install, on a Node that package.json does not allow."
    engines = _json(root / "package.json").get("engines")
    wanted = engines.get("node") if isinstance(engines, dict) else None
    if not isinstance(wanted, str):
        return Check("ok", "package.json allows every Node", why)
    answers = [node_range.fits(env.get(name, ""), wanted) for name in ("NODE_TEST", "NODE_SCAN")]
    agrees = None if None in answers else all(answers)
    versions = f"NODE_TEST ({env.get('NODE_TEST', 'not set')}) and NODE_SCAN ({env.get('NODE_SCAN', 'not set')})"
    return _agreement(agrees, f"engines.node ({wanted})", versions, why, "Correct engines.node in package.json.")


def _agreement(agrees: bool | None, one: str, other: str, why: str, fix: str) -> Check:  # noqa: FBT001 - the answer
    if agrees is None:
        return Check("unknown", f"{one} and {other} cannot be compared here", why, "Compare them by eye.")
    if agrees:
        return Check("ok", f"{one} agrees with {other}", why)
    return Check("problem", f"{one} disagrees with {other}", why, fix)


def _ruleset(root: Path) -> Check:
    why = "Only a required check keeps a failed pipeline out of the main branch."
    try:
        data = ruleset.load(root)
    except CannotJudgeError as error:
        return Check("problem", error.what, why, error.fix)
    contexts = _contexts(data)
    if contexts != [REQUIRED] or data["enforcement"] != "active":
        title = f"{ruleset.FILE} requires {', '.join(contexts) or 'no check'}, enforcement {data['enforcement']}"
        return Check("problem", title, why, f"Require exactly {REQUIRED}, with enforcement active.")
    return Check("ok", f"{ruleset.FILE} requires exactly {REQUIRED}", why)


def _contexts(data: dict[str, Any]) -> list[str]:
    try:
        rules = [each for each in data["rules"] if each["type"] == "required_status_checks"]
        return [str(each["context"]) for rule in rules for each in rule["parameters"]["required_status_checks"]]
    except (KeyError, TypeError):
        return []


def _main_branch(ci: str, main: str) -> Check:
    why = "Sonar counts new code from the main branch, and it is analysed only when the workflow runs on it."
    if not main:
        title = "The remote's main branch is not known here"
        return Check("unknown", title, why, "git remote set-head origin --auto")
    branches = workflow.push_branches(ci)
    if any(fnmatchcase(main, each) for each in branches):
        return Check("ok", f"{_WORKFLOW} runs on pushes to the main branch, {main}", why)
    title = f"{_WORKFLOW} runs on pushes to {', '.join(branches) or 'no branch'}; the main branch is {main}"
    return Check("problem", title, why, f"In {_WORKFLOW}: on: push: branches: [{main}]")


def _depth(root: Path) -> Check:
    why = "Without the history Sonar cannot tell new lines from old ones."
    answer = _git(root, "rev-parse", "--is-shallow-repository")
    if answer == "false":
        return Check("ok", "The clone has its whole history", why)
    if answer == "true":
        return Check("problem", "The clone is shallow", why, "git fetch --unshallow")
    return Check("unknown", "Whether the clone is shallow cannot be told", why, "git rev-parse --is-shallow-repository")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, env=git.environment(), capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
