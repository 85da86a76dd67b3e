"""What the hooks add to a normal commit: two Python files, a component and the README.

Usage: bench/commit.py [--runs N] [--json]

The same commit is made in a clone with the hooks and without them, in turn; figures are medians in seconds. The limit
for the commit with hooks is 3 s. Each hook's time is what pre-commit says of it; the rest is pre-commit's own.
"""

import argparse
import json
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("src/gate/plan.py", "tests/gate/test_plan.py", "src/web/app/Problem.tsx", "README.md")
TOOLS = (".venv", ".tools", "node_modules")
LIMIT = 3.0
COMMENT = {".py": "\n\n# {}\n", ".tsx": "// {}\n", ".md": "<!-- {} -->\n"}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not (ROOT / ".tools/bin/actionlint").exists():
        sys.exit("The hooks are not set up: make setup hooks, then make bench")
    took: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        clone = _clone(Path(folder) / "clone")
        for run in range(options.runs + 1):
            figures = {"without hooks": _commit(clone, run, "--no-verify")[0]}
            figures["with hooks"], figures["  of it, processor time"] = _commit(clone, run)
            figures |= _hooks(clone)
            if run:  # the first fills the tools' caches
                for name, seconds in figures.items():
                    took.setdefault(name, []).append(seconds)
    medians = {name: statistics.median(seconds) for name, seconds in took.items()} | {"limit with hooks": LIMIT}
    if options.json:
        print(json.dumps(medians, indent=2))
        return
    for name, value in medians.items():
        print(f"{name:<36}{value:8.2f}")


def _clone(clone: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    for tool in TOOLS:
        (clone / tool).symlink_to(ROOT / tool)
    shutil.copy2(ROOT / ".github/hooks/pre-commit", clone / ".git/hooks/pre-commit")
    return clone


def _commit(clone: Path, run: int, *options: str) -> tuple[float, float]:
    """Change the files, and return how long their commit took, and how much processor time, which other work hides."""
    for name in FILES:
        with (clone / name).open("a", encoding="utf-8") as file:
            file.write(COMMENT[Path(name).suffix].format(f"run {run}{' without' * len(options)}"))
    _git(clone, "add", *FILES)
    started, used = time.perf_counter(), _processor()
    _git(clone, "commit", "--quiet", "--message=a change", *options)
    return time.perf_counter() - started, _processor() - used


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _hooks(clone: Path) -> dict[str, float]:
    """Return what each hook takes for the files of the last commit, by its name."""
    command = [str(clone / ".venv/bin/pre-commit"), "run", "--verbose", "--files", *FILES]
    said = subprocess.run(command, cwd=clone, check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^(.+?)\.\.+Passed\n- hook id: .*\n- duration: ([\d.]+)s", said, re.MULTILINE)
    return {f"  {name}": float(seconds) for name, seconds in found}


def _git(clone: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *arguments]
    done = subprocess.run(command, cwd=clone, env=dict(os.environ), check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"git {arguments[0]} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
