"""Forgetting a user: in the journal, among the dead letters, in MLflow, in the gallery and in the usage index."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tracking import segment
from tracking.delivery import DOUBT_MS, FORGOTTEN, GONE, JOURNAL, PAUSE_LOCK
from tracking.event import now_ms
from tracking.gallery import Gallery
from tracking.ledger import Ledger, Place, Settled
from tracking.locks import exclusive
from tracking.privacy import Privacy, canonical
from tracking.reason import clean
from tracking.settings import Settings
from tracking.sinks import RunSink, TraceSink
from tracking.store import SENDING, connect
from tracking.usage import Index


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed of a user.

    Args:
        journal: Events in the journal, delivered or not.
        dead_letters: Events that MLflow had refused.
        gallery: Generations in the gallery.
        runs: MLflow's runs.
        traces: MLflow's traces.
        trouble: Why MLflow or the usage index could not be asked; None when they were.
    """

    journal: int
    dead_letters: int
    gallery: int
    runs: int = 0
    traces: int = 0
    trouble: str | None = None

    def as_dict(self) -> dict[str, int | str | None]:
        """Return the numbers by name."""
        return asdict(self)


def forget(config: Settings, email: str) -> Removed:
    """Remove a user's events; nothing is delivered meanwhile.

    Args:
        config: The settings.
        email: The user, as the service was told.

    Raises:
        OSError: The data directory cannot be written.
    """
    # As the service was told, or as it writes what a proxy says.
    spellings = dict.fromkeys((email, canonical(email)))
    names = [name for each in spellings for name in Privacy(config).names(each)]
    ledger = Ledger(config.DATA_DIR)
    with exclusive(config.DATA_DIR / PAUSE_LOCK):
        # Whatever the delivery holds in its memory, it reads again after this.
        ledger.write_state(FORGOTTEN, now_ms())
        shutil.rmtree(config.DATA_DIR / SENDING, ignore_errors=True)
        places = ledger.places()
        paths = segment.segments(config.DATA_DIR / JOURNAL)
        journal = sum(_forget_in_segment(ledger, path, places.get(path.name, Place()), names) for path in paths)
        letters = [each for each in ledger.dead_letters() if _is_of(each.event, names)]
        for letter in letters:
            ledger.bury(letter.id, {"forgotten": 1})
        # Those that are sent once more may have been on their way.
        ledger.doubt([f"{GONE}{letter.id}" for letter in letters if letter.retry], now_ms() + DOUBT_MS)
        gallery = sum(Gallery(config.DATA_DIR).forget(name) for name in names)
        try:
            runs = sum(RunSink(lambda: connect(config)).forget(name) for name in names)
            # Databricks has none: the settings say why.
            traces = (
                0 if config.is_databricks else sum(TraceSink(lambda: connect(config)).forget(name) for name in names)
            )
            for name in names:  # at last, for the index reads from MLflow
                Index.of(config).forget(name)
        except Exception as error:  # noqa: BLE001 - what is in the files is removed all the same
            return Removed(journal, len(letters), gallery, trouble=clean(str(error)))
    return Removed(journal, len(letters), gallery, runs, traces)


def _forget_in_segment(ledger: Ledger, path: Path, place: Place, names: Sequence[str]) -> int:
    count, number, start = 0, 0, segment.HEADER_LENGTH
    settled: list[Settled] = []
    doubtful: list[str] = []
    is_written = segment.is_written(path)
    for line in segment.read(path):
        number = line.number or number + 1
        # A damaged line may be anybody's, and can be delivered to nobody.
        if line.damage is not None or (line.event is not None and line.event.user in names):
            segment.blank(path, number, start, line.end)
            count += 1
            if number > place.number and number not in place.ahead:
                settled.append(Settled(path.name, number, line.end))
            if line.event is not None and number <= place.tried:
                doubtful.append(f"{GONE}{line.event.id}")
        start = line.end
    if not is_written:  # what a killed writer left unfinished was never accepted, and may be theirs
        os.truncate(path, start)
    ledger.settle(settled, {"forgotten": len(settled)})
    # A slow server may yet carry out a request whose reply was lost.
    ledger.doubt(doubtful, now_ms() + DOUBT_MS)
    return count


def _is_of(event: str, names: Sequence[str]) -> bool:
    try:
        return segment.decode(event).user in names
    except ValueError:  # a damaged line: whoever it is of is in it as text, or is not
        return any(each in event for name in names for each in (name, json.dumps(name)[1:-1]))
