"""GitHub's settings of the repository, for the doctor: the ruleset, and the names of secrets and variables."""

import os
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from gate import credential, doctor, refusal, remote, ruleset
from gate.doctor import GitHubFacts
from gate.errors import CannotJudgeError
from gate.github import Api
from gate.repository import Repository

_Fact = TypeVar("_Fact")

_READ = "Metadata: read, Secrets: read and Variables: read"


def gather(repository: Repository) -> GitHubFacts:
    """Ask GitHub, with the user's own token; without one nothing is asked.

    Args:
        repository: The repository.

    Returns:
        What it says, and in the place of what it does not say, why.
    """
    key = os.environ.get("SONAR_PROJECT_KEY") or repository.key
    slug, page = "", "https://github.com/OWNER/NAME"
    try:
        place = remote.find(repository)
        slug, page = place.slug, place.page
        found = credential.find(place)
        if found is None:
            look = f"Or look: gh api 'repos/{slug}/rulesets?includes_parents=false'"
            raise refusal.no_token(place, _READ, look)
    except CannotJudgeError as error:
        return doctor.unknown(slug, page, key, error)
    with Api(place, found) as api:
        return GitHubFacts(
            slug,
            page,
            key,
            differences=_answer(lambda: _differences(api, repository)),
            required=_answer(lambda: _required(api)),
            secret=_answer(lambda: _first(api, "secrets", "SONAR_TOKEN")),
            variable=_answer(lambda: _first(api, "variables", "SONAR_ORGANIZATION", "SONAR_HOST_URL")),
            too_much=found.too_much(api.scopes),
            fix=refusal.new(place, _READ),
        )


def _answer(ask: Callable[[], _Fact]) -> _Fact | CannotJudgeError:
    try:
        return ask()
    except CannotJudgeError as error:
        return error


def _differences(api: Api, repository: Repository) -> list[ruleset.Difference] | None:
    file = ruleset.load(repository.root)
    found = ruleset.find(api, str(file["name"]))
    return ruleset.compare(found.data, file) if found else None


def _required(api: Api) -> list[str]:
    branch = quote(str(api.get("", ruleset.READ)["default_branch"]), safe="")
    rules = api.pages(f"/rules/branches/{branch}?per_page=100", ruleset.READ)
    return [context for rule in rules if rule["type"] == "required_status_checks" for context in _contexts(rule)]


def _contexts(rule: dict[str, Any]) -> list[str]:
    return [str(each["context"]) for each in rule["parameters"]["required_status_checks"]]


def _first(api: Api, kind: str, *names: str) -> str:
    """Return the first of these names that Actions have, the repository's or its organization's; empty when none."""
    permission = f"{kind.capitalize()}: read"
    for name in names:
        if api.exists(f"/actions/{kind}/{name}", permission):
            return name
    shared = {each["name"] for each in api.pages(f"/actions/organization-{kind}?per_page=30", permission, kind)}
    return next((name for name in names if name in shared), "")
