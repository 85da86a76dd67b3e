"""What a Sonar server says about a repository, for the doctor."""

import os
from typing import Any

from gate import scan as scans
from gate import server
from gate.doctor import ServerFacts
from gate.errors import CannotJudgeError
from gate.repository import Repository
from gate.sonar import Api, Server

_SONARJS = "javascript"
_AUTOSCAN = "sonar.autoscan.enabled"


def gather(repository: Repository) -> ServerFacts | None:
    """Ask the server: the one that SONAR_HOST_URL names, else the local one when it runs; nothing is started.

    Args:
        repository: The repository whose project is looked for.

    Returns:
        What it says; None when none is set and none runs.

    Raises:
        CannotJudgeError: A server is set but did not answer.
    """
    if os.environ.get("SONAR_HOST_URL"):
        return _ask(server.connect(), os.environ.get("SONAR_PROJECT_KEY") or repository.key, named=True)
    local = server.local()
    if local is None:
        return None
    base = repository.base(None)
    return _ask(local, scans.project(repository, base).key, named=False)


def _ask(sonar: Server, key: str, *, named: bool) -> ServerFacts:
    with Api(sonar) as api:
        version = str(api.get("system/status").get("version", ""))
        valid = bool(api.get("authentication/validate").get("valid"))
        if not valid:
            return ServerFacts(
                sonar.url, version, sonar.is_cloud, token_valid=False, project_exists=False, is_local=not named
            )
        exists = api.exists("components/show", component=key)
        # The projects that `gate scan` makes for itself say nothing of the repository's own branch.
        main = _main_branch(api, key) if exists and named else None
        return ServerFacts(
            url=sonar.url,
            version=version,
            is_cloud=sonar.is_cloud,
            token_valid=True,
            project_exists=exists,
            main_branch=str(main["name"]) if main else None,
            automatic_analysis=_automatic(api, key) if exists and sonar.is_cloud else None,
            analyzer_version=None if sonar.is_cloud else _analyzer(api),
            new_code=None if sonar.is_cloud or not exists else _new_code(api, key),
            analysed=_analysed(main, exists=exists),
            is_local=not named,
        )


def _analysed(main: dict[str, Any] | None, *, exists: bool) -> str | None:
    if main:
        return str(main.get("analysisDate", ""))
    return None if exists else ""


def _main_branch(api: Api, key: str) -> dict[str, Any] | None:
    branches = api.get("project_branches/list", project=key)["branches"]
    return next((dict(branch) for branch in branches if branch["isMain"]), None)


def _automatic(api: Api, key: str) -> bool | None:
    """Tell whether SonarQube Cloud analyses by itself; None when it does not say."""
    try:
        settings = api.get("settings/values", component=key, keys=_AUTOSCAN)["settings"]
    except CannotJudgeError:  # a token that may only analyse need not see settings
        return None
    values = {str(each["key"]): str(each.get("value")) for each in settings}
    return {"true": True, "false": False}.get(values.get(_AUTOSCAN, ""))


def _new_code(api: Api, key: str) -> str:
    return str(api.get("new_code_periods/show", project=key)["type"]).lower().replace("_", " ")


def _analyzer(api: Api) -> str | None:
    try:
        plugins = api.get("plugins/installed")["plugins"]
    except CannotJudgeError:  # a server may keep this from whoever is no administrator
        return None
    return next((str(plugin["version"]) for plugin in plugins if plugin["key"] == _SONARJS), None)
