"""A line on standard output, in colour on a terminal; for what must not import more than Python."""

import os
import sys

_CODES = {"red": 31, "green": 32, "yellow": 33}


def line(text: str, colour: str = "") -> None:
    """Print a line.

    Args:
        text: The line.
        colour: red, green or yellow, for a terminal, unless NO_COLOR is set.
    """
    painted = colour and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    sys.stdout.write(f"\033[{_CODES[colour]}m{text}\033[0m\n" if painted else f"{text}\n")
