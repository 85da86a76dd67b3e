"""Python's lock without the packages that nothing requires any more."""

import re
import tomllib
from dataclasses import dataclass

_PIN = re.compile(r"([a-z0-9._-]+)==")
_VIA = re.compile(r" {4}#(?: via)? +(\S.*)")


@dataclass(frozen=True, slots=True)
class Package:
    """A package of the lock.

    Args:
        name: Its name.
        lines: Its pin and hashes.
        users: The packages that require it, and the project itself as `NAME (pyproject.toml)`.
    """

    name: str
    lines: list[str]
    users: list[str]


def required(project: str) -> set[str]:
    """Return the packages that a `pyproject.toml` names itself, in all its extras.

    Args:
        project: The file's text.
    """
    data = tomllib.loads(project)["project"]
    extras = data.get("optional-dependencies", {}).values()
    named = [*data.get("dependencies", []), *(each for extra in extras for each in extra)]
    return {re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in named}


def packages(lock: str) -> list[Package]:
    """Read a lock that `uv pip compile` wrote."""
    found: list[Package] = []
    for line in lock.splitlines():
        pin, via = _PIN.match(line), _VIA.fullmatch(line)
        if pin:
            found.append(Package(pin[1], [line], []))
        elif via and found:
            found[-1].users.append(via[1])
        elif found:
            found[-1].lines.append(line)
    return found


def prune(lock: str, project: str) -> str:
    """Return a lock as `uv pip compile` would write it for a project that requires less, or has another name.

    But for markers: a package that one user less asks for may be needed on fewer platforms, which is not in the lock.
    `make lock` then writes these too.

    Args:
        lock: The lock of the project as it was.
        project: The `pyproject.toml` of the project as it is, the text.
    """
    all_of_it = packages(lock)
    wanted = required(project)
    itself = f"{tomllib.loads(project)['project']['name']} (pyproject.toml)"
    kept: set[str] = set()
    fresh = {each.name for each in all_of_it if each.name in wanted}
    while fresh:
        kept |= fresh
        fresh = {each.name for each in all_of_it if kept.intersection(each.users)} - kept
    head = [line for line in lock.splitlines() if line.startswith("#")]
    body = [_block(each, kept, [itself] if each.name in wanted else []) for each in all_of_it if each.name in kept]
    return "\n".join([*head, *(line for block in body for line in block)]) + "\n"


def _block(package: Package, kept: set[str], itself: list[str]) -> list[str]:
    users = sorted([*itself, *(user for user in package.users if user in kept)])
    if len(users) == 1:
        return [*package.lines, f"    # via {users[0]}"]
    return [*package.lines, "    # via", *(f"    #   {user}" for user in users)]
