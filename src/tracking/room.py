"""Room: what is kept free on the disk: without it the delivery could note nothing that it has delivered."""

import os
from pathlib import Path

_KEPT_BYTES = 16 * 1024 * 1024
_SHARE = 8
WORDS = "so little is free on the disk that the delivery needs it"


def is_short(place: Path) -> bool:
    """Tell whether less is free than is to be kept: 16 MB, or an eighth of a small disk.

    Args:
        place: A file or folder on it.

    Returns:
        Whether it is less; False as well where that cannot be told.
    """
    try:
        found = os.statvfs(place)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < min(_KEPT_BYTES, found.f_blocks * found.f_frsize // _SHARE)
