"""A journal, and a delivery of it to a sink that fails as it is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tracking.delivery import JOURNAL, Delivery
from tracking.journal import Journal
from tracking.ledger import Ledger
from tracking.pricing import PriceList

from .scripted_sink import ScriptedSink


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
