"""The files of a repository, and nothing outside of it."""

from __future__ import annotations

import posixpath
from pathlib import Path

_MAX_BYTES = 20_000_000


class Repository:
    """Reads files by their path from the root; each is read once.

    Args:
        root: The repository's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = root.resolve()
        self._texts: dict[str, str | None] = {}

    def read(self, path: str) -> str | None:
        """Return a file's text.

        Returns:
            None where there is no such file, where it is a link out of the repository, is too large, or is no text.
        """
        name = normal(path)
        if name is None:
            return None
        if name not in self._texts:
            self._texts[name] = self._read(name)
        return self._texts[name]

    def _read(self, name: str) -> str | None:
        path = self.root / name
        try:
            real = path.resolve(strict=True)
            if not real.is_file() or self._real not in real.parents or real.stat().st_size > _MAX_BYTES:
                return None
            return real.read_text(encoding="utf-8-sig")
        except (OSError, RuntimeError, ValueError):
            return None


def normal(path: str) -> str | None:
    """Return a path from the root without dots; None where it leads out."""
    plain = posixpath.normpath(path.replace("\\", "/"))
    if plain.startswith(("../", "/")) or plain == ".." or "\0" in plain:
        return None
    return "" if plain == "." else plain


def join(folder: str | None, path: str) -> str | None:
    """Return a path seen from a folder; None where either is unknown or leads out."""
    return None if folder is None else normal(posixpath.join(folder, path))
