"""How a command ends: its exit status, its result for a person or a machine, and what stopped it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from gate import console
from gate.errors import CannotJudgeError

PASSED, FAILED, CANNOT_JUDGE = 0, 1, 2


@contextmanager
def reporting(as_json: bool, verb: str = "judge") -> Iterator[None]:  # noqa: FBT001 - what every command is asked
    """Turn what stops the gate into a message and exit 2.

    Args:
        as_json: Whether to print it as JSON too.
        verb: What could not be done.
    """
    try:
        yield
    except CannotJudgeError as error:
        if as_json:
            print_json({"error": error.what, "fix": error.fix})
        console.stderr.print(f"Could not {verb}: {error.what}", style="bold red", markup=False)
        console.say(f"  {error.fix}")
        raise typer.Exit(CANNOT_JUDGE) from error
    except KeyboardInterrupt:
        console.say("Stopped.")
        raise typer.Exit(130) from None


def print_result(words: str, data: dict[str, Any], *, as_json: bool) -> None:
    """Print a result: its words for a person, its data for a machine."""
    if as_json:
        print_json(data)
    else:
        console.stdout.print(words, markup=False)


def print_json(data: dict[str, Any]) -> None:
    """Print data as JSON on standard output."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
