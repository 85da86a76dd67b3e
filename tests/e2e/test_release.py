"""The release's workflow, run by act from a tag to where GitHub must answer; the origin is a bare repository."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gate import shell

from .conftest import BIN, ROOT, clean

ACTIONS = {
    "actions/checkout": ROOT / "src/gate/actions/checkout",
    "astral-sh/setup-uv": ROOT / "src/gate/actions/setup-uv",
    "actions/upload-artifact": ROOT / "tests/e2e/actions/upload-artifact",
    "actions/download-artifact": ROOT / "tests/e2e/actions/download-artifact",
    "actions/attest": ROOT / "tests/e2e/actions/attest",
}
WORKFLOW = ".github/workflows/release.yml"
VERSION = "99.0.0"


@dataclass(frozen=True, slots=True)
class Releasing:
    """A clone of this repository whose origin is a bare one, a tag in it, and a stand-in for gh on PATH.

    Args:
        root: The clone.
        folder: What the stand-ins keep.
    """

    root: Path
    folder: Path

    def git(self, *arguments: str) -> str:
        who = {f"GIT_{role}_{what}": "ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, env=clean() | who, capture_output=True, text=True
        )
        return done.stdout.strip()

    def at_origin(self, name: str) -> str:
        return self.git("ls-remote", "origin", f"refs/tags/{name}").partition("\t")[0]

    @property
    def github(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "gh.json").read_text(encoding="utf-8")))

    def set_github(self, **state: object) -> None:
        start: dict[str, object] = {"asked": [], "releases": {}, "refuse": {}}
        (self.folder / "gh.json").write_text(json.dumps(start | state), encoding="utf-8")

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the workflow as GitHub does when the tag is pushed."""
        event = {"ref": f"refs/tags/v{VERSION}", "repository": {"visibility": "public", "default_branch": "main"}}
        (self.folder / "event.json").write_text(json.dumps(event), encoding="utf-8")
        used = set(re.findall(r"uses: *([\w.-]+/[\w.-]+)@(\S+)", (self.root / WORKFLOW).read_text(encoding="utf-8")))
        given = {
            "STANDIN_FOLDER": self.folder,
            "GH_STANDIN": self.folder / "gh.json",
            "GATE_PYTHON": sys.executable,
        }
        command = [
            str(BIN / "act"),
            "push",
            f"--workflows={WORKFLOW}",
            "--platform=ubuntu-latest=-self-hosted",
            "--no-cache-server",
            f"--action-cache-path={self.folder / 'act'}",
            f"--eventpath={self.folder / 'event.json'}",
            "--secret=GITHUB_TOKEN",  # its value is taken from the environment
            *(f"--env={name}={value}" for name, value in given.items()),
            *(f"--local-repository={name}@{ref}={ACTIONS[name]}" for name, ref in used),
        ]
        environment = clean() | {"GITHUB_TOKEN": "ghs_hush"}
        path = f"{self.folder / 'bin'}{os.pathsep}{environment['PATH']}"
        environment["PATH"] = shell.lingering(self.folder / "shell", path)
        return subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def releasing(tmp_path: Path) -> Releasing:
    folder = tmp_path / "kept"
    (folder / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "tests/release/gh.py", folder / "bin" / "gh")
    (folder / "bin" / "gh").chmod(0o755)
    subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, tmp_path / "origin.git"], check=True, env=clean())
    subprocess.run(["git", "clone", "--quiet", tmp_path / "origin.git", tmp_path / "work"], check=True, env=clean())
    made = Releasing(tmp_path / "work", folder)
    made.set_github()
    for name, pattern in (("pyproject.toml", r'^version = ".*"'), ("package.json", r'^  "version": ".*"')):
        text = (made.root / name).read_text(encoding="utf-8")
        changed = re.sub(
            pattern, lambda found: re.sub('"[^"]*"$', f'"{VERSION}"', found[0]), text, count=1, flags=re.MULTILINE
        )
        assert changed != text
        (made.root / name).write_text(changed, encoding="utf-8")
    changelog = (made.root / "CHANGELOG.md").read_text(encoding="utf-8")
    section = f"## {VERSION} (2026-11-27)\n- Something `new`.\n\n## "
    (made.root / "CHANGELOG.md").write_text(changelog.replace("## ", section, 1), encoding="utf-8")
    made.git("commit", "--quiet", "--all", "--message=A version")
    made.git("tag", f"v{VERSION}")
    return made


def test_a_tag_becomes_a_release_and_one_that_failed_is_run_again(releasing: Releasing) -> None:
    releasing.git("push", "--quiet", "--force", "origin", "HEAD:refs/heads/main", f"v{VERSION}")
    releasing.set_github(refuse={"create": "HTTP 502: Server Error"})
    failed = releasing.run()
    assert failed.returncode != 0
    assert f"gh release create v{VERSION} failed: HTTP 502" in failed.stdout
    assert releasing.at_origin("v99") == ""

    releasing.set_github()
    first = {path.name: path.read_bytes() for path in (releasing.folder / "release").iterdir()}
    done = releasing.run()
    assert done.returncode == 0, done.stdout[-3000:]
    # What is built again is the same, to the byte.
    built = {path.name: path.read_bytes() for path in (releasing.folder / "release").iterdir()}
    assert built == first
    release = releasing.github["releases"][f"v{VERSION}"]
    assert release["notes"] == "- Something `new`.\n"
    assert (release["draft"], release["prerelease"], release["latest"]) == (False, "false", "true")
    assert set(release["files"]) == {
        "sbom.cdx.json",
        next(name for name in built if name.endswith(f"-{VERSION}.tar.gz")),
    }
    assert all(each["token"] for each in releasing.github["asked"])
    assert "ghs_hush" not in done.stdout + done.stderr + json.dumps(releasing.github)
    assert releasing.at_origin("v99") == releasing.git("rev-parse", "HEAD")
    attested = (releasing.folder / "attested").read_text(encoding="utf-8").split("\n")
    digests = {hashlib.sha256(built[name]).hexdigest() for name in release["files"]}
    assert {line.split()[0] for line in attested if line} == digests
    assert [line.split()[1:] for line in attested if line.endswith("dist/sbom.cdx.json")]


def test_a_tag_that_is_not_on_main_stops_before_anything_may_write(releasing: Releasing) -> None:
    releasing.git("push", "--quiet", "--force", "origin", "HEAD^:refs/heads/main", f"v{VERSION}")
    # The install is not the point here, and what it installs is this environment's.
    (releasing.root / "Makefile").write_text(f"venv:\n\tln -s {BIN.parent} .venv\n", encoding="utf-8")
    failed = releasing.run()
    assert failed.returncode != 0
    assert "is not on origin/main, which alone is released" in failed.stdout
    assert "publish" not in failed.stdout
    assert releasing.github["asked"] == []
    assert releasing.at_origin("v99") == ""
