"""Draw what a command printed as an SVG: `COMMAND 2>&1 | python docs/picture.py TITLE > docs/NAME.svg`."""

import io
import sys

from rich.console import Console
from rich.text import Text

WIDTH = 122


def main() -> None:
    """Read standard input, colours included; write the picture to standard output."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(sys.stdin.read().rstrip()))
    sys.stdout.write(console.export_svg(title=sys.argv[1]))


if __name__ == "__main__":
    main()
