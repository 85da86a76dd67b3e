"""A file is nobody's between two answers, whatever happened in the last, and the process's instance stays."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from tracking.usage import database
from tracking.usage.database import opened
from tracking.usage.index import FILE

from .records import filled, record

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# As another process, which gets a file that nobody has open, and no other.
OTHER = "import duckdb, sys; print(duckdb.connect(sys.argv[1]).execute('SELECT count(*) FROM t').fetchall()[0][0])"


def write(path: Path, value: int) -> None:
    with opened(path) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS t (value BIGINT)")
        connection.execute("INSERT INTO t VALUES (?)", (value,))


def read(path: Path) -> list[int]:
    with opened(path) as connection:
        return [row[0] for row in connection.execute("SELECT value FROM t ORDER BY 1").fetchall()]


def test_the_file_is_free_and_whole_and_the_instance_stays(tmp_path: Path) -> None:
    path = tmp_path / "it's here.duckdb"
    write(path, 1)
    instance = database._instances[os.getpid()]
    write(path, 2)
    done = subprocess.run([sys.executable, "-c", OTHER, path], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "2\n"
    assert database._instances[os.getpid()] is instance
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_work_that_fails_inside_a_transaction_leaves_nothing_and_holds_nothing(tmp_path: Path) -> None:
    write(tmp_path / FILE, 1)

    def fail() -> None:
        with opened(tmp_path / FILE) as connection:
            connection.begin()
            connection.execute("DELETE FROM t")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert read(tmp_path / FILE) == [1]


def test_a_file_that_cannot_be_let_go_takes_its_instance_with_it(tmp_path: Path) -> None:
    with opened(tmp_path / FILE) as connection:
        instance = database._instances[os.getpid()]
        connection.execute("CREATE TABLE t (value BIGINT)")
        [(name,)] = connection.execute("SELECT current_database()").fetchall()
        connection.execute("USE memory")
        connection.execute(f"DETACH {name}")  # before its time: a second one fails
    assert database._instances.get(os.getpid()) is not instance
    assert read(tmp_path / FILE) == []


def test_a_forked_process_has_an_instance_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / FILE, 1)
    forked = os.fork()
    if not forked:
        try:
            write(tmp_path / FILE, 2)
        finally:
            os._exit(0)
    os.waitpid(forked, 0)
    assert read(tmp_path / FILE) == [1, 2]


def test_several_files_are_open_at_once_in_threads(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(4)]
    indexes = [filled(folder, [record(user=folder.name)] * 1) for folder in folders]

    def users(connection: "DuckDBPyConnection") -> list[str]:
        return [row[0] for row in connection.execute('SELECT "user" FROM event').fetchall()]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda index: index.answer(users, sync=False).value, indexes * 10))
        forgotten = list(pool.map(lambda pair: pair[0].forget(pair[1].name), zip(indexes, folders, strict=True)))
    assert answers == [[folder.name] for folder in folders] * 10
    assert forgotten == [1] * 4


def test_a_file_that_is_no_database_is_told_as_damaged(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("This is no database.\n" * 1000)
    with pytest.raises(duckdb.Error) as told:
        read(tmp_path / FILE)
    assert database.is_damage(told.value)
