"""A real MLflow server, and a network between it and the delivery that a test can break."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tracking import delivery as module
from tracking.settings import Settings

from .mlflow_server import MlflowServer
from .proxy import Proxy

MakeSettings = Callable[..., Settings]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    with MlflowServer(tmp_path_factory.mktemp("mlflow")) as started:
        yield started


@pytest.fixture
def proxy(server: MlflowServer) -> Iterator[Proxy]:
    with Proxy(server.port) as started:
        yield started


@pytest.fixture
def make_settings(proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSettings:
    # Not the minute that a slow server gets, and not the half minute of a long outage.
    monkeypatch.setattr(module, "DOUBT_MS", 5_000)
    monkeypatch.setattr(module, "_LONGEST_SECONDS", 0.2)

    def make(**values: object) -> Settings:
        return Settings.model_validate(
            {
                "DATA_DIR": tmp_path / "data",
                "DELIVERY": "separate",
                "MLFLOW_TRACKING_URI": proxy.url,
                "MLFLOW_EXPERIMENT_NAME": tmp_path.name,
                **values,
            }
        )

    return make
