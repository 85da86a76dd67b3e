"""Is this repository ready for the pipeline: what is there, what disagrees, and what mends each."""

from pathlib import Path

from gate.doctor import age, connection, github, repository, server
from gate.doctor.check import Check
from gate.doctor.github import GitHubFacts
from gate.doctor.server import ServerFacts


def checks(root: Path, sonar: ServerFacts | None, hub: GitHubFacts) -> list[Check]:
    """Look at a repository, and at what its server and GitHub say.

    Args:
        root: The top folder of the work tree.
        sonar: What the server says; None when none runs or none is set.
        hub: What GitHub says.

    Returns:
        One check after another: the Node versions' age, the repository's, the server's, GitHub's, then the steps that
        connect Sonar.
    """
    clone = repository.read(root)
    return [
        age.check(root),
        *repository.checks(clone),
        *server.checks(sonar, clone.main, clone.environment.get("NODE_SCAN", "")),
        *github.checks(hub),
        *connection.checks(sonar, hub),
    ]
