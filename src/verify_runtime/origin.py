"""Where a copy of a tool comes from, told by its path."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePath

TOOL_CACHE = "setup action's tool cache"
RUNNER_IMAGE = "the runner image"
NVM = "nvm"
VOLTA = "Volta"
FNM = "fnm"
ASDF = "asdf"
MISE = "mise"
PYENV = "pyenv"
HOMEBREW = "Homebrew"
SYSTEM = "the system"
NODE_MODULES = "the project's node_modules"
VIRTUAL_ENVIRONMENT = "a virtual environment"

# The variables that name a manager's folder, where its user has moved it.
HOMES = {
    "NVM_DIR": NVM,
    "VOLTA_HOME": VOLTA,
    "FNM_DIR": FNM,
    "FNM_MULTISHELL_PATH": FNM,
    "ASDF_DATA_DIR": ASDF,
    "MISE_DATA_DIR": MISE,
    "PYENV_ROOT": PYENV,
}
# Each manager's own folders, as its documentation or source names them; the first that fits counts.
_PLACES = (
    (VOLTA, r"/\.volta/|/[Vv]olta/"),
    (FNM, r"/fnm_multishells?[/_]|/\.?fnm/(node-versions|aliases)/"),
    (MISE, r"/mise/(installs|shims)/|/\.rtx/"),
    (ASDF, r"/\.?asdf/(installs|shims)/"),
    (NVM, r"/\.?nvm/versions/|/nvm/v?\d"),
    (PYENV, r"/\.?pyenv/(versions|shims)/|/pyenv-win/"),
    ("uv", r"/uv/(python|tools)/"),
    ("SDKMAN", r"/\.sdkman/candidates/"),
    (HOMEBREW, r"^/opt/homebrew/|/Cellar/|/linuxbrew/|^/usr/local/opt/"),
    ("Nix", r"^/nix/store/|/\.nix-profile/"),
    ("snap", r"^/snap/"),
)
# GitHub's images put their own tools here.
_IMAGE = r"^/usr/(local/)?bin/|^/usr/lib/|^/opt/|^[A-Z]:/Program Files/"
_SYSTEM = r"^/(usr/)?s?bin/|^/usr/lib/|^/usr/local/|^[A-Z]:/(Windows|Program Files)/"


def tell(path: str, resolved: str, environment: Mapping[str, str]) -> str | None:
    """Tell where a copy comes from.

    Args:
        path: Where PATH leads to.
        resolved: The file itself.
        environment: What names the folders of a runner and of managers, and tells a runner from a laptop.

    Returns:
        The name of the manager or place; None when it cannot be told.
    """
    ways = [PurePath(each).as_posix() for each in (path, resolved)]
    # These two link to what another manager installed, but it is they that put it on PATH.
    if "/node_modules/.bin/" in ways[0]:
        return NODE_MODULES
    if (Path(path).parent.parent / "pyvenv.cfg").is_file():
        return VIRTUAL_ENVIRONMENT
    return _manager(ways, environment) or _place(ways, environment)


def _manager(ways: list[str], environment: Mapping[str, str]) -> str | None:
    caches = {"RUNNER_TOOL_CACHE": TOOL_CACHE, "AGENT_TOOLSDIRECTORY": TOOL_CACHE}
    if _inside(ways, environment, caches) or _any(r"/hostedtoolcache/|/tool_cache/[^/]+/\d", ways):
        return TOOL_CACHE
    by_home = _inside(ways, environment, HOMES)
    return by_home or next((name for name, pattern in _PLACES if _any(pattern, ways)), None)


def _place(ways: list[str], environment: Mapping[str, str]) -> str | None:
    on_github = environment.get("RUNNER_ENVIRONMENT") == "github-hosted" or "ImageOS" in environment
    if on_github and _any(_IMAGE, ways):
        return RUNNER_IMAGE
    return SYSTEM if re.search(_SYSTEM, ways[0]) else None


def _inside(ways: list[str], environment: Mapping[str, str], variables: Mapping[str, str]) -> str | None:
    for variable, name in variables.items():
        folder = environment.get(variable)
        if folder and any(way.startswith(f"{PurePath(os.path.normpath(folder)).as_posix()}/") for way in ways):
            return name
    return None


def _any(pattern: str, ways: list[str]) -> bool:
    return any(re.search(pattern, way) for way in ways)
