"""The main branch's protection on GitHub: what is to change, shown first, then written, and taken away again."""

import json
import shlex
import sys
from dataclasses import asdict, dataclass
from typing import Any, Literal

import typer

from gate import console, credential, paint, refusal, ruleset
from gate.github import Api
from gate.remote import Remote
from gate.repository import Repository
from gate.ruleset import Difference

_DONE = {"create": "Created", "update": "Updated", "remove": "Removed"}


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done with the ruleset, or was.

    Args:
        repository: OWNER/NAME.
        ruleset: The ruleset's name.
        action: What is to be done; none when GitHub has it as the file does, or has none to remove.
        differences: What changes.
        identifier: GitHub's number for the ruleset; None when it has none.
        page: The page that shows it, or them all.
        notes: What else there is to know: a token that can do too much, a field that GitHub does not tell.
        written: Whether it was done.
    """

    repository: str
    ruleset: str
    action: Literal["create", "update", "remove", "none"]
    differences: list[Difference]
    identifier: int | None
    page: str
    notes: list[str]
    written: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def open_api(remote: Remote, name: str) -> Api:
    """Return GitHub's API with the user's token.

    Args:
        remote: The repository.
        name: The ruleset's name.

    Raises:
        CannotJudgeError: There is no token; the fix has the commands that do the same.
    """
    found = credential.find(remote)
    if found is None:
        raise refusal.no_token(remote, ruleset.WRITE, f"Or let gh do the same:\n{commands(remote, name)}")
    return Api(remote, found)


def commands(remote: Remote, name: str) -> str:
    """Return the commands of gh that find, create and update the ruleset."""
    host = "" if remote.host == "github.com" else f" --hostname {remote.host}"
    rulesets = f"repos/{remote.slug}/rulesets"
    wanted = shlex.quote(f".[] | select(.name == {json.dumps(name)}) | .id")
    return (
        f"    gh api{host} --paginate '{rulesets}?includes_parents=false' --jq {wanted}\n"
        f"    gh api{host} --method POST {rulesets} --input {ruleset.FILE}      # when that printed no number\n"
        f"    gh api{host} --method PUT {rulesets}/NUMBER --input {ruleset.FILE}      # when it printed one"
    )


def plan(api: Api, file: dict[str, Any], *, remove: bool) -> Change:
    """Compare, and tell what is to be done; nothing is written.

    Args:
        api: GitHub.
        file: The file's ruleset.
        remove: Whether the ruleset is to go.

    Raises:
        CannotJudgeError: GitHub refused, did not answer, or has several rulesets of that name.
    """
    name = str(file["name"])
    found = ruleset.find(api, name)
    notes = _notes(api, found)
    if found is None:
        page = f"{api.remote.page}/settings/rules"
        differences = [] if remove else ruleset.compare({"bypass_actors": []}, file)
        return Change(api.remote.slug, name, "none" if remove else "create", differences, None, page, notes)
    differences = ruleset.compare(found.data, {} if remove else file)
    action: Literal["update", "none"] = "update" if differences else "none"
    return Change(
        api.remote.slug, name, "remove" if remove else action, differences, found.identifier, found.page, notes
    )


def carry_out(api: Api, change: Change, file: dict[str, Any]) -> Change:
    """Do what was planned.

    Args:
        api: GitHub.
        change: The plan.
        file: The file's ruleset.

    Returns:
        The plan, written; what GitHub did not take is in its notes.

    Raises:
        CannotJudgeError: GitHub refused or did not answer.
    """
    place = f"/rulesets/{change.identifier}"
    if change.action == "remove":
        api.write("DELETE", place)
        return _written(change, change.identifier, change.page, change.notes)
    answer = api.write("POST", "/rulesets", file) if change.action == "create" else api.write("PUT", place, file)
    made = ruleset.of(api, answer)
    kept = [
        f"GitHub keeps {each.field}: {each.github or 'nothing'}. Write that into {ruleset.FILE}, or see {made.page}"
        for each in ruleset.compare(made.data, file)
    ]
    return _written(change, made.identifier, made.page, [*change.notes, *kept])


def _written(change: Change, identifier: int | None, page: str, notes: list[str]) -> Change:
    return Change(
        change.repository, change.ruleset, change.action, change.differences, identifier, page, notes, written=True
    )


def show(change: Change) -> None:
    """Print a plan for a person."""
    where = f"ruleset {change.ruleset} of {change.repository}"
    there = f"the {where} is as {ruleset.FILE} has it. {change.page}"
    titles = {
        "create": f"There is no {where} yet. It is made as {ruleset.FILE} has it:",
        "update": f"The {where} is not as {ruleset.FILE} has it (- GitHub, + the file):",
        "remove": f"The {where} goes, and protects nothing any more:",
        "none": f"Nothing to do: {there if change.identifier else f'there is no {where}.'}",
    }
    paint.line(titles[change.action])
    for each in change.differences:
        if each.github is not None:
            paint.line(f"- {each.field}: {each.github}", "red")
        if each.file is not None:
            paint.line(f"+ {each.field}: {each.file}", "green")


def show_end(change: Change, why_not: str) -> None:
    """Print whether a plan was written, or why not.

    Args:
        change: The plan.
        why_not: Why it was not written.
    """
    if change.written:
        again = {"create": "gate protect --remove", "update": "its page, History", "remove": "gate protect"}
        paint.line(f"{_DONE[change.action]}: {change.page}  (to undo: {again[change.action]})", "green")
    elif change.action != "none":
        paint.line(f"Nothing was written: {why_not}", "yellow")
    for each in change.notes:
        console.stderr.print(f"Note: {each}", style="yellow", markup=False)


def agreed(*, yes: bool, dry_run: bool, as_json: bool) -> str:
    """Ask whether to write; return why not, empty when it was agreed to.

    Args:
        yes: Whether it was agreed to beforehand.
        dry_run: Whether nothing is to be written.
        as_json: Whether a machine reads, which is not asked.
    """
    if dry_run:
        return "--dry-run. Write it: the same without it"
    if yes:
        return ""
    if as_json or not sys.stdin.isatty():
        return "nobody can be asked here. Write it: the same with --yes"
    return "" if typer.confirm("Write this to GitHub?", err=True) else "you said no."


def find(repository: Repository, remote: Remote) -> tuple[Api, dict[str, Any]]:
    """Return GitHub's API and the file's ruleset.

    Raises:
        CannotJudgeError: The file cannot be used, or there is no token.
    """
    file = ruleset.load(repository.root)
    return open_api(remote, str(file["name"])), file


def _notes(api: Api, found: ruleset.Ruleset | None) -> list[str]:
    notes = []
    much = api.credential.too_much(api.scopes)
    if much:
        notes.append(f"{much}. {refusal.new(api.remote)}")
    if found and not found.shows_bypass:
        notes.append(f"GitHub does not tell this token who may bypass the ruleset; that takes {ruleset.WRITE}.")
    return notes
