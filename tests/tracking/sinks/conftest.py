from pathlib import Path

import pytest

from tracking.store import Store, connect

from ..conftest import MakeSettings


@pytest.fixture
def store(make_settings: MakeSettings, local_store: Path) -> Store:
    assert local_store.exists()
    return connect(make_settings())
