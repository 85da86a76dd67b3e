"""Sonar's scan among a job's steps, and the Node that it will really use."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from verify_runtime.timeline.lockfile import engine
from verify_runtime.timeline.model import Active, Alternatives, Invocation, JobTimeline, Place, StepTimeline, decided
from verify_runtime.timeline.programs import manifest_of, programs
from verify_runtime.timeline.repository import Repository, join
from verify_runtime.timeline.tables import table

_ACTIONS = ("sonarsource/sonarqube-scan-action", "sonarsource/sonarcloud-github-action")
_TAG = re.compile(r"v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.\d{1,6})*")
_COMMENT = re.compile(r"#\s*v?(\d{1,6})(?:\.(\d{1,6}))?")
_PROPERTY = re.compile(r"""-D\s*["']?([\w.]+)(?:=([^\s"']*))?""")
_NEWEST = 9_999
_CLOUD = re.compile(r"sonarcloud\.io|sonarqube\.us|sc-staging")
_SCANNER, _SONAR_SCAN = "sonarqube-scanner", "@sonar/scan"
# The npm packages by the names that a command may call them.
_NPM_SCANNERS = {
    "sonar-scanner": _SCANNER,
    _SCANNER: _SCANNER,
    "sonar": _SONAR_SCAN,
    _SONAR_SCAN: _SONAR_SCAN,
}

_HOST = "sonar.host.url"
SKIP, EXECUTABLE, FORCE = "sonar.scanner.skipNodeProvisioning", "sonar.nodejs.executable", "sonar.nodejs.forceHost"


class Scan(NamedTuple):
    """A scan.

    Args:
        place: Where it stands.
        kind: docker, action, cli, npm, maven, gradle, dotnet or python.
        uses: Which Node analyses: image, host, embedded, executable or unknown.
        why: Why it is that one.
        node: What is active on the host there.
        cloud: Whether the server is SonarQube Cloud; None where it is unknown.
        package: The npm scanner, its version, and the Node that it needs itself; empty texts for others.
    """

    place: Place
    kind: str
    uses: str
    why: str
    node: Alternatives
    cloud: bool | None
    package: tuple[str, str, str] = ("", "", "")


class Scans:
    """The scans of a repository's jobs; each step is looked at once.

    Args:
        repository: The repository.
    """

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._known: dict[int, tuple[StepTimeline, Scan | None]] = {}

    def of(self, job: JobTimeline, step: StepTimeline) -> Scan | None:
        """Return the scan that a step is; None for a step that is none, whatever it is called."""
        known = self._known.get(id(step))
        if known is None:
            # The step is kept with its answer, so that no other one can get its identity.
            known = self._known[id(step)] = (step, _scan_of(self._repository, job, step))
        return known[1]


def _scan_of(repository: Repository, job: JobTimeline, step: StepTimeline) -> Scan | None:
    name, _, version = step.uses.partition("@")
    if name.lower() in _ACTIONS:
        return _action(repository, job, step, name.lower(), version)
    for command in step.commands:
        found = _command(repository, job, step, command)
        if found:
            return found
    return None


def _action(repository: Repository, job: JobTimeline, step: StepTimeline, name: str, version: str) -> Scan:
    number = _version(repository, step, version)
    node = step.tools.get("node", ())
    if number is None:
        return Scan(step.place, "action", "unknown", f"which release {version} is, the files do not tell", node, None)
    entry = _release(name, number)
    if entry and entry["kind"] == "docker":
        inside = f" (the one of {entry['image']} is {entry['node']})" if entry.get("node") else ""
        why = f"it is a Docker action, whose container never sees the host's Node{inside}"
        return Scan(step.place, "docker", "image", why, node, None)
    given = step.inputs.get("args") if "args" in step.inputs else ""
    folder = step.inputs.get("projectBaseDir", "") if "projectBaseDir" in step.inputs else ""
    settings = _settings(repository, folder, given, step.environment)
    cloud = _is_cloud(settings, step)
    return Scan(step.place, "action", *_which(settings, job, cloud=cloud, known=given is not None), node, cloud)


def _release(name: str, number: tuple[int, int]) -> Mapping[str, Any] | None:
    """Return the table's entry for a release of an action: the last one that is not newer."""
    entries = [entry for entry in table("scanners")["action"] if entry["name"].lower() == name]
    older = [entry for entry in entries if tuple(int(part) for part in entry["from"].split(".")[:2]) <= number]
    return older[-1] if older else None


def _version(repository: Repository, step: StepTimeline, version: str) -> tuple[int, int] | None:
    found = _TAG.fullmatch(version)
    if not found and re.fullmatch(r"[0-9a-f]{40}", version):
        lines = (repository.read(step.place.file) or "").splitlines()[step.place.line - 1 : step.place.line + 20]
        line = next((each for each in lines if version in each), "")
        found = _COMMENT.search(line.split(version, 1)[-1])
    # A major tag is at the last release of its major.
    return (int(found[1]), int(found[2] or _NEWEST)) if found else None


def _command(repository: Repository, job: JobTimeline, step: StepTimeline, command: Invocation) -> Scan | None:
    words = command.words
    name = posixpath.basename(words[0]) if words else ""
    text = " ".join(words)
    if "sonar" not in text and not _scripts_scan(repository, name, command.folder):
        return None
    node = command.tools.get("node", ())
    settings = _settings(repository, command.folder, None if "" in words else text, step.environment)
    cloud = _is_cloud(settings, step)
    if name in ("mvn", "mvnw", "gradle", "gradlew") and re.search(
        r"\bsonar(?::sonar|qube)?\b|sonar-maven-plugin", text
    ):
        kind = "maven" if name.startswith("mvn") else "gradle"
        why = f"a plugin of {kind}'s may bring a Node of its own, and what it hands on is not in the files"
        return Scan(command.place, kind, "unknown", why, node, cloud)
    if (name == "dotnet" and words[1:2] == ("sonarscanner",)) or name == "dotnet-sonarscanner":
        return Scan(command.place, "dotnet", *_which(settings, job, cloud=cloud, known=True), node, cloud)
    if name in ("sonar-scanner", "sonar-scanner.bat", "pysonar"):
        return Scan(command.place, "cli", *_which(settings, job, cloud=cloud, known="" not in words), node, cloud)
    package = _npm_scanner(repository, command)
    if package:
        return Scan(
            command.place, "npm", *_which(settings, job, cloud=cloud, known="" not in words), node, cloud, package
        )
    return None


def _scripts_scan(repository: Repository, name: str, folder: str | None) -> bool:
    """Return whether the scripts of package.json may scan."""
    if name not in ("npm", "pnpm", "yarn") or folder is None:
        return False
    return "sonar" in (repository.read(posixpath.join(folder, "package.json")) or "")


def _npm_scanner(repository: Repository, command: Invocation) -> tuple[str, str, str] | None:
    name = posixpath.basename(command.words[0]) if command.words else ""
    named = _named_scanner(command.words[1:]) if name in ("npx", "pnpx", "pnpm", "yarn") else None
    if named:
        return named
    found = programs(repository, command.folder, command.words)
    program = next((each for each in found if each.name in _NPM_SCANNERS), None)
    if program is None:
        return None
    locked = engine(repository.read, program.folder, program.name)
    if locked:
        return locked.package, locked.version, locked.node
    package = _NPM_SCANNERS[program.name]
    if name in ("npx", "pnpx"):
        return package, "of today", _needed(package, str(_NEWEST))
    return package, "", ""


def _named_scanner(words: tuple[str, ...]) -> tuple[str, str, str] | None:
    """Return the scanner that a word names with its version, such as @sonar/scan@5."""
    for word in words:
        package, _, version = word.rpartition("@")
        if package in _NPM_SCANNERS and version:
            return package, version, _needed(package, version)
    return None


def _needed(package: str, version: str) -> str:
    """Return the Node that a release of an npm scanner needs, from the table; empty where it is not known."""
    parts = [int(part) for part in version.split(".") if re.fullmatch(r"\d{1,6}", part, re.ASCII)]
    number = tuple((*parts, _NEWEST, _NEWEST, _NEWEST)[:3])
    needed = ""
    for entry in table("scanners")["package"] if parts else ():
        if entry["name"] == package and tuple(int(part) for part in entry["from"].split(".")) <= number:
            needed = entry["node"]
    return needed


def _settings(
    repository: Repository, folder: str | None, arguments: str | None, environment: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Return Sonar's settings in the order that the scanner gives them: file, environment, arguments."""
    path = join(folder, "sonar-project.properties") if folder is not None else None
    found: dict[str, str | None] = {}
    found.update(_properties((repository.read(path) if path else None) or ""))
    for name, value in environment.items():
        if name.startswith("SONAR_") and name not in ("SONAR_TOKEN", "SONAR_SCANNER_OPTS"):
            found[_KNOWN_VARIABLES.get(name, name)] = value
    for text in (environment.get("SONAR_SCANNER_OPTS"), arguments):
        for match in _PROPERTY.finditer(text or ""):
            found[match[1]] = match[2] if match[2] is not None else "true"
    parameters = manifest_of(environment.get("SONARQUBE_SCANNER_PARAMS"))
    return {**{key: str(value) for key, value in parameters.items()}, **found}


@functools.lru_cache(maxsize=16)
def _properties(text: str) -> dict[str, str]:
    """Return the settings of a properties file; what a line continues is not joined."""
    found = {}
    for line in text.splitlines():
        name, sign, value = line.replace(":", "=", 1).partition("=") if "=" not in line else line.partition("=")
        if sign and not line.lstrip().startswith(("#", "!")):
            found[name.strip()] = value.strip()
    return found


_KNOWN_VARIABLES = {
    "SONAR_HOST_URL": _HOST,
    "SONAR_NODEJS_EXECUTABLE": EXECUTABLE,
    "SONAR_NODEJS_FORCEHOST": FORCE,
    "SONAR_NODEJS_FORCE_HOST": FORCE,
    "SONAR_SCANNER_SKIPNODEPROVISIONING": SKIP,
    "SONAR_SCANNER_SKIP_NODE_PROVISIONING": SKIP,
}


def _which(settings: Mapping[str, str | None], job: JobTimeline, *, cloud: bool | None, known: bool) -> tuple[str, str]:
    """Return which Node analyses, and why.

    Args:
        settings: Sonar's settings.
        job: The job.
        cloud: Whether the server is SonarQube Cloud; None where it is unknown.
        known: Whether all of the scanner's arguments are known.
    """
    said = _said(settings)
    if said:
        return said
    if not known:
        return "unknown", "its arguments are known only in a run"
    return _brought(job, cloud=cloud)


def _said(settings: Mapping[str, str | None]) -> tuple[str, str] | None:
    """Return what the settings say of Node; None where they say nothing."""
    executable = settings.get(EXECUTABLE)
    if executable == "node":
        return "host", f"{EXECUTABLE} is node, the first one on PATH"
    if executable:
        return "executable", f"{EXECUTABLE} names {executable}"
    for name in (SKIP, FORCE):
        if name in settings and settings[name] is None:
            return "unknown", f"what {name} is, only a run tells"
        if (settings.get(name) or "").lower() == "true":
            return "host", f"{name} is true"
    return None


def _brought(job: JobTimeline, *, cloud: bool | None) -> tuple[str, str]:
    """Return whether the analyser brings a Node for a job's runner."""
    brings = table("scanners")["embedded"][-1]["platforms"]
    if not job.platform or job.platform.endswith("/") or job.platform == "Windows/ARM64":
        return "unknown", "whether the analyser brings a Node for this runner, the files do not tell"
    if job.platform not in brings:
        return "host", f"the analyser brings no Node for {job.platform}"
    if cloud:
        return "embedded", f"SonarQube Cloud's analyser brings one for {job.platform}"
    return "unknown", "an analyser brings a Node from SonarQube 10.7 on, and which server this is only a run tells"


def _is_cloud(settings: Mapping[str, str | None], step: StepTimeline) -> bool | None:
    if _HOST not in settings:
        return True if step.uses or "sonar.organization" in settings else None
    url = settings[_HOST]
    return bool(_CLOUD.search(url)) if url else None


def host_node(scan: Scan) -> Active | None:
    """Return the host's Node that a scan certainly uses; None where it is another one, or not decided."""
    return decided(scan.node) if scan.uses == "host" else None
