"""What the journal cannot keep is counted and told, whatever the disk does, and the rest is whole."""

import errno
import logging
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from tracking import journal as module
from tracking import segment
from tracking.journal import Journal

from ..disk import no_file_beyond
from ..events import event
from .reading import read, until


@pytest.fixture
def small_files() -> Iterator[None]:
    with no_file_beyond(65_536):
        yield


@pytest.mark.usefixtures("small_files")
def test_where_there_is_no_room_the_loss_is_counted_and_the_rest_is_whole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SYNC_SECONDS", 3_600)  # only its end tells
    journal = Journal(tmp_path / "journal")
    made = [event(prompt="x" * 3_000) for _ in range(40)]
    accepted = [each for each in made if journal.append(each)]
    assert 0 < len(accepted) < len(made)
    (path,) = segment.segments(tmp_path / "journal")
    assert segment.read_lost(path) == len(made) - len(accepted)
    small = event(prompt="")
    assert journal.append(small)  # there is room for a small one, where the torn one was
    journal.close()
    assert read(tmp_path) == [*accepted, small]
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert f"Events that were lost: {len(made) - len(accepted)}, " in record.getMessage()
    assert str(tmp_path / "journal") in record.getMessage()


def test_a_loss_that_no_segment_takes_is_counted_and_told_by_the_segment_when_it_does(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = segment.segments(tmp_path / "journal")
    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", Mock(side_effect=OSError(errno.EROFS, "Read-only file system")))
        assert [journal.append(event()) for _ in range(5)] == [False] * 5
        assert (journal.lost, segment.read_lost(path)) == (5, 0)
    until(lambda: segment.read_lost(path) == 5)
    until(lambda: journal.lost == 0)


def test_where_a_header_cannot_be_written_events_are_brought_to_the_disk_and_a_new_segment_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SYNC_SECONDS", 3_600)
    monkeypatch.setattr(segment, "write_lost", Mock(side_effect=OSError(errno.ENOSPC, "No space left on device")))
    synced = Mock()
    monkeypatch.setattr("os.fdatasync", synced)
    journal = Journal(tmp_path)
    assert journal.append(event())
    assert not journal.append(event(tokens=None))
    journal.rotate()
    assert synced.call_count == 1
    assert journal.lost == 1
    journal.rotate()
    assert sorted(map(segment.read_lost, segment.segments(tmp_path))) == [0, 0, 1]
    assert journal.lost == 0
    journal.close()


def test_a_disk_that_fails_is_told_of_once_a_minute(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = Mock(side_effect=OSError(errno.EIO, "Input/output error"))
    monkeypatch.setattr("os.fdatasync", calls)
    until(lambda: journal.append(event()) and calls.call_count > 5)
    monkeypatch.undo()
    assert [each.getMessage().partition(":")[0] for each in caplog.records] == [
        "The journal could not be brought to the disk"
    ]


def test_whatever_fails_as_it_is_told_of_what_comes_after_it_is_brought_to_the_disk(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Mock(side_effect=BrokenPipeError)
    with monkeypatch.context() as patch:
        patch.setattr("os.fdatasync", Mock(side_effect=OSError(errno.EIO, "Input/output error")))
        patch.setattr(module.logger, "error", told)
        until(lambda: journal.append(event()) and told.call_count)
    again = Mock()
    monkeypatch.setattr("os.fdatasync", again)
    until(lambda: journal.append(event()) and again.call_count)


def test_a_folder_that_cannot_be_made_costs_events_and_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    (tmp_path / "journal").write_text("in the way")
    journal = Journal(tmp_path / "journal")
    assert [journal.append(event()) for _ in range(3)] == [False, False, False]
    assert journal.lost == 3
    (tmp_path / "journal").unlink()
    kept = event()
    until(lambda: journal.append(kept))
    (path,) = segment.segments(tmp_path / "journal")
    assert segment.read_lost(path) >= 3
    assert journal.lost == 0
    journal.close()
    assert "Events that were lost: " in caplog.text


def test_a_deleted_folder_is_made_again(journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    for path in segment.segments((tmp_path / "journal").rename(tmp_path / "gone")):
        path.unlink()
    kept = event()  # for a moment events still go into the file that is gone
    until(lambda: journal.append(kept) and kept in read(tmp_path))


def test_what_cannot_be_written_is_lost_and_counted_and_nothing_is_raised(journal: Journal, tmp_path: Path) -> None:
    assert not journal.append(event(settings={"key": object()}))
    assert not journal.append(event(tokens=None))
    assert journal.append(event())
    (path,) = segment.segments(tmp_path / "journal")
    assert segment.read_lost(path) == 2
    assert [line.number for line in segment.read(path)] == [1]


def test_after_it_is_closed_events_are_lost_and_counted(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.close()
    assert not journal.append(event())
    assert journal.lost == 1
