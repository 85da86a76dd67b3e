"""No secret leaves the service by its log, its status, its health or what it knows of usage, while MLflow is away."""

import os
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tracking import cli
from tracking.app import create_app
from tracking.delivery import Delivery
from tracking.pricing import PriceList
from tracking.settings import load
from tracking.sinks import RunSink, TraceSink
from tracking.store import connect

from .conftest import Deliver, MakeSettings

SECRETS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_SECRET")
NOBODY = "127.0.0.1:9"
WORKSPACE = {"MLFLOW_TRACKING_URI": "databricks", "DATABRICKS_HOST": f"http://{NOBODY}"}


@pytest.mark.parametrize(
    "environment",
    [
        {"MLFLOW_TRACKING_URI": f"http://{NOBODY}", "MLFLOW_TRACKING_TOKEN": "hunter2\n"},
        {"MLFLOW_TRACKING_URI": f"http://{NOBODY}", "MLFLOW_TRACKING_TOKEN": "hunter2\n", "TRACKING_SINK": "trace"},
        {
            "MLFLOW_TRACKING_URI": f"http://{NOBODY}",
            "MLFLOW_TRACKING_USERNAME": "ada",
            "MLFLOW_TRACKING_PASSWORD": "hunter2\r\n",
        },
        {"MLFLOW_TRACKING_URI": f"http://ada:hunter2@{NOBODY}"},
        {"MLFLOW_TRACKING_URI": f"http://ada:hunter2@{NOBODY}", "TRACKING_SINK": "trace"},
        {**WORKSPACE, "DATABRICKS_TOKEN": "hunter2\n"},
    ],
    ids=["token", "token of traces", "password", "address", "address of traces", "databricks"],
)
def test_no_secret_is_told(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    admin = {"ADMIN_USERS": "developer@localhost"}  # who is told the most
    for name, value in {**environment, **admin, "DELIVERY": "separate"}.items():
        monkeypatch.setenv(name, value)
    config = load()
    sink = (RunSink if config.TRACKING_SINK == "run" else TraceSink)(lambda: connect(config))
    with TestClient(create_app(config)) as client:
        assert client.post("/api/texts", json={"prompt": "x"}).status_code == 200
        Delivery(config.DATA_DIR, sink, PriceList({})).step()
        told = [client.get(path).text for path in ("/healthz", "/api/usage/cost")]
    told += [CliRunner().invoke(cli.app, command).output for command in (["status"], ["usage", "cost"])]
    assert NOBODY.partition(":")[0] in told[0], "the delivery met with no trouble"
    assert all("hunter2" not in each for each in (*told, caplog.text))


def test_what_mlflow_reads_by_itself_is_what_the_settings_have(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, f"{name}\n")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://{NOBODY}")
    with pytest.raises(Exception, match=NOBODY.partition(":")[0]):
        connect(load())
    assert {name: os.environ[name] for name in SECRETS} == {name: name for name in SECRETS}


def test_in_a_directory_that_others_may_look_into_nobody_reads_what_is_kept(
    make_settings: MakeSettings, deliver: Deliver, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "mlflow.db").unlink()  # so that it is made as it usually is
    data.chmod(0o755)
    config = make_settings()
    with TestClient(create_app(config, page=tmp_path / "page")) as client:
        assert client.post("/api/images", json={"prompt": "x"}).status_code == 201
        deliver(config)
        assert client.get("/api/usage/cost").json()["total"]["events"] == 1
    readable = [path for path in data.rglob("*") if path.is_file() and path.stat().st_size and _is_open(path, data)]
    assert readable == []


def _is_open(path: Path, root: Path) -> bool:
    folders = [each for each in path.parents if each.is_relative_to(root)]
    return bool(path.stat().st_mode & 0o044) and all(each.stat().st_mode & 0o011 for each in folders)
