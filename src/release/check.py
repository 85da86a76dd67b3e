"""May this tag be released? What must agree with it, and where it must stand."""

from release import changelog
from release.errors import ReleaseError
from release.source import Source, run
from release.tag import Tag

MAIN = "origin/main"


def check(source: Source, tag: Tag) -> str:
    """Return the release's notes, once nothing speaks against it.

    Raises:
        ReleaseError: A file names another version, CHANGELOG.md has nothing to say, or the commit is not on main.
    """
    for file, _, version in source.versions:
        if version not in (tag.spellings if file == "pyproject.toml" else {tag.version}):
            raise ReleaseError(f"{file} says version {version}, the tag says {tag.version}.", _again(tag))
    notes = changelog.notes(source.read("CHANGELOG.md"), tag.version)
    if run(source.root, "rev-parse", "--verify", "--quiet", MAIN).returncode:
        raise ReleaseError(f"There is no {MAIN} in {source.root}.", "git fetch origin main:refs/remotes/origin/main")
    if run(source.root, "merge-base", "--is-ancestor", source.commit, MAIN).returncode:
        raise ReleaseError(f"{tag} ({source.commit[:12]}) is not on {MAIN}, which alone is released.", _again(tag))
    return notes


def _again(tag: Tag) -> str:
    return f"Mend that on main. A tag that was pushed already is deleted first: git push --delete origin {tag}"
