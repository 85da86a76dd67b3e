"""A disk that is filled is emptied again, and none is taken for full that is not."""

from pathlib import Path

import pytest

from tracking import room

from .mounted import run_on_a_disk

# MLflow is away until nothing more is accepted; then it is back.
FILL = """
import sys, time
from pathlib import Path
from tests.tracking.delivery.scripted_sink import OUTAGE, ScriptedSink
from tests.tracking.events import event
from tracking import room
from tracking.delivery import JOURNAL, Delivery
from tracking.gallery import Gallery, Generation
from tracking.journal import Journal
from tracking.ledger import Ledger
from tracking.pricing import PriceList
from tracking.status import Counter

folder = Path(sys.argv[1])
Ledger(folder)
journal, gallery = Journal(folder / JOURNAL), Gallery(folder)
sink = ScriptedSink()
delivery = Delivery(folder, sink, PriceList({}))

def keep(number):
    made = Generation(id=str(number), created_at="", user_email="ada", prompt="", processing_time_ms=1, input_tokens=1,
        output_tokens=1, estimated_cost_usd=None)
    try:
        gallery.add(made, b"x" * 20_000)
    except OSError as error:
        return str(error)

sink.answer = lambda _: OUTAGE
accepted = number = refusals = 0
while refusals < 50:
    number += 1
    if number % 20 == 0:
        keep(number)
    taken = journal.append(event(prompt="x" * 300))
    accepted += taken
    refusals += not taken
    if number % 200 == 0:
        delivery.step()
        time.sleep(0.05)
        while room.is_short(folder) and not journal._is_short:  # its thread has not looked yet
            time.sleep(0.01)
number += 1
while (refusal := keep(number)) is None:  # what was written aside while the journal looked is free again
    number += 1
assert "so little is free on the disk" in refusal, refusal
sink.answer = lambda _: None
for _ in range(accepted):
    delivery.step()
    status = Counter(folder).status(journal.lost)
    if not status.pending:
        break
journal.rotate()
journal.close()
Delivery(folder, sink, PriceList({})).step()
print(accepted > 1_000, len(sink.got) == accepted, status.pending, status.delivered == accepted, status.lost,
    status.adds_up, len(list((folder / JOURNAL).iterdir())))
"""


def test_a_backlog_that_has_filled_the_disk_is_delivered_when_mlflow_is_back(tmp_path: Path) -> None:
    assert run_on_a_disk(FILL, tmp_path, "8m") == "True True 0 True 50 True 0\n"


def test_a_disk_with_room_is_not_short_of_it_and_one_that_nobody_can_ask_is_not_either(tmp_path: Path) -> None:
    assert not room.is_short(tmp_path)
    assert not room.is_short(tmp_path / "gone")


@pytest.mark.parametrize(
    ("free", "total", "is_short"),
    [(15, 10_000, True), (17, 10_000, False), (1, 16, True), (3, 16, False), (0, 0, False)],
)
def test_sixteen_megabytes_are_kept_or_an_eighth_of_a_small_disk(
    free: int, total: int, monkeypatch: pytest.MonkeyPatch, *, is_short: bool
) -> None:
    class Found:
        f_frsize = 1024 * 1024
        f_bavail = free
        f_blocks = total

    monkeypatch.setattr("os.statvfs", lambda _: Found)
    assert room.is_short(Path()) is is_short
