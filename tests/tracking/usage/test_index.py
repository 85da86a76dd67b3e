"""The index has what was delivered, whatever happens to it, to MLflow and to its processes."""

import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.event import now_ms
from tracking.layout import Record
from tracking.locks import exclusive
from tracking.settings import Settings
from tracking.usage import Index, table
from tracking.usage import index as module
from tracking.usage.index import FILE, LOCK, NEW_FILE, IndexUnusableError

from .records import Deliveries, filled, record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SRC = Path(module.__file__).parents[2]
POOL = [record(user=f"user-{number}") for number in range(12)]
# Reads pages of 200 events until it is killed; a page's events have the page's number as their user.
FILL = """
import sys
from pathlib import Path
from tracking.layout import Record
from tracking.event import Tokens
from tracking.usage import Index
from tracking.usage.source import Cursor, Page

class Endless:
    def pages(self, cursor):
        for page in range(cursor.runs_ms, 100_000):
            print(page, flush=True)
            yield Page([Record(f"{page}-{each}", page, str(page), "text", "p", "m", 1, 1.0, None, Tokens(), "ok", None,
                None, "unknown") for each in range(200)], Cursor(page + 1, 0))

Index(Path(sys.argv[1]), Endless()).sync()
"""
HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print(flush=True); sys.stdin.read()"


def users(connection: "DuckDBPyConnection") -> list[str]:
    return sorted(row[0] for row in connection.execute('SELECT "user" FROM event').fetchall())


def pages(connection: "DuckDBPyConnection") -> tuple[int, list[tuple[str, int]]]:
    rows = connection.execute('SELECT "user", count(DISTINCT id) FROM event GROUP BY 1').fetchall()
    return table.cursor(connection).runs_ms, rows


def damage(path: Path, how: str) -> None:
    whole = bytearray(path.read_bytes())
    if how == "words":
        whole = bytearray(b"This is no database.\n" * 1000)
    elif how == "empty":
        whole = bytearray()
    elif how == "half":
        del whole[len(whole) // 2 :]
    elif how == "head":
        whole[5000] ^= 0xFF
    else:  # all but the heads, which tell the version
        whole[12_288:] = b"\xaa" * (len(whole) - 12_288)
    path.write_bytes(whole)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("deliver"), st.lists(st.sampled_from(POOL), max_size=5)),
        st.tuples(st.just("sync"), st.none()),
        st.tuples(st.just("fail"), st.integers(0, 4)),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None)
@given(OPERATIONS)
def test_brought_up_to_date_in_any_steps_it_has_what_it_has_when_made_anew(
    operations: list[tuple[str, list[Record] | int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Deliveries()
        index = Index(Path(folder), source)
        for _, what in operations:
            if isinstance(what, list):
                source.pages_so_far.append(what)
            else:
                source.fails_at = what
                index.sync()
        source.fails_at = None
        delivered = sorted({str(each.user) for page in source.pages_so_far for each in page})
        assert index.answer(users).value == delivered
        assert index.rebuild() == len(delivered)
        assert index.answer(users, sync=False).value == delivered


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.4])
def test_a_process_killed_while_it_reads_loses_and_doubles_nothing(seconds: float, tmp_path: Path) -> None:
    script = tmp_path / "fill.py"
    script.write_text(FILL)
    for _ in range(2):
        filling = subprocess.Popen(
            [sys.executable, script, tmp_path], stdout=subprocess.PIPE, env={"PYTHONPATH": str(SRC)}
        )
        assert filling.stdout is not None
        filling.stdout.readline()
        time.sleep(seconds)
        filling.kill()
        filling.communicate()
    index = Index(tmp_path, Deliveries())
    with pytest.raises(IndexUnusableError, match="not filled yet"):
        index.answer(pages, sync=False)
    following, rows = index._ask(pages)
    assert sorted((int(page), count) for page, count in rows) == [(page, 200) for page in range(following)]


@pytest.mark.parametrize("how", ["words", "empty", "half", "head", "blocks"])
def test_a_damaged_index_is_made_anew_with_one_line_in_the_log(
    how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    many = [record(user=f"user-{number}") for number in range(5_000)]
    index = filled(tmp_path, many)
    damage(tmp_path / FILE, how)
    assert len(index.answer(users).value) == len(many)
    assert [each.message.partition(",")[0] for each in caplog.records] == ["The usage index is damaged"]
    assert "\n" not in caplog.text.rstrip()


@pytest.mark.parametrize("change", ["schema", "identity", "tables"])
def test_an_index_of_another_schema_or_experiment_is_made_anew(
    change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import duckdb  # noqa: PLC0415 - here alone

    filled(tmp_path, [record(user="old")], "dev")
    if change == "schema":
        monkeypatch.setattr(table, "VERSION", table.VERSION + 1)
    elif change == "tables":
        with duckdb.connect(tmp_path / FILE) as connection:
            connection.execute("DROP TABLE state")
    other = Index(tmp_path, Deliveries([[record(user="new")]]), "prod" if change == "identity" else "dev")
    assert other.answer(users).value == ["new"]
    assert "is of another version or experiment, and is made anew" in caplog.text


def test_settings_of_another_experiment_have_another_index(tmp_path: Path) -> None:
    def identity(**values: object) -> str:
        return Index.of(Settings.model_validate({"DATA_DIR": tmp_path, **values}))._identity

    found = {identity(), identity(APP_ENV="prod"), identity(MLFLOW_TRACKING_URI="http://ada:hunter2@example.com")}
    workspace = {"MLFLOW_TRACKING_URI": "databricks", "DATABRICKS_TOKEN": "x"}
    found |= {identity(**workspace, DATABRICKS_HOST=f"https://{name}.example.com") for name in "ab"}
    assert len(found) == 5
    assert not any("hunter2" in each for each in found)


def test_without_mlflow_the_index_answers_and_says_how_old_it_is(tmp_path: Path) -> None:
    source = Deliveries([[record(user="ada")]])
    index = Index(tmp_path, source)
    first = index.answer(users)
    source.pages_so_far.append([record(user="bob")])
    source.fails_at = 1
    second = index.answer(users)
    assert (first.value, first.trouble) == (["ada"], None)
    assert (second.value, second.as_of_ms, second.trouble) == (["ada"], first.as_of_ms, "nobody answers")


def test_what_was_never_filled_answers_nothing(tmp_path: Path) -> None:
    index = Index(tmp_path, Deliveries([[record()]], fails_at=0))
    with pytest.raises(IndexUnusableError, match="not filled yet: nobody answers"):
        index.answer(users)


def test_while_it_is_made_anew_in_vain_the_old_one_stays(tmp_path: Path) -> None:
    source = Deliveries([[record(user="ada")], [record(user="bob")]])
    index, told = Index(tmp_path, source), list[int]()
    assert index.rebuild(told.append) == 2
    source.fails_at = 1
    with pytest.raises(IndexUnusableError, match=r"could not be read: nobody answers\. The index is as it was"):
        index.rebuild()
    assert told == [1, 2]
    assert index.answer(users, sync=False).value == ["ada", "bob"]
    assert not (tmp_path / NEW_FILE).exists()


def test_a_user_that_is_forgotten_is_in_no_byte_of_it(tmp_path: Path) -> None:
    names = ["ada.lovelace@example.com", "bob@example.com"]
    index = filled(tmp_path, [record(user=name) for name in names for _ in range(3)])
    assert (index.forget(names[0]), index.forget(names[0]), index.forget("nobody")) == (3, 0, 0)
    assert index.answer(users, sync=False).value == ["bob@example.com"] * 3
    assert not any(b"ada.lovelace" in path.read_bytes() for path in tmp_path.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, LOCK]


def test_what_a_killed_rebuild_has_read_of_a_forgotten_user_goes_with_them(tmp_path: Path) -> None:
    def die(_: int) -> None:
        raise KeyboardInterrupt

    index = Index(tmp_path, Deliveries([[record(user="ada.lovelace@example.com")]]))
    with pytest.raises(KeyboardInterrupt):
        index.rebuild(die)
    assert (tmp_path / NEW_FILE).exists()
    assert index.forget("ada.lovelace@example.com") == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [LOCK]


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    index = filled(tmp_path, [record(user=name) for name in "ab"])
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert index.forget("a") == 1
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_while_the_clock_is_set_back_it_is_not_taken_for_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Deliveries([[record(user="ada")]])
    index = Index(tmp_path, source)
    ahead = now_ms() + 3_600_000
    monkeypatch.setattr(module, "now_ms", lambda: ahead)
    index.answer(users)
    monkeypatch.setattr(module, "now_ms", lambda: ahead - 3_600_000)
    source.pages_so_far.append([record(user="bob")])
    assert index.answer(users, fresh_ms=1_000).value == ["ada", "bob"]
    source.pages_so_far.append([record(user="eve")])
    source.fails_at = 2
    monkeypatch.setattr(module, "now_ms", lambda: ahead)
    assert index.answer(users).trouble == "nobody answers"
    source.fails_at = None
    monkeypatch.setattr(module, "now_ms", lambda: ahead - 3_600_000)
    assert index.answer(users).value == ["ada", "bob", "eve"]


def test_a_value_that_the_index_does_not_take_is_told_of(tmp_path: Path) -> None:
    index = Index(tmp_path, Deliveries([[record(processing_time_ms="fast")]]))
    with pytest.raises(IndexUnusableError, match="Could not convert"):
        index.answer(users)


def test_where_there_is_no_index_nobody_is_to_be_forgotten(tmp_path: Path) -> None:
    assert Index(tmp_path, Deliveries()).forget("ada") == 0
    assert not list(tmp_path.iterdir())


def test_two_processes_take_turns(tmp_path: Path) -> None:
    script = tmp_path / "fill.py"
    script.write_text(FILL.replace("100_000", "40"))
    both = [
        subprocess.Popen([sys.executable, script, tmp_path], stdout=subprocess.DEVNULL, env={"PYTHONPATH": str(SRC)})
        for _ in range(2)
    ]
    assert [each.wait(60) for each in both] == [0, 0]
    following, rows = Index(tmp_path, Deliveries()).answer(pages, sync=False).value
    assert (following, len(rows), {count for _, count in rows}) == (40, 40, {200})


def test_whoever_waits_for_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = filled(tmp_path, [record()])
    monkeypatch.setattr(module, "_WAIT_SECONDS", 0.2)
    calls: list[Callable[[], object]] = [lambda: index.answer(users), index.rebuild, lambda: index.forget("ada")]
    with exclusive(tmp_path / LOCK):
        for call in calls:
            with pytest.raises(IndexUnusableError, match="in use by another process"):
                call()


def test_an_index_that_another_program_has_open_is_not_taken_for_damaged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    index = filled(tmp_path, [record(user="ada")])
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path / FILE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holding.stdout is not None
    holding.stdout.readline()
    with caplog.at_level(logging.WARNING), pytest.raises(IndexUnusableError, match="Could not set lock"):
        index.answer(users)
    holding.communicate()
    assert index.answer(users, sync=False).value == ["ada"]
    assert not caplog.records


def test_a_data_directory_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IndexUnusableError, match="cannot be used"):
        Index(tmp_path / "file", Deliveries()).answer(users)
