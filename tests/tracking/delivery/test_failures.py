"""The delivery's answer to a sink that fails: what waits, what is a dead letter, and what goes on."""

import itertools
import logging
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from tracking import delivery as module
from tracking import segment
from tracking.delivery import TROUBLE, Delivery
from tracking.journal import Journal
from tracking.ledger import DeadLetter, Ledger
from tracking.pricing import PriceList
from tracking.sinks import Failed, Refused
from tracking.status import Counter

from ..events import event
from .scripted_sink import OUTAGE, ScriptedSink, append, run


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


def test_another_reason_is_told_and_since_when_it_was_the_first(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(journal, 1)
    sink.answer = lambda _: OUTAGE
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "write_state", Mock(side_effect=OSError("no space left")))
        delivery.step()
    assert Counter(tmp_path).status().trouble is None
    delivery.step()
    first = Counter(tmp_path).status().trouble
    assert first["reason"] == "MLflow is away"  # also when there was no room to say so before
    for reason in ("the token is refused", ""):
        sink.answer = Mock(return_value=Failed(reason, alone=False))
        delivery.step()
        assert Counter(tmp_path).status().trouble == {**first, "reason": reason}


def test_many_dead_letters_that_are_sent_once_more_are_held_a_few_at_a_time(
    tmp_path: Path, delivery: Delivery, sink: ScriptedSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(tmp_path)
    made = [event() for _ in range(100)]
    ledger.settle([], {"accepted": 100}, [DeadLetter(each.id, 0, "no", segment.encode_event(each)) for each in made])
    ledger.retry(None)
    read: list[list[DeadLetter]] = []
    read_them = Ledger.dead_letters

    def count(self: Ledger, *, retry: bool | None = None, limit: int = -1) -> list[DeadLetter]:
        read.append(read_them(self, retry=retry, limit=limit))
        return read[-1]

    monkeypatch.setattr(Ledger, "dead_letters", count)
    run(delivery)
    assert {each.id for each in sink.got} == {each.id for each in made}
    assert max(map(len, read)) <= 2 * sink.size
    assert ledger.dead_letters() == []


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
