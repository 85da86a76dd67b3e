"""The delivery's rules, with a sink that fails as it is told; tests/tracking/sinks and tests/e2e have MLflow itself."""

import itertools
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tracking import delivery as module
from tracking import segment, window
from tracking.delivery import JOURNAL, OWNER_LOCK, TROUBLE, Delivery
from tracking.event import Event
from tracking.journal import Journal
from tracking.ledger import Ledger
from tracking.locks import exclusive
from tracking.pricing import PriceList
from tracking.sinks import Failed, Parcel, Receipt, Refused
from tracking.status import Counter

from .events import event

OUTAGE = Failed("MLflow is away", alone=False)


class ScriptedSink:
    """Keeps what it is given, and answers what a function says of each event."""

    size = 8

    def __init__(self) -> None:
        self.got: list[Event] = []
        self.uncertain: list[str] = []
        self.tidied: list[str] = []
        self.removed: list[str] = []
        self.batches: list[int] = []
        self.answer: Callable[[Event], Receipt] = lambda _: None

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        self.batches.append(len(parcels))
        self.uncertain += [each.event.id for each in parcels if each.uncertain]
        receipts = [self.answer(each.event) for each in parcels]
        self.got += [each.event for each, receipt in zip(parcels, receipts, strict=True) if receipt is None]
        return receipts

    def tidy(self, event_id: str) -> None:
        self.tidied.append(event_id)

    def remove(self, event_id: str) -> None:
        self.removed.append(event_id)

    def forget(self, user: str) -> int:
        raise NotImplementedError


@pytest.fixture
def sink() -> ScriptedSink:
    return ScriptedSink()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    Ledger(tmp_path)  # as in the service: it knows all segments from their beginning
    made = Journal(tmp_path / JOURNAL)
    yield made
    made.close()


@pytest.fixture
def delivery(tmp_path: Path, sink: ScriptedSink) -> Delivery:
    return Delivery(tmp_path, sink, PriceList({}))


def append(journal: Journal, count: int, **values: object) -> list[Event]:
    made = [event(prompt=f"{number}", **values) for number in range(count)]
    assert all(journal.append(each) for each in made)
    return made


def run(delivery: Delivery, steps: int = 100) -> None:
    for _ in range(steps):
        delivery.step()


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


def test_an_outage_ends_without_a_restart_and_nothing_is_lost(
    tmp_path: Path,
    journal: Journal,
    delivery: Delivery,
    sink: ScriptedSink,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    made = append(journal, 20)
    sink.answer = lambda _: OUTAGE
    waits = [delivery.step() for _ in range(40)]
    assert min(waits) >= 0
    assert 5 < max(waits) <= 30
    assert sink.batches[5:] == [1] * 35  # one request is enough to see that it is still away
    trouble = Ledger(tmp_path).read_state(TROUBLE)
    assert isinstance(trouble, dict)
    assert trouble["reason"] == "MLflow is away"
    assert [each.getMessage() for each in caplog.records] == [
        "Events wait in the journal, and are tried again: MLflow is away"
    ]
    sink.answer = lambda _: None
    run(delivery)
    assert {each.id for each in sink.got} == {each.id for each in made}
    assert len(sink.got) == len(made)
    assert Ledger(tmp_path).read_state(TROUBLE) is None
    assert caplog.records[-1].getMessage() == "Events are delivered again."


def test_waits_are_spread_by_chance(journal: Journal, delivery: Delivery, sink: ScriptedSink) -> None:
    append(journal, 1)
    sink.answer = lambda _: OUTAGE
    run(delivery, 20)
    waits = [delivery.step() for _ in range(50)]
    assert len(set(waits)) == 50
    assert min(waits) < 8
    assert max(waits) > 22


def test_what_mlflow_refuses_is_a_dead_letter_and_the_others_arrive(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 30)
    poison = made[11]
    sink.answer = lambda each: Refused("its value is too long") if each == poison else None
    run(delivery)
    assert sink.got == [each for each in made if each != poison]
    (letter,) = Ledger(tmp_path).dead_letters()
    assert (letter.id, letter.reason) == (poison.id, "its value is too long")
    assert segment.decode(letter.event) == poison
    status = Counter(tmp_path).status()
    assert (status.delivered, status.dead_lettered, status.pending, status.adds_up) == (29, 1, 0, True)


def test_a_dead_letter_is_sent_once_more_when_it_is_asked_for(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    (poison,) = append(journal, 1)
    sink.answer = lambda _: Refused("no")
    run(delivery, 3)
    ledger = Ledger(tmp_path)
    assert ledger.retry(["unknown"]) == 0
    assert ledger.retry(None) == 1
    assert Counter(tmp_path).status().pending == 1
    run(delivery, 3)
    assert [letter.retry for letter in ledger.dead_letters()] == [False]  # refused again
    sink.answer = lambda _: None
    assert ledger.retry([poison.id]) == 1
    run(delivery, 3)
    assert sink.got == [poison]
    assert poison.id in sink.uncertain
    status = Counter(tmp_path).status()
    assert (status.accepted, status.delivered, status.dead_lettered, status.adds_up) == (1, 1, 0, True)


@pytest.fixture
def _counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_COUNT_SECONDS", 0.0)


@pytest.mark.usefixtures("_counts_at_once")
def test_an_event_on_which_mlflow_breaks_while_others_arrive_is_a_dead_letter(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    poison = append(journal, 1)[0]
    sink.answer = lambda each: Failed("500", alone=True) if each == poison else None
    for _ in range(20):
        append(journal, 3)
        run(delivery, 5)
    assert len(sink.got) == 60
    (letter,) = Ledger(tmp_path).dead_letters()
    assert letter.id == poison.id
    assert "MLflow failed on it 6 times, on others not: 500" in letter.reason


def test_errors_of_a_whole_outage_are_held_against_no_event(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 30)
    sink.answer = lambda _: Failed("500", alone=True)
    run(delivery, 200)
    sink.answer = lambda _: None
    run(delivery)
    assert len(sink.got) == len(made)
    assert Ledger(tmp_path).dead_letters() == []


def test_one_that_always_fails_does_not_hold_up_the_others(
    journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 100)
    stuck = made[:4]
    sink.answer = lambda each: OUTAGE if each in stuck else None
    run(delivery, 200)
    assert len(sink.got) == 96


def test_a_creation_whose_reply_was_lost_is_looked_after_later(
    journal: Journal, delivery: Delivery, sink: ScriptedSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = append(journal, 1)
    monkeypatch.setattr(module, "DOUBT_MS", 200)
    sink.answer = lambda _: Failed("timeout", alone=False, in_doubt=True)
    delivery.step()
    sink.answer = lambda _: None
    delivery.step()
    assert (sink.got, sink.uncertain, sink.tidied) == ([made], [made.id], [])
    time.sleep(0.3)
    run(delivery, 3)
    assert sink.tidied == [made.id]


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


def test_a_server_that_is_flaky_for_a_while_makes_no_dead_letters(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    made = append(journal, 60)
    answers = itertools.cycle([Failed("500", alone=True), Failed("500", alone=True), None])
    sink.answer = lambda _: next(answers)
    run(delivery, 300)
    assert len(sink.got) == len(made)
    assert Ledger(tmp_path).dead_letters() == []


def test_an_outage_of_days_is_survived(journal: Journal, delivery: Delivery, sink: ScriptedSink) -> None:
    append(journal, 1)
    sink.answer = lambda _: OUTAGE
    delivery._failed_in_a_row = 100_000
    assert 0 <= delivery.step() <= 30


@pytest.mark.usefixtures("_counts_at_once")
def test_a_window_full_of_events_that_fail_lets_the_others_pass(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    poison = append(journal, sink.size * 2)
    made = append(journal, 50)
    sink.answer = lambda each: Failed("500", alone=True) if each in poison else None
    run(delivery, 600)
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


def test_the_trouble_of_a_process_that_is_gone_is_not_told_for_ever(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    append(journal, 1)
    sink.answer = lambda _: OUTAGE
    delivery.step()
    assert Ledger(tmp_path).read_state(TROUBLE)
    sink.answer = lambda _: None
    run(Delivery(tmp_path, sink, PriceList({})), 2)
    assert Ledger(tmp_path).read_state(TROUBLE) is None
