"""A version's tag: v1.2.3, or v1.2.3-rc.1 before it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from release.errors import ReleaseError

_NUMBER = r"(0|[1-9]\d*)"
_TAG = re.compile(rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-((?:alpha|beta|rc)\.{_NUMBER}))?")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that asks for a release.

    Args:
        number: Its three numbers.
        pre: What makes it a pre-release, such as rc.1; empty otherwise.
    """

    number: tuple[int, int, int]
    pre: str = ""

    @property
    def version(self) -> str:
        """The version, as package.json writes it."""
        return ".".join(map(str, self.number)) + (self.pre and f"-{self.pre}")

    @property
    def spellings(self) -> frozenset[str]:
        """The version, in each way that Python's tools write it: 1.2.3-rc.1 and 1.2.3rc1."""
        short = self.version.replace("-alpha.", "a").replace("-beta.", "b").replace("-rc.", "rc")
        return frozenset({self.version, short})

    @property
    def major(self) -> str:
        """The tag that users of the action name: v1."""
        return f"v{self.number[0]}"

    def __str__(self) -> str:
        """Return the tag's name."""
        return f"v{self.version}"


def parse(name: str) -> Tag:
    """Read a tag's name.

    Raises:
        ReleaseError: It is no version's.
    """
    found = _TAG.fullmatch(name)
    if found is None:
        raise ReleaseError(f"{name!r} is no version's tag.", "Write v1.2.3, or v1.2.3-rc.1 (alpha, beta or rc).")
    return Tag((int(found[1]), int(found[2]), int(found[3])), found[4] or "")


def newest(names: Iterable[str]) -> Tag | None:
    """Return the newest of the versions among tags' names; pre-releases do not count."""
    tags = [parse(name) for name in names if _TAG.fullmatch(name)]
    return max((tag for tag in tags if not tag.pre), key=lambda tag: tag.number, default=None)
