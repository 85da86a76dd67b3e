"""What MLflow has of the events: their records, and what a record leaves out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracking import layout
from tracking.store import Store

if TYPE_CHECKING:
    from mlflow.entities import Run, Trace

_RUNS, _TRACES = 1_000, 100


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event as MLflow has it.

    Args:
        record: Its fields.
        name: The run's or the trace's name.
        settings: What its request set.
        prompt: Its prompt.
    """

    record: layout.Record
    name: str
    settings: dict[str, str]
    prompt: str


def read_runs(store: Store, artifacts: Path) -> Iterator[Delivered]:
    """Read all runs; one that is not complete is an error.

    Args:
        store: Where they are.
        artifacts: The folder in which the server keeps their artifacts, for a request each would take minutes.
    """
    token = None
    while token is None or token:
        page = store.client.search_runs([store.experiment_id], max_results=_RUNS, page_token=token)
        yield from (_of_run(run, artifacts) for run in page)
        token = page.token or ""


def read_traces(store: Store) -> Iterator[Delivered]:
    """Read all traces."""
    token = None
    while token is None or token:
        page = store.client.search_traces(locations=[store.experiment_id], max_results=_TRACES, page_token=token)
        yield from map(_of_trace, page)
        token = page.token or ""


def _of_run(run: "Run", artifacts: Path) -> Delivered:
    record = layout.from_run(run)
    assert record is not None, f"{run.info.run_id} is not complete"
    folder = artifacts / run.info.experiment_id / run.info.run_id / "artifacts"
    # A server that is killed while it takes a file leaves its own beginning of it.
    (kept,) = (each for each in folder.iterdir() if not each.name.startswith(".artifact.uploading."))
    assert kept.name == "prompt.txt"
    settings = {name: value for name, value in run.data.params.items() if name != "prompt_length"}
    assert run.data.metrics.get("estimated_cost_usd") == (None if record.cost_usd is None else float(record.cost_usd))
    return Delivered(record, run.info.run_name, settings, kept.read_text(encoding="utf-8"))


def _of_trace(trace: "Trace") -> Delivered:
    record = layout.from_trace(trace.info)
    assert record is not None
    (span,) = trace.data.spans
    settings = {
        name: value
        for name, value in span.attributes.items()
        if not name.startswith(("mlflow.", "user.")) and name not in {"prompt_length", "price_per_million"}
    }
    return Delivered(record, trace.info.tags["mlflow.traceName"], settings, span.inputs["prompt"])
