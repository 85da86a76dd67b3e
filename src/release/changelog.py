"""A version's section of CHANGELOG.md, which becomes the release's notes."""

import re
from collections.abc import Iterator

from release.errors import ReleaseError

_HEADING = re.compile(r"##? +\[?v?([^\s\]]*)(.*)")
_FENCE = re.compile(r" {0,3}(```|~~~)")


def notes(changelog: str, version: str) -> str:
    """Return what a version's section says, without its heading.

    Args:
        changelog: The file's text.
        version: The version; its heading is `## 1.2.3`, with anything behind it.

    Raises:
        ReleaseError: There is no such section, it says nothing, or it is still unreleased.
    """
    for number, rest, text in _sections(changelog):
        if number != version:
            continue
        if "unreleased" in rest.lower():
            fix = f"Write the date in its heading: ## {version} (2026-01-31)"
            raise ReleaseError(f"CHANGELOG.md calls {version} unreleased.", fix)
        if not text:
            fix = "Say below its heading what it brings, and what it asks of a team."
            raise ReleaseError(f"CHANGELOG.md says nothing of {version}.", fix)
        return f"{text}\n"
    raise ReleaseError(f"CHANGELOG.md has no section {version}.", f"Write one: ## {version}")


def _sections(changelog: str) -> Iterator[tuple[str, str, str]]:
    """Yield each section's version, the rest of its heading, and its text."""
    heading, lines, fence = ("", ""), list[str](), ""
    for line in changelog.splitlines():
        if mark := _FENCE.match(line):
            # A line that begins with # in a fence is a comment of a script.
            fence = "" if fence == mark[1] else fence or mark[1]
        found = None if fence else _HEADING.match(line)
        if found:
            yield *heading, "\n".join(lines).strip()
            heading, lines = (found[1], found[2]), []
        else:
            lines.append(line)
    yield *heading, "\n".join(lines).strip()
