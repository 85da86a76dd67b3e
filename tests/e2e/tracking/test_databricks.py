"""The delivery to Databricks: a real MLflow server stands in for the workspace."""

import json
from collections.abc import Iterator

import pytest

from tracking.status import Counter
from tracking.store import connect

from .conftest import MakeSettings
from .mlflow_server import MlflowServer
from .proxy import Fault, Proxy
from .shipment import assert_once, drain, log, start


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """Start a real MLflow server that stands in for a Databricks workspace: it answers the same calls.

    The proxy before it, and the settings, are those of all.
    """
    with MlflowServer(tmp_path_factory.mktemp("workspace"), workers=1, serves_artifacts=False) as started:
        yield started


def principal(address: str, path: str) -> Fault:
    """Answer as Databricks does when a service principal asks for a token, and pass all else on.

    Source: https://docs.databricks.com/aws/en/dev-tools/auth/oauth-m2m, and RFC 8414.
    """
    if path == "/.well-known/databricks-config":
        return json.dumps({"oidc_endpoint": f"{address}/oidc", "workspace_id": "1"}).encode()
    if path == "/oidc/.well-known/oauth-authorization-server":
        oidc = f"{address}/oidc/v1"
        return json.dumps({"authorization_endpoint": f"{oidc}/authorize", "token_endpoint": f"{oidc}/token"}).encode()
    if path == "/oidc/v1/token":
        return b'{"access_token": "eyJ0", "token_type": "Bearer", "expires_in": 3600}'
    return None


TOKEN = {"DATABRICKS_TOKEN": "dapi-0123456789\n"}
PRINCIPAL = {"DATABRICKS_CLIENT_ID": "reporter", "DATABRICKS_CLIENT_SECRET": "dose-0123456789\n"}


@pytest.mark.parametrize("credentials", [TOKEN, PRINCIPAL], ids=["token", "principal"])
@pytest.mark.parametrize("fault", ["lose reply", 503])
def test_databricks_has_each_event_once_and_whole_whatever_fails(  # noqa: PLR0913, PLR0917 - all that it depends on
    make_settings: MakeSettings,
    server: MlflowServer,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    credentials: dict[str, str],
    fault: Fault,
) -> None:
    monkeypatch.setenv("DATABRICKS_HOST", proxy.url)
    for name, value in credentials.items():
        monkeypatch.setenv(name, value)
    name = f"/Shared/{proxy.url.rpartition(':')[2]}"
    config = make_settings(MLFLOW_TRACKING_URI="databricks", MLFLOW_EXPERIMENT_NAME=name)
    made = log(config, 3)
    failed: list[str] = []

    def fail(_: str, path: str) -> Fault:
        if path.endswith("/runs/create") and len(failed) < 2:
            failed.append(path)
            return fault
        return principal(proxy.url, path)

    proxy.fault = fail
    drain(config, start(config))
    assert len(failed) == 2
    assert_once(config, server, made)
    store = connect(config.model_copy(update={"MLFLOW_TRACKING_URI": server.url}))
    runs = store.client.search_runs([store.experiment_id])
    texts = [next(server.folder.rglob(f"{run.info.run_id}/artifacts/prompt.txt")).read_text() for run in runs]
    assert sorted(texts) == ["prompt 0", "prompt 1", "prompt 2"]


def test_a_missing_folder_in_databricks_is_explained(
    make_settings: MakeSettings, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is the one that Databricks gives; an MLflow server has no folders."""
    monkeypatch.setenv("DATABRICKS_HOST", proxy.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", "dapi-0123456789")
    config = make_settings(MLFLOW_TRACKING_URI="databricks", MLFLOW_EXPERIMENT_NAME="/Shared/team/portraits")
    log(config, 1)
    proxy.answer = b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Parent directory does not exist"}'
    proxy.fault = lambda _, path: 404 if path.endswith("/experiments/create") else None
    start(config).step()
    now = Counter(config.DATA_DIR).status()
    assert (now.pending, now.dead_lettered) == (1, 0)
    assert now.trouble["reason"].startswith("The folder of the experiment /Shared/team/portraits does not exist")
