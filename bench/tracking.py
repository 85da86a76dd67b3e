"""What logging a generation costs a request, and how fast events come to MLflow, beside the article's own code.

Usage: python -P bench/tracking.py [--seconds N] [--backlog N] [--json]

Without -P Python takes this file for the package `tracking`. One run on one machine, against one real MLflow server on
loopback:
- the call: log_generation, 1,000 times a second, beside the article's log_image_generation, one after the other, and
  beside the least that keeps an event, its JSON in one write: what that takes is the machine's, as is what both take
  longer after a pause than without one;
- the request: the time to a FastAPI answer that logs, for ours and for BackgroundTasks around the article's code;
- the delivery: events a second of both sinks and of the article's code;
- the backlog: the memory of a delivery that catches up. Its own is what no file backs; the rest are the libraries'
  files. MLflow's import is nearly all of it, so the figure at the first event is shown too.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
from pydantic_core import to_json

from tracking import segment
from tracking.delivery import JOURNAL, Delivery
from tracking.pricing import PriceList
from tracking.service import TrackingService
from tracking.settings import Settings
from tracking.sinks import RunSink
from tracking.store import connect

CALLS_PER_SECOND = 1_000
WITHOUT_A_PAUSE = 100_000
CALLS_WHILE_ABSENT = 10_000
REQUESTS_PER_SECOND = 20
MINUTE = 60
ABSENT = "http://127.0.0.1:1"
PROMPT = "a lighthouse at dusk, " * 12
LOGGED = ("ada@example.com", PROMPT, "16:9", 1234.5, 60, 1290)
LIMITS = {
    "call p50, us": 20,
    "call p99, us": 200,
    "run sink, times": 5,
    "trace sink, times": 80,
    "catching up by traces, resident, MB": 200,
    "catching up by runs, resident, MB": 200,
    "catching up in the default store, own, MB": 200,
}
ARTICLE = Path(__file__).parent / "beside" / "article.py"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """Run a real MLflow server."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)]
    command += [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        f"{folder}/artifacts",
    ]
    # Its own jobs would take the processors.
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (folder / "log").open("wb") as log, running(command, stdout=log, stderr=log, env=environment):
        wait_for(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running(command: list[str], **options: object) -> Iterator[None]:
    """Run a program and what it starts, to the end of the block."""
    process = subprocess.Popen(command, start_new_session=True, **options)  # type: ignore[call-overload]
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(address: str) -> None:
    """Wait until somebody answers."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        with suppress(httpx2.HTTPError):
            httpx2.get(address, timeout=2)
            return
        time.sleep(0.2)
    raise TimeoutError(address)


def quantiles(seconds: list[float], unit: float) -> tuple[float, float]:
    """Return the median and the 99th of a hundred parts."""
    ordered = sorted(seconds)
    return statistics.median(ordered) * unit, ordered[int(len(ordered) * 0.99)] * unit


def at_rate(call: Callable[[], object], rate: float, seconds: float) -> list[float]:
    """Call at a steady rate, and return what each call took."""
    took = []
    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        if (early := began + number / rate - time.perf_counter()) > 0:
            time.sleep(early)
        start = time.perf_counter()
        call()
        took.append(time.perf_counter() - start)
    return took


def calls(uri: str | None, folder: Path, seconds: float, rate: float = CALLS_PER_SECOND) -> list[float]:
    """Time log_generation while a delivery is at work beside it, or MLflow is absent."""
    service = TrackingService(Settings(DATA_DIR=folder, MLFLOW_TRACKING_URI=uri))
    log(service)
    while uri != ABSENT and not delivered(service):
        time.sleep(0.1)
    took = at_rate(partial(service.log_image_generation, *LOGGED), rate, seconds)
    service.close()
    return took


def least(folder: Path, seconds: float, rate: float = CALLS_PER_SECOND) -> list[float]:
    """Time the least that keeps an event: its JSON, in one write."""
    service = TrackingService(Settings(DATA_DIR=folder, DELIVERY="separate"))
    log(service)
    service.close()
    [event] = [line.event for path in segment.segments(folder / JOURNAL) for line in segment.read(path)]
    values = json.loads(to_json(event))
    with (folder / "least").open("wb", buffering=0) as file:
        return at_rate(lambda: file.write(to_json(values)), rate, seconds)


def calls_beside_a_thread(folder: Path, seconds: float) -> list[float]:
    """Time the same with the delivery, to the default local store, in a thread: why it is none."""
    config = Settings(DATA_DIR=folder, DELIVERY="separate")
    service = TrackingService(config)
    delivery = Delivery(folder, RunSink(lambda: connect(config)), PriceList({}))
    stopped = threading.Event()
    thread = threading.Thread(target=delivery.run, args=(stopped.is_set, stopped.wait), daemon=True)
    thread.start()
    while not delivered(service):
        at_rate(lambda: log(service), CALLS_PER_SECOND, 0.5)
    took = at_rate(partial(service.log_image_generation, *LOGGED), CALLS_PER_SECOND, seconds)
    stopped.set()
    thread.join()
    service.close()
    return took


def log(service: TrackingService) -> None:
    """Log what the article's code logs."""
    service.log_image_generation(*LOGGED)


def article(uri: str, seconds: float) -> list[float]:
    """Run the article's code."""
    command = [sys.executable, "-P", str(ARTICLE), "loop", uri, PROMPT, str(seconds)]
    environment = os.environ | {"MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return list(json.loads(done.stdout))


def requests(variant: str, uri: str, folder: Path, seconds: float) -> list[float]:
    """Time a server's answers, at 20 requests a second."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-P", str(ARTICLE), "serve", variant, uri, PROMPT, str(folder), str(port)]

    def ask() -> float:
        start = time.perf_counter()
        httpx2.post(address, timeout=MINUTE * 10)
        return time.perf_counter() - start

    count = int(REQUESTS_PER_SECOND * seconds)
    with (
        running(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL),
        ThreadPoolExecutor(count) as threads,
    ):
        wait_for(address)
        ask()
        asked = []
        for _ in range(count):
            asked.append(threads.submit(ask))
            time.sleep(1 / REQUESTS_PER_SECOND)
        return [each.result() for each in asked]


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a backlog was delivered.

    Args:
        rate: Events a second, from the first one on.
        before: The process's memory as the first event was there, in MB.
        resident: The most that it had, in MB.
        own: The most of it that no file backs, in MB.
    """

    rate: float
    before: float
    resident: float
    own: float


def deliver(uri: str | None, folder: Path, sink: str, count: int, seconds: float = 3_600) -> Delivered:
    """Deliver a backlog, or what of it is delivered in some seconds.

    Args:
        uri: MLflow's address; None for the default store.
        folder: The data directory.
        sink: run or trace.
        count: How many events.
        seconds: When to stop.
    """
    config = Settings.model_validate(
        {"DATA_DIR": folder, "MLFLOW_TRACKING_URI": uri, "TRACKING_SINK": sink, "DELIVERY": "separate"}
    )
    service = TrackingService(config, "google", "gemini-2.5-flash-image")
    for _ in range(count):
        log(service)
    with subprocess.Popen([sys.executable, "-m", "tracking", "deliver", "--once"], env=config.environment()) as process:
        while not (first := delivered(service)):
            time.sleep(0.02)
        began = time.perf_counter()
        before, _, own = memory(process.pid)
        resident = before
        while process.poll() is None and time.perf_counter() - began < seconds:
            _, peak, now = memory(process.pid)
            resident, own = max(resident, peak), max(own, now)
            time.sleep(0.05)
        last, took = delivered(service), time.perf_counter() - began
        process.terminate()
    service.close()
    return Delivered((last - first) / took, before, resident, own)


def memory(pid: int) -> tuple[float, float, float]:
    """Return a process's memory, the most that it has had, and what no file backs, in MB; 0 when it is gone."""
    status = Path(f"/proc/{pid}/status")
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines()) if status.exists() else {}
    resident, peak, own = (int(lines.get(name, "0").split()[0]) / 1024 for name in ("VmRSS", "VmHWM", "RssAnon"))
    return resident, peak, own


def delivered(service: TrackingService) -> int:
    """Return how many events MLflow has."""
    status = service.status()
    return status.delivered if status else 0


def catching_up(uri: str, folder: Path, backlog: int) -> dict[str, float]:
    """Measure the memory of a delivery with a backlog: by traces to its end, by runs for a minute of it."""
    figures = {}
    for title, address, sink in (
        ("by traces", uri, "trace"),
        ("by runs", uri, "run"),
        ("in the default store", None, "run"),
    ):
        got = deliver(address, folder / f"backlog-{title}", sink, backlog, 3_600 if sink == "trace" else MINUTE)
        figures[f"catching up {title}, at its first event, MB"] = got.before
        figures[f"catching up {title}, resident, MB"] = got.resident
        figures[f"catching up {title}, own, MB"] = got.own
    return figures


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--backlog", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, mlflow_server(Path(name)) as uri:
        folder = Path(name)
        theirs = article(uri, options.seconds)
        rate = len(theirs) / sum(theirs)
        figures: dict[str, float] = {"article, events/s": rate}
        for sink, count in (("run", 600), ("trace", 8_000)):
            figures[f"{sink} sink, events/s"] = deliver(uri, folder / sink, sink, count).rate
            figures[f"{sink} sink, times"] = figures[f"{sink} sink, events/s"] / rate
        for title, took in (
            ("article's call", theirs),
            ("JSON and a write", least(folder / "least", options.seconds)),
            ("call", calls(None, folder / "calls", options.seconds)),
            ("call, MLflow absent", calls(ABSENT, folder / "absent", CALLS_WHILE_ABSENT / CALLS_PER_SECOND)),
            ("call beside a delivering thread", calls_beside_a_thread(folder / "thread", options.seconds)),
            ("JSON and a write, one after the other", least(folder / "least-at-once", 0.1, WITHOUT_A_PAUSE)),
            ("call, one after the other", calls(None, folder / "at-once", 0.1, WITHOUT_A_PAUSE)),
        ):
            figures[f"{title} p50, us"], figures[f"{title} p99, us"] = quantiles(took, 1e6)
        for variant in ("nothing", "ours", "background", "inline"):
            took = requests(variant, uri, folder / f"requests-{variant}", options.seconds)
            figures[f"request, {variant} p50, ms"], figures[f"request, {variant} p99, ms"] = quantiles(took, 1e3)
        figures |= catching_up(uri, folder, options.backlog) if options.backlog else {}
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for title, value in figures.items():
        limit = f"   limit {LIMITS[title]}" if title in LIMITS else ""
        print(f"{title:<56}{value:>12,.1f}{limit}")


if __name__ == "__main__":
    main()
