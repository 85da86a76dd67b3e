"""The lines that make a required version active: YAML in a workflow, a command on a laptop."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from verify_runtime import origin
from verify_runtime.ranges import Range
from verify_runtime.requirement import Requirement
from verify_runtime.version import Version

# Each tool's own set-up action at its major version of 2026-11-23, and the input that takes the version.
_ACTIONS = {
    "node": ("actions/setup-node@v7", "node-version"),
    "python": ("actions/setup-python@v7", "python-version"),
    "python3": ("actions/setup-python@v7", "python-version"),
    "java": ("actions/setup-java@v5", "java-version"),
    "pnpm": ("pnpm/action-setup@v6", "version"),
}
_COMMANDS = {
    origin.NVM: "nvm install {version} && nvm use {version}",
    origin.VOLTA: "volta pin {tool}@{version}",
    origin.FNM: "fnm use --install-if-missing {version}",
    origin.MISE: "mise use {tool}@{version}",
    origin.ASDF: "asdf install {plugin} latest:{version} && asdf set {plugin} latest:{version}",
    origin.PYENV: "pyenv install --skip-existing {version} && pyenv local {version}",
    origin.HOMEBREW: "brew install {tool}@{version} && brew link --overwrite {tool}@{version}",
}
# The managers of one tool alone; the others have a plugin or a package for each.
_ONLY = {
    origin.NVM: {"node"},
    origin.FNM: {"node"},
    origin.VOLTA: {"node", "npm", "pnpm", "yarn"},
    origin.PYENV: {"python", "python3"},
}
_PLUGINS = {"node": "nodejs", "python3": "python"}
# Higher than any number that a version holds: it stands for the newest one.
_NEWEST = 10**9


def lines(requirement: Requirement, source: str | None, fitting: str | None, environment: Mapping[str, str]) -> str:
    """Return what to add or to run.

    Args:
        requirement: What is required.
        source: Where the active copy comes from; its manager mends it best.
        fitting: The path of a copy on PATH that would fit; None where there is none.
        environment: Tells a workflow from a laptop, and which managers are in use.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return _workflow(requirement)
    if fitting:
        return _path_first(str(Path(fitting).parent))
    version = plain_version(requirement.range)
    in_use = [source, *(manager for variable, manager in origin.HOMES.items() if environment.get(variable))]
    for manager in in_use:
        if manager in _COMMANDS and version and requirement.tool in _ONLY.get(manager, {requirement.tool}):
            plugin = _PLUGINS.get(requirement.tool, requirement.tool)
            return _COMMANDS[manager].format(tool=requirement.tool, version=version, plugin=plugin)
    if requirement.tool in {"npm", "pnpm"}:
        return f"npm install --global '{requirement}'"
    install = f"Install {requirement.tool} {requirement.range.text}, and put its folder first on PATH"
    if requirement.tool == "node" and version:
        return f"{install}; with nvm: {_COMMANDS[origin.NVM].format(version=version)}"
    return f"{install}."


def plain_version(wanted: Range) -> str:
    """Return the shortest version that stands for a range where a manager takes no ranges: 20 for `>=18.12 <19 || 20`.

    Returns:
        One number, two or three: the newest release of that line is in the range. Empty when there is none.
    """
    named = [tuple(map(int, each.split("."))) for each in re.findall(r"\d{1,9}(?:\.\d{1,9}){0,2}", wanted.text)]
    for numbers in sorted(named, reverse=True):
        for count in (1, 2, 3):
            major, minor, patch = (*numbers[:count], _NEWEST, _NEWEST)[:3]
            if count <= len(numbers) and wanted.allows(Version(major, minor, patch)):
                return ".".join(map(str, numbers[:count]))
    return ""


def _path_first(folder: str) -> str:
    if os.name == "nt":
        return f'$env:Path = "{folder};$env:Path"'
    quoted = folder.replace("'", "'\\''")
    return f"export PATH='{quoted}':\"$PATH\""


def _workflow(requirement: Requirement) -> str:
    if requirement.tool == "npm":
        return f"- run: npm install --global '{requirement}'"
    if requirement.tool not in _ACTIONS:
        return f"Put a step before this one that installs {requirement.tool} {requirement.range.text}."
    action, name = _ACTIONS[requirement.tool]
    extra = "\n    distribution: temurin" if requirement.tool == "java" else ""
    return f'- uses: {action}\n  with:\n    {name}: "{requirement.range.text}"{extra}'
