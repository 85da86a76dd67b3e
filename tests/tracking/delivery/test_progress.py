"""The delivery's way through the journal: each event once, whatever it finds there."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tracking import delivery as module
from tracking import segment, window
from tracking.delivery import JOURNAL, OWNER_LOCK, Delivery
from tracking.journal import Journal
from tracking.ledger import Ledger
from tracking.locks import exclusive
from tracking.pricing import PriceList
from tracking.status import Counter

from ..events import event
from .scripted_sink import OUTAGE, ScriptedSink, append, run


def test_each_event_is_delivered_once_and_the_numbers_add_up(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 30)
    counter = Counter(tmp_path)
    while counter.status().pending:
        delivery.step()
        assert counter.status().adds_up
    assert sink.got == made
    assert sink.uncertain == []
    run(delivery, 3)
    assert len(sink.got) == 30


def test_a_segment_is_deleted_when_its_writer_is_gone_and_all_of_it_is_delivered(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 20)
    run(delivery, 5)
    assert len(segment.segments(tmp_path / JOURNAL)) == 1
    journal.rotate()
    made += append(journal, 1)
    run(delivery, 5)
    assert len(segment.segments(tmp_path / JOURNAL)) == 1
    assert sink.got == made
    status = Counter(tmp_path).status()
    assert (status.accepted, status.delivered, status.pending, status.adds_up) == (21, 21, 0, True)
    assert list(Ledger(tmp_path).places()) == [path.name for path in segment.segments(tmp_path / JOURNAL)]


def test_a_crash_between_two_steps_repeats_only_what_may_not_be_there_and_says_so(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 20)
    delivery.step()
    # The process dies when the sink has the next batch, and before the ledger knows.
    sink.answer = lambda _: (_ for _ in ()).throw(SystemExit)
    with pytest.raises(SystemExit):
        delivery.step()
    sink.answer = lambda _: None
    run(Delivery(tmp_path, sink, PriceList({})))
    assert sink.got == made
    assert sink.uncertain == [each.id for each in made[8:16]]


def test_uncertain_events_stay_so_when_an_older_segment_goes_on(
    tmp_path: Path, journal: Journal, sink: ScriptedSink
) -> None:
    younger = Journal(tmp_path / JOURNAL)
    doubtful = append(younger, 3)
    sink.answer = lambda _: OUTAGE
    Delivery(tmp_path, sink, PriceList({})).step()
    append(journal, 20)  # these are read first now
    sink.answer = lambda _: None
    run(Delivery(tmp_path, sink, PriceList({})))
    younger.close()
    assert {each.id for each in doubtful} <= set(sink.uncertain)


def test_what_was_forgotten_on_its_way_is_removed_when_it_must_have_arrived(
    tmp_path: Path, delivery: Delivery, sink: ScriptedSink
) -> None:
    Ledger(tmp_path).doubt([f"{module.GONE}a", "b"], 0)
    delivery.step()
    assert (sink.removed, sink.tidied) == (["a"], ["b"])
    assert Ledger(tmp_path).doubts(2**62) == []


def test_what_a_writer_left_that_was_killed_as_it_began_is_deleted_and_nothing_that_is_being_made(
    tmp_path: Path, journal: Journal, delivery: Delivery
) -> None:
    append(journal, 1)
    folder = tmp_path / JOURNAL
    for name in ("left.new", "locked.new"):
        (folder / name).touch()
        os.utime(folder / name, (0, 0))
    (folder / "begun.new").touch()
    with exclusive(folder / "locked.new"):
        os.utime(folder / "locked.new", (0, 0))
        delivery.run(lambda: True, lambda _: None)
    assert sorted(path.name for path in folder.glob("*.new")) == ["begun.new", "locked.new"]


def test_damaged_lines_are_dead_letters_and_hide_nothing(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 5)
    (path,) = segment.segments(tmp_path / JOURNAL)
    lines = list(segment.read(path))
    content = bytearray(path.read_bytes())
    content[lines[1].end - 10] ^= 1  # one that cannot be read
    content[lines[2].end - 1] = 0x20  # two that became one
    path.write_bytes(content)
    journal.close()
    run(delivery)
    assert sink.got == [made[0], made[4]]
    letters = Ledger(tmp_path).dead_letters()
    assert [letter.reason for letter in letters].count("the line is damaged") == 2
    assert [letter.reason for letter in letters].count("the line is missing") == 1
    assert Ledger(tmp_path).retry(None) == 0
    status = Counter(tmp_path).status()
    assert (status.accepted, status.delivered, status.dead_lettered, status.adds_up) == (5, 2, 3, True)
    assert segment.segments(tmp_path / JOURNAL) == []


def test_an_event_of_nonsense_is_priced_as_unknown_and_holds_up_none(
    journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    append(journal, 1, model=None, provider=7, kind=[])
    append(journal, 3)
    run(delivery)
    assert len(sink.got) == 4


def test_one_process_at_a_time_delivers(tmp_path: Path, journal: Journal, delivery: Delivery) -> None:
    append(journal, 3)
    with exclusive(tmp_path / OWNER_LOCK):
        assert not delivery.run(lambda: False, lambda _: None)
    stopped = threading.Event()
    assert delivery.run(stopped.is_set, lambda _: stopped.set())


def test_a_broken_ledger_stops_nothing_for_good(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 20)
    delivery.step()
    database = tmp_path / "delivery.db"
    for each in tmp_path.glob("delivery.db*"):
        each.rename(each.with_name(f"kept-{each.name}"))
    database.mkdir()
    run(delivery, 5)
    database.rmdir()
    for each in tmp_path.glob("kept-*"):
        each.rename(tmp_path / each.name.removeprefix("kept-"))
    run(delivery)
    assert {each.id for each in sink.got} == {each.id for each in made}
    assert Counter(tmp_path).status().adds_up


def test_events_of_any_size_take_a_bounded_room(
    tmp_path: Path, journal: Journal, sink: ScriptedSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "_BYTES", 10_000)
    made = [event(prompt="x" * 6_000) for _ in range(10)]
    assert all(journal.append(each) for each in made)
    run(Delivery(tmp_path, sink, PriceList({})))
    assert sink.got == made
    assert max(sink.batches) == 2


def test_an_event_that_is_nested_too_deep_to_read_is_a_dead_letter(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    deep = json.loads("[" * 900 + "]" * 900)
    accepted = journal.append(event(settings={"deep": deep}))
    others = append(journal, 3)
    run(delivery)
    assert len(sink.got) + len(Ledger(tmp_path).dead_letters()) == len(others) + accepted


def test_a_deleted_ledger_is_begun_anew(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 3)
    run(delivery, 3)
    for each in tmp_path.glob("delivery.db*"):
        each.unlink()
    run(delivery, 10)
    made += append(journal, 3)
    run(delivery, 10)
    assert {each.id for each in sink.got} == {each.id for each in made}
    assert Counter(tmp_path).status().pending == 0


def test_what_is_in_the_journals_folder_and_is_no_segment_is_left_alone(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    (tmp_path / JOURNAL / "0.journal").mkdir()
    made = append(journal, 3)
    run(delivery, 5)
    assert sink.got == made
    assert Counter(tmp_path).status().adds_up


def test_several_threads_ask_for_the_status(tmp_path: Path, journal: Journal, delivery: Delivery) -> None:
    counter = Counter(tmp_path)

    def ask() -> bool:
        return all(counter.status().adds_up for _ in range(50))

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(ask) for _ in range(4)]
        for _ in range(10):
            append(journal, 5)
            journal.rotate()
            run(delivery, 3)
        assert all(each.result() for each in asked)
