"""The verdict on a runtime: what was wanted, what is active, why, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from verify_runtime import fix, origin, tools
from verify_runtime.requirement import Requirement


@dataclass(frozen=True)
class Found:
    """A copy of a tool, and where it comes from.

    Args:
        path: Where PATH leads to.
        resolved: The file itself.
        origin: The manager or place that it comes from; None when it cannot be told.
        version: Its version; None when it was not asked, or gave none.
    """

    path: str
    resolved: str
    origin: str | None
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.path} ({self.origin})" if self.origin else self.path


@dataclass(frozen=True)
class Verdict:
    """Whether a tool is as required.

    Args:
        tool: The tool.
        required: The range.
        kind: ok, mismatch, missing, hangs, nonsense or not-executable.
        active: The copy that PATH gives; None when there is none.
        shadowed: The other copies on PATH, in its order.
        said: The first line of what the active copy printed; the guard compares it.
        message: One sentence.
        fix: The lines that mend it; empty when nothing is wrong.
    """

    tool: str
    required: str
    kind: str
    active: Found | None
    shadowed: tuple[Found, ...]
    said: str
    message: str
    fix: str

    @property
    def ok(self) -> bool:
        """Whether it is as required."""
        return self.kind == "ok"


def check(requirements: Sequence[Requirement], environment: Mapping[str, str]) -> list[Verdict]:
    """Check what is active now.

    Args:
        requirements: What is required; each tool is asked at the same time as the others.
        environment: The environment: PATH, and what tells a runner from a laptop.
    """
    if len(requirements) == 1:  # no thread is cheaper than one
        return [_check(requirements[0], environment)]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - it takes longer to import than node to answer

    with ThreadPoolExecutor(len(requirements)) as pool:
        return list(pool.map(lambda each: _check(each, environment), requirements))


def _check(requirement: Requirement, environment: Mapping[str, str]) -> Verdict:
    copies = tools.copies(requirement.tool, environment.get("PATH"))
    if not copies:
        names = " or ".join(tools.names(requirement.tool))
        message = f"{requirement.tool} {requirement.range.text} is required, but no {names} is on PATH."
        mend = fix.lines(requirement, None, None, environment)
        return Verdict(requirement.tool, requirement.range.text, "missing", None, (), "", message, mend)
    active, *others = copies
    answer = tools.ask(requirement.tool, active) if active.executable else tools.Answer("not-executable")
    ok = answer.version is not None and answer.version in requirement.range
    # Only a failure needs to know whether another copy would do.
    shadowed = tuple(_found(requirement.tool, copy, environment, asked=not ok) for copy in others)
    version = str(answer.version) if answer.version else None
    found = Found(active.path, active.resolved, origin.tell(active.path, active.resolved, environment), version)
    if ok:
        kind, mend = "ok", ""
        message = f"{requirement.tool} {version} is active, as {requirement.range.text} requires: {found}."
    else:
        kind = "mismatch" if answer.version else answer.kind
        fitting = _fitting(requirement, shadowed)
        message = f"{_problem(requirement, answer, found)} {_why(fitting, shadowed)}"
        mend = fix.lines(requirement, found.origin, fitting.path if fitting else None, environment)
    return Verdict(requirement.tool, requirement.range.text, kind, found, shadowed, answer.first_line, message, mend)


def _found(tool: str, copy: tools.Copy, environment: Mapping[str, str], *, asked: bool) -> Found:
    version = None
    if asked and copy.executable:
        answer = tools.ask(tool, copy)
        version = str(answer.version) if answer.version else None
    return Found(copy.path, copy.resolved, origin.tell(copy.path, copy.resolved, environment), version)


def _problem(requirement: Requirement, answer: tools.Answer, found: Found) -> str:
    wanted = f"{requirement.tool} {requirement.range.text} is required, but"
    flag = tools.version_flag(requirement.tool)
    if answer.kind == "version":
        return f"{wanted} {answer.version} is active: {found} comes first on PATH."
    if answer.kind == "hangs":
        return f"{wanted} {found} did not answer {flag} within {tools.TIMEOUT_SECONDS:g} s."
    if answer.kind == "not-executable":
        reason = f": {answer.first_line}" if answer.first_line else ""
        return f"{wanted} {found} cannot be executed{reason}."
    said = f"printed {answer.first_line!r}" if answer.first_line else "printed nothing"
    status = f" and ended with status {answer.status}" if answer.status else ""
    return f"{wanted} {found} {said}{status} when asked {flag}, which is no version."


def _why(fitting: Found | None, shadowed: tuple[Found, ...]) -> str:
    if fitting:
        return f"It shadows {fitting}, which is {fitting.version} and would fit."
    return "No other copy on PATH would fit." if shadowed else "There is no other copy on PATH."


def _fitting(requirement: Requirement, shadowed: tuple[Found, ...]) -> Found | None:
    for each in shadowed:
        version = tools.find_version("npm", each.version) if each.version else None
        if version and version in requirement.range:
            return each
    return None
