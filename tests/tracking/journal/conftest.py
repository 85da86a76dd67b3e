"""A journal in the test's folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tracking.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal")
    yield made
    made.close()
