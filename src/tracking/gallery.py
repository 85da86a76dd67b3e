"""The latest generations and their pictures, in one SQLite file that several workers share."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel

CAPACITY = 1_000

_TABLE = """
CREATE TABLE IF NOT EXISTS generation (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, data TEXT NOT NULL, png BLOB NOT NULL
)
"""


class Generation(BaseModel):
    """One generation, as the page shows it.

    Attributes:
        id: Its identifier, a UUID.
        created_at: When, in UTC, as ISO 8601.
        user_email: Who asked, as far as the settings let it be kept.
        prompt: What for, the same.
        aspect_ratio: Width to height.
        image_url: Where the picture is.
        processing_time_ms: How long it took, in milliseconds.
        input_tokens: Tokens of the prompt; None when the provider did not say.
        output_tokens: Tokens of the picture; None when the provider did not say.
        estimated_cost_usd: What it cost, in US dollars; None when a price is not known.
        media_type: The picture's, such as image/png.
    """

    id: str
    created_at: str
    user_email: str
    prompt: str
    aspect_ratio: str
    image_url: str
    processing_time_ms: float
    input_tokens: int | None
    output_tokens: int | None
    estimated_cost_usd: float | None
    media_type: str = "image/png"


class Gallery:
    """The newest generations, up to CAPACITY.

    Args:
        folder: Where the file is kept; it is made when it is missing.

    Raises:
        OSError: The file cannot be made there, or is no gallery.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "gallery.db"
        try:
            # Prompts are nobody else's business on a shared machine.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._connection() as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(_TABLE)
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise OSError(f"{self._path} cannot be written: {reason}. Choose another DATA_DIR.") from error

    def add(self, generation: Generation, content: bytes) -> None:
        """Keep a generation, and let the oldest one go when there are too many."""
        with self._connection() as connection:
            row = (generation.id, generation.model_dump_json(), content)
            newest = connection.execute("INSERT INTO generation (id, data, png) VALUES (?, ?, ?)", row).lastrowid or 0
            connection.execute("DELETE FROM generation WHERE number <= ?", (newest - CAPACITY,))

    def latest(self, limit: int) -> list[Generation]:
        """Return the newest generations, the newest first."""
        with self._connection() as connection:
            rows = connection.execute("SELECT data FROM generation ORDER BY number DESC LIMIT ?", (limit,)).fetchall()
        return [Generation.model_validate_json(data) for (data,) in rows]

    def picture(self, identifier: str) -> tuple[bytes, str] | None:
        """Return a generation's picture and its media type; None when it is not there, or no longer."""
        with self._connection() as connection:
            row = connection.execute("SELECT png, data FROM generation WHERE id = ?", (identifier,)).fetchone()
        return (bytes(row[0]), Generation.model_validate_json(row[1]).media_type) if row else None

    def forget(self, user: str) -> int:
        """Delete a user's generations; returns how many there were."""
        with self._connection() as connection:
            command = "DELETE FROM generation WHERE json_extract(data, '$.user_email') = ?"
            return connection.execute(command, (user,)).rowcount

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=10)
        connection.execute("PRAGMA secure_delete = ON")
        try:
            with connection:
                yield connection
        finally:
            connection.close()
