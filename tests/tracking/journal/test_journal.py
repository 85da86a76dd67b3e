import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from tracking import journal as module
from tracking import segment
from tracking.journal import Journal

from ..events import event
from .reading import read, until


def test_what_is_appended_is_in_the_file_at_once(journal: Journal, tmp_path: Path) -> None:
    made = [event(prompt=str(number)) for number in range(10)]
    assert all(journal.append(each) for each in made)
    assert read(tmp_path) == made


def test_several_threads_share_it(journal: Journal, tmp_path: Path) -> None:
    made = [[event() for _ in range(200)] for _ in range(8)]
    threads = [threading.Thread(target=lambda part=part: [journal.append(each) for each in part]) for part in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each.id for each in read(tmp_path)) == sorted(each.id for part in made for each in part)


def test_two_journals_share_a_folder(journal: Journal, tmp_path: Path) -> None:
    other = Journal(tmp_path / "journal")
    first, second = event(), event()
    assert journal.append(first)
    assert other.append(second)
    other.close()
    assert {each.id for each in read(tmp_path)} == {first.id, second.id}
    assert len(segment.segments(tmp_path / "journal")) == 2


def test_a_segment_has_a_writer_until_it_is_closed(journal: Journal, tmp_path: Path) -> None:
    (path,) = segment.segments(tmp_path / "journal")
    assert segment.is_written(path)
    journal.rotate()
    assert not segment.is_written(path)
    _, second = segment.segments(tmp_path / "journal")
    assert segment.is_written(second)


def test_a_fork_writes_a_segment_of_its_own(journal: Journal, tmp_path: Path) -> None:
    journal.append(event(prompt="parent"))
    # A fork of a process with threads is what some servers do; Python warns of it from 3.12 on.
    script = f"""
import os, sys, warnings
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
warnings.simplefilter("ignore")
from pathlib import Path
from tracking.journal import Journal
import events
journal = Journal(Path({str(tmp_path / "journal")!r}))
journal.append(events.event(prompt="before"))
if os.fork() == 0:
    journal.append(events.event(prompt="child"))
    journal.close()
    os._exit(0)
journal.append(events.event(prompt="after"))
os.wait()
journal.close()
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    assert sorted(str(each.prompt) for each in read(tmp_path)) == ["after", "before", "child", "parent"]
    assert len(segment.segments(tmp_path / "journal")) == 3


def test_a_daemon_that_closes_its_parents_files_logs_and_closes_nobody_elses(tmp_path: Path) -> None:
    script = f"""
import os, sys, warnings
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
warnings.simplefilter("ignore")
from pathlib import Path
from tracking.journal import Journal
import events
folder = Path({str(tmp_path / "journal")!r})
journal = Journal(folder)
journal.append(events.event(prompt="before"))
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
os.closerange(3, 64)
others = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
accepted = journal.append(events.event(prompt="child"))
assert all(os.path.samestat(os.fstat(each), os.stat("/dev/null")) for each in others)
journal.close()
os._exit(0 if accepted else 1)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert sorted(str(each.prompt) for each in read(tmp_path)) == ["before", "child"]


def test_what_a_fork_loses_is_its_own_and_is_counted_whoever_held_the_lock(tmp_path: Path) -> None:
    script = f"""
import os, signal, sys, warnings
warnings.simplefilter("ignore")
from pathlib import Path
from tracking import segment
from tracking.journal import Journal
journal = Journal(Path({str(tmp_path / "journal")!r}))
(parents,) = segment.segments(Path({str(tmp_path / "journal")!r}))
with journal._lock:
    child = os.fork()
    if not child:
        signal.alarm(30)  # one that waits for the lock for ever must not stay
        journal.lose(ValueError("no event"))
        journal.lose(ValueError("no event"))
        lost = [segment.read_lost(path) for path in segment.segments(parents.parent)]
        os._exit(0 if lost == [0, 2] else 1)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_closing_in_a_fork_leaves_the_parents_journal_alone(tmp_path: Path) -> None:
    script = f"""
import os, signal, sys, warnings
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
warnings.simplefilter("ignore")
from pathlib import Path
from tracking.journal import Journal
import events
journal = Journal(Path({str(tmp_path / "journal")!r}))
with journal._lock:
    if not os.fork():
        signal.alarm(30)  # one that waits for the lock for ever must not stay
        journal.close()
        os._exit(0)
code = os.waitstatus_to_exitcode(os.wait()[1])
accepted = journal.append(events.event())
journal.close()
sys.exit(code if accepted else 1)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert len(read(tmp_path)) == 1


def test_without_a_thread_to_be_had_it_accepts_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError("can't start new thread")))
    journal = Journal(tmp_path / "journal")
    assert journal.append(event())
    journal.close()
    assert "can't start new thread" in caplog.text
    assert len(read(tmp_path)) == 1


def test_a_killed_process_loses_nothing_that_it_accepted(tmp_path: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from pathlib import Path
from tracking.journal import Journal
import events
journal = Journal(Path({str(tmp_path / "journal")!r}))
for number in range(1_000_000):
    made = events.event(prompt="x" * (number % 20_000))
    if journal.append(made):
        print(made.id, flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        accepted = [process.stdout.readline().strip() for _ in range(2_000)]
        process.send_signal(signal.SIGKILL)
        accepted += [line.strip() for line in process.stdout if line.endswith("\n")]
    written = [each.id for each in read(tmp_path)]
    assert written[: len(accepted)] == accepted
    assert len(written) - len(accepted) <= 1  # written, and not yet said
    assert not any(map(segment.is_written, segment.segments(tmp_path / "journal")))


def test_it_begins_another_segment_when_one_is_large_or_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SEGMENT_BYTES", 5_500)  # which the last one passes
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    journal = Journal(tmp_path / "journal")
    made = [event(prompt="x" * 1_000) for _ in range(5)]
    for each in made:
        journal.append(each)
    until(lambda: len(segment.segments(tmp_path / "journal")) == 2)
    monkeypatch.setattr(module, "_SEGMENT_SECONDS", 0.0)
    time.sleep(0.1)
    assert len(segment.segments(tmp_path / "journal")) == 2  # an empty one is as good as new
    made.append(event())
    journal.append(made[-1])
    until(lambda: len(segment.segments(tmp_path / "journal")) == 3)
    journal.close()
    assert read(tmp_path) == made


def test_where_many_segments_wait_they_become_longer(journal: Journal, tmp_path: Path) -> None:
    assert journal.append(event())
    writer = journal._writer
    assert writer is not None
    assert [journal._is_due(writer.begun + age) for age in (59, 61)] == [False, True]
    for number in range(29):
        (tmp_path / "journal" / f"{number}{segment.SUFFIX}").write_bytes(segment.header(0))
    assert [journal._is_due(writer.begun + age) for age in (179, 181)] == [False, True]


def test_it_does_not_grow_with_what_it_wrote(journal: Journal) -> None:
    def size() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    made = event(prompt="x" * 4_000)
    for _ in range(500):
        journal.append(made)
    before = size()
    for _ in range(5_000):  # 20 MB
        journal.append(made)
    assert size() - before < 4_000_000


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> "queue.Queue[tuple[int, int]]":
    """Note what is brought to the disk: a file's inode, and its length then."""
    found: queue.Queue[tuple[int, int]] = queue.Queue()
    bring = os.fdatasync

    def note(descriptor: int) -> None:
        bring(descriptor)
        found.put((os.fstat(descriptor).st_ino, os.fstat(descriptor).st_size))

    monkeypatch.setattr(os, "fdatasync", note)
    return found


def test_what_is_appended_is_brought_to_the_disk_while_it_goes_on(
    synced: "queue.Queue[tuple[int, int]]", journal: Journal, tmp_path: Path
) -> None:
    assert module._SYNC_SECONDS <= 0.025  # the promise is 50 ms
    assert journal.append(event())
    [path] = segment.segments(tmp_path / "journal")
    assert synced.get(timeout=60) == (path.stat().st_ino, path.stat().st_size)


@pytest.mark.parametrize("how", ["rotate", "close"])
def test_a_segment_that_is_let_go_is_brought_to_the_disk_first(
    synced: "queue.Queue[tuple[int, int]]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(module, "_SYNC_SECONDS", 3_600)
    journal = Journal(tmp_path)
    [path] = segment.segments(tmp_path)
    assert journal.append(event())
    assert synced.empty()
    getattr(journal, how)()
    assert synced.get_nowait() == (path.stat().st_ino, path.stat().st_size)
    journal.close()
