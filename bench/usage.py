"""What an answer about a million events costs, beside mlflow.search_runs and pandas.

Usage: python -P bench/usage.py [--events N] [--runs N] [--times N] [--json]

The index is filled with N generated events, without MLflow. Each figure is the median of whole answers in one process,
from opening the file to closing it, with no reading from MLflow (sync=False). The other side has fewer runs, in a local
MLflow store whose rows are inserted by SQL, because logging them takes hours: its time is divided by its runs, and
times N is what N would take at least. The limit: 100 ms an answer.
"""

import argparse
import json
import os
import random
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tracking.event import Event, Tokens, new_id
from tracking.layout import Record, lay_out
from tracking.pricing import Price
from tracking.settings import Settings
from tracking.store import connect
from tracking.usage import Index
from tracking.usage.daily import activity, spending
from tracking.usage.period import Period
from tracking.usage.points import points
from tracking.usage.questions import cost, latency, top_users
from tracking.usage.source import Cursor, Page

Frame = Any  # pandas has no types of its own

LIMIT = 0.1
PAGE = 50_000
BEGIN_MS = 1_790_805_600_000  # October 2026 in Berlin
MONTH_MS = 31 * 86_400_000
ZONE = ZoneInfo("Europe/Berlin")
MONTH = Period(date(2026, 10, 1), date(2026, 10, 31), ZONE)
DAY = Period(date(2026, 10, 15), date(2026, 10, 15), ZONE)
LENGTH, TIME = "params.prompt_length", "metrics.processing_time_ms"
USER, MODEL, KIND, COST = "tags.user_email", "tags.model", "tags.mlflow.runName", "tags.cost_usd"


class Cost(NamedTuple):
    """What an answer takes.

    Args:
        seconds: By the clock.
        processor: Of all processors together, which other programs on the machine do not lengthen.
    """

    seconds: float
    processor: float


class Generated:
    """A source of generated events.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """Yield them, in the order of time."""
        for begin in range(0, self._count, PAGE):
            numbers = range(begin, min(begin + PAGE, self._count))
            yield Page([_record(number, self._count) for number in numbers], cursor)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        fill, ours = _ours(Path(scratch), options.events, options.times)
        search, theirs = _theirs(Path(scratch), options.runs)
    each = {name: (search + theirs[name]) / options.runs * options.events for name in ours}
    if options.json:
        numbers = {name: {**taken._asdict(), "search_runs_at_least": each[name]} for name, taken in ours.items()}
        print(json.dumps({"events": options.events, "fill": fill, "answers": numbers}, indent=2))
        return
    print(f"{options.events:,} events in the index ({fill:.1f} s to fill), medians of {options.times} whole answers;")
    print(f"mlflow.search_runs and pandas: {options.runs:,} runs in {search:.1f} s, extrapolated to as many")
    print(f"  {'':<14}{'index':>9}  {'processor':>9}  {'search_runs':>11}  {'ratio':>9}")
    for name, taken in ours.items():
        missed = f"  over {LIMIT * 1000:.0f} ms" if taken.seconds > LIMIT else ""
        print(
            f"  {name:<14}{taken.seconds * 1000:6.1f} ms  {taken.processor * 1000:6.1f} ms  {each[name]:9,.0f} s"
            f"  {each[name] / taken.seconds:9,.0f}{missed}"
        )


def _ours(scratch: Path, count: int, times: int) -> tuple[float, dict[str, Cost]]:
    index = Index(scratch / "index", Generated(count))
    begun = time.perf_counter()
    index.rebuild()
    fill = time.perf_counter() - begun
    asked: dict[str, Callable[[], object]] = {
        "top-users": lambda: index.answer(top_users(DAY), sync=False),
        "latency": lambda: index.answer(latency(MONTH), sync=False),
        "cost by user": lambda: index.answer(cost("user", MONTH), sync=False),
        "cost by model": lambda: index.answer(cost("model", MONTH), sync=False),
        "cost by day": lambda: index.answer(cost("day", MONTH), sync=False),
        "cost by kind": lambda: index.answer(cost("kind", MONTH), sync=False),
        "spending": lambda: index.answer(spending("user", MONTH), sync=False),
        "activity": lambda: index.answer(activity(MONTH), sync=False),
        "points": lambda: index.answer(points(MONTH), sync=False),
    }
    return fill, {name: _median([_timed(ask) for _ in range(times)]) for name, ask in asked.items()}


def _theirs(scratch: Path, count: int) -> tuple[float, dict[str, float]]:
    """Return the seconds of the search, and those that pandas then takes for each question."""
    folder = scratch / "mlflow"
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
    store = connect(Settings(DATA_DIR=folder, MLFLOW_TRACKING_URI=None))
    _insert(folder / "mlflow.db", int(store.experiment_id), count)
    import mlflow  # noqa: PLC0415 - after its settings, and it takes seconds

    begun = time.perf_counter()
    runs: Frame = mlflow.search_runs([store.experiment_id], max_results=count)
    search = time.perf_counter() - begun
    if len(runs) != count:
        raise SystemExit(f"MLflow has {len(runs)} runs, and not {count}.")
    asked: dict[str, Callable[[], object]] = {
        "top-users": lambda: _spent(runs[_day(runs) == DAY.since], USER).head(10),
        "latency": lambda: _latency(runs[runs["status"] == "FINISHED"]),
        "cost by user": lambda: _spent(runs, USER),
        "cost by model": lambda: _spent(runs, MODEL),
        "cost by day": lambda: _spent(runs.assign(day=_day(runs)), "day"),
        "cost by kind": lambda: _spent(runs, KIND),
        "spending": lambda: _spent(runs.assign(day=_day(runs)), ["day", USER]),
        "activity": lambda: _done(runs.assign(day=_day(runs))),
        "points": lambda: runs[runs["status"] == "FINISHED"][[MODEL, LENGTH, TIME]].sample(500),
    }
    return search, {name: _timed(ask).seconds for name, ask in asked.items()}


def _day(runs: Frame) -> Frame:
    return runs["start_time"].dt.tz_convert(ZONE).dt.date


def _spent(runs: Frame, by: str | list[str]) -> Frame:
    return runs.assign(cost=runs[COST].map(Decimal)).groupby(by)["cost"].sum().sort_values(ascending=False)


def _done(runs: Frame) -> object:
    worked = runs[runs["status"] == "FINISHED"]
    return [runs.groupby(["day", "status"]).size(), worked.groupby("day")[TIME].quantile([0.5, 0.95])]


def _latency(runs: Frame) -> object:
    lengths, times = runs[LENGTH].astype(int), runs[TIME]
    return [
        (lengths[rows].corr(times[rows]), times[rows].quantile([0.5, 0.95]))
        for rows in (*runs.groupby(MODEL).groups.values(), runs.index)
    ]


def _timed(ask: Callable[[], object]) -> Cost:
    begun = time.perf_counter(), time.process_time()
    ask()
    return Cost(time.perf_counter() - begun[0], time.process_time() - begun[1])


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def _event(number: int, count: int) -> Event:
    chance = random.Random(number)  # noqa: S311 - nothing secret
    time_ms = BEGIN_MS + number * MONTH_MS // count
    return Event(
        id=new_id(time_ms),
        time_ms=time_ms,
        user=f"user-{chance.randrange(1000)}@example.com",
        kind=chance.choice(["image", "text"]),
        provider="openai",
        model=f"model-{chance.randrange(8)}",
        prompt=None,
        prompt_length=chance.randrange(4000),
        settings={"aspect_ratio": "1:1"},
        processing_time_ms=chance.uniform(500, 30_000),
        tokens=Tokens(input=10, output=20),
        outcome="error" if number % 20 == 0 else "ok",
    )


def _cost(number: int) -> Decimal:
    return Decimal(number * 7919 % 100_000).scaleb(-6)


def _record(number: int, count: int) -> Record:
    event = _event(number, count)
    return Record(
        event.id,
        event.time_ms,
        event.user,
        event.kind,
        event.provider,
        event.model,
        event.prompt_length,
        event.processing_time_ms,
        None,
        event.tokens,
        event.outcome,
        None,
        None if number % 50 == 0 else _cost(number),
        "environment",
    )


def _insert(database: Path, experiment: int, count: int) -> None:
    """Write runs as MLflow's SQL store does: the rows that its search reads, and no others."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for number in range(count):
            event = _event(number, count)
            laid_out = lay_out(event, Price(_cost(number), "environment", None, {}))
            run = uuid.uuid4().hex
            connection.execute(
                "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, "
                "lifecycle_stage, artifact_uri, experiment_id) VALUES (?, ?, 'UNKNOWN', '', ?, ?, ?, 'active', '', ?)",
                (run, laid_out.name, laid_out.status, event.time_ms, event.time_ms, experiment),
            )
            tags = {**laid_out.tags, "mlflow.runName": laid_out.name}
            connection.executemany("INSERT INTO tags VALUES (?, ?, ?)", [(*pair, run) for pair in tags.items()])
            params = [(*pair, run) for pair in laid_out.params.items()]
            connection.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", params)
            connection.executemany(
                "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, 0, 0, ?)",
                [(*pair, event.time_ms, run) for pair in laid_out.metrics.items()],
            )


if __name__ == "__main__":
    main()
