"""A segment that this process is writing."""

import fcntl
import os
import time
from pathlib import Path

from tracking import segment
from tracking.event import Event, new_id, now_ms


class Writer:
    """Begins a segment, and holds its lock until it is closed or the process is gone.

    Args:
        folder: The journal's folder; it is made when it is missing.
        lost: How many events were lost before there was a segment to count them in.

    Raises:
        OSError: No segment can be begun there.
    """

    def __init__(self, folder: Path, lost: int = 0) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{new_id(now_ms())}{segment.SUFFIX}"
        # Under another name until it is locked: a segment without a lock has no writer, and may be deleted.
        making = path.with_suffix(segment.NEW_SUFFIX)
        self._descriptor = os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            self._write(segment.header(lost), 0)
            os.fsync(self._descriptor)
            making.rename(path)
            _sync_folder(folder)
        except OSError:
            try:
                for each in (making, path):
                    each.unlink(missing_ok=True)
            finally:
                self.close()
            raise
        self.process = os.getpid()
        self.begun = time.monotonic()
        self.lost = self._written = lost
        self.number = 0
        self.end = segment.HEADER_LENGTH
        self._dirty = False

    def append(self, event: Event) -> None:
        """Write an event behind the others.

        Raises:
            OSError: It could not be written whole; nothing of it is left.
            ValueError: It cannot be written as JSON.
            TypeError: The same.
        """
        line = segment.encode(self.number + 1, event)
        self._write(line, self.end)
        self.number += 1
        self.end += len(line)
        self._dirty = True

    @property
    def unwritten(self) -> int:
        """How many of the events that were lost the segment does not say, because it could not be written."""
        return self.lost - self._written

    def lose(self) -> None:
        """Count an event that could not be written."""
        self.lost += 1
        self.write_lost()

    def write_lost(self) -> None:
        """Write how many were lost, which was not possible before."""
        segment.write_lost(self._descriptor, self.lost)
        self._written = self.lost

    def sync(self) -> None:
        """Bring what was written to the disk."""
        if self._dirty:
            self._dirty = False
            os.fdatasync(self._descriptor)

    def is_deleted(self) -> bool:
        """Tell whether somebody deleted the file."""
        return os.fstat(self._descriptor).st_nlink == 0

    def close(self) -> None:
        """Let the segment go: whoever delivers it may delete it then."""
        os.close(self._descriptor)

    def _write(self, data: bytes, at: int) -> None:
        written = os.pwrite(self._descriptor, data, at)
        if written < len(data):
            os.ftruncate(self._descriptor, at)
            raise OSError("there is no room for the whole of it")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
