"""The ruleset that protects the main branch: the file's, GitHub's, and where the two differ."""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gate.errors import CannotJudgeError
from gate.github import Api

FILE = ".github/rulesets/main.json"
READ, WRITE = "Metadata: read", "Administration: write"

_DEFAULTS = Path(__file__).parent / "data" / "ruleset.toml"
# What the API takes; whatever else an exported ruleset has is the server's: id, source, times, links.
_WRITABLE = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which GitHub's ruleset is not the file's.

    Args:
        field: Its path, such as rules.pull_request.required_approving_review_count.
        github: What GitHub has, as JSON; None when it does not have the field.
        file: What the file has, as JSON; None when it does not have the field.
    """

    field: str
    github: str | None
    file: str | None


@dataclass(frozen=True, slots=True)
class Ruleset:
    """GitHub's ruleset.

    Args:
        identifier: GitHub's number for it.
        page: The page that shows it.
        data: What the API takes of it.
    """

    identifier: int
    page: str
    data: dict[str, Any]

    @property
    def shows_bypass(self) -> bool:
        """Whether GitHub tells who may bypass it, as it does to whoever may change it."""
        return "bypass_actors" in self.data


def load(root: Path) -> dict[str, Any]:
    """Read the file.

    Args:
        root: The top folder of the work tree.

    Raises:
        CannotJudgeError: It is not there, or is no ruleset.
    """
    path = root / FILE
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unusable(path, f"it is no JSON: {error}") from error
    if not isinstance(data, dict) or not {"name", "enforcement", "rules"} <= data.keys():
        raise _unusable(path, "it has no name, no enforcement or no rules")
    return _writable(data)


def find(api: Api, name: str) -> Ruleset | None:
    """Return GitHub's ruleset of a name; None when the repository has none.

    Args:
        api: GitHub.
        name: The ruleset's name.

    Raises:
        CannotJudgeError: There are several, or GitHub refused or did not answer.
    """
    listed = api.pages("/rulesets?includes_parents=false&per_page=100", READ)
    found = [each for each in listed if each["name"] == name]
    if len(found) > 1:
        pages = ", ".join(_page(api, each) for each in found)
        raise CannotJudgeError(
            f"{api.remote.slug} has {len(found)} rulesets named {name!r}: {pages}",
            "Rename or delete all but one, then run the same again.",
        )
    return of(api, api.get(f"/rulesets/{int(found[0]['id'])}", READ)) if found else None


def of(api: Api, answer: dict[str, Any]) -> Ruleset:
    """Return the ruleset that an answer of GitHub's describes."""
    return Ruleset(int(answer["id"]), _page(api, answer), _writable(answer))


def compare(github: dict[str, Any], file: dict[str, Any]) -> list[Difference]:
    """Return the fields in which GitHub's ruleset is not the file's.

    What only one side has is no difference when it is empty, or what GitHub puts there by itself; the order of rules
    and lists is none.

    Args:
        github: GitHub's; without bypass_actors when GitHub does not tell them.
        file: The file's.
    """
    if "bypass_actors" not in github:
        file = {key: value for key, value in file.items() if key != "bypass_actors"}
    theirs, ours = dict(_fields(github)), dict(_fields(file))
    return [
        Difference(field, _text(theirs.get(field, _ABSENT)), _text(ours.get(field, _ABSENT)))
        for field in sorted(theirs.keys() | ours.keys())
        if not _same(field, theirs.get(field, _ABSENT), ours.get(field, _ABSENT))
    ]


def _unusable(path: Path, why: str) -> CannotJudgeError:
    return CannotJudgeError(f"{path} cannot be used: {why}.", f"Take it from the template: {FILE}")


def _writable(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in _WRITABLE if key in data}


def _page(api: Api, answer: dict[str, Any]) -> str:
    return f"{api.remote.page}/settings/rules/{int(answer['id'])}"


def _fields(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if key == "rules":
            for rule in value:
                yield f"rules.{rule['type']}", True
                yield from _flat(f"rules.{rule['type']}", rule.get("parameters") or {})
        elif key == "bypass_actors":
            yield key, _canonical([_actor(each) for each in value])
        elif isinstance(value, dict):
            yield from _flat(key, value)
        else:
            yield key, _canonical(value)


def _actor(actor: dict[str, Any]) -> dict[str, Any]:
    """Return an actor as GitHub understands it: always is the default, and the organization's admins have no number."""
    numberless = actor.get("actor_type") == "OrganizationAdmin"
    return {"bypass_mode": "always", **actor} | ({"actor_id": None} if numberless else {})


def _flat(prefix: str, value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        if isinstance(each, dict):
            yield from _flat(f"{prefix}.{key}", each)
        else:
            yield f"{prefix}.{key}", _canonical(each)


def _canonical(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value in one form: lists in an order of their own, items without what is null."""
    if isinstance(value, list):
        return sorted((_canonical(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True))
    if isinstance(value, dict):
        return {key: _canonical(each) for key, each in sorted(value.items()) if each is not None}
    return value


def _same(field: str, one: Any, other: Any) -> bool:  # noqa: ANN401 - JSON
    if _ABSENT not in (one, other):
        return bool(one == other)
    there = other if one is _ABSENT else one
    return not there or there in _defaults().get(field.rpartition(".")[2], [])


def _text(value: Any) -> str | None:  # noqa: ANN401 - JSON
    return None if value is _ABSENT else json.dumps(value)


@cache
def _defaults() -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = tomllib.loads(_DEFAULTS.read_text(encoding="utf-8"))["silent"]
    return table
