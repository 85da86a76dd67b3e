"""OpenSSF Scorecard itself on these files. It takes minutes to build, so `make scorecard` does; test_supply_chain.py
holds the same rules by hand."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCORECARD = ROOT / ".tools/bin/scorecard"
# Of those that it can run on a folder. Fuzzing and Vulnerabilities ask a server, Packaging judges a release on GitHub.
BEST = {
    "Binary-Artifacts": 10,
    "Dangerous-Workflow": 10,
    "Dependency-Update-Tool": 10,
    "License": 9,  # without GitHub it knows a licence by its file's name only, and LICENSE names none
    "Pinned-Dependencies": 10,
    "SAST": 10,
    "Security-Policy": 10,
    "Token-Permissions": 10,
}


@pytest.mark.skipif(not SCORECARD.exists(), reason="make scorecard builds it, in minutes")
def test_scorecard_finds_nothing_on_this_folder(tmp_path: Path) -> None:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, tmp_path / name)
    arguments = ["--local", str(tmp_path), "--checks", ",".join(BEST), "--format", "json", "--show-details"]
    done = subprocess.run([str(SCORECARD), *arguments], check=False, capture_output=True, text=True)
    checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert {name: check["score"] for name, check in checks.items()} == BEST, checks
