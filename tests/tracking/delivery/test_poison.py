"""Events that MLflow does not take hold up no others, however many they are, and an outage is held against none."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from tracking import delivery as module
from tracking import segment
from tracking.delivery import Delivery
from tracking.event import Event
from tracking.journal import Journal
from tracking.ledger import DeadLetter, Ledger
from tracking.sinks import Failed, Parcel, Receipt
from tracking.status import Counter

from ..events import event
from .scripted_sink import OUTAGE, ScriptedSink, append, run

BUSY = Failed("429", alone=False)


@pytest.fixture(autouse=True)
def _counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_COUNT_SECONDS", 0.0)


@pytest.fixture
def _soon_a_break_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BREAKS", 6)


@pytest.mark.usefixtures("_soon_a_break_is_enough")
@pytest.mark.parametrize("failure", [Failed("500", alone=True), Failed("the connection broke", alone=False)])
def test_however_many_fail_one_after_the_other_the_others_pass(
    failure: Failed, tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    sink.size = 2
    poison = {each.id for each in append(journal, sink.size * 16)}
    made = append(journal, 20)
    sink.answer = lambda each: failure if each.id in poison else None
    run(delivery, 300)
    assert {each.id for each in sink.got} == {each.id for each in made}
    for _ in range(300):  # what comes meanwhile shows that MLflow takes others
        append(journal, 1)
        run(delivery, 2)
    assert {letter.id for letter in Ledger(tmp_path).dead_letters()} == poison
    status = Counter(tmp_path).status()
    assert (status.delivered, status.pending, status.adds_up) == (320, 0, True)


def test_an_event_on_which_the_connection_breaks_is_a_dead_letter_in_the_end(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    (poison,) = append(journal, 1)
    sink.answer = lambda each: Failed("reset by peer", alone=False, in_doubt=True) if each == poison else None
    for _ in range(200):
        append(journal, 1)
        run(delivery, 2)
    (letter,) = Ledger(tmp_path).dead_letters()
    assert letter.reason == "MLflow failed on it 60 times, on others not: reset by peer"
    assert len(sink.got) == 200


def test_one_that_spoils_each_batch_that_it_is_in_does_not_stop_the_others(
    journal: Journal, delivery: Delivery, sink: ScriptedSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    (poison,) = append(journal, 1)
    deliver = sink.deliver

    def spoil(parcels: Sequence[Parcel]) -> list[Receipt]:
        is_spoilt = any(each.event == poison for each in parcels)
        sink.answer = lambda _: BUSY if is_spoilt else None
        return deliver(parcels)

    monkeypatch.setattr(sink, "deliver", spoil)
    sink.size = 64
    append(journal, 400)
    run(delivery, 150)
    assert len(sink.got) == 400


def test_one_on_which_the_connection_breaks_does_not_slow_the_others(
    journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    (poison,) = append(journal, 1)
    sink.answer = lambda each: BUSY if each == poison else None
    sink.size = 64
    append(journal, 3_000)
    run(delivery, 60)
    assert len(sink.got) == 3_000


def test_an_outage_that_comes_and_goes_is_held_against_no_event(
    tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    for failure in (Failed("500", alone=True), OUTAGE):
        for _ in range(20):
            append(journal, 5)
            sink.answer = lambda _, failure=failure: failure  # type: ignore[misc]
            run(delivery, 8)
            sink.answer = lambda _: None
            run(delivery, 5)
    assert len(sink.got) == 200
    assert Ledger(tmp_path).dead_letters() == []


def test_a_rate_limit_is_asked_for_little_more_than_it_gives(
    journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    append(journal, 100)
    left, refused, waits = 0, 0, []

    def answer(_: Event) -> Receipt:
        nonlocal left, refused
        left -= 1
        refused += left < 0
        return None if left >= 0 else BUSY

    sink.answer = answer
    while len(sink.got) < 100:
        left, before = 2, refused
        waited = delivery.step()
        waits += [waited] if refused > before else []
    assert refused < 100
    assert max(waits) > 0.1
    assert min(waits) < max(waits) <= 0.5


def test_an_outage_is_waited_out_with_a_bounded_number_of_events(
    journal: Journal, delivery: Delivery, sink: ScriptedSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.size = 2
    monkeypatch.setattr("tracking.window._MOST", 25)
    append(journal, 60)
    sink.answer = lambda _: OUTAGE
    run(delivery, 150)
    assert delivery._window is not None
    assert len(delivery._window.items) == 25
    sink.answer = lambda _: None
    run(delivery, 100)
    assert len(sink.got) == 60


@pytest.mark.parametrize("text", ['[1] of mine",14', "[" * 3_000, "[1, 2]"])
def test_a_dead_letter_that_cannot_be_read_stays_one_and_holds_up_nothing(
    text: str, tmp_path: Path, journal: Journal, delivery: Delivery, sink: ScriptedSink
) -> None:
    ledger = Ledger(tmp_path)
    other = event()
    letters = [
        DeadLetter("odd", 0, "the line is damaged", text),
        DeadLetter(other.id, 1, "no", segment.encode_event(other)),
    ]
    ledger.settle([], {"accepted": 2}, letters)
    assert ledger.retry(None) == 2
    made = append(journal, 3)
    run(delivery, 5)
    assert {each.id for each in sink.got} == {other.id, *(each.id for each in made)}
    (letter,) = ledger.dead_letters()
    assert (letter.id, letter.retry) == ("odd", False)
    assert letter.reason.startswith("the line is damaged; it is no event")
    assert Counter(tmp_path).status().adds_up
    assert math.isfinite(delivery.step())
