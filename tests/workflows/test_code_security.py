"""CodeQL and dependency review under act: where GitHub offers them, and where it does not.

GitHub's own actions answer only on GitHub, so an empty one stands in for each of them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ACTIONS = {
    "codeql": ("actions/checkout", "github/codeql-action/init", "github/codeql-action/analyze"),
    "dependency-review": ("actions/dependency-review-action",),
}
NOTHING = (
    "name: nothing\ndescription: Stands in.\nruns:\n  using: composite\n  steps:\n    - run: ':'\n      shell: bash\n"
)


def run(folder: Path, name: str, visibility: str, *variables: str) -> dict[str, list[str]]:
    """Return what each job said that ended in success.

    Args:
        folder: A folder of the test's own.
        name: The workflow, without its ending.
        visibility: The repository's, as GitHub's payload says it.
        variables: The repository's variables, as NAME=VALUE.
    """
    text = (ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8")
    command = [str(Path(sys.prefix) / "bin/act"), "pull_request", "--json", "--platform=ubuntu-latest=-self-hosted"]
    for action in ACTIONS[name]:
        owner, repository, *inner = action.split("/")
        stand_in = folder / owner / repository
        for place in (stand_in, stand_in.joinpath(*inner)):
            place.mkdir(parents=True, exist_ok=True)
            (place / "action.yml").write_text(NOTHING, encoding="utf-8")
        commit = text.split(f"{action}@")[1].split()[0]
        command.append(f"--local-repository={owner}/{repository}@{commit}={stand_in}")
    (folder / "event.json").write_text(json.dumps({"repository": {"visibility": visibility}, "number": 7}))
    work = folder / "work/.github/workflows"
    work.mkdir(parents=True)
    (work / f"{name}.yml").write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=folder / "work", check=True)
    command += [f"--eventpath={folder / 'event.json'}", *(f"--var={each}" for each in variables)]
    environment = os.environ | {"XDG_CACHE_HOME": str(folder / "cache"), "HOME": str(folder)}
    done = subprocess.run(
        command, cwd=folder / "work", env=environment, check=False, capture_output=True, text=True, timeout=120
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    ended = {line["jobID"] for line in lines if line.get("jobResult") == "success"}
    assert done.returncode == 0, done.stdout[-2000:]
    return {job: [str(line["msg"]) for line in lines if line.get("jobID") == job] for job in ended}


@pytest.mark.parametrize(("name", "job"), [("codeql", "analyze"), ("dependency-review", "dependency-review")])
@pytest.mark.parametrize(
    ("visibility", "variables"),
    [("public", ()), ("private", ("CODE_SCANNING=true",))],
    ids=["public", "private with it"],
)
def test_where_github_offers_it_it_runs_up_to_github(
    tmp_path: Path, name: str, job: str, visibility: str, variables: tuple[str, ...]
) -> None:
    assert list(run(tmp_path, name, visibility, *variables)) == [job]


@pytest.mark.parametrize("name", ["codeql", "dependency-review"])
def test_where_github_does_not_offer_it_the_words_say_so_and_nothing_is_red(tmp_path: Path, name: str) -> None:
    said = run(tmp_path, name, "private")
    assert list(said) == ["not-offered"]
    words = " ".join(said["not-offered"])
    assert "is off" in words
    assert "CODE_SCANNING to true under Settings > Secrets and variables > Actions" in words
    assert f"delete {name}.yml" in words
