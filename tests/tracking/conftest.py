"""Settings that touch nothing outside a test's folder, and a look into the MLflow store that the service wrote."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from tracking import service, store
from tracking.app import create_app
from tracking.settings import Settings

if TYPE_CHECKING:
    from mlflow.entities import Run

MakeSettings = Callable[..., Settings]
ReadRuns = Callable[[], "list[Run]"]


@pytest.fixture(autouse=True)
def _clean_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in [*Settings.model_fields, *(each for each in os.environ if each.startswith("MLFLOW_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    # On a busy machine the last runs may take longer to log than a person would wait for.
    monkeypatch.setattr(service, "_CLOSE_SECONDS", 60.0)
    yield
    for thread in threading.enumerate():
        if thread.name == "tracking":
            thread.join(30)
    for name in [each for each in os.environ if each.startswith("MLFLOW_")]:
        del os.environ[name]


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    def make(**values: object) -> Settings:
        return Settings.model_validate({"DATA_DIR": tmp_path / "data", **values})

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
def read_runs(empty_store: Path, tmp_path: Path) -> ReadRuns:
    """Put a store into the test's data directory, and return what reads the finished runs in it."""
    database = tmp_path / "data" / "mlflow.db"
    database.parent.mkdir()
    shutil.copy(empty_store, database)

    def read() -> "list[Run]":
        from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import

        client = MlflowClient(f"sqlite:///{database}")
        experiment = client.get_experiment_by_name("image-generation")
        if experiment is None:
            return []
        return list(client.search_runs([experiment.experiment_id], "attributes.status = 'FINISHED'", max_results=1000))

    return read
