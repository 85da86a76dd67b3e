"""The git repository that is judged: its commits, its key, and copies of it that can be worked in."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gate import git, paths
from gate.errors import CannotJudgeError

# Older than any analysis: a line that the base has is never new.
_BASE_DATE = "2000-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Repository:
    """A git work tree.

    Args:
        root: Its top folder.
    """

    root: Path

    @property
    def origin(self) -> str:
        """The remote's address, which may hold a password; empty when there is none."""
        return self._try("remote", "get-url", "origin")

    @property
    def slug(self) -> str:
        """OWNER/NAME from the remote's address; without a remote, local/ and the folder's name."""
        remote = self.origin.removesuffix("/").removesuffix(".git")
        parts = [part for part in re.split("[/:]", remote) if part][-2:]
        owner, name = parts if len(parts) == len(("owner", "name")) else ("local", self.root.name)
        return "/".join(re.sub(r"[^A-Za-z0-9_.-]", "_", part) or "project" for part in (owner, name))

    @property
    def key(self) -> str:
        """The project's key as SonarCloud derives it: OWNER_NAME."""
        return self.slug.replace("/", "_")

    @property
    def organization(self) -> str:
        """The organization on SonarCloud: SONAR_ORGANIZATION, else the owner, as SonarCloud writes it."""
        return os.environ.get("SONAR_ORGANIZATION") or self.slug.split("/")[0].lower()

    def head(self) -> str:
        """Return the commit that is checked out.

        Raises:
            CannotJudgeError: There is none yet.
        """
        found = self._try("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if not found:
            what = f"{self.root} has no commit yet, so there is no code to compare with."
            raise CannotJudgeError(what, "Commit once: git add --all && git commit")
        return found

    def base(self, wanted: str | None) -> str:
        """Return the commit that new code is counted from: where this work left the branch it goes to.

        Args:
            wanted: The branch or commit that the work goes to; None for the remote's default branch, else the
                first commit.

        Raises:
            CannotJudgeError: There is no such commit, or nothing in common with it.
        """
        head = self.head()
        onto = wanted or self._default_branch()
        if not onto:
            return self._git("rev-list", "--max-parents=0", head).split()[-1]
        if not self._try("rev-parse", "--verify", "--quiet", f"{onto}^{{commit}}"):
            raise CannotJudgeError(
                f"{self.root} has no commit {onto!r}.", "Fetch it: git fetch; or name another --base."
            )
        common = self._try("merge-base", onto, head)
        if not common:
            shallow = self._try("rev-parse", "--is-shallow-repository") == "true"
            fix = "git fetch --unshallow" if shallow else "Name another --base."
            raise CannotJudgeError(
                f"HEAD and {onto} have no commit in common{' in this shallow clone' * shallow}.", fix
            )
        return common

    @contextmanager
    def copy(self, base: str, *, uncommitted: bool) -> Iterator[Path]:
        """Make a copy to work in, whose history has the base and what is new, and nothing else.

        Blame in it tells exactly which lines are new, whatever the dates, merges and depth of the real history,
        and uncommitted work is in it. The repository itself is only read.

        Args:
            base: The commit that new code is counted from.
            uncommitted: Whether to check out the work tree as it stands, on top of the base; else the base.

        Yields:
            The copy's folder; it is deleted at the end.
        """
        with paths.scratch("copies") as folder:
            copy = folder / (self.root.name or "repository")
            self._git("init", "--quiet", "--initial-branch=main", str(copy), at=folder)
            # The slug, not the remote's address, which may hold a password.
            self._git("remote", "add", "origin", f"https://github.com/{self.slug}", at=copy)
            objects = (self.root / self._git("rev-parse", "--git-path", "objects")).resolve()
            (copy / ".git/objects/info/alternates").write_text(f"{objects}\n", encoding="utf-8")
            shallow = self.root / self._git("rev-parse", "--git-path", "shallow")
            if shallow.exists():
                shutil.copy(shallow, copy / ".git/shallow")
            commit = self._commit(copy, f"{base}^{{tree}}", "base", _BASE_DATE)
            self._git("update-ref", "refs/remotes/origin/main", commit, at=copy)
            if uncommitted:
                commit = self._commit(copy, self._work_tree(copy), "new", None, "-p", commit)
            self._git("update-ref", "HEAD", commit, at=copy)
            # Sonar reads blame by a git of its own, which does not look for objects in another repository.
            self._git("repack", "-a", "-d", "--quiet", at=copy)
            (copy / ".git/objects/info/alternates").unlink()
            self._git("reset", "--quiet", "--hard", at=copy)
            yield copy

    def _work_tree(self, copy: Path) -> str:
        """Write the work tree as it stands into the copy's objects; return the tree."""
        index = self.root / self._git("rev-parse", "--git-path", "index")
        if index.exists():
            # It knows which files have not changed, so that git need not read them. Its own time must stay: git
            # looks twice at a file that was changed within the second in which the index was written.
            shutil.copy2(index, copy / ".git/index")
        exclude = self.root / self._git("rev-parse", "--git-path", "info/exclude")
        if exclude.exists():
            (copy / ".git/info").mkdir(exist_ok=True)
            shutil.copy(exclude, copy / ".git/info/exclude")
        aside = (f"--git-dir={copy / '.git'}", f"--work-tree={self.root}", "-c", "core.bare=false")
        self._git(*aside, "add", "--all", "--", ".")
        return self._git(*aside, "write-tree")

    def _commit(self, copy: Path, tree: str, message: str, date: str | None, *parents: str) -> str:
        who = {f"GIT_{role}_{what}": "gate" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        when = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date} if date else {}
        return self._git("commit-tree", tree, "-m", message, *parents, at=copy, **who, **when)

    def _default_branch(self) -> str:
        return self._try("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")

    def ignores(self, path: Path) -> bool:
        """Whether git ignores a path, given from the root, and does not track it all the same."""
        return _run(self.root, ("check-ignore", "--quiet", "--", str(path)), {}).returncode == 0

    def _git(self, *arguments: str, at: Path | None = None, **environment: str) -> str:
        done = _run(at or self.root, arguments, environment)
        if done.returncode:
            said = done.stderr.strip() or f"exit {done.returncode}"
            raise CannotJudgeError(
                f"git {arguments[0]} failed in {at or self.root}: {said}", "Mend that, and run it again."
            )
        return done.stdout.strip()

    def _try(self, *arguments: str) -> str:
        done = _run(self.root, arguments, {})
        return "" if done.returncode else done.stdout.strip()


def find(folder: Path) -> Repository:
    """Return the repository that a folder is in.

    Raises:
        CannotJudgeError: It is in none, git is missing, or git does not trust it.
    """
    done = _run(folder, ("rev-parse", "--show-toplevel"), {})
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise CannotJudgeError(
            f"{folder} is in no git work tree: {said[0] if said else 'git said nothing'}",
            "Run this in a checkout of your project.",
        )
    return Repository(Path(done.stdout.rstrip("\n")))


def _run(folder: Path, arguments: tuple[str, ...], extra: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = git.environment() | extra
    try:
        return subprocess.run(
            ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise CannotJudgeError(f"There is no folder {folder}.", "Name a checkout of your project.") from error
        raise CannotJudgeError("git is not on PATH.", "Install it (Debian, Ubuntu: apt-get install git).") from error
