"""The run sink: an MLflow run for each event, as the article has it."""

import logging
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tracking.event import Event, now_ms
from tracking.layout import EVENT_ID, USER, Fields, lay_out, resumed
from tracking.sinks.search import equals
from tracking.sinks.sink import MlflowSink, Parcel, Receipt, Refused, judge
from tracking.store import Store

if TYPE_CHECKING:
    from mlflow.entities import Run
    from mlflow.store.artifact.artifact_repo import ArtifactRepository

logger = logging.getLogger(__name__)

_ARTIFACT = "prompt.txt"
_RUNNING = "RUNNING"
# What MLflow's clients of an artifact store say when they cannot delete.
_NOT_THERE = "Not implemented"
# A local database takes one writer at a time; a server takes several requests at once.
_SERVER_THREADS = 8
_PAGE = 1_000


class RunSink(MlflowSink):
    """Delivers events as runs.

    A run is created, filled and then ended: one that is not ended is not complete, and is found by its event's id and
    finished. All calls but the creation leave the same when they are repeated.

    Args:
        connect: Reaches MLflow; called anew when it has failed.
    """

    size = 64

    def send(self, store: Store, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Send events, several at once where MLflow is a server."""
        with ThreadPoolExecutor(_SERVER_THREADS if store.is_server else 1) as pool:
            return list(pool.map(lambda parcel: _deliver(store, parcel), parcels))

    def tidy(self, event_id: str) -> None:
        """Leave the one complete run of an event, and no half of one."""
        runs = _find(self.store, event_id)
        runs.sort(key=lambda run: (run.info.status == _RUNNING, run.info.start_time, run.info.run_id))
        for number, run in enumerate(runs):
            if number or run.info.status == _RUNNING:  # an event that still waits makes another
                _delete(self.store, run)

    def remove(self, event_id: str) -> None:
        """Delete all runs of an event."""
        for run in _find(self.store, event_id):
            _delete(self.store, run)

    def forget(self, user: str) -> int:
        """Delete a user's runs, and the prompts and names in them, for MLflow keeps deleted runs."""
        store = self.store
        from mlflow.entities import ViewType  # noqa: PLC0415 - the store says first what MLflow reads as it is imported

        found: list[Run] = []
        token = None
        while token is None or token:
            page = store.client.search_runs(
                [store.experiment_id],
                equals(f"tags.{USER}", user),
                run_view_type=ViewType.ALL,  # MLflow keeps those that somebody deleted
                max_results=_PAGE,
                page_token=token,
            )
            found += [run for run in page if run.data.tags.get(USER) == user]
            token = page.token or ""
        for run in found:
            _delete(store, run)
        return len(found)


def _deliver(store: Store, parcel: Parcel) -> Receipt:
    try:
        fields = lay_out(parcel.event, parcel.price)
    except Exception as error:  # noqa: BLE001 - one of nonsense must not hold up the others
        return Refused(f"{type(error).__name__}: {error}")
    run: Run | None = None
    try:
        runs = _find(store, parcel.event.id) if parcel.uncertain else []
        if complete := [each for each in runs if each.info.status != _RUNNING]:
            _touch(store, complete)
            return None
        if runs:
            run = runs[0]
            fields = resumed(fields, run.data.tags)
        else:
            run = _create(store, parcel.event, fields)
        _fill(store, run, parcel.event, fields)
    except Exception as error:  # noqa: BLE001 - the delivery tells of it
        receipt = judge(error)
        if isinstance(receipt, Refused) and run is not None:
            _drop(store, run)
        return receipt
    return None


def _touch(store: Store, runs: "list[Run]") -> None:
    """End complete runs once more, now: a server that was slow to end them has put them behind what was read since."""
    for run in runs:
        store.client.set_terminated(run.info.run_id, run.info.status, end_time=now_ms())


def _drop(store: Store, run: "Run") -> None:
    """Leave no half of a run whose event is refused."""
    try:
        _delete(store, run)
    except Exception as error:  # noqa: BLE001 - a half is not counted
        logger.debug("%s could not be deleted: %s", run.info.run_id, type(error).__name__)


def _find(store: Store, event_id: str) -> "list[Run]":
    return list(store.client.search_runs([store.experiment_id], equals(f"tags.{EVENT_ID}", event_id)))


def _create(store: Store, event: Event, fields: Fields) -> "Run":
    return store.client.create_run(
        store.experiment_id, start_time=event.time_ms, tags=fields.tags, run_name=fields.name
    )


def _fill(store: Store, run: "Run", event: Event, fields: Fields) -> None:
    from mlflow.entities import Metric, Param  # noqa: PLC0415 - it takes seconds to import

    store.client.log_batch(
        run.info.run_id,
        # The event's own time: a metric that is logged twice at one time is one.
        metrics=[Metric(name, value, event.time_ms, 0) for name, value in fields.metrics.items()],
        params=[Param(name, value) for name, value in fields.params.items()],
    )
    if event.prompt is not None:
        _put(store, _artifacts(store, run), event.prompt)
    # The end is the delivery's time, by which what is new is found.
    store.client.set_terminated(run.info.run_id, fields.status, end_time=now_ms())


def _artifacts(store: Store, run: "Run") -> "ArtifactRepository":
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository  # noqa: PLC0415 - see _fill

    return get_artifact_repository(run.info.artifact_uri, tracking_uri=store.uri)


def _put(store: Store, artifacts: "ArtifactRepository", prompt: str) -> None:
    """Do what MlflowClient.log_text does, without asking for the run once more."""
    store.sending.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=store.sending) as folder:
        path = Path(folder, _ARTIFACT)
        path.write_bytes(prompt.encode())
        artifacts.log_artifact(str(path))


def _erase(store: Store, run: "Run") -> None:
    """Delete a run's prompt, or empty it: Databricks' artifacts cannot be deleted, and some of them do not say so."""
    artifacts = _artifacts(store, run)
    try:
        artifacts.delete_artifacts()
    except Exception as error:
        if _NOT_THERE not in str(error):
            raise
    if any(each.path == _ARTIFACT and each.file_size != 0 for each in artifacts.list_artifacts()):
        _put(store, artifacts, "")


def _delete(store: Store, run: "Run") -> None:
    _erase(store, run)
    if run.info.lifecycle_stage == "deleted":
        store.client.restore_run(run.info.run_id)
    if USER in run.data.tags:
        store.client.delete_tag(run.info.run_id, USER)
    store.client.delete_run(run.info.run_id)
