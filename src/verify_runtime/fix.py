"""The lines that make a required version active: YAML in a workflow, a command on a laptop."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from verify_runtime import origin
from verify_runtime.requirement import Requirement

# Each tool's own set-up action, its newest major version on 2026-11-23, and the input that takes the version.
_ACTIONS = {
    "node": ("actions/setup-node@v7", "node-version"),
    "python": ("actions/setup-python@v7", "python-version"),
    "python3": ("actions/setup-python@v7", "python-version"),
    "java": ("actions/setup-java@v5", "java-version"),
    "pnpm": ("pnpm/action-setup@v6", "version"),
}
_COMMANDS = {
    origin.NVM: "nvm install {version} && nvm use {version}",
    origin.VOLTA: "volta install {tool}@{version}",
    origin.FNM: "fnm use --install-if-missing {version}",
    origin.MISE: "mise use {tool}@{version}",
    origin.ASDF: "asdf install {plugin} latest:{version} && asdf set {plugin} latest:{version}",
    origin.HOMEBREW: "brew install {tool}@{version} && brew link --overwrite {tool}@{version}",
}
_PLUGINS = {"node": "nodejs"}


def lines(requirement: Requirement, source: str | None, fitting: str | None, environment: Mapping[str, str]) -> str:
    """Return what to add or to run.

    Args:
        requirement: What is required.
        source: Where the active copy comes from; its manager mends it best.
        fitting: The path of a copy on PATH that would fit; None where there is none.
        environment: Tells a workflow from a laptop.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return _workflow(requirement)
    if fitting:
        return f'export PATH="{Path(fitting).parent}{os.pathsep}$PATH"'
    version = _plain(requirement.range.text)
    if source in _COMMANDS and version:
        plugin = _PLUGINS.get(requirement.tool, requirement.tool)
        return _COMMANDS[source].format(tool=requirement.tool, version=version, plugin=plugin)
    if requirement.tool == "node":
        return f"nvm install {version or '--lts'} && nvm use {version or '--lts'}"
    if requirement.tool in {"npm", "pnpm"}:
        return f"npm install --global '{requirement}'"
    return f"Install {requirement.tool} {requirement.range.text}, and put its folder first on PATH."


def _workflow(requirement: Requirement) -> str:
    if requirement.tool == "npm":
        return f"- run: npm install --global '{requirement}'"
    if requirement.tool not in _ACTIONS:
        return f"Put a step before this one that installs {requirement.tool} {requirement.range.text}."
    action, name = _ACTIONS[requirement.tool]
    extra = "\n    distribution: temurin" if requirement.tool == "java" else ""
    return f'- uses: {action}\n  with:\n    {name}: "{requirement.range.text}"{extra}'


def _plain(text: str) -> str:
    """Return a range as the one version that a manager takes; empty when it is more than that."""
    found = re.fullmatch(r"[v=^~]*(\d+(?:\.\d+){0,2})(?:\.[xX*])*", text.strip())
    return found[1] if found else ""
