"""What a Sonar server says of the project, and what is wrong with that."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gate import node_range
from gate.doctor.check import Check

_ANALYZERS = Path(__file__).parents[1] / "data" / "analyzers.toml"


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a Sonar server says of the project.

    Args:
        url: The server's address.
        version: Its version.
        is_cloud: Whether it is SonarQube Cloud.
        token_valid: Whether it takes the token.
        project_exists: Whether it has the project.
        main_branch: What it calls the project's main branch; None when it does not say.
        automatic_analysis: Whether it analyses by itself too, which only SonarQube Cloud can; None when unknown.
        analyzer_version: The version of its SonarJS plugin; None when it does not say.
        new_code: How the project counts new code; empty when that is not set, None when unknown.
        analysed: When its main branch was analysed last; empty when it never was, None when unknown.
        is_local: Whether it is the one that `gate start` brings up, which says nothing of the pipeline's.
    """

    url: str
    version: str
    is_cloud: bool
    token_valid: bool
    project_exists: bool
    main_branch: str | None = None
    automatic_analysis: bool | None = None
    analyzer_version: str | None = None
    new_code: str | None = None
    analysed: str | None = None
    is_local: bool = False


def checks(server: ServerFacts | None, main: str, node_scan: str) -> Iterator[Check]:
    """Look at what a server says; what connects SonarQube Cloud has checks of its own.

    Args:
        server: What it says; None when none runs or none is set.
        main: The remote's main branch; empty when it is not known.
        node_scan: The Node that the scan runs on.
    """
    if server is None:
        titles = (
            "The token",
            "The project",
            "Its main branch",
            "The analyser's Node",
            "New code",
        )
        fix = "gate start; or set SONAR_HOST_URL and SONAR_TOKEN. Then: gate doctor"
        yield from (Check("unknown", f"{each}: no server to ask", "Only the server knows.", fix) for each in titles)
        return
    why = "Without a token that the server takes there is no scan."
    if not server.token_valid:
        fix = f"Make one at {server.url}/account/security and set SONAR_TOKEN to it."
        yield Check("problem", f"{server.url} refuses the token, and says nothing else without one", why, fix)
        return
    yield Check("ok", f"{server.url} ({server.version}) takes the token", why)
    if not server.is_cloud:
        yield _project(server)
    yield _server_branch(server, main)
    yield _analyzer(server, node_scan)
    yield _new_code(server)


def _project(server: ServerFacts) -> Check:
    why = "The first scan makes it."
    if server.project_exists:
        return Check("ok", "The server has the project", why)
    return Check("warning", "The server does not have the project yet", why, "gate scan")


def _server_branch(server: ServerFacts, main: str) -> Check:
    why = "A pull request's new code is counted from the server's main branch."
    if not server.main_branch or not main:
        unknown = "server's" if main else "remote's"
        fix = f"Look at {server.url}/projects" if main else "git remote set-head origin --auto"
        return Check("unknown", f"The {unknown} main branch is not known", why, fix)
    if server.main_branch == main:
        return Check("ok", f"The server's main branch is the remote's: {main}", why)
    title = f"The server's main branch is {server.main_branch}, the remote's is {main}"
    return Check("problem", title, why, "On the project's page: Administration, Branches, rename the main branch.")


def _analyzer(server: ServerFacts, node_scan: str) -> Check:
    why = "Where the analyser uses the host's Node, a wrong one costs five minutes and the scan."
    wanted = _node_for(server.analyzer_version)
    agrees = node_range.fits(node_scan, wanted) if wanted else None
    if agrees is None:
        title = f"Which Node SonarJS {server.analyzer_version or 'of this server'} needs cannot be told"
        return Check("unknown", title, why, f"See the SonarJS version: {server.url}/api/plugins/installed")
    title = f"SonarJS {server.analyzer_version} needs Node {wanted}; NODE_SCAN is {node_scan}"
    if agrees:
        return Check("ok", title, why)
    fix = f"Set NODE_SCAN in .github/workflows/ci.yml to a version in {wanted}"
    return Check("warning" if server.is_cloud else "problem", title, why, fix)


def _node_for(analyzer: str | None) -> str | None:
    """Return the range of Node versions that an analyser runs on; None when that is not known."""
    try:
        version = node_range.as_version(analyzer or "")
    except ValueError:
        return None
    known = tomllib.loads(_ANALYZERS.read_text(encoding="utf-8"))["analyzer"]
    ranges = [str(each["node"]) for each in known if node_range.as_version(each["from"]) <= version]
    return ranges[-1] if ranges else None


def _new_code(server: ServerFacts) -> Check:
    why = "The quality gate judges new code: what that is, the project must say."
    page = "On the project's page: Administration, New Code."
    if server.new_code is None:
        return Check("unknown", "How new code is counted cannot be told", why, page)
    if not server.new_code:
        return Check("problem", "The project does not say what new code is", why, page)
    return Check("ok", f"New code is counted from: {server.new_code}", why)
