"""The index's tables, in DuckDB: one of events, and one of how far MLflow was read."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tracking.layout import Record
from tracking.usage.database import attach
from tracking.usage.source import Cursor, Page

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERSION = 3

# A cost has 18 decimals, and less than a million million dollars: the sum of any number of them fits DECIMAL(38, 18).
_SCHEMA = """
CREATE TABLE event (
  id VARCHAR,
  time_ms BIGINT,               -- since 1970, UTC
  "user" VARCHAR,               -- NULL: not kept
  kind VARCHAR,
  model VARCHAR,                -- provider/model
  prompt_length BIGINT,         -- in characters
  processing_time_ms DOUBLE,    -- NULL: no number, or no time that can be, which would outweigh all others
  outcome VARCHAR,
  input_tokens BIGINT,          -- NULL: the provider did not say
  output_tokens BIGINT,         -- the same
  cost_usd DECIMAL(30, 18)      -- NULL: unknown
);
CREATE TABLE state (
  identity VARCHAR,             -- of the schema, and of what was read
  runs_ms BIGINT,
  traces_ms BIGINT,
  synced_ms BIGINT              -- when all that MLflow had was read; NULL: never yet
);
"""

# An event never changes, so the first of one id is as good as any. The times let DuckDB pass over most of the table.
_ADD = """
INSERT INTO event SELECT * FROM (
  SELECT
    unnest($id::VARCHAR[]) AS id,
    unnest($time_ms::BIGINT[]) AS time_ms,
    unnest($user::VARCHAR[]),
    unnest($kind::VARCHAR[]),
    unnest($model::VARCHAR[]),
    try_cast(unnest($prompt_length::VARCHAR[]) AS BIGINT),
    unnest(list_transform($processing_time_ms::DOUBLE[], lambda each: CASE WHEN abs(each) < 1e15 THEN each END)),
    unnest($outcome::VARCHAR[]),
    try_cast(unnest($input_tokens::VARCHAR[]) AS BIGINT),
    try_cast(unnest($output_tokens::VARCHAR[]) AS BIGINT),
    try_cast(unnest($cost_usd::VARCHAR[]) AS DECIMAL(30, 18))
) AS page
WHERE NOT EXISTS (
  FROM (FROM event WHERE time_ms BETWEEN list_min($time_ms) AND list_max($time_ms)) AS known WHERE known.id = page.id
)
"""


def create(connection: "DuckDBPyConnection", identity: str) -> None:
    """Make the tables.

    Args:
        connection: An empty database.
        identity: What is to be read into it.
    """
    connection.begin()
    connection.execute(_SCHEMA)
    connection.execute("INSERT INTO state VALUES (?, 0, 0, NULL)", (f"{VERSION} {identity}",))
    connection.commit()


def is_of(connection: "DuckDBPyConnection", identity: str) -> bool:
    """Whether a database has these tables, with what is asked for in them."""
    from duckdb import ProgrammingError  # noqa: PLC0415 - it takes a tenth of a second to import

    try:
        return connection.execute("SELECT identity FROM state").fetchall() == [(f"{VERSION} {identity}",)]
    except ProgrammingError:  # there is no such table
        return False


def cursor(connection: "DuckDBPyConnection") -> Cursor:
    """Return how far MLflow was read."""
    return Cursor(*connection.execute("SELECT runs_ms, traces_ms FROM state").fetchall()[0])


def synced_ms(connection: "DuckDBPyConnection") -> int | None:
    """Return when all was read, in milliseconds since 1970, UTC; None when it never was."""
    found: int | None = connection.execute("SELECT synced_ms FROM state").fetchall()[0][0]
    return found


def set_synced(connection: "DuckDBPyConnection", time_ms: int) -> None:
    """Note when all was read, in milliseconds since 1970, UTC."""
    connection.execute("UPDATE state SET synced_ms = ?", (time_ms,))


def add(connection: "DuckDBPyConnection", page: Page) -> None:
    """Add a page's events and its cursor, both or neither; an event that is there already is left as it is."""
    records = list({each.id: each for each in reversed(page.records)}.values())
    connection.begin()
    if records:
        connection.execute(_ADD, _columns(records))
    connection.execute("UPDATE state SET runs_ms = ?, traces_ms = ?", (page.cursor.runs_ms, page.cursor.traces_ms))
    connection.commit()


def count(connection: "DuckDBPyConnection", user: str | None = None) -> int:
    """Return how many events there are, of all users or of one."""
    found: int = connection.execute(
        'SELECT count(*) FROM event WHERE $user IS NULL OR "user" = $user', {"user": user}
    ).fetchall()[0][0]
    return found


def copy_without(connection: "DuckDBPyConnection", path: Path, user: str) -> None:
    """Write all but one user's events to a new file: in this one, what is deleted stays for a while.

    Args:
        connection: The database.
        path: The new file's.
        user: Whose events to leave out.
    """
    [(name,)] = connection.execute("SELECT current_database()").fetchall()
    attach(connection, path, f"{name}_copy")
    try:
        connection.execute(f"COPY FROM DATABASE {name} TO {name}_copy (SCHEMA)")
        connection.execute(f"INSERT INTO {name}_copy.state FROM state")
        connection.execute(f'INSERT INTO {name}_copy.event FROM event WHERE "user" IS DISTINCT FROM ?', (user,))
    finally:
        connection.execute(f"DETACH {name}_copy")


def _columns(records: Sequence[Record]) -> dict[str, list[object]]:
    return {
        "id": [each.id for each in records],
        "time_ms": [each.time_ms for each in records],
        "user": [each.user for each in records],
        "kind": [each.kind for each in records],
        "model": [f"{each.provider}/{each.model}" for each in records],
        "prompt_length": [str(each.prompt_length) for each in records],
        "processing_time_ms": [each.processing_time_ms for each in records],
        "outcome": [each.outcome for each in records],
        "input_tokens": [None if each.tokens.input is None else str(each.tokens.input) for each in records],
        "output_tokens": [None if each.tokens.output is None else str(each.tokens.output) for each in records],
        "cost_usd": [None if each.cost_usd is None else str(each.cost_usd) for each in records],
    }
