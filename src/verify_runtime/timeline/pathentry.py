"""What a folder put on PATH means for Node."""

from __future__ import annotations

import re

from verify_runtime.timeline.model import Active, Place
from verify_runtime.timeline.repository import Repository, join

# A version manager's or the tool cache's own folder for one version.
_OF_VERSION = re.compile(
    r"node(?:js)?(?:[/@-]|/versions/(?:node/)?)v?(?P<version>\d+(?:\.\d+){0,2})(?:[/-][\w/-]*)?/bin/?$|"
    r"hostedtoolcache/node/(?P<cached>\d+(?:\.\d+){2})/\w+(?:/bin)?/?$"
)
# Folders that languages and package managers use for programs of their own.
_OTHERS = re.compile(
    r"(?:^|/)(?:\.cargo/bin|go/bin|\.?gopath/bin|node_modules/\.bin|\.deno/bin|\.dotnet(?:/tools)?|\.pub-cache/bin|"
    r"\.?venv/bin|\.poetry/bin|\.krew/bin|\.foundry/bin|\.composer/vendor/bin|vendor/bin|\.rvm/bin|\.gem/.*|\.local/share/"
    r"solana/.*|cmake[^/]*/bin|llvm[^/]*/bin|jdk[^/]*/bin|flutter/bin|\.tfenv/bin|protoc[^/]*/bin|\.wasmtime/bin|"
    r"\.wasmer/bin|\.yarn/bin|\.config/yarn/global/node_modules/\.bin)/?$"
)
_MAX_ENTRY = 1_000
_HOME = re.compile(r"^(?:~|\$HOME|\$\{HOME\}|/home/runner|/root|/Users/runner)(?=/|$)")


def node_in(entry: str | None, folder: str | None, repository: Repository, place: Place) -> Active | None:
    """Return what a folder on PATH makes of Node.

    Args:
        entry: The folder; None where it is unknown.
        folder: The working directory, from the root of the repository.
        repository: The repository.
        place: Where it is put on PATH.

    Returns:
        None where it changes nothing.
    """
    if entry is None or len(entry) > _MAX_ENTRY or "\n" in entry:
        return Active("unknown", reason=f"a folder that only a run tells is put on PATH at {place}")
    found = _OF_VERSION.search(entry)
    if found:
        return Active("decided", found["version"] or found["cached"], place, "a folder of that version on PATH")
    if _OTHERS.search(entry):
        return None
    inside = None if entry.startswith(("/", "~", "$")) or _HOME.match(entry) else join(folder, entry)
    if inside is not None and (repository.root / inside).is_dir() and not (repository.root / inside / "node").exists():
        return None
    return Active("unknown", reason=f"{entry} is put on PATH at {place}, and may hold a node")
