"""What the release's workflow promises, read from the file itself."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
RELEASE: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = RELEASE["jobs"]


@pytest.mark.parametrize(
    ("tag", "starts"), [("v1.2.3", True), ("v10.20.30-rc.1", True), ("v1", False), ("1.2.3", False), ("latest", False)]
)
def test_a_versions_tag_starts_it_and_the_major_tag_does_not(tag: str, *, starts: bool) -> None:
    assert list(RELEASE[True]) == ["push"]  # YAML reads `on` as true
    # GitHub's + stands for one or more of what is before it; one digit is enough here.
    patterns = [pattern.replace("]+", "]") for pattern in RELEASE[True]["push"]["tags"]]
    assert any(fnmatchcase(re.sub(r"\d+", "1", tag), pattern) for pattern in patterns) is starts


def test_only_the_job_that_publishes_may_write_and_nothing_is_installed_there() -> None:
    assert RELEASE["permissions"] == {}
    assert JOBS["build"]["permissions"] == {"contents": "read"}
    publish = JOBS["publish"]
    assert publish["permissions"] == {"contents": "write", "id-token": "write", "attestations": "write"}
    assert (publish["environment"], publish["needs"]) == ("release", ["build"])
    assert [step["run"] for step in publish["steps"] if "run" in step] == [
        'python3 -I src/release publish "$GITHUB_REF_NAME"'
    ]
    assert TEXT.count("github.token") == 1
    assert "secrets" not in TEXT


def test_nothing_comes_from_a_cache_and_no_run_is_cut_off() -> None:
    caches = re.findall(r"^.*cache.*$", TEXT, re.MULTILINE)
    assert len(caches) == 1
    assert "enable-cache: false" in caches[0]
    assert RELEASE["concurrency"] == {"group": "release", "cancel-in-progress": False}


def test_a_step_is_one_line_and_an_action_is_pinned_as_in_the_pipeline() -> None:
    steps = [step for job in JOBS.values() for step in job["steps"]]
    assert all(len(step["run"].splitlines()) == 1 and "${{" not in step["run"] for step in steps if "run" in step)
    assert all(step["with"]["persist-credentials"] is False for step in steps if "checkout" in step.get("uses", ""))
    pins = re.findall(r"uses: (\S+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$", TEXT, re.MULTILINE)
    assert len(pins) == TEXT.count("uses: ")
    others = dict(re.findall(r"uses: (\S+)@(.*)", (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")))
    assert all(others.get(name, pin) == pin for name, pin in pins)
