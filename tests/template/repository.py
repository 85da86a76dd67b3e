"""A copy of this template in a repository of its own, and what a team answers."""

import os
import shutil
import subprocess
from pathlib import Path

from template.answers import Answers

ROOT = Path(__file__).parents[2]


def answers(**changes: object) -> Answers:
    """Return a team's answers."""
    given: dict[str, object] = {
        "name": "acme-studio",
        "repository": "acme/studio",
        "title": "Acme studio",
        "holder": "Acme Ltd",
        "without": (),
        "template": "https://example.com/template",
        "version": "v0.1.0",
    }
    return Answers(**(given | changes))  # type: ignore[arg-type]


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular, whatever the machine is set to."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    identity = {f"GIT_{who}_{what}": f"{who}@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=kept | identity | settings, check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(folder: Path, words: str) -> None:
    """Commit all that there is."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", words)


def copy(folder: Path) -> Path:
    """Copy this template as it stands, uncommitted work included, into a repository with one commit."""
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "Start")
    return folder


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return each file that git would keep, with its mode and content."""
    names = git(folder, "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    paths = {name: folder / name for name in names if name and (folder / name).exists()}
    return {name: (path.stat().st_mode, path.read_bytes()) for name, path in paths.items()}
