"""Is this repository ready for the pipeline: what is there, what disagrees, and what mends each."""

import json
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal

from gate import git, node_range, paint, workflow

_WORKFLOW, _RULESET = ".github/workflows/ci.yml", ".github/rulesets/main.json"
_REQUIRED = "ci-passed"
_ANALYZERS = Path(__file__).parent / "data" / "analyzers.toml"
_COLOURS = {"ok": "green", "warning": "yellow", "problem": "red", "unknown": ""}

State = Literal["ok", "warning", "problem", "unknown"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Args:
        state: How it stands; unknown when it could not be seen.
        title: What was found, in a line.
        why: Why it matters.
        fix: The command or page that mends it, or that would tell; empty when it is ok.
    """

    state: State
    title: str
    why: str
    fix: str = ""


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


def checks(root: Path, server: ServerFacts | None) -> list[Check]:
    """Look at a repository and at what its server says.

    Args:
        root: The top folder of the work tree.
        server: What the server says; None when none runs or none is set.

    Returns:
        One check after another: the repository's, then the server's.
    """
    ci = _text(root / _WORKFLOW)
    env = workflow.environment(ci)
    main = _git(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").removeprefix("origin/")
    found = [
        _versions(env),
        _nvmrc(root, env.get("NODE_TEST", "")),
        _engines(root, env),
        _ruleset(root),
        _main_branch(ci, main),
        _depth(root),
    ]
    return [*found, *_on_server(server, main, env.get("NODE_SCAN", ""))]


def show(found: list[Check]) -> None:
    """Print checks for a person."""
    for each in found:
        paint.line(f"{each.state:8} {each.title}", _COLOURS[each.state])
        if each.state != "ok":
            paint.line(f"         {each.why}")
            paint.line(f"         {each.fix}")


def _versions(env: dict[str, str]) -> Check:
    why = "The pipeline takes both Node versions from there."
    missing = [name for name in ("NODE_TEST", "NODE_SCAN") if not env.get(name)]
    if missing:
        title = f"{_WORKFLOW} does not set {' and '.join(missing)}"
        return Check("problem", title, why, f'In {_WORKFLOW}, at the top: env: NODE_TEST: "18", NODE_SCAN: "20"')
    return Check("ok", f"Tests run on Node {env['NODE_TEST']}, the scan on Node {env['NODE_SCAN']}", why)


def _nvmrc(root: Path, node_test: str) -> Check:
    why = "With another Node than the pipeline's, tests pass on one machine and fail on the other."
    wanted = _text(root / ".nvmrc").strip()
    if not wanted:
        return Check("ok", "No .nvmrc that could disagree with NODE_TEST", why)
    agrees = node_range.fits(wanted, node_test) if node_test else None
    fix = f"Write NODE_TEST's version into .nvmrc: {node_test}"
    return _agreement(agrees, f".nvmrc ({wanted})", f"NODE_TEST ({node_test or 'not set'})", why, fix)


def _engines(root: Path, env: dict[str, str]) -> Check:
    why = "pnpm warns, or refuses to install, on a Node that package.json does not allow."
    engines = _json(root / "package.json").get("engines")
    wanted = engines.get("node") if isinstance(engines, dict) else None
    if not isinstance(wanted, str):
        return Check("ok", "package.json allows every Node", why)
    answers = [node_range.fits(env.get(name, ""), wanted) for name in ("NODE_TEST", "NODE_SCAN")]
    agrees = None if None in answers else all(answers)
    versions = f"NODE_TEST ({env.get('NODE_TEST', 'not set')}) and NODE_SCAN ({env.get('NODE_SCAN', 'not set')})"
    return _agreement(agrees, f"engines.node ({wanted})", versions, why, "Correct engines.node in package.json.")


def _agreement(agrees: bool | None, one: str, other: str, why: str, fix: str) -> Check:  # noqa: FBT001 - the answer
    if agrees is None:
        return Check("unknown", f"{one} and {other} cannot be compared here", why, "Compare them by eye.")
    if agrees:
        return Check("ok", f"{one} agrees with {other}", why)
    return Check("problem", f"{one} disagrees with {other}", why, fix)


def _ruleset(root: Path) -> Check:
    why = "Only a required check keeps a failed pipeline out of the main branch."
    ruleset = _json(root / _RULESET)
    if not ruleset:
        return Check("problem", f"{_RULESET} is not there or is no JSON", why, f"Take it from the template: {_RULESET}")
    contexts = _contexts(ruleset)
    if contexts != [_REQUIRED] or ruleset.get("enforcement") != "active":
        title = f"{_RULESET} requires {', '.join(contexts) or 'no check'}, enforcement {ruleset.get('enforcement')}"
        return Check("problem", title, why, f"Require exactly {_REQUIRED}, with enforcement active.")
    title = f"{_RULESET} requires exactly {_REQUIRED}; that it is imported, only GitHub can tell"
    return Check("ok", title, why, "Import it: Settings, Rules, Rulesets, New ruleset, Import a ruleset.")


def _contexts(ruleset: dict[str, Any]) -> list[str]:
    try:
        rules = [each for each in ruleset["rules"] if each["type"] == "required_status_checks"]
        return [str(each["context"]) for rule in rules for each in rule["parameters"]["required_status_checks"]]
    except (KeyError, TypeError):
        return []


def _main_branch(ci: str, main: str) -> Check:
    why = "Sonar counts new code from the main branch, and it is analysed only when the workflow runs on it."
    if not main:
        title = "The remote's main branch is not known here"
        return Check("unknown", title, why, "git remote set-head origin --auto")
    branches = workflow.push_branches(ci)
    if any(fnmatchcase(main, each) for each in branches):
        return Check("ok", f"{_WORKFLOW} runs on pushes to the main branch, {main}", why)
    title = f"{_WORKFLOW} runs on pushes to {', '.join(branches) or 'no branch'}; the main branch is {main}"
    return Check("problem", title, why, f"In {_WORKFLOW}: on: push: branches: [{main}]")


def _depth(root: Path) -> Check:
    why = "Without the history Sonar cannot tell new lines from old ones."
    answer = _git(root, "rev-parse", "--is-shallow-repository")
    if answer == "false":
        return Check("ok", "The clone has its whole history", why)
    if answer == "true":
        return Check("problem", "The clone is shallow", why, "git fetch --unshallow")
    return Check("unknown", "Whether the clone is shallow cannot be told", why, "git rev-parse --is-shallow-repository")


def _on_server(server: ServerFacts | None, main: str, node_scan: str) -> Iterator[Check]:
    if server is None:
        titles = (
            "The token",
            "The project",
            "Its main branch",
            "Automatic analysis",
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
    yield _project(server)
    yield _server_branch(server, main)
    yield _automatic(server)
    yield _analyzer(server, node_scan)
    yield _new_code(server)


def _project(server: ServerFacts) -> Check:
    why = "SonarQube Cloud takes an analysis only for a project that it knows."
    if server.project_exists:
        return Check("ok", "The server has the project", why)
    if server.is_cloud:
        return Check("problem", "The server does not have the project", why, f"Import it: {server.url}/projects/create")
    return Check("warning", "The server does not have the project yet", "The first scan makes it.", "gate scan")


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


def _automatic(server: ServerFacts) -> Check:
    why = "SonarQube Cloud refuses the pipeline's analysis while it analyses by itself."
    page = "On the project's page: Administration, Analysis Method, Automatic Analysis: off."
    if server.automatic_analysis is None and server.is_cloud:
        return Check("unknown", "Whether automatic analysis is on cannot be told", why, page)
    if server.automatic_analysis:
        return Check("problem", "Automatic analysis is on", why, page)
    return Check("ok", "Automatic analysis is off", why)


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
    fix = f"Set NODE_SCAN in {_WORKFLOW} to a version in {wanted}"
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, env=git.environment(), capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
