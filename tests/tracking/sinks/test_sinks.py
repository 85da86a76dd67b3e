"""Both sinks with MLflow's local database; tests/e2e has a server, and a network that fails."""

import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

from tracking import layout
from tracking.event import Event, Tokens
from tracking.pricing import Price
from tracking.sinks import Failed, Parcel, Refused, RunSink, TraceSink
from tracking.store import Store

from ..events import event

if TYPE_CHECKING:
    from mlflow.entities import Run

UNKNOWN = Price(None, "unknown", None, {}, "no price")
PRICE = Price(Decimal("0.0123"), "environment", "2026-11-23", {"input": Decimal(2), "output": Decimal(30)})


def parcels(events: Sequence[Event], *, uncertain: bool = False) -> list[Parcel]:
    return [Parcel(each, PRICE, uncertain) for each in events]


def runs(store: Store) -> "list[Run]":
    return list(store.client.search_runs([store.experiment_id]))


def records(store: Store) -> list[layout.Record]:
    """Return each event that is there, of runs and traces."""
    traces = store.client.search_traces(locations=[store.experiment_id], include_spans=False)
    found = [*map(layout.from_run, runs(store)), *(layout.from_trace(trace.info) for trace in traces)]
    return [each for each in found if each]


def whose(store: Store) -> list[str]:
    """Return the user of each event that is there."""
    return sorted(str(each.user) for each in records(store))


def test_a_run_has_each_field_and_ends_when_it_is_delivered(store: Store) -> None:
    made = event(
        time_ms=1_700_000_000_000,
        kind="text",
        time_to_first_token_ms=17.5,
        tokens=Tokens(100, 50, 30, 10, 20, 0),
        outcome="error",
        error_class="timeout",
        settings={"temperature": "0.5"},
    )
    before = time.time_ns() // 1_000_000
    assert RunSink(lambda: store).deliver(parcels([made])) == [None]
    [run] = runs(store)
    record = layout.from_run(run)
    assert record is not None
    assert (record.id, record.time_ms, record.outcome, record.error_class) == (
        made.id,
        made.time_ms,
        "error",
        "timeout",
    )
    assert (record.tokens, record.time_to_first_token_ms, record.cost_usd) == (made.tokens, 17.5, Decimal("0.0123"))
    assert run.data.params == {"temperature": "0.5", "prompt_length": "12"}
    assert before <= run.info.end_time <= time.time_ns() // 1_000_000


def test_a_run_that_is_there_is_not_made_again(store: Store) -> None:
    made = [event() for _ in range(3)]
    sink = RunSink(lambda: store)
    sink.deliver(parcels(made[:2]))
    assert sink.deliver(parcels(made, uncertain=True)) == [None, None, None]
    assert sorted(run.data.tags["event_id"] for run in runs(store)) == sorted(each.id for each in made)


def test_a_run_that_a_slow_server_ended_in_the_past_is_found_by_what_reads_from_there_on(store: Store) -> None:
    made = event()
    sink = RunSink(lambda: store)
    sink.deliver(parcels([made]))
    [run] = runs(store)
    store.client.set_terminated(run.info.run_id, run.info.status, end_time=run.info.end_time - 3_600_000)
    before = time.time_ns() // 1_000_000
    assert sink.deliver(parcels([made], uncertain=True)) == [None]
    [run] = runs(store)
    assert run.info.end_time >= before


@pytest.mark.parametrize("step", ["log_batch", "log_artifact", "set_terminated"])
def test_a_half_written_run_is_found_and_finished(store: Store, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository  # noqa: PLC0415 - the same

    def fail(*_: object, **__: object) -> None:
        raise SystemExit  # as far as MLflow sees, the process is gone

    made = event()
    with monkeypatch.context() as patch:
        patch.setattr(LocalArtifactRepository if step == "log_artifact" else MlflowClient, step, fail)
        with pytest.raises(SystemExit):
            RunSink(lambda: store).deliver(parcels([made]))
    [half] = runs(store)
    assert layout.from_run(half) is None
    assert RunSink(lambda: store).deliver(parcels([made], uncertain=True)) == [None]
    [run] = runs(store)
    record = layout.from_run(run)
    assert record is not None
    assert (record.id, record.tokens, record.user) == (made.id, made.tokens, made.user)
    assert [each.path for each in store.client.list_artifacts(run.info.run_id)] == ["prompt.txt"]


@pytest.mark.parametrize("step", ["log_batch", "set_terminated"])
@pytest.mark.parametrize("then", [None, Decimal("0.005")])
def test_a_half_written_run_keeps_the_price_that_it_was_begun_with(
    store: Store, monkeypatch: pytest.MonkeyPatch, step: str, then: Decimal | None
) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import

    made = event()
    with monkeypatch.context() as patch:
        patch.setattr(MlflowClient, step, Mock(side_effect=SystemExit))
        with pytest.raises(SystemExit):
            RunSink(lambda: store).deliver(parcels([made]))
    later = Price(then, "environment", "2026-11-24", {}) if then else UNKNOWN
    assert RunSink(lambda: store).deliver([Parcel(made, later, uncertain=True)]) == [None]
    [run] = runs(store)
    assert run.data.tags["cost_usd"] == "0.0123"
    history = store.client.get_metric_history(run.info.run_id, "estimated_cost_usd")
    assert [each.value for each in history] == [0.0123]


def test_of_two_runs_of_an_event_the_complete_one_stays(store: Store) -> None:
    made = event()
    sink = RunSink(lambda: store)
    store.client.create_run(store.experiment_id, tags={"event_id": made.id}, run_name="generate_image")
    sink.deliver(parcels([made]))
    assert len(runs(store)) == 2
    sink.tidy(made.id)
    [run] = runs(store)
    assert run.info.status == "FINISHED"
    sink.tidy(made.id)
    assert len(runs(store)) == 1


def test_an_event_that_mlflow_refuses_leaves_nothing(store: Store) -> None:
    made = [event(), event(settings={"?": "x"}), event()]
    receipts = RunSink(lambda: store).deliver(parcels(made))
    assert [type(receipt) for receipt in receipts] == [type(None), Refused, type(None)]
    assert isinstance(receipts[1], Refused)
    assert "?" in receipts[1].reason
    assert len(runs(store)) == 2


def test_traces_are_there_once_however_often_they_are_sent(store: Store) -> None:
    made = [event(outcome=outcome) for outcome in ("ok", "error", "cancelled")]
    sink = TraceSink(lambda: store)
    assert sink.deliver(parcels(made)) == [None] * 3
    assert sink.deliver(parcels(made, uncertain=True)) == [None] * 3
    sink.tidy(made[0].id)
    traces = store.client.search_traces(locations=[store.experiment_id], include_spans=False)
    found = [layout.from_trace(trace.info) for trace in traces]
    assert {(each.id, each.outcome, each.cost_usd) for each in found if each} == {
        (each.id, each.outcome, Decimal("0.0123")) for each in made
    }
    assert len(found) == 3


def test_a_trace_that_cannot_be_made_does_not_hold_up_the_others(store: Store) -> None:
    made = [event(), event(processing_time_ms=float("nan")), event()]
    receipts = TraceSink(lambda: store).deliver(parcels(made))
    assert [type(receipt) for receipt in receipts] == [type(None), Refused, type(None)]


def test_no_setting_is_taken_for_what_was_measured_or_for_who_asked(store: Store) -> None:
    names = ("mlflow.llm.cost", "mlflow.traceTag.user_email", "mlflow.llm.model", "user.id", "mlflow.chat.tokenUsage")
    made = event(user=None, tokens=Tokens(), settings={**dict.fromkeys(names, "999"), "quality": "hd"})
    assert TraceSink(lambda: store).deliver([Parcel(made, UNKNOWN, uncertain=False)]) == [None]
    [trace] = store.client.search_traces(locations=[store.experiment_id])
    [span] = trace.data.spans
    assert (span.attributes["mlflow.llm.model"], span.attributes["quality"]) == (made.model, "hd")
    kept = {**span.attributes, **trace.info.tags, **trace.info.trace_metadata}
    assert "999" not in map(str, kept.values())


@pytest.mark.parametrize("make", [RunSink, TraceSink])
def test_an_mlflow_that_cannot_be_reached_fails_all_and_is_tried_again(
    store: Store, make: type[RunSink | TraceSink]
) -> None:
    answers: Iterator[Store | OSError] = iter([OSError("nobody is there"), *[store] * 9])

    def reach() -> Store:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    sink = make(reach)
    made = [event(), event()]
    assert sink.deliver(parcels(made)) == [Failed("nobody is there", alone=False, in_doubt=True)] * 2
    assert sink.deliver(parcels(made)) == [None, None]


@pytest.mark.parametrize("make", [RunSink, TraceSink])
def test_a_user_that_looks_like_something_else_is_read_as_it_was_sent(
    store: Store, make: type[RunSink | TraceSink]
) -> None:
    users = ["null", "7", '{"a": 1}', '"ada"', '"ada b"@example.com', "ada@example.com "]
    make(lambda: store).deliver(parcels([event(user=user) for user in users]))
    assert whose(store) == sorted(users)


@pytest.mark.parametrize("make", [RunSink, TraceSink])
def test_a_users_events_are_deleted_and_nobody_elses(store: Store, make: type[RunSink | TraceSink]) -> None:
    users = ['eve\'s "own"@example.com', 'eve_s "own"@example.com', "bob@example.com"]
    sink = make(lambda: store)
    sink.deliver(parcels([event(user=user) for user in users]))
    assert sink.forget(users[0]) == 1
    assert sink.forget(users[0]) == 0
    assert whose(store) == sorted(users[1:])


@pytest.mark.parametrize("words", ["Not implemented yet", ""])
@pytest.mark.parametrize("how", ["forget", "tidy", "drop"])
def test_where_artifacts_cannot_be_deleted_the_prompt_is_emptied(
    store: Store, monkeypatch: pytest.MonkeyPatch, how: str, words: str
) -> None:
    """MLflow's clients for Databricks delete nothing: one says so, the other does not."""
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository  # noqa: PLC0415 - it takes seconds

    def leave(*_: object) -> None:
        if words:
            raise MlflowException(words)

    monkeypatch.setattr(LocalArtifactRepository, "delete_artifacts", leave)
    made = event(user="eve@example.com", prompt="her secret")
    sink = RunSink(lambda: store)
    if how == "drop":  # refused when all but its end is there
        refused = MlflowException("too long", error_code=INVALID_PARAMETER_VALUE)
        monkeypatch.setattr(type(store.client), "set_terminated", Mock(side_effect=refused))
    receipts = sink.deliver(parcels([made]))
    assert [type(each) for each in receipts] == [Refused if how == "drop" else type(None)]
    if how == "tidy":
        store.client.set_terminated(runs(store)[0].info.run_id, "RUNNING")
        sink.tidy(made.id)
    if how == "forget":
        assert sink.forget("eve@example.com") == 1
    assert runs(store) == []
    assert [each.read_text() for each in store.sending.parent.rglob("prompt.txt")] == [""]


def test_a_prompt_that_cannot_be_removed_is_reported_and_its_run_is_found_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository  # noqa: PLC0415 - it takes seconds

    sink = RunSink(lambda: store)
    sink.deliver(parcels([event(user="eve@example.com")]))
    with monkeypatch.context() as patch:
        patch.setattr(LocalArtifactRepository, "delete_artifacts", Mock(side_effect=PermissionError("not yours")))
        with pytest.raises(PermissionError, match="not yours"):
            sink.forget("eve@example.com")
    assert sink.forget("eve@example.com") == 1


@pytest.mark.parametrize("make", [RunSink, TraceSink])
def test_what_arrives_after_its_user_was_forgotten_is_removed(store: Store, make: type[RunSink | TraceSink]) -> None:
    sink = make(lambda: store)
    late, other = event(), event()
    sink.deliver(parcels([late, other]))
    for _ in range(2):
        sink.remove(late.id)
    assert [each.id for each in records(store)] == [other.id]


def test_runs_that_somebody_deleted_are_forgotten_too(store: Store) -> None:
    sink = RunSink(lambda: store)
    sink.deliver(parcels([event(user="eve@example.com")]))
    [run] = runs(store)
    store.client.delete_run(run.info.run_id)
    assert sink.forget("eve@example.com") == 1
    assert "user_email" not in store.client.get_run(run.info.run_id).data.tags
    assert sink.forget("eve@example.com") == 0


def test_a_half_of_a_run_that_came_late_is_removed(store: Store) -> None:
    made = event()
    store.client.create_run(store.experiment_id, tags={"event_id": made.id}, run_name="generate_image")
    RunSink(lambda: store).tidy(made.id)
    assert runs(store) == []
