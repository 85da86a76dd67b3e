"""What the reader of workflows costs beside zizmor and actionlint on the same files.

Usage: bench/timeline.py [--runs N] [--json] [FOLDER ...]

Without folders it writes a repository of 256 workflows from the tests' corpus, and one of half as many to see that
the time grows with the files and no faster. Each figure is the median of whole processes, interleaved. The limits: no
slower than zizmor (offline), at most 5 times actionlint, and at most 2.2 times as long for twice the files.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.prefix) / "bin"
FILES = 256
# What reading the files costs by itself: the parser's events, and nothing made of them.
PYYAML = """
import pathlib, yaml
for path in pathlib.Path(".github/workflows").iterdir():
    parser = yaml.CSafeLoader(path.read_text(encoding="utf-8"))
    while parser.check_event():
        parser.get_event()
"""
ZIZMOR, ACTIONLINT, TWICE = 1.0, 5.0, 2.2


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        whole, half = Path(scratch) / "whole", Path(scratch) / "half"
        workflows = _found(options.folders) if options.folders else _written()
        _write(whole, workflows)
        _write(half, workflows[: len(workflows) // 2])
        seconds = _measure(
            {
                "timeline": (whole, _timeline()),
                "timeline, half of them": (half, _timeline()),
                "zizmor": (whole, _zizmor()),
                "PyYAML alone": (whole, [sys.executable, "-c", PYYAML]),
                "actionlint": (whole, _actionlint(whole)),
            },
            options.runs,
        )
    ours = seconds["timeline"]
    ratios = {
        "to zizmor": (ours / seconds["zizmor"], ZIZMOR),
        "to actionlint": (ours / seconds["actionlint"], ACTIONLINT),
        "to half the files": (ours / seconds["timeline, half of them"], TWICE),
    }
    if options.json:
        print(json.dumps({"files": len(workflows), "seconds": seconds, "ratios": ratios}, indent=2))
    else:
        print(f"{len(workflows)} workflows, medians of {options.runs} whole processes")
        for name, value in seconds.items():
            print(f"  {name:<24} {value:7.3f} s")
        for name, (value, limit) in ratios.items():
            print(f"  timeline {name:<20} {value:6.2f}  (limit {limit:g}{', missed' if value > limit else ''})")


def _written() -> list[str]:
    """Return as many workflows as are measured: the corpus's, over and over."""
    corpus = sorted((ROOT / "tests/verify_runtime/timeline/corpus").glob("*.txt"))
    texts = [re.split(r"^-- \S+ --\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1] for path in corpus]
    own = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    return [own if index % 4 == 0 else texts[index % len(texts)] for index in range(FILES)]


def _found(folders: list[Path]) -> list[str]:
    """Return the workflows of folders."""
    paths = [path for folder in folders for path in sorted(folder.rglob(".github/workflows/*.y*ml"))]
    return [path.read_text(encoding="utf-8") for path in paths]


def _write(root: Path, workflows: list[str]) -> None:
    folder = root / ".github" / "workflows"
    folder.mkdir(parents=True)
    for index, text in enumerate(workflows):
        (folder / f"w{index:04}.yml").write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)


def _timeline() -> list[str]:
    return [str(BIN / "verify-runtime"), "timeline"]


def _zizmor() -> list[str]:
    return [str(BIN / "zizmor"), "--quiet", "--offline", "--no-exit-codes", "."]


def _actionlint(root: Path) -> list[str]:
    # Its own checks alone: neither of the programs that it calls where it finds them.
    files = sorted(str(path) for path in (root / ".github/workflows").iterdir())
    return [str(ROOT / ".tools/bin/actionlint"), "-shellcheck=", "-pyflakes=", *files]


def _measure(commands: dict[str, tuple[Path, list[str]]], runs: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, (folder, command) in commands.items():
            start = time.perf_counter()
            subprocess.run(command, cwd=folder, capture_output=True, check=False)
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in taken.items()}


if __name__ == "__main__":
    main()
