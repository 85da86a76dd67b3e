"""What GitHub says of the repository: does it protect the main branch, and as the file says?"""

from collections.abc import Iterator
from dataclasses import dataclass

from gate.doctor.check import Check
from gate.doctor.repository import REQUIRED
from gate.errors import CannotJudgeError
from gate.ruleset import FILE, Difference

_FIX = "gate protect"
_WHY = "Only a required check keeps a failed pipeline out of the main branch."


@dataclass(frozen=True, slots=True)
class GitHubFacts:
    """What GitHub says of the repository; in the place of what it does not say stands why.

    Args:
        slug: OWNER/NAME; empty when the repository is not on GitHub.
        page: The address of its page.
        key: The project's key on SonarQube Cloud.
        differences: Where GitHub's ruleset is not the file's; None when there is no ruleset.
        required: The checks that GitHub requires on the main branch, wherever that is set.
        secret: The secret that Actions have for the scan, the repository's own or the organization's; empty when none.
        variable: The variable that tells them where to scan; empty when they have none.
        too_much: What the token can do and need not; empty when that is nothing.
        fix: Which token does.
    """

    slug: str
    page: str
    key: str
    differences: list[Difference] | CannotJudgeError | None
    required: list[str] | CannotJudgeError
    secret: str | CannotJudgeError
    variable: str | CannotJudgeError
    too_much: str = ""
    fix: str = ""


def unknown(slug: str, page: str, key: str, error: CannotJudgeError) -> GitHubFacts:
    """Return the facts of a repository of which nothing can be asked."""
    return GitHubFacts(slug, page, key, error, error, error, error)


def checks(github: GitHubFacts) -> Iterator[Check]:
    """Look at what GitHub says of the main branch's protection."""
    error = github.differences
    if isinstance(error, CannotJudgeError) and error is github.required:
        title = f"Whether GitHub has the ruleset as {FILE} does, and requires {REQUIRED}, cannot be told"
        yield Check("unknown", f"{title}: {error.what}", _WHY, error.fix)
        return
    yield _ruleset(github)
    yield _required(github)
    if github.too_much:
        why = "Whoever gets hold of it reaches all of that; a token for this needs next to nothing."
        yield Check("warning", github.too_much, why, github.fix)


def _ruleset(github: GitHubFacts) -> Check:
    found = github.differences
    if isinstance(found, CannotJudgeError):
        return Check(
            "unknown", f"Whether GitHub has the ruleset as {FILE} does cannot be told: {found.what}", _WHY, found.fix
        )
    if found is None:
        return Check("problem", f"GitHub does not have the ruleset of {FILE}", _WHY, _FIX)
    if found:
        fields = "; ".join(
            f"{each.field} is {each.github or 'not there'}, the file has {each.file or 'none'}" for each in found
        )
        return Check("problem", f"GitHub's ruleset is not as {FILE} has it: {fields}", _WHY, _FIX)
    return Check("ok", f"GitHub has the ruleset as {FILE} does", _WHY)


def _required(github: GitHubFacts) -> Check:
    found = github.required
    if isinstance(found, CannotJudgeError):
        return Check("unknown", f"Whether GitHub requires {REQUIRED} cannot be told: {found.what}", _WHY, found.fix)
    if REQUIRED in found:
        return Check("ok", f"GitHub requires {REQUIRED} on the main branch", _WHY)
    required = f"requires {', '.join(found)}, not {REQUIRED}," if found else "requires no check"
    return Check("problem", f"GitHub {required} on the main branch", _WHY, _FIX)
