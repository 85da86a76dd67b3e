"""How the pipeline is connected to SonarQube Cloud: step by step, with a check after each."""

from collections.abc import Iterator
from dataclasses import dataclass

from gate.doctor.check import Check
from gate.doctor.github import GitHubFacts
from gate.doctor.server import ServerFacts
from gate.errors import CannotJudgeError

_CLOUD = "https://sonarcloud.io"
_LOOK = f" (to let gate doctor look: set SONAR_HOST_URL to {_CLOUD}, and SONAR_TOKEN)"


@dataclass(frozen=True, slots=True)
class _Step:
    """A step before it has its number.

    Args:
        done: What is so when it is done.
        not_done: What is so when it is not.
        why: Why it matters.
        page: What to do, and where.
        look: How to let the doctor look, where it could not.
    """

    done: str
    not_done: str
    why: str
    page: str
    look: str = ""

    def check(self, answer: bool | str | None, number: str) -> Check:  # noqa: FBT001 - the answer
        """Return it as a check; a text tells why there is no answer."""
        if answer is True:
            return Check("ok", f"{number}: {self.done}", self.why)
        if answer is False:
            return Check("problem", f"{number}: {self.not_done}", self.why, self.page)
        title = f"{number}: whether {self.done} cannot be told{answer or ''}"
        return Check("unknown", title, self.why, self.page + self.look)


def checks(server: ServerFacts | None, github: GitHubFacts) -> Iterator[Check]:
    """Lead through the connection.

    Args:
        server: What the server says that SONAR_HOST_URL names, or the local one.
        github: What GitHub says.
    """
    named = None if server is None or server.is_local or not server.token_valid else server
    own = server is not None and not server.is_local and not server.is_cloud
    url = server.url if server and not server.is_local else _CLOUD
    steps = [_secret(github, url), _variable(github, url, own=own), _scan(named, github)]
    if not own:
        steps = [_project(named, github, url), _automatic(named, github, url), *steps]
    for at, (step, answer) in enumerate(steps, start=1):
        yield step.check(answer, f"Connect Sonar, {at} of {len(steps)}")


def _project(server: ServerFacts | None, github: GitHubFacts, url: str) -> tuple[_Step, bool | str | None]:
    step = _Step(
        f"SonarCloud has the project {github.key}",
        f"SonarCloud does not have the project {github.key}",
        "SonarCloud takes an analysis only for a project that it knows.",
        f"Import {github.slug or 'it'}: {url}/projects/create",
        _LOOK,
    )
    return step, server.project_exists if server else None


def _automatic(server: ServerFacts | None, github: GitHubFacts, url: str) -> tuple[_Step, bool | str | None]:
    step = _Step(
        "automatic analysis is off",
        "automatic analysis is on",
        "SonarCloud refuses the pipeline's analysis while it analyses by itself.",
        f"Switch it off: {url}/project/analysis_method?id={github.key}",
        _LOOK,
    )
    if server is None or server.automatic_analysis is None:
        return step, ": the project is not there yet" if server and not server.project_exists else None
    return step, not server.automatic_analysis


def _secret(github: GitHubFacts, url: str) -> tuple[_Step, bool | str | None]:
    step = _Step(
        "GitHub has the secret SONAR_TOKEN",
        "GitHub does not have the secret SONAR_TOKEN",
        "The scan needs it, and of it only Execute Analysis on this project: not Administer, not Create Projects, no "
        "access to GitHub. A personal token can do all that its owner can: let a member with few rights make it.",
        f"Make one at {url}/account/security and paste it at {github.page}/settings/secrets/actions",
    )
    return step, _answer(github.secret)


def _variable(github: GitHubFacts, url: str, *, own: bool) -> tuple[_Step, bool | str | None]:
    there = github.variable
    usual = "SONAR_HOST_URL" if own else "SONAR_ORGANIZATION"
    name = there if isinstance(there, str) and there else usual
    value = "the server's address" if own else f"the organization's key, which {url}/account/organizations shows,"
    step = _Step(
        f"GitHub has the variable {name}",
        f"GitHub does not have the variable {name}",
        "With it the pipeline knows that it is set up: from then on a missing token fails it.",
        f"Set it to {value} at {github.page}/settings/variables/actions",
    )
    return step, _answer(there)


def _scan(server: ServerFacts | None, github: GitHubFacts) -> tuple[_Step, bool | str | None]:
    step = _Step(
        "the main branch was scanned",
        "the main branch was never scanned",
        "A pull request's new code is counted from the main branch's first scan.",
        f"Run the workflow on the main branch: {github.page}/actions/workflows/ci.yml",
        _LOOK,
    )
    return step, None if server is None or server.analysed is None else bool(server.analysed)


def _answer(fact: bool | str | CannotJudgeError) -> bool | str:  # noqa: FBT001 - the fact
    return f": {fact.what}" if isinstance(fact, CannotJudgeError) else bool(fact)
