import hashlib
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from gate import download
from gate.errors import CannotJudgeError

CONTENT = bytes(range(256)) * 20_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Files(NamedTuple):
    """A web server on loopback with one file, which can misbehave."""

    url: str
    asked: list[str | None]
    answers: list[str]


@pytest.fixture
def files() -> Iterator[Files]:
    asked: list[str | None] = []
    answers: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            asked.append(wanted)
            how = answers.pop(0) if answers else "whole"
            if how == "500":
                self.send_error(500)
                return
            if how == "slow":
                time.sleep(0.5)
            first = 0 if how == "no ranges" else start(wanted)
            body = CONTENT[first:]
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):  # who asked may be gone
                self.wfile.write(body[: len(body) // 2] if how == "cut" else body)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing: a test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Files(f"http://127.0.0.1:{server.server_port}/file.zip", asked, answers)
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(files: Files, folder: Path) -> Path:
    target = folder / "cache" / "file.zip"
    download.fetch(files.url, target, DIGEST, len(CONTENT))
    return target


def start(wanted: str | None) -> int:
    """Return the first byte that was asked for."""
    return int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0


def test_a_file_arrives_whole_and_is_not_fetched_twice(files: Files, tmp_path: Path) -> None:
    assert fetch(files, tmp_path).read_bytes() == CONTENT
    fetch(files, tmp_path)
    assert files.asked == [None]


def test_a_download_that_was_killed_goes_on_where_it_was(files: Files, tmp_path: Path) -> None:
    part = tmp_path / "cache" / "file.zip.part"
    part.parent.mkdir()
    part.write_bytes(CONTENT[:1000])
    assert fetch(files, tmp_path).read_bytes() == CONTENT
    assert files.asked == ["bytes=1000-"]
    assert not part.exists()


def test_a_cut_connection_is_resumed_in_the_same_run(files: Files, tmp_path: Path) -> None:
    files.answers.append("cut")
    assert fetch(files, tmp_path).read_bytes() == CONTENT
    assert [start(each) > 0 for each in files.asked] == [False, True]


def test_a_server_without_ranges_sends_it_from_the_start(files: Files, tmp_path: Path) -> None:
    files.answers.extend(["cut", "no ranges"])
    assert fetch(files, tmp_path).read_bytes() == CONTENT


def test_what_is_not_the_pinned_file_is_deleted_and_the_next_try_works(files: Files, tmp_path: Path) -> None:
    part = tmp_path / "cache" / "file.zip.part"
    part.parent.mkdir()
    part.write_bytes(b"x" * 1000)
    with pytest.raises(CannotJudgeError, match="not the pinned file"):
        fetch(files, tmp_path)
    assert not part.exists()
    assert fetch(files, tmp_path).read_bytes() == CONTENT


def test_a_server_that_keeps_failing_ends_in_words_and_keeps_what_has_come(files: Files, tmp_path: Path) -> None:
    files.answers.extend(["cut", "500", "500", "500", "500"])
    with pytest.raises(CannotJudgeError, match=r"broke off 5 times.*500"):
        fetch(files, tmp_path)
    assert fetch(files, tmp_path).read_bytes() == CONTENT
    assert start(files.asked[-1]) > 0


def test_a_full_disk_is_told_before_anything_is_fetched(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))
    with pytest.raises(CannotJudgeError, match="too full"):
        fetch(files, tmp_path)
    assert files.asked == []


def test_a_folder_that_cannot_be_written_ends_in_words(files: Files, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "file.zip.part").mkdir()
    with pytest.raises(CannotJudgeError, match=r"could not be written to .*file\.zip\.part"):
        fetch(files, tmp_path)


def test_two_at_once_fetch_it_once(files: Files, tmp_path: Path) -> None:
    files.answers.append("slow")
    threads = [threading.Thread(target=fetch, args=(files, tmp_path)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files.asked == [None]
