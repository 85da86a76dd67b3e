"""Settings that touch nothing outside a test's folder, and a look into the MLflow store that the service wrote."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tracking.app import create_app
from tracking.settings import Settings

MakeSettings = Callable[..., Settings]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name, raising=False)
    for name in list(os.environ):
        if name.startswith("MLFLOW_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    def make(**values: object) -> Settings:
        return Settings.model_validate({"DATA_DIR": tmp_path / "data", **values})

    return make


@pytest.fixture
def client(make_settings: MakeSettings, tmp_path: Path) -> Iterator[TestClient]:
    """Serve without tracking: what a request gets back is the subject."""
    app = create_app(make_settings(ENABLE_TRACKING=False), page=tmp_path / "page")
    with TestClient(app) as made:
        yield made


def runs(folder: Path, count: int, experiment: str = "image-generation") -> list[Any]:
    """Return the finished runs in a data directory's MLflow store; fail when there are not so many in a minute."""
    from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import

    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = client.get_experiment_by_name(experiment)
        if found:
            listed = client.search_runs([found.experiment_id], "attributes.status = 'FINISHED'", max_results=1000)
            if len(listed) >= count:
                return list(listed)
        time.sleep(0.1)
    raise AssertionError(f"fewer than {count} runs were logged")
