"""Settings that touch nothing outside a test's folder, and a look into the MLflow store that the service wrote."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from tracking import store
from tracking.app import create_app
from tracking.delivery import Delivery
from tracking.pricing import PriceList
from tracking.settings import PRICE_PREFIX, Settings
from tracking.sinks import RunSink, TraceSink
from tracking.status import Counter
from tracking.store import Store, connect

if TYPE_CHECKING:
    from mlflow.entities import Run

MakeSettings = Callable[..., Settings]
Deliver = Callable[[Settings], Store]
ReadRuns = Callable[[], "list[Run]"]


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [*Settings.model_fields, *(each for each in os.environ if each.startswith(("MLFLOW_", PRICE_PREFIX)))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    # Whoever waits in line for longer is told that it is busy, and all wait where the machine pauses.
    monkeypatch.setattr("tracking.ratelimit._TURN_SECONDS", 60.0)
    yield
    for name in [each for each in os.environ if each.startswith(("MLFLOW_", "DATABRICKS_"))]:
        del os.environ[name]


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    def make(**values: object) -> Settings:
        # MLflow's import takes seconds in each process: tests deliver in their own, but where that is the subject.
        return Settings.model_validate({"DATA_DIR": tmp_path / "data", "DELIVERY": "separate", **values})

    return make


@pytest.fixture
def client(make_settings: MakeSettings, tmp_path: Path) -> Iterator[TestClient]:
    """Serve without tracking: what a request gets back is the subject."""
    app = create_app(make_settings(ENABLE_TRACKING=False), page=tmp_path / "page")
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with no run in it once, for all workers: MLflow takes seconds for each."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    store.connect(Settings(DATA_DIR=folder / "store", MLFLOW_TRACKING_URI=None, MLFLOW_EXPERIMENT_NAME="none"))
    return folder / "store" / "mlflow.db"


@pytest.fixture
def local_store(empty_store: Path, tmp_path: Path) -> Path:
    """Put a store into the test's data directory."""
    database = tmp_path / "data" / "mlflow.db"
    database.parent.mkdir()
    shutil.copy(empty_store, database)
    return database


@pytest.fixture
def deliver(local_store: Path) -> Deliver:
    """Deliver what is pending, and return MLflow to look into."""
    assert local_store.exists()

    def run(config: Settings) -> Store:
        sink = (RunSink if config.TRACKING_SINK == "run" else TraceSink)(lambda: connect(config))
        delivery = Delivery(config.DATA_DIR, sink, PriceList(config.prices()))
        counter = Counter(config.DATA_DIR)
        for _ in range(100):
            if not counter.status().pending:
                break
            delivery.step()
        return connect(config)

    return run


@pytest.fixture
def read_runs(local_store: Path) -> ReadRuns:
    """Return what reads the finished runs of the test's store."""

    def read() -> "list[Run]":
        from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import

        client = MlflowClient(f"sqlite:///{local_store}")
        experiment = client.get_experiment_by_name("image-generation-dev")
        if experiment is None:
            return []
        return list(client.search_runs([experiment.experiment_id], max_results=1000))

    return read
