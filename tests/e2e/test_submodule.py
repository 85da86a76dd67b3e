"""docs/submodule.md, followed to the letter in repositories of its own."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from gate import repository, scope

from .conftest import BIN, ROOT, clean

PAGE = (ROOT / "docs/submodule.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def run(folder: Path, *command: str, **extra: str) -> str:
    who = {f"GIT_{role}_{what}": "ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    done = subprocess.run(command, cwd=folder, env=clean() | who | extra, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


@pytest.fixture
def github(tmp_path: Path) -> dict[str, str]:
    """What makes git find the page's address in a folder, as it would find it on GitHub."""
    run(tmp_path, "git", "clone", "--quiet", "--bare", str(ROOT), "application.git")
    run(tmp_path / "application.git", "git", "branch", "--force", "main", "HEAD")
    run(tmp_path / "application.git", "git", "symbolic-ref", "HEAD", "refs/heads/main")
    settings = {
        f"url.{(tmp_path / 'application.git').as_uri()}.insteadOf": "https://github.com/OWNER/APPLICATION",
        "protocol.file.allow": "always",
    }
    pairs = {f"GIT_CONFIG_KEY_{number}": name for number, name in enumerate(settings)}
    values = {f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(settings.values())}
    return pairs | values | {"GIT_CONFIG_COUNT": str(len(settings))}


def newer(origin: Path) -> str:
    """Add a commit to the application's main; return it."""
    made = run(origin, "git", "commit-tree", "main^{tree}", "-p", "main", "-m", "Newer")
    run(origin, "git", "update-ref", "refs/heads/main", made)
    return made


def test_the_pages_commands_do_what_it_says(tmp_path: Path, github: dict[str, str]) -> None:
    include, update, bump, laptop = blocks("sh")
    dependabot, workflow = blocks("yaml")
    outer = tmp_path / "infrastructure"
    for path, text in {
        ".github/workflows/infrastructure.yml": workflow,
        ".github/dependabot.yml": dependabot,
        "src/deploy.py": "REGION = 'eu'\n",
        "package.json": "{}\n",
    }.items():
        (outer / path).parent.mkdir(parents=True, exist_ok=True)
        (outer / path).write_text(text, encoding="utf-8")
    run(outer, "git", "init", "--quiet", "--initial-branch=main")
    run(outer, "git", "add", "--all")

    run(outer, "bash", "-ec", include, **github)
    inner = outer / "application"
    first = run(inner, "git", "rev-parse", "HEAD")
    assert run(outer, "git", "rev-parse", "HEAD:application") == first

    pinned = newer(tmp_path / "application.git")
    run(outer, "bash", "-ec", bump, **github)
    assert run(outer, "git", "rev-parse", "HEAD:application") == pinned
    assert run(outer, "git", "status", "--short") == ""

    run(tmp_path, "git", "clone", "--quiet", str(outer), "colleague")
    run(tmp_path / "colleague", "bash", "-ec", update, **github)
    assert run(tmp_path / "colleague/application", "git", "rev-parse", "HEAD") == pinned

    # The workflow's one step of its own: passes on the application's main, and not beside it.
    step = re.findall(r"^ +run: (.*)$", workflow, re.MULTILINE)[0]
    run(outer, "bash", "-ec", step)
    run(inner, "git", "commit", "--quiet", "--allow-empty", "--message=Nobody looked at this")
    with pytest.raises(AssertionError):
        run(outer, "bash", "-ec", step)

    said = run(outer, "bash", "-ec", laptop)
    assert "infrastructure.yml" in said
    assert "ci.yml" not in said
    assert "0 findings" in said
    run(outer, str(ROOT / ".tools/bin/actionlint"))
    run(outer, str(BIN / "zizmor"), "--quiet", "--persona=pedantic", "--offline", ".github")

    own = set(run(inner, "git", "ls-files").splitlines())
    found = scope.read(repository.find(inner / "src").root, {"sonar.sources": "src", "sonar.tests": "tests"})
    assert found.root == inner
    assert found.sources
    assert found.tracked <= own
    # Nor does the other's scope hold what is the application's.
    assert scope.read(outer, {"sonar.sources": "."}).sources == {"src/deploy.py", "package.json"}


def test_a_version_that_the_application_asks_for_is_none_of_the_infrastructures(
    tmp_path: Path, github: dict[str, str]
) -> None:
    outer = tmp_path / "infrastructure"
    (outer / ".github/workflows").mkdir(parents=True)
    node = "      - uses: actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0\n        with:\n"
    text = (
        blocks("yaml")[1] + f"\n{node}          node-version: 22\n\n      - name: Use it\n        run: node --version\n"
    )
    (outer / ".github/workflows/infrastructure.yml").write_text(text, encoding="utf-8")
    run(outer, "git", "init", "--quiet", "--initial-branch=main")
    run(outer, "git", "add", "--all")
    run(outer, "bash", "-ec", blocks("sh")[0], **github)
    (outer / "application/package.json").write_text('{"engines": {"node": "^18"}}', encoding="utf-8")
    (outer / "application/.nvmrc").write_text("18", encoding="utf-8")
    said = json.loads(run(outer, str(BIN / "verify-runtime"), "timeline", "--format", "json"))
    assert {each["file"] for each in said["jobs"]} == {".github/workflows/infrastructure.yml"}
    assert said["findings"] == []
