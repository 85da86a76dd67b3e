"""A step that runs a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verify_runtime.timeline import shell
from verify_runtime.timeline.data import Data, Late, Open, Unknown
from verify_runtime.timeline.document import Scalar
from verify_runtime.timeline.evaluation import UndecidedError
from verify_runtime.timeline.expression import ExpressionError, template
from verify_runtime.timeline.literal import Text, text_of
from verify_runtime.timeline.model import Active, StepTimeline
from verify_runtime.timeline.repository import join
from verify_runtime.timeline.session import Context, Session
from verify_runtime.timeline.words import GIVEN, GIVEN_END, UNKNOWN

if TYPE_CHECKING:
    from verify_runtime.timeline.step import Step

_SHELLS = re.compile(r"(?:.*/)?(?:bash|sh|zsh|dash)(?:\s|$)")
_POWERSHELLS = re.compile(r"(?:.*/)?(?:pwsh|powershell)(?:\s|$)")


def run(step: Step, node: Scalar) -> StepTimeline:
    """Follow a step's script, and return its record.

    Args:
        step: The step.
        node: The script.
    """
    tools = step.walk.state.tools()
    kind = _shell(step)
    text, values = _filled(step, node)
    record = StepTimeline(step.number, step.name, step.place, "", "always", tools)
    if not _SHELLS.match(kind) and not _POWERSHELLS.match(kind) and kind != "cmd":
        return _other_script(step, record, kind, text)
    if not _SHELLS.match(kind):
        text = shell.powershell(text)
    context = Context(
        step.walk.repository,
        step.level.frame.file,
        node.line,
        node.block,
        _folder(step),
        lambda name: _variable(step, name, values),
        step.walk.machine.system,
        _reads_profile(kind),
    )
    session = Session(context, step.walk.state, step.key())
    session.run(text)
    step.leave(_outputs(step), "success")
    inside = step.walk.repository.inside
    commands = (each._replace(folder=None if each.folder is None else inside(each.folder)) for each in session.commands)
    return record._replace(changes=tuple(session.changes), commands=tuple(commands))


def _reads_profile(kind: str) -> bool:
    """Return whether a shell is asked to be a login shell or an interactive one."""
    options = [word for word in kind.split() if word.startswith("-")]
    return any(word == "--login" or (word[1:2] != "-" and ("l" in word or "i" in word)) for word in options)


def _outputs(step: Step) -> Data:
    written = step.walk.state.outputs.get(step.key() or "", {})
    # What another program writes is not followed: an output that is not seen may still be there.
    return Open("outputs", written, f"what the step at {step.place} puts out is known only in a run")


def _other_script(step: Step, record: StepTimeline, kind: str, text: str) -> StepTimeline:
    """Keep what a script in another language may do: it is not followed."""
    program = kind.split(maxsplit=1)[0] if kind.split() else "?"
    if "GITHUB_PATH" in text:
        reason = f"a script in {program} writes to GITHUB_PATH at {step.place}"
        step.walk.state.put("node", "GITHUB_PATH", (Active("unknown", reason=reason),))
    step.leave(Open("outputs", {}, f"an output of a script in {program} is known only in a run"), "success")
    return record


def _shell(step: Step) -> str:
    own = step.node.get("shell")
    kind = (step.frame.known(own) if own is not None else None) or step.level.shell
    return kind or ("pwsh" if step.walk.machine.system == "Windows" else "bash")


def _folder(step: Step) -> str | None:
    node = step.node.get("working-directory")
    if node is None:
        return step.level.folder
    given = step.frame.known(node)
    return join("", given) if given is not None and not given.startswith("/") else None


def _filled(step: Step, node: Scalar) -> tuple[str, list[Text]]:
    """Return a script with its expressions' values in it, as marks that know where each value is written."""
    if "${{" not in node.text:
        return node.text, []
    values: list[Text] = []
    text = ""
    try:
        parts = template(node.text)
    except ExpressionError:
        return node.text.replace("${{", UNKNOWN), []
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        try:
            value = step.frame.evaluate(part)
        except (UndecidedError, ExpressionError):
            value = Unknown("", "")
        if isinstance(value, (Unknown, list, dict)):
            text += UNKNOWN
        else:
            text += f"{GIVEN}{len(values)}{GIVEN_END}"
            values.append(text_of(value, step.place))
    return text, values


def _variable(step: Step, name: str, values: list[Text]) -> str | None:
    if name.startswith(GIVEN):
        return values[int(name[1:-1])]
    environment = step.frame.contexts["env"]
    if name in environment:
        value = environment[name]
        try:
            value = value.value() if isinstance(value, Late) else value
        except (UndecidedError, ExpressionError):
            return None
        return None if isinstance(value, (Unknown, list, dict)) else text_of(value, step.place)
    if name in ("HOME", "USER", "PWD", "GITHUB_WORKSPACE", "RUNNER_TEMP", "RUNNER_TOOL_CACHE"):
        return f"${name}"
    if name.startswith(("GITHUB_", "RUNNER_", "NVM_", "ACTIONS_")) or name in ("PATH", "CI"):
        return None
    return ""
