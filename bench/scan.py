"""What the gate costs: `gate scan` beside a bare scan of the same tree, and the parts of a first verdict.

Usage: bench/scan.py [--runs N] [--from-empty] [--wrong-node] [--json]

  --from-empty   also measure from an empty cache to a verdict, split by part (fetches 900 MB, starts a second server)
  --wrong-node   also wait for the real analyser's own verdict on Node 18, which takes it over five minutes

The reports must be there: make test. Ratios are of medians of interleaved runs.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from gate import pipeline, repository, server, toolchain
from gate import scan as scans

ROOT = Path(__file__).parents[1]
BIN = Path(sys.prefix) / "bin"


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes, in seconds."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def gate(*arguments: str, **environment: str) -> str:
    """Run `gate` in this repository; return what it says on the way. A gate that fails has been measured too."""
    command = [str(BIN / "gate"), *arguments]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode not in {0, 1}:
        sys.exit(done.stderr)
    return str(done.stderr)


def bare_scan(key: str, *properties: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[bytes]:
    """Run Sonar's own scanner on the work tree, as one would without `gate`."""
    sonar = server.connect()
    command = [str(BIN / "pysonar"), f"--sonar-host-url={sonar.url}", f"-Dsonar.projectKey={key}", *properties]
    environment = os.environ | {"SONAR_TOKEN": sonar.token, "PATH": path}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)


def warm(runs: int) -> dict[str, float]:
    """Measure `gate scan` beside a bare scan that waits for the gate too."""
    work = repository.find(ROOT)
    scans.ensure_base(work, server.connect(), work.base(None))
    actions: dict[str, Callable[[], object]] = {
        "gate scan": lambda: gate("scan"),
        "bare scan": lambda: bare_scan("bench", "-Dsonar.qualitygate.wait=true"),
    }
    for action in actions.values():  # the server's and the scanner's caches are warm from here on
        action()
    took = {name: [seconds(action)] for name, action in actions.items()}
    for _ in range(runs - 1):
        for name, action in actions.items():
            took[name].append(seconds(action))
    medians = {name: statistics.median(values) for name, values in took.items()}
    return medians | {"ratio": medians["gate scan"] / medians["bare scan"]}


def from_empty() -> dict[str, float]:
    """Measure from an empty cache to a verdict, by the gate's own account of its parts."""
    with tempfile.TemporaryDirectory() as folder:
        places = {"XDG_CACHE_HOME": f"{folder}/cache", "XDG_STATE_HOME": f"{folder}/state"}
        Path(folder).chmod(0o755)
        started = time.perf_counter()
        said = gate("scan", **places)
        total = time.perf_counter() - started
        gate("stop", "--purge", **places)
    parts = {title: float(took) for title, took in re.findall(r"^(\w+ \S+).*: done in (\d+) s$", said, re.MULTILINE)}
    return parts | {"download and the rest": total - sum(parts.values()), "total": total}


def wrong_node() -> dict[str, float]:
    """Measure the time to a verdict on Node 18: the check's, and the real analyser's."""
    path = f"{toolchain.node_home('18') / 'bin'}{os.pathsep}{os.environ['PATH']}"
    check = [sys.executable, "src/verify_runtime", "check", "node@20"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")} | {"PATH": path}
    with_check = seconds(lambda: subprocess.run(check, cwd=ROOT, env=environment, capture_output=True, check=False))
    started = time.perf_counter()
    done = bare_scan("bench-wrong-node", pipeline.SCANNER_ARGS, path=path)
    if done.returncode == 0:
        sys.exit("The analyser passed on Node 18: the story is out of date.")
    without = time.perf_counter() - started
    return {"with the check": with_check, "without": without, "ratio": without / with_check}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--from-empty", action="store_true")
    parser.add_argument("--wrong-node", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {"warm scan (s)": warm(options.runs)}
    if options.from_empty:
        figures["from an empty cache (s)"] = from_empty()
    if options.wrong_node:
        figures["wrong Node (s)"] = wrong_node()
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for title, values in figures.items():
        print(title)
        for name, value in values.items():
            print(f"  {name:<28}{value:10.2f}")


if __name__ == "__main__":
    main()
