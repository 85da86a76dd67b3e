"""Unpacking what has the pinned digest."""

import tarfile
from pathlib import Path
from typing import Any


def unpack_tar(archive: Path, folder: Path) -> None:
    """Unpack a tar file that is known to be the pinned one.

    Args:
        archive: The file, compressed or not.
        folder: Where its content goes.

    Raises:
        OSError: It could not be written.
        tarfile.TarError: It is none.
    """
    # Python before 3.11.4, which Debian 12 has, knows no filters.
    filters: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(archive) as tar:  # NOSONAR(S5042) its digest is the pinned one
        tar.extractall(folder, **filters)  # noqa: S202 - its digest is the pinned one
