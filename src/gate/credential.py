"""The user's own token for GitHub: where it is found, and what it need not be able to do."""

import os
import re
import subprocess
from dataclasses import dataclass, field

from gate.errors import CannotJudgeError
from gate.remote import Remote

_CLOUD = ("GH_TOKEN", "GITHUB_TOKEN")
_ENTERPRISE = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_GH_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Credential:
    """A token, which no text of this program shows.

    Args:
        token: The token.
        origin: Where it came from: the variable, or gh.
    """

    token: str = field(repr=False)
    origin: str

    def too_much(self, scopes: str) -> str:
        """Return, in words, what the token can do and the gate does not need; empty when that is nothing.

        Args:
            scopes: GitHub's header X-OAuth-Scopes, which only classic tokens get.
        """
        if not scopes or self.origin == "gh":  # gh's scopes are gh's business
            return ""
        return f"The token in {self.origin} is a classic one, for all your repositories, with the scopes {scopes}"


def variables(remote: Remote) -> tuple[str, ...]:
    """Return the variables that a token for a host is taken from: gh's own rule, so that none goes elsewhere."""
    return _CLOUD if remote.is_cloud or os.environ.get("GITHUB_API_URL") else _ENTERPRISE


def find(remote: Remote) -> Credential | None:
    """Return the token for a repository's host: from the environment, else the one that gh is logged in with.

    Args:
        remote: The repository.

    Returns:
        The token; None when there is none.

    Raises:
        CannotJudgeError: What a variable holds cannot be a token.
    """
    for name in variables(remote):
        token = os.environ.get(name, "").strip()
        if token:
            if not re.fullmatch(r"[!-~]+", token):  # a library's error about a bad header would show it
                what = f"{name} holds blanks or other characters that are in no token."
                raise CannotJudgeError(what, f"Set {name} to the token alone.")
            return Credential(token, name)
    return _from_gh(remote.host)


def _from_gh(host: str) -> Credential | None:
    try:
        done = subprocess.run(
            ["gh", "auth", "token", "--hostname", host],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=_GH_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    token = done.stdout.strip()
    return Credential(token, "gh") if done.returncode == 0 and re.fullmatch(r"[!-~]+", token) else None
