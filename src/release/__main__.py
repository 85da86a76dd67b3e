"""`python3 src/release publish TAG`: the command, with no installation."""

import sys
from pathlib import Path

if not __package__:
    # Run as a folder: Python put the folder itself first, and not the one that holds this package.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from release.cli import main

if __name__ == "__main__":
    sys.exit(main())
