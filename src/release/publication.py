"""The release on GitHub, and the major tag: whatever a run before this one left, the end is the same."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from release.errors import ReleaseError
from release.source import Source
from release.tag import Tag, newest

# Asks gh, which has the token from its environment: neither a file nor an argument list holds it.
_CREDENTIALS = ("-c", "credential.helper=", "-c", "credential.helper=!gh auth git-credential")


def publish(source: Source, tag: Tag, notes: Path, assets: Sequence[Path]) -> str:
    """Make the release, or complete it; then move the major tag.

    Args:
        source: The commit.
        tag: Its tag.
        notes: The file that holds the notes.
        assets: The files that are attached.

    Returns:
        What was done, in words.

    Raises:
        ReleaseError: The tag is not what was built, or GitHub refused.
    """
    tags = _tags(source)
    there = tags.get(str(tag), ["nothing"])[-1]
    if there != source.commit:
        what = f"{tag} is {source.commit[:12]} here, and {there[:12]} at the origin."
        raise ReleaseError(what, "Somebody moved it. Run the whole workflow again for the tag as it stands.")
    latest = newest(tags)
    _release(source, tag, notes, assets, latest=latest == tag)
    return f"{tag} is released. {_move(source, tag, tags)}"


def _release(source: Source, tag: Tag, notes: Path, assets: Sequence[Path], *, latest: bool) -> None:
    kind = f"--prerelease={str(bool(tag.pre)).lower()}"
    text = (kind, f"--latest={str(latest).lower()}", f"--title={tag}", f"--notes-file={notes}")
    files = [str(asset) for asset in assets]
    found = _existing(source, tag)
    if found is None:
        _gh(source, "release", "create", str(tag), "--verify-tag", *text, *files)
        return
    there = {asset["name"] for asset in found["assets"]}
    if found["isDraft"] or not there >= {asset.name for asset in assets}:
        _gh(source, "release", "upload", str(tag), "--clobber", *files)
    if found["isDraft"]:
        _gh(source, "release", "edit", str(tag), "--draft=false", *text)


def _existing(source: Source, tag: Tag) -> dict[str, Any] | None:
    """Return the tag's release as GitHub has it; None when there is none."""
    done = _run(source, "release", "view", str(tag), "--json=isDraft,assets")
    if done.returncode and "release not found" not in done.stderr:
        raise _refused(("release", "view", str(tag)), done.stderr)
    return None if done.returncode else dict(json.loads(done.stdout))


def _move(source: Source, tag: Tag, tags: dict[str, list[str]]) -> str:
    if tag.pre:
        return f"{tag.major} stays: this is a pre-release."
    ahead = newest(name for name in tags if name.startswith(f"{tag.major}."))
    if ahead and ahead != tag:
        return f"{tag.major} stays: {ahead} is newer."
    target = f"refs/tags/{tag.major}"
    # The lease: another run that moved it since we looked is not undone.
    lease = f"--force-with-lease={target}:{tags.get(tag.major, [''])[0]}"
    source.git(*_CREDENTIALS, "push", "--quiet", lease, "origin", f"{source.commit}:{target}")
    return f"{tag.major} is {tag} now."


def _tags(source: Source) -> dict[str, list[str]]:
    """Return the origin's tags: what each names, and last the commit (an annotated tag names an object before it)."""
    tags: dict[str, list[str]] = {}
    said = source.git(*_CREDENTIALS, "ls-remote", "--tags", "origin")
    for named, name in re.findall(r"^(\w+)\trefs/tags/(\S+?)(?:\^\{\})?$", said, re.MULTILINE):
        tags.setdefault(name, []).append(named)
    return tags


def _gh(source: Source, *arguments: str) -> None:
    done = _run(source, *arguments)
    if done.returncode:
        raise _refused(arguments, done.stderr)


def _run(source: Source, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["gh", *arguments], cwd=source.root, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ReleaseError("gh is not on PATH.", "Install GitHub's command line; its runners carry it.") from error


def _refused(arguments: Sequence[str], said: str) -> ReleaseError:
    what = f"gh {' '.join(arguments[:3])} failed: {said.strip() or 'it said nothing'}"
    return ReleaseError(what, "Mend that, and run the failed job again: what is done already stays.")
