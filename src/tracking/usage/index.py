"""The index: what MLflow has of the events, in a local DuckDB file that is brought up to date before it is asked."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from tracking.event import now_ms
from tracking.locks import exclusive
from tracking.reason import clean
from tracking.settings import Settings
from tracking.store import connect
from tracking.usage import table
from tracking.usage.database import is_damage, opened
from tracking.usage.source import MlflowSource, Source

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

FILE = "usage.duckdb"
NEW_FILE = "usage.new.duckdb"
LOCK = "usage.lock"

_WAIT_SECONDS = 60.0
_PAUSE_SECONDS = 0.05

_log = logging.getLogger(__name__)


class IndexUnusableError(Exception):
    """There is no answer; the message says why, and what helps."""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What the index answered.

    Args:
        value: The answer itself.
        as_of_ms: When the index last had all that MLflow has, in milliseconds since 1970, UTC.
        trouble: Why it could not be brought up to date just now; None when it was, or was not asked to be.
    """

    value: T
    as_of_ms: int
    trouble: str | None


class Index:
    """Answers questions about the events that are in MLflow.

    One process and one thread at a time has the file; others wait, and are told when that takes too long. A file that
    is damaged, of another version or of another experiment is made anew.

    Args:
        folder: The data directory.
        read: Where the events are read from.
        identity: What names that place; an index of another one is not used.
    """

    def __init__(self, folder: Path, read: Source, identity: str = "") -> None:
        self._folder = folder
        self._path = folder / FILE
        self._read = read
        self._identity = identity
        self._failure: tuple[int, str | None] = (0, None)

    @classmethod
    def of(cls, config: Settings) -> "Index":
        """Return the index that belongs to the settings; nothing is opened or reached yet."""
        # An address may have a password in it.
        place = f"{config.MLFLOW_TRACKING_URI} {config.DATABRICKS_HOST} {config.experiment}"
        return cls(config.DATA_DIR, MlflowSource(lambda: connect(config)), hashlib.sha256(place.encode()).hexdigest())

    def answer(
        self, question: "Callable[[DuckDBPyConnection], T]", *, sync: bool = True, fresh_ms: int = 0
    ) -> Answer[T]:
        """Answer a question.

        When MLflow cannot be asked, the index answers as it is, and says so.

        Args:
            question: Asks the table `event`.
            sync: Whether to read from MLflow first what is new there.
            fresh_ms: For how long after that, or after that failed, MLflow need not be asked again.

        Raises:
            IndexUnusableError: The index is in use for long, was never filled, or cannot be read or written.
        """
        # As of now: whoever waited for another's turn takes what that one found, also that MLflow is away.
        since = now_ms() - fresh_ms
        return self._ask(lambda connection: self._answer(connection, question, since if sync else None))

    def sync(self) -> str | None:
        """Read from MLflow what is new there.

        Returns:
            Why that was not possible; None when it was.

        Raises:
            IndexUnusableError: The index is in use for long, or cannot be read or written.
        """
        return self._ask(self._sync)

    def rebuild(self, progress: Callable[[int], None] | None = None) -> int:
        """Make the index anew; until that is done, the old one stays.

        Args:
            progress: Is told how many events were read so far.

        Returns:
            How many events there are.

        Raises:
            IndexUnusableError: MLflow could not be read, or the index is in use for long, or cannot be written.
        """
        with _explained(), self._locked():
            new = self._new_file()
            with opened(new) as connection:
                table.create(connection, self._identity)
                trouble = self._sync(connection, progress)
                count = table.count(connection)
            if trouble is not None:
                _remove(new)
                raise IndexUnusableError(f"MLflow could not be read: {trouble}. The index is as it was.")
            self._replace(new)
            return count

    def forget(self, user: str) -> int:
        """Remove a user's events; call it when MLflow no longer has them, or they come back.

        Args:
            user: The user, as it is kept.

        Returns:
            How many events that were.

        Raises:
            IndexUnusableError: The index is in use for long, or cannot be read or written.
        """
        if not (self._path.exists() or (self._folder / NEW_FILE).exists()):
            return 0
        with _explained(), self._locked():
            _remove(self._folder / NEW_FILE)  # what a killed rebuild has left
            if not self._path.exists():
                return 0
            return self._run(lambda connection: table.count(connection, user)) and self._copy_without(user)

    def _copy_without(self, user: str) -> int:
        new = self._new_file()

        def copy(connection: "DuckDBPyConnection") -> int:
            table.copy_without(connection, new, user)
            return table.count(connection, user)

        count = self._run(copy)
        self._replace(new)
        return count

    def _answer(
        self,
        connection: "DuckDBPyConnection",
        question: "Callable[[DuckDBPyConnection], T]",
        since: int | None,
    ) -> Answer[T]:
        trouble = None if since is None else self._refresh(connection, since)
        as_of = table.synced_ms(connection)
        if as_of is None:
            raise IndexUnusableError(f"The index was not filled yet: {trouble or 'MLflow was never asked'}.")
        return Answer(question(connection), as_of, trouble)

    def _refresh(self, connection: "DuckDBPyConnection", since: int) -> str | None:
        """Sync, unless that was tried since then; returns why it was not possible."""
        now = now_ms()  # what is noted for later than this was noted before the clock was set back
        if since < (table.synced_ms(connection) or 0) <= now:
            return None
        failed_ms, trouble = self._failure
        if trouble is None or not since < failed_ms <= now:
            trouble = self._sync(connection)
            self._failure = (now_ms(), trouble)
        return trouble

    def _sync(self, connection: "DuckDBPyConnection", progress: Callable[[int], None] | None = None) -> str | None:
        begun, count = now_ms(), 0
        pages = self._read.pages(table.cursor(connection))
        while True:
            try:
                page = next(pages, None)
            except Exception as error:  # noqa: BLE001 - whatever MLflow's client has met with
                return _words(error)
            if page is None:
                break
            table.add(connection, page)
            count += len(page.records)
            if progress is not None:
                progress(count)
        table.set_synced(connection, begun)
        return None

    def _ask(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        with _explained(), self._locked():
            return self._run(work)

    def _run(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        """Work on the file; on one made anew when it turns out to be damaged."""
        import duckdb  # noqa: PLC0415 - it takes a tenth of a second

        try:
            return self._work(work)
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            _log.warning("The usage index is damaged, and is made anew: %s", _words(error))
        self._discard()
        return self._work(work)

    def _work(self, work: "Callable[[DuckDBPyConnection], T]") -> T:
        if self._path.exists():
            with opened(self._path) as connection:
                if table.is_of(connection, self._identity):
                    return work(connection)
            _log.warning("The usage index is of another version or experiment, and is made anew.")
            self._discard()
        with opened(self._path) as connection:
            table.create(connection, self._identity)
            return work(connection)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        deadline = time.monotonic() + _WAIT_SECONDS
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while time.monotonic() < deadline:
            with exclusive(self._folder / LOCK, wait=False) as held:
                if held:
                    yield
                    return
            time.sleep(_PAUSE_SECONDS)
        raise IndexUnusableError("The index is in use by another process, which may be filling it. Try again later.")

    def _new_file(self) -> Path:
        new = self._folder / NEW_FILE
        _remove(new)
        return new

    def _replace(self, new: Path) -> None:
        # What the old file's log holds is not the new one's.
        self._discard()
        new.rename(self._path)

    def _discard(self) -> None:
        _remove(self._path)


@contextmanager
def _explained() -> Iterator[None]:
    import duckdb  # noqa: PLC0415 - it takes a tenth of a second

    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise IndexUnusableError(f"The usage index cannot be used: {_words(error)}.") from error


def _remove(path: Path) -> None:
    for each in (path, path.with_name(f"{path.name}.wal")):
        each.unlink(missing_ok=True)


def _words(error: Exception) -> str:
    return (clean(str(error)) or type(error).__name__).removesuffix(".")
