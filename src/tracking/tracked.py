"""Where MLflow has a generation: its run or trace, and the page that shows it."""

from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, Field

from tracking.layout import EVENT_ID
from tracking.settings import DATABRICKS, Settings
from tracking.sinks.search import equals
from tracking.store import Store, connect


class Tracked(BaseModel):
    """Where MLflow has a generation."""

    state: Literal["delivered", "pending", "off"] = Field(description="Pending: not there yet.")
    kind: Literal["run", "trace"]
    id: str | None = Field(default=None, description="The run's or the trace's.")
    url: str | None = Field(default=None, description="MLflow's page of it; null when MLflow has no address.")


class Tracker:
    """Finds a generation's run or trace.

    Args:
        settings: The settings: the store's address, and which of the two a generation becomes.
        connect: Reaches MLflow.
    """

    def __init__(self, settings: Settings, connect: Callable[[Settings], Store] = connect) -> None:
        self._settings = settings
        self._connect = connect
        self._store: Store | None = None

    def find(self, event_id: str) -> Tracked:
        """Find a generation's run or trace.

        Args:
            event_id: The event's id.

        Raises:
            Exception: MLflow cannot be asked.
        """
        kind = self._settings.TRACKING_SINK
        if not self._settings.ENABLE_TRACKING:
            return Tracked(state="off", kind=kind)
        # Two at once may both connect: that is better than one after the other, each for as long as MLflow hangs.
        store = self._store = self._store or self._connect(self._settings)
        found = _run(store, event_id) if kind == "run" else _trace(store, event_id)
        if found is None:
            return Tracked(state="pending", kind=kind)
        return Tracked(state="delivered", kind=kind, id=found, url=self._url(store, found))

    def _url(self, store: Store, found: str) -> str | None:
        base = self._settings.MLFLOW_UI_URL
        experiment = f"experiments/{store.experiment_id}"
        if base is None and store.uri.startswith(DATABRICKS):
            host = (self._settings.DATABRICKS_HOST or "").rstrip("/")
            return f"{host}/ml/{experiment}/runs/{found}"
        if base is None and store.is_server:
            base = store.uri
        if base is None:
            return None
        place = f"runs/{found}" if self._settings.TRACKING_SINK == "run" else f"traces?selectedEvaluationId={found}"
        return f"{_without_password(base).rstrip('/')}/#/{experiment}/{place}"


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _run(store: Store, event_id: str) -> str | None:
    found = store.client.search_runs([store.experiment_id], equals(f"tags.{EVENT_ID}", event_id), max_results=1)
    return found[0].info.run_id if found else None


def _trace(store: Store, event_id: str) -> str | None:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - it takes seconds to import

    try:
        return str(store.client.get_trace(f"tr-{event_id}").info.trace_id)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return None
        raise
