"""`python3 src/template ...`: the command, with no installation."""

import sys
from pathlib import Path

if not __package__:
    # Run as a folder: Python put the folder itself first, where our modules would hide the standard library's.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from template.cli import main

if __name__ == "__main__":
    sys.exit(main())
