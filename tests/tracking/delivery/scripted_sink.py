"""A sink that fails as it is told; tests/tracking/sinks and tests/e2e have MLflow itself."""

from collections.abc import Callable, Sequence

from tracking.delivery import Delivery
from tracking.event import Event
from tracking.journal import Journal
from tracking.sinks import Failed, Parcel, Receipt

from ..events import event

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
        raise AssertionError(f"no delivery forgets {user}")


def append(journal: Journal, count: int, **values: object) -> list[Event]:
    made = [event(prompt=f"{number}", **values) for number in range(count)]
    assert all(journal.append(each) for each in made)
    return made


def run(delivery: Delivery, steps: int = 100) -> None:
    for _ in range(steps):
        delivery.step()
