"""What every call of git here has in common."""

import os


def environment() -> dict[str, str]:
    """Return the environment without git's own variables: in a hook they name the repository; here the folder does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
