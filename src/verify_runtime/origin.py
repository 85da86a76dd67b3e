"""Where a copy of a tool comes from, told by its path."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import PurePath

TOOL_CACHE = "setup action's tool cache"
RUNNER_IMAGE = "the runner image"
NVM = "nvm"
VOLTA = "Volta"
FNM = "fnm"
ASDF = "asdf"
MISE = "mise"
HOMEBREW = "Homebrew"
SYSTEM = "the system"

# Each manager's own folders, as its documentation names them; the first that fits counts.
_PLACES = (
    (VOLTA, r"/\.volta/|/[Vv]olta/(bin|tools)/"),
    (FNM, r"/fnm_multishells/|/\.?fnm/node-versions/|/fnm/aliases/"),
    (MISE, r"/mise/(installs|shims)/|/\.rtx/"),
    (ASDF, r"/\.?asdf/(installs|shims)/"),
    (NVM, r"/\.?nvm/versions/|/nvm/v?\d"),
    ("pyenv", r"/\.?pyenv/(versions|shims)/"),
    ("uv", r"/uv/(python|tools)/"),
    ("SDKMAN", r"/\.sdkman/candidates/"),
    ("the project's node_modules", r"/node_modules/\.bin/"),
    ("a virtual environment", r"/\.?venv/(bin|Scripts)/"),
    (HOMEBREW, r"^/opt/homebrew/|/Cellar/|/linuxbrew/|^/usr/local/opt/"),
    ("Nix", r"^/nix/store/|/\.nix-profile/"),
    ("snap", r"^/snap/"),
)
# GitHub's images put their own tools here.
_IMAGE = r"^/usr/(local/)?bin/|^/opt/(hostedtoolcache|microsoft)/|^[A-Z]:/Program Files/"
_SYSTEM = r"^/(usr/)?s?bin/|^/usr/lib/|^/usr/local/|^[A-Z]:/(Windows|Program Files)/"


def tell(path: str, resolved: str, environment: Mapping[str, str]) -> str | None:
    """Tell where a copy comes from.

    Args:
        path: Where PATH leads to.
        resolved: The file itself.
        environment: The environment, which names a runner's tool cache and tells a runner from a laptop.

    Returns:
        The name of the manager or place; None when it cannot be told.
    """
    ways = [PurePath(each).as_posix() for each in (path, resolved)]
    if any(_in_tool_cache(way, environment) for way in ways):
        return TOOL_CACHE
    for name, pattern in _PLACES:
        if any(re.search(pattern, way) for way in ways):
            return name
    on_github = environment.get("RUNNER_ENVIRONMENT") == "github-hosted" or "ImageOS" in environment
    if on_github and any(re.search(_IMAGE, way) for way in ways):
        return RUNNER_IMAGE
    return SYSTEM if re.search(_SYSTEM, ways[0]) else None


def _in_tool_cache(path: str, environment: Mapping[str, str]) -> bool:
    named = (environment.get(name) for name in ("RUNNER_TOOL_CACHE", "AGENT_TOOLSDIRECTORY"))
    folders = [PurePath(os.path.normpath(each)).as_posix() for each in named if each]
    if any(path.startswith(f"{folder}/") for folder in folders):
        return True
    return bool(re.search(r"/hostedtoolcache/|/tool_cache/[^/]+/\d", path))
