"""The latest generations, pictures and texts, in one SQLite file that several workers share."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from tracking import database, room
from tracking.event import Kind
from tracking.locks import exclusive

CAPACITY = 1_000

_WAIT_SECONDS = 10.0

_USER = "json_extract(data, '$.user_email')"
_MODEL = "json_extract(data, '$.model')"
_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS generation (
      number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, data TEXT NOT NULL, png BLOB NOT NULL
    )
    """,
    # What is one user's is found without reading everybody's.
    f"CREATE INDEX IF NOT EXISTS generation_user ON generation ({_USER})",
    f"CREATE INDEX IF NOT EXISTS generation_model ON generation ({_MODEL})",
)
_CONDITIONS = {
    "user": f"{_USER} = $user",
    "model": f"+{_MODEL} = $model",  # the plus: many are of one model, and that index is the longer way
    "words": "instr(casefold(json_extract(data, '$.prompt')), casefold($words))",
    "before": "number < $before",
    "after": "number > $after",
}
_SURPLUS = f"""
DELETE FROM generation WHERE number IN (
  SELECT number FROM generation WHERE {_USER} = ? ORDER BY number DESC LIMIT -1 OFFSET ?
)
"""  # noqa: S608 - put together from texts above


class Generation(BaseModel):
    """One generation, as the page shows it.

    Attributes:
        id: Its identifier, a UUID; the event's where it was tracked.
        created_at: When, in UTC, as ISO 8601.
        user_email: Who asked, as far as the settings let it be kept.
        kind: What was generated.
        provider: Who runs the model.
        model: The model's name.
        prompt: What for, as far as the settings let it be kept.
        aspect_ratio: A picture's width to height.
        image_url: Where the picture is.
        text: The text.
        processing_time_ms: How long it took, in milliseconds.
        time_to_first_token_ms: How long the text's first part took, in milliseconds.
        input_tokens: Tokens of the prompt; None when the provider did not say, and so for the other counts.
        output_tokens: Tokens of the answer.
        cached_input_tokens: Those of the prompt that were read from a cache.
        cache_write_tokens: Those that were written to one.
        reasoning_tokens: Those of the answer that are thoughts.
        image_tokens: Those of the answer that are a picture.
        estimated_cost_usd: What it cost, in US dollars; None when a price is not known.
        media_type: The picture's, such as image/png.
        kept: Whether it is in the gallery; where not, as when the disk is full, `image_url` is the picture itself.
    """

    id: str
    created_at: str
    user_email: str
    kind: Kind = "image"
    provider: str = ""
    model: str = ""
    prompt: str
    aspect_ratio: str | None = None
    image_url: str | None = None
    text: str | None = None
    processing_time_ms: float
    time_to_first_token_ms: float | None = None
    input_tokens: int | None
    output_tokens: int | None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    image_tokens: int | None = None
    estimated_cost_usd: float | None
    media_type: str | None = None
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for.

    Args:
        user: Whose; None for everybody's.
        model: Which model's; None for all.
        words: What the prompt has in it, in small or large letters; None for anything.
    """

    user: str | None = None
    model: str | None = None
    words: str | None = None


class Gallery:
    """The newest generations of each user.

    Args:
        folder: Where the file is kept; it is made when it is missing.
        capacity: How many of each user are kept.

    Raises:
        OSError: The file cannot be made there, or is no gallery.
    """

    def __init__(self, folder: Path, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._path = folder / "gallery.db"
        try:
            # Prompts are nobody else's business on a shared machine.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            database.make(self._path)
            # One worker at a time: SQLite makes nobody wait who wants a log while another makes it, but refuses them.
            with exclusive(folder / "gallery.db.lock"), self._connection() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                for command in _SCHEMA:
                    connection.execute(command)
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise OSError(f"{self._path} cannot be written: {reason}. Choose another DATA_DIR.") from error

    def add(self, generation: Generation, content: bytes = b"") -> None:
        """Keep a generation, with its picture, and let their user's oldest go when there are too many.

        Raises:
            OSError: The file cannot be written.
        """
        if room.is_short(self._path):
            raise OSError(f"{self._path} cannot be written: {room.WORDS}")
        try:
            with self._connection() as connection:
                row = (generation.id, generation.model_dump_json(), content)
                connection.execute("INSERT INTO generation (id, data, png) VALUES (?, ?, ?)", row)
                connection.execute(_SURPLUS, (generation.user_email, self._capacity))
        except sqlite3.Error as error:
            raise OSError(f"{self._path} cannot be written: {error}") from error

    def page(self, search: Search, limit: int, before: int | None = None) -> tuple[list[Generation], int | None]:
        """Return some generations, the newest first.

        Args:
            search: Which ones.
            limit: How many at most.
            before: Where the page before this one ended; None for the first.

        Returns:
            The generations, and where the page ended; None when it is the last.
        """
        values = {"user": search.user, "model": search.model, "words": search.words, "before": before}
        rows = self._rows("DESC", limit + 1, values)
        found = [Generation.model_validate_json(data) for _, data in rows[:limit]]
        return found, rows[limit - 1][0] if len(rows) > limit else None

    def since(self, number: int, user: str | None, limit: int = 100) -> list[tuple[int, Generation]]:
        """Return the generations after a number, the oldest first, each with its own.

        Args:
            number: The last one known.
            user: Whose; None for everybody's.
            limit: How many at most.
        """
        rows = self._rows("ASC", limit, {"after": number, "user": user})
        return [(each, Generation.model_validate_json(data)) for each, data in rows]

    def newest(self) -> int:
        """Return the newest generation's number; 0 when there was none yet."""
        with self._connection() as connection:
            row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'generation'").fetchone()
        return row[0] if row else 0

    def models(self, user: str | None) -> list[str]:
        """Return the models of a user's generations, or of everybody's."""
        return self._distinct(_MODEL, user)

    def users(self, user: str | None) -> list[str]:
        """Return the users that there are generations of, or the one alone."""
        return self._distinct(_USER, user)

    def find(self, identifier: str, user: str | None) -> Generation | None:
        """Return a generation; None when it is not there, no longer, or another user's.

        One of which no user is kept is shown to whoever knows its id: only the one who asked was told that.
        """
        found = self._find(identifier, user)
        return found[0] if found else None

    def picture(self, identifier: str, user: str | None) -> tuple[bytes, str] | None:
        """Return a generation's picture and its media type; None as for `find`, and for a text."""
        found = self._find(identifier, user)
        return (found[1], found[0].media_type or "image/png") if found and found[0].kind == "image" else None

    def forget(self, user: str) -> int:
        """Delete a user's generations; returns how many there were."""
        with self._connection() as connection:
            command = "DELETE FROM generation WHERE json_extract(data, '$.user_email') = ?"
            count = connection.execute(command, (user,)).rowcount
            connection.commit()
            # Until then the file has them still: what was deleted is written in another one.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return count

    def _find(self, identifier: str, user: str | None) -> tuple[Generation, bytes] | None:
        with self._connection() as connection:
            row = connection.execute("SELECT data, png FROM generation WHERE id = ?", (identifier,)).fetchone()
        if row is None:
            return None
        found = Generation.model_validate_json(row[0])
        return (found, bytes(row[1])) if user in {None, found.user_email} or not found.user_email else None

    def _rows(self, order: Literal["ASC", "DESC"], limit: int, values: Mapping[str, object]) -> list[tuple[int, str]]:
        command = f"SELECT number, data FROM generation {_where(values)} ORDER BY number {order} LIMIT $limit"  # noqa: S608 - put together from texts above
        with self._connection() as connection:
            return connection.execute(command, {**values, "limit": limit}).fetchall()

    def _distinct(self, what: str, user: str | None) -> list[str]:
        values = {"user": user}
        command = f"SELECT DISTINCT {what} AS found FROM generation {_where(values)} ORDER BY found"  # noqa: S608 - put together from texts above
        with self._connection() as connection:
            rows = connection.execute(command, values).fetchall()
        return [each for (each,) in rows if each]

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
        connection.create_function("casefold", 1, str.casefold, deterministic=True)
        connection.execute("PRAGMA secure_delete = ON")
        try:
            with connection:
                yield connection
        finally:
            connection.close()


def _where(values: Mapping[str, object]) -> str:
    """Return the condition for what is looked for: all of it, or nothing in particular."""
    wanted = [condition for name, condition in _CONDITIONS.items() if values.get(name) is not None]
    return f"WHERE {' AND '.join(wanted)}" if wanted else ""
