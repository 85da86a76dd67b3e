"""The files of a repository, and nothing outside of it."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path

_MAX_BYTES = 2_000_000
_MAX_LOCK_BYTES = 20_000_000
_LOCKS = ("pnpm-lock.yaml", "package-lock.json", "npm-shrinkwrap.json")
_MAX_FOLDERS = 20_000


class Repository:
    """Reads files by their path from the root; each is read once.

    Args:
        root: The repository's folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._real = root.resolve()
        self._texts: dict[str, str | None] = {}
        self._problems: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}
        self._packages: list[str] | None = None

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

    def inside(self, path: str) -> str | None:
        """Return a file's path from the root; None where it is outside."""
        return normal(path)

    def problem(self, path: str) -> str:
        """Return why `read` gave nothing for a path."""
        return self._problems.get(normal(path) or "", "it is outside of the repository")

    def lines(self, path: str) -> list[str]:
        """Return a file's lines; none where it cannot be read."""
        if path not in self._lines:
            self._lines[path] = (self.read(path) or "").splitlines()
        return self._lines[path]

    def packages(self) -> list[str]:
        """Return the folders with a package.json, from the root; links are not followed."""
        if self._packages is None:
            self._packages = []
            for count, (folder, folders, files) in enumerate(os.walk(self.root)):
                folders[:] = sorted(name for name in folders if name not in ("node_modules", ".git"))
                if "package.json" in files:
                    inside = os.path.relpath(folder, self.root).replace(os.sep, "/")
                    self._packages.append("" if inside == "." else inside)
                if count >= _MAX_FOLDERS:
                    break
        return self._packages

    def _read(self, name: str) -> str | None:
        path = self.root / name
        try:
            real = path.resolve(strict=True)
            self._problems[name] = self._objection(real)
            return None if self._problems[name] else real.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            self._problems[name] = "it is no UTF-8 text"
        except (OSError, RuntimeError, ValueError) as error:
            self._problems[name] = getattr(error, "strerror", None) or "it is a link to itself"
        return None

    def _objection(self, real: Path) -> str:
        """Return why a file is not read; empty where it is."""
        if self._real not in real.parents:
            return "it is a link out of the repository"
        if not real.is_file():
            return "it is no regular file"
        most = _MAX_LOCK_BYTES if real.name in _LOCKS else _MAX_BYTES
        size = real.stat().st_size
        return f"it has {size:,} bytes, and more than {most:,} are not read" if size > most else ""


def normal(path: str) -> str | None:
    """Return a path from the root without dots; None where it leads out."""
    plain = posixpath.normpath(path.replace("\\", "/"))
    if plain.startswith(("../", "/")) or plain == ".." or "\0" in plain:
        return None
    return "" if plain == "." else plain


def join(folder: str | None, path: str) -> str | None:
    """Return a path seen from a folder; None where either is unknown or leads out."""
    return None if folder is None else normal(posixpath.join(folder, path))
