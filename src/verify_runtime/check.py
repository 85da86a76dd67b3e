"""The verdict on a runtime: what was wanted, what is active, why, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from verify_runtime import fix, origin, tools
from verify_runtime.requirement import Requirement


class Found(NamedTuple):
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


class Verdict(NamedTuple):
    """Whether a tool is as required.

    Args:
        tool: The tool.
        required: The range.
        kind: ok, mismatch, missing, hangs, nonsense or not-executable.
        active: The copy that PATH gives; None when there is none.
        shadowed: The other copies on PATH, in its order.
        said: The line of the active copy's output that holds its version; the guard compares it.
        message: What was found, in a sentence or two.
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
        requirements: What is required; all tools are asked at the same time.
        environment: The environment: PATH, and what tells a runner from a laptop.
    """
    looked = [(each, tools.copies(each.tool, environment.get("PATH"))) for each in requirements]
    answers = iter(tools.ask([(each.tool, copies[0]) for each, copies in looked if copies]))
    return [
        _judge(each, copies, next(answers), environment) if copies else _missing(each, environment)
        for each, copies in looked
    ]


def _missing(requirement: Requirement, environment: Mapping[str, str]) -> Verdict:
    names = " or ".join(tools.names(requirement.tool))
    message = f"{requirement.tool} {requirement.range.text} is required, but no {names} is on PATH."
    mend = fix.lines(requirement, None, None, environment)
    return Verdict(requirement.tool, requirement.range.text, "missing", None, (), "", message, mend)


def _judge(
    requirement: Requirement, copies: Sequence[tools.Copy], answer: tools.Answer, environment: Mapping[str, str]
) -> Verdict:
    tool, wanted = requirement.tool, requirement.range.text
    if answer.version and requirement.range.allows(answer.version):
        active, *shadowed = [_found(copy, None, environment) for copy in copies]
        active = active._replace(version=str(answer.version))
        message = f"{tool} {active.version} is active, as {wanted} requires: {active}."
        return Verdict(tool, wanted, "ok", active, tuple(shadowed), answer.said, message, "")
    # Only a failure needs to know whether another copy would do.
    answers = [answer, *tools.ask([(tool, copy) for copy in copies[1:]])]
    active, *shadowed = [_found(copy, each, environment) for copy, each in zip(copies, answers)]
    fitting = next(
        (copy for copy, each in zip(shadowed, answers[1:]) if each.version and requirement.range.allows(each.version)),
        None,
    )
    kind = "mismatch" if answer.version else answer.kind
    message = f"{_problem(requirement, answer, active)} {_why(fitting, shadowed)}"
    mend = fix.lines(requirement, active.origin, fitting.path if fitting else None, environment)
    return Verdict(tool, wanted, kind, active, tuple(shadowed), answer.said, message, mend)


def _found(copy: tools.Copy, answer: tools.Answer | None, environment: Mapping[str, str]) -> Found:
    version = str(answer.version) if answer and answer.version else None
    return Found(copy.path, copy.resolved, origin.tell(copy.path, copy.resolved, environment), version)


def _problem(requirement: Requirement, answer: tools.Answer, active: Found) -> str:
    wanted = f"{requirement.tool} {requirement.range.text} is required, but"
    flag = tools.version_flag(requirement.tool)
    if answer.version:
        return f"{wanted} {answer.version} is active: {active} comes first on PATH.{_prerelease(requirement, answer)}"
    if answer.kind == "hangs":
        return f"{wanted} {active} did not answer {flag} within {tools.TIMEOUT_SECONDS:g} s."
    if answer.kind == "not-executable":
        reason = f": {answer.said}" if answer.said else ""
        return f"{wanted} {active} cannot be executed{reason}."
    said = f"printed {answer.said!r}" if answer.said else "printed nothing"
    status = f" and ended with status {answer.status}" if answer.status else ""
    return f"{wanted} {active} {said}{status} when asked {flag}, which is no version."


def _prerelease(requirement: Requirement, answer: tools.Answer) -> str:
    if answer.version and answer.version.prerelease:
        release = answer.version._replace(prerelease=())
        if requirement.range.allows(release):
            return f" That is a prerelease of {release}, which a range takes only where it names one."
    return ""


def _why(fitting: Found | None, shadowed: Sequence[Found]) -> str:
    if fitting:
        return f"It shadows {fitting}, which is {fitting.version} and would fit."
    return "No other copy on PATH would fit." if shadowed else "There is no other copy on PATH."
