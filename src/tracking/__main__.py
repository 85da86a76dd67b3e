"""`python -m tracking`: the service on this machine; with a command, what `tracking` does."""

import sys

from tracking import cli

if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.argv.append("serve")
    cli.main()
