"""A project with a bare origin, and a stand-in for gh on PATH."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from release import source, tag
from release.source import Source
from release.tag import Tag

FILES = {
    "pyproject.toml": '[project]\nname = "app"\nversion = "{version}"\n',
    "package.json": '{{"name": "app", "version": "{version}"}}\n',
    "CHANGELOG.md": "# Changelog\n\n## {version} (2026-11-27)\n- What {version} brings.\n\n## 0.0.1\nThe first.\n",
}


@dataclass(frozen=True, slots=True)
class Project:
    """A clone whose origin is a bare repository beside it.

    Args:
        root: Its folder.
        gh: The file in which the stand-in for gh keeps what it was asked.
    """

    root: Path
    gh: Path

    def git(self, *arguments: str) -> str:
        who = {f"GIT_{role}_{what}": "ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True, env=os.environ | who
        )
        return done.stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=Change")
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, *, annotated: bool = False, push: bool = True) -> tuple[Source, Tag]:
        """Commit a version, push it to main, tag it, and push the tag."""
        self.commit({file: text.format(version=name.removeprefix("v")) for file, text in FILES.items()})
        self.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
        self.git("tag", *(["--annotate", "--message=A version"] if annotated else []), name)
        if push:
            self.git("push", "--quiet", "origin", f"refs/tags/{name}")
        wanted = tag.parse(name)
        return source.find(self.root, wanted), wanted

    def at_origin(self, name: str) -> str:
        """Return the commit that a tag of the origin names; empty when there is none."""
        said = self.git("ls-remote", "origin", f"refs/tags/{name}", f"refs/tags/{name}^{{}}")
        return said.splitlines()[-1].split()[0] if said else ""

    @property
    def github(self) -> dict[str, Any]:
        """What the stand-in for gh was asked, and its releases."""
        return dict(json.loads(self.gh.read_text(encoding="utf-8")))

    def set_github(self, **state: object) -> None:
        start: dict[str, object] = {"asked": [], "releases": {}, "refuse": {}}
        self.gh.write_text(json.dumps(start | state), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", tmp_path / "origin.git"], check=True)
    subprocess.run(
        ["git", "clone", "--quiet", tmp_path / "origin.git", tmp_path / "app"], check=True, stderr=subprocess.DEVNULL
    )
    made = Project(tmp_path / "app", tmp_path / "gh.json")
    made.set_github()
    (tmp_path / "bin").mkdir()
    shutil.copy(Path(__file__).with_name("gh.py"), tmp_path / "bin" / "gh")
    (tmp_path / "bin" / "gh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GH_STANDIN", str(made.gh))
    monkeypatch.chdir(made.root)
    return made
