import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tracking import database

WRITE = """
import sqlite3, sys
try:
    sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute("BEGIN IMMEDIATE")
except sqlite3.OperationalError as error:
    print(error)
"""


def test_a_file_that_is_there_is_made_again_without_ending_the_locks_on_it(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    database.make(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        database.make(path)  # as another thread does, before it connects
        other = subprocess.run([sys.executable, "-c", WRITE, path], capture_output=True, text=True, check=True)
    assert other.stdout == "database is locked\n"
