"""The commit that is released, read from git alone: what lies in the work tree does not count."""

import gzip
import json
import os
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from release.errors import ReleaseError
from release.tag import Tag


@dataclass(frozen=True, slots=True)
class Source:
    """A commit of a repository.

    Args:
        root: The repository's folder.
        commit: The commit.
    """

    root: Path
    commit: str

    @property
    def name(self) -> str:
        """The project's name, from pyproject.toml, else package.json without its scope, else the folder."""
        return self.versions[0][1].rpartition("/")[2] if self.versions else self.root.name

    @property
    def versions(self) -> list[tuple[str, str, str]]:
        """File, name and version of each file that names a version."""
        python, web = self.read("pyproject.toml"), self.read("package.json")
        found = {"pyproject.toml": tomllib.loads(python).get("project", {}), "package.json": json.loads(web or "{}")}
        return [(file, str(data["name"]), str(data["version"])) for file, data in found.items() if "version" in data]

    @property
    def date(self) -> datetime:
        """When the commit was made."""
        return datetime.fromisoformat(self.git("show", "--no-patch", "--format=%cI", self.commit).strip())

    def read(self, path: str) -> str:
        """Return a file's text; empty when the commit does not have it."""
        done = run(self.root, "show", f"{self.commit}:{path}")
        return "" if done.returncode else done.stdout.decode()

    def archive(self, prefix: str) -> bytes:
        """Return the commit's files as a .tar.gz: the same bytes each time.

        Args:
            prefix: The folder that they lie in.
        """
        # The time of packing would be in it, and where git is set so, the umask of who packs.
        command = ("-c", "tar.umask=0022", "archive", "--format=tar", f"--prefix={prefix}/", self.commit)
        return gzip.compress(_checked(self.root, *command), mtime=0)

    def git(self, *arguments: str) -> str:
        """Return what git prints.

        Raises:
            ReleaseError: git failed.
        """
        return _checked(self.root, *arguments).decode()


def find(root: Path, tag: Tag) -> Source:
    """Return the commit that a tag names; HEAD while there is no such tag yet.

    Raises:
        ReleaseError: There is no commit, or no repository.
    """
    done = run(root, "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}")
    return Source(root, (done.stdout or _checked(root, "rev-parse", "HEAD")).decode().strip())


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git, without what a hook's own variables would make of it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *arguments], cwd=root, env=environment, capture_output=True, check=False)


def _checked(root: Path, *arguments: str) -> bytes:
    done = run(root, *arguments)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"exit {done.returncode}"
        raise ReleaseError(f"git {' '.join(arguments)} failed in {root}: {said}", "Mend that, and run it again.")
    return done.stdout
