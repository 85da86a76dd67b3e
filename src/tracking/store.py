"""The MLflow store: a client of it, and the experiment that the runs belong to."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from tracking.locks import exclusive
from tracking.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

SENDING = "sending"

_SQLITE = "sqlite:///"
# What Databricks answers when an experiment's parent folder is missing: https://docs.databricks.com/api/.
_NO_FOLDER = frozenset({"RESOURCE_DOES_NOT_EXIST", "NOT_FOUND", "DIRECTORY_DOES_NOT_EXIST"})
_READ_BY_MLFLOW = ("MLFLOW_", "DATABRICKS_")
_MLFLOW_DEFAULTS = {
    # MLflow's own defaults wait minutes for a server that is gone.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    # Each would cost one more request, to print where the run is.
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # Its error lines repeat the values of a row that failed, which say who asked. The service logs the cause itself.
    "MLFLOW_LOGGING_LEVEL": "CRITICAL",
}
# A creation that is repeated unseen after a lost reply would be there twice: the delivery repeats, and looks first.
_MLFLOW_REPEATS_NOTHING = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    # Databricks' SDK repeats by itself, for as many seconds; 0 would be its own five minutes.
    "MLFLOW_DATABRICKS_ENDPOINT_HTTP_RETRY_TIMEOUT": "1",
}


@dataclass(frozen=True, slots=True)
class Store:
    """An MLflow store that can be written.

    Args:
        client: MLflow's client.
        uri: Its address, as MLflow writes it.
        experiment_id: The experiment that runs and traces belong to.
        sending: A folder for what is on its way; what a killed process leaves there, the next delivery deletes.
    """

    client: "MlflowClient"
    uri: str
    experiment_id: str
    sending: Path

    @property
    def is_server(self) -> bool:
        """Whether it is reached over HTTP, and takes several requests at once."""
        # A server on loopback may have no certificate.
        return self.uri.startswith(("http://", "https://", "databricks"))  # NOSONAR(S5332)


def connect(config: Settings) -> Store:
    """Reach the store that the settings name, and make what is missing there.

    It takes seconds, because MLflow's import does.

    Args:
        config: The settings: the store's address and the experiment's name.

    Raises:
        OSError: A local store cannot be opened.
        MlflowException: The store refused, or no server answered.
    """
    for name, value in _MLFLOW_DEFAULTS.items():
        os.environ.setdefault(name, value)
    os.environ.update(_MLFLOW_REPEATS_NOTHING)
    # A token needs no SDK, which asks the workspace about itself first, for minutes where nobody answers.
    os.environ["MLFLOW_ENABLE_DB_SDK"] = str(config.DATABRICKS_TOKEN is None).lower()
    # MLflow and Databricks' SDK read these by themselves: not as they are there, but as the settings have them.
    for name, secret in config:
        if name.startswith(_READ_BY_MLFLOW) and isinstance(secret, SecretStr):
            os.environ[name] = secret.get_secret_value()
    from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import

    data = config.DATA_DIR.absolute()
    uri = config.MLFLOW_TRACKING_URI or f"{_SQLITE}{data / 'mlflow.db'}"
    if uri.startswith(_SQLITE):
        _prepare(Path(uri.removeprefix(_SQLITE).partition("?")[0]))
    client = MlflowClient(uri)
    artifacts = None
    if config.MLFLOW_TRACKING_URI is None:  # a server keeps them where it is told to, and this store beside its file
        (data / "artifacts").mkdir(mode=0o700, exist_ok=True)
        artifacts = (data / "artifacts").as_uri()
    return Store(client, uri, _experiment(client, config.experiment, artifacts), data / SENDING)


def _prepare(database: Path) -> None:
    """Make a local store whole, or not at all.

    MLflow's migrations break a store that two processes make at once, or whose maker is killed, and it stays broken.
    So one process makes it elsewhere, under a lock that a dead process releases, and then puts it in its place.
    """
    from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import

    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with exclusive(database.with_name(f"{database.name}.lock")):
        if not database.exists():
            making = database.with_name(f"{database.name}.new")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700)
            MlflowClient(f"{_SQLITE}{making / database.name}").search_experiments(max_results=1)
            (making / database.name).chmod(0o600)
            (making / database.name).rename(database)
            shutil.rmtree(making)
    try:
        # MLflow would try for minutes to open what is no database.
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.Error as error:
        raise OSError(f"{database} cannot be used as MLflow's store: {error}") from error


def _experiment(client: "MlflowClient", name: str, artifacts: str | None) -> str:
    """Return an experiment's id; it is made when it is missing, also when another process makes it meanwhile."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - it takes seconds to import

    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.create_experiment(name, artifact_location=artifacts)
        except MlflowException as error:
            if name.startswith("/") and error.error_code in _NO_FOLDER:
                raise OSError(
                    f"The folder of the experiment {name} does not exist in the workspace. Make it there, or set "
                    "another MLFLOW_EXPERIMENT_NAME."
                ) from error
            found = client.get_experiment_by_name(name)
            if found is None:
                raise
    if found.lifecycle_stage != "active":
        raise OSError(f"The experiment {name} is deleted in MLflow. Restore it, or set another MLFLOW_EXPERIMENT_NAME.")
    return found.experiment_id
