"""What the check and the guard cost beside a bare `node --version`.

Usage: bench/verify_runtime.py [--runs N] [--json]

The guard's own cost is its time less that of plain bash running the same empty script: a step pays that anyway.
Runs are interleaved; figures are medians in milliseconds. The limit for the guard is 1.5 times `node --version`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src" / "verify_runtime"
LIMIT = 1.5


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    node = shutil.which("node")
    if node is None:
        sys.exit("No node is on PATH: make setup, then make bench")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    major = version.lstrip("v").split(".")[0]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "empty.sh"
        script.touch()
        memory = {"VERIFY_RUNTIME_TOOL_node": f"node\t--version\tnode@{major}\t{version}"}
        commands: dict[str, list[str]] = {
            "node --version": [node, "--version"],
            "plain bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            "guard": ["bash", str(FOLDER / "guard.sh"), str(script)],
            "check": [sys.executable, "-I", "-S", str(FOLDER), "check", f"node@{major}"],
            "python alone": [sys.executable, "-I", "-S", "-c", ""],
        }
        took: dict[str, list[float]] = {name: [] for name in commands}
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | memory
        for _ in range(options.runs):
            for name, command in commands.items():
                started = time.perf_counter()
                subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
                took[name].append(1000 * (time.perf_counter() - started))
    medians = {name: statistics.median(values) for name, values in took.items()}
    bare = medians["node --version"]
    figures = medians | {
        "guard's own cost / node --version": (medians["guard"] - medians["plain bash"]) / bare,
        "check / node --version": medians["check"] / bare,
        "limit of the first": LIMIT,
    }
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    for name, value in figures.items():
        print(f"{name:<36}{value:8.2f}")


if __name__ == "__main__":
    main()
