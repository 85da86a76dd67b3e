import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tracking import segment
from tracking.app import create_app
from tracking.delivery import DOUBT_MS, OWNER_LOCK
from tracking.event import now_ms
from tracking.gallery import Gallery, Search
from tracking.journal import Journal
from tracking.ledger import DeadLetter, Ledger
from tracking.locks import exclusive
from tracking.settings import Settings
from tracking.status import Counter

from .events import event


def tracking(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    values = os.environ | {"DATA_DIR": str(folder / "data")} | environment
    return subprocess.run(
        [sys.executable, "-m", "tracking", *arguments],
        env=values,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def append(folder: Path, count: int, **values: object) -> list[str]:
    journal = Journal(folder / "data" / "journal")
    made = [event(**values) for _ in range(count)]
    assert all(journal.append(each) for each in made)
    journal.close()
    return [each.id for each in made]


def bury(folder: Path, *identifiers: str) -> None:
    Ledger(folder / "data").settle(
        [], {}, [DeadLetter(each, 0, "too long", segment.encode_event(event(id=each))) for each in identifiers]
    )


def test_status_tells_where_the_events_are(tmp_path: Path) -> None:
    append(tmp_path, 1_234)
    done = tracking(tmp_path, "status")
    assert (done.returncode, done.stderr) == (0, "")
    lines = dict(line.split() for line in done.stdout.splitlines())
    assert (lines["accepted"], lines["delivered"], lines["pending"]) == ("1,234", "0", "1,234")
    done = tracking(tmp_path, "status", "--json")
    assert json.loads(done.stdout)["adds_up"] is True


def test_status_tells_what_hinders_and_what_was_changed(tmp_path: Path) -> None:
    append(tmp_path, 3)
    Ledger(tmp_path / "data").write_state("trouble", {"since_ms": 0, "reason": "the token is refused"})
    done = tracking(tmp_path, "status")
    assert done.returncode == 1
    assert "Nothing is delivered since 1970-01-01 00:00:00 UTC: the token is refused" in done.stdout
    Ledger(tmp_path / "data").settle([], {"delivered": 7})
    done = tracking(tmp_path, "status")
    assert "These do not add up" in done.stdout


def test_delivering_once_ends_when_nothing_is_pending(tmp_path: Path, local_store: Path) -> None:
    assert local_store.exists()
    append(tmp_path, 5)
    done = tracking(tmp_path, "deliver", "--once")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    status = Counter(tmp_path / "data").status()
    assert (status.delivered, status.pending, status.adds_up) == (5, 0, True)


def test_delivering_once_beside_another_delivery_ends_when_that_has_delivered_all(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with exclusive(tmp_path / "data" / OWNER_LOCK):
        done = tracking(tmp_path, "deliver", "--once")
    assert (done.returncode, done.stderr) == (0, "")


def test_delivering_ends_within_5_seconds_of_a_sigterm_also_when_mlflow_hangs(tmp_path: Path) -> None:
    append(tmp_path, 5)
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        values = os.environ | {
            "DATA_DIR": str(tmp_path / "data"),
            "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{hanging.getsockname()[1]}",
        }
        with subprocess.Popen([sys.executable, "-m", "tracking", "deliver"], env=values) as process:
            hanging.settimeout(60)
            connection, _ = hanging.accept()
            with connection:
                started = time.monotonic()
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
                assert time.monotonic() - started < 5
    assert Counter(tmp_path / "data").status().pending == 5


def test_dead_letters_are_listed_and_sent_again(tmp_path: Path) -> None:
    assert tracking(tmp_path, "dead-letters", "list").stdout == "There are no dead letters.\n"
    bury(tmp_path, "a", "b")
    listed = tracking(tmp_path, "dead-letters", "list").stdout
    assert listed.splitlines()[0] == "a  1970-01-01 00:00:00 UTC  too long"
    assert [each["id"] for each in json.loads(tracking(tmp_path, "dead-letters", "list", "--json").stdout)] == [
        "a",
        "b",
    ]
    done = tracking(tmp_path, "dead-letters", "retry", "a", "unknown")
    assert (done.returncode, done.stdout) == (1, "1 dead letters are sent once more.\n")
    assert "Some of these ids are no dead letters" in done.stderr
    assert "(is tried again)" in tracking(tmp_path, "dead-letters", "list").stdout
    assert tracking(tmp_path, "dead-letters", "retry").stdout == "1 dead letters are sent once more.\n"


def test_forgetting_a_user_removes_all_that_is_on_this_machine_and_in_mlflow(tmp_path: Path, local_store: Path) -> None:
    data = local_store.parent
    append(tmp_path, 2, user="eve@example.com", prompt="her delivered secret")
    assert tracking(tmp_path, "deliver", "--once").returncode == 0
    append(tmp_path, 3, user="eve@example.com", prompt="her pending secret")
    kept = append(tmp_path, 1, user="ada@example.com")
    Ledger(data).settle([], {}, [DeadLetter("x", 0, "no", segment.encode_event(event(id="x", user="eve@example.com")))])
    Ledger(data).settle([], {"accepted": 1})
    assert Ledger(data).retry(["x"]) == 1
    done = tracking(tmp_path, "forget", "eve@example.com", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "gone:x" in Ledger(data).doubts(now_ms() + DOUBT_MS)  # sent once more, it may have been on its way
    told = json.loads(done.stdout)
    # Two of the five lines were delivered, and their segment not deleted yet, or it was.
    assert told.pop("journal") in {3, 5}
    assert told == {"dead_letters": 1, "gallery": 0, "runs": 2, "traces": 0, "trouble": None}
    status = Counter(data).status()
    assert (status.delivered, status.pending, status.forgotten, status.adds_up) == (2, 1, 4, True)
    assert tracking(tmp_path, "deliver", "--once").returncode == 0
    rest = b"".join(path.read_bytes() for path in data.rglob("*.journal"))
    assert b"eve@" not in rest
    assert b"secret" not in rest
    assert not [path for path in data.rglob("prompt.txt") if "secret" in path.read_text()]
    assert Counter(data).status().delivered == 3
    assert kept


def test_forgetting_removes_texts_and_pictures_from_the_gallery_and_its_file(tmp_path: Path, local_store: Path) -> None:
    data = local_store.parent
    with TestClient(create_app(Settings(DATA_DIR=data, ENABLE_TRACKING=False, LOCAL_USER_EMAIL="eve@x.org"))) as client:
        text = client.post("/api/texts", json={"prompt": "her secret text"})
        picture = client.get(client.post("/api/images", json={"prompt": "her secret picture"}).json()["image_url"])
        said = json.loads(text.text.splitlines()[-1])["end"]["text"]
    gallery = Gallery(data)
    # Another process has the file open, as the service may: SQLite does not tidy up by itself then.
    with closing(sqlite3.connect(data / "gallery.db")) as other:
        other.execute("SELECT count(*) FROM generation").fetchall()
        done = tracking(tmp_path, "forget", "Eve@X.org", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["gallery"] == 2
        rest = b"".join(path.read_bytes() for path in data.glob("gallery.db*"))
    assert gallery.page(Search(), 10) == ([], None)
    for each in (b"eve@", b"secret", said.encode(), picture.content[100:200]):
        assert each not in rest


def test_forgetting_leaves_no_damaged_line_and_no_unfinished_one(tmp_path: Path, local_store: Path) -> None:
    assert local_store.exists()
    append(tmp_path, 2, user="eve@example.com", prompt="her secret")
    (path,) = segment.segments(tmp_path / "data" / "journal")
    content = path.read_bytes()
    first = next(segment.read(path))
    path.write_bytes(content[: first.end - 5] + b"!" + content[first.end - 4 :] + content[-50:-1])
    assert tracking(tmp_path, "forget", "eve@example.com").returncode == 0
    assert b"eve@" not in path.read_bytes()
    assert b"secret" not in path.read_bytes()
    status = Counter(tmp_path / "data").status()
    assert (status.forgotten, status.pending, status.adds_up) == (2, 0, True)


def test_forgetting_without_mlflow_says_what_is_left(tmp_path: Path) -> None:
    append(tmp_path, 1, user="eve@example.com")
    done = tracking(tmp_path, "forget", "eve@example.com", MLFLOW_TRACKING_URI="http://127.0.0.1:1")
    assert done.returncode == 2
    assert done.stdout.splitlines()[0].split() == ["journal", "1"]
    assert "MLflow or the usage index could not be asked: " in done.stderr
    assert "Run this again when they can." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["status"], ["deliver"], ["dead-letters", "list"], ["forget", "x"]])
@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "many"}, "A setting is wrong. PORT: "),
        ({"DATA_DIR": "/proc/nowhere"}, "Choose another DATA_DIR."),
    ],
)
def test_what_it_cannot_do_is_told_in_a_line(
    tmp_path: Path, command: list[str], environment: dict[str, str], words: str
) -> None:
    done = tracking(tmp_path, *command, **environment)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [["status"], ["dead-letters", "list"], ["dead-letters", "retry"], ["forget", "x"]])
def test_a_damaged_ledger_is_told_in_a_line(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "delivery.db").write_bytes(b"no database" * 1_000)
    done = tracking(tmp_path, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert "delivery.db" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_price_that_is_none_is_told(tmp_path: Path) -> None:
    done = tracking(tmp_path, "deliver", PRICE_OPENAI_GPT_4O_INPUT="cheap", PRICE_OPENAI_GPT_4O_OUTPUT="1")
    assert done.returncode == 2
    assert "PRICE_OPENAI_GPT_4O_INPUT: must be US dollars" in done.stderr
    assert "cheap" not in done.stderr


@pytest.mark.parametrize("command", [[], ["deliver"], ["status"], ["forget"], ["dead-letters"], ["usage"]])
def test_every_command_has_help(tmp_path: Path, command: list[str]) -> None:
    done = tracking(tmp_path, *command, "--help")
    assert done.returncode == 0
    assert "Usage: " in done.stdout


def test_what_only_the_service_or_mlflow_needs_is_not_imported_before_a_command_needs_it() -> None:
    code = "import sys, tracking.cli; print(*sorted({'fastapi', 'mlflow', 'duckdb'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
