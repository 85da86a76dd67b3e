"""Compile the locks, or tell whether they are stale: `make lock` and `make lock-check`.

Standard library only: it also works where the locked packages do not fit together, and so cannot be installed.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = "requirements.txt"
PAGE = "pnpm-lock.yaml"


def compile_python(root: Path, output: Path) -> None:
    """Compile pyproject.toml with all its extras; what the output pins already stays where it fits.

    Args:
        root: The repository.
        output: The lock to write.

    Raises:
        subprocess.CalledProcessError: No versions fit together; uv said which on stderr.
    """
    own = ROOT / ".venv" / "bin" / "uv"  # the locked one, before whatever is on PATH
    command: tuple[str | Path, ...] = (own if own.exists() else "uv", "pip", "compile", "--quiet", "--universal")
    command += ("--generate-hashes", "--all-extras", "--no-emit-index-url", "--custom-compile-command", "make lock")
    subprocess.run((*command, "--output-file", output, "pyproject.toml"), cwd=root, check=True)


def stale_python(root: Path) -> list[str]:
    """Return what the Python lock lacks, has too much, or pins so that it does not fit; nothing when it is fresh.

    A newer release of a package, and another order of its hashes, make no lock stale.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.txt"
        shutil.copyfile(root / PYTHON, fresh)
        compile_python(root, fresh)
        wanted = pins(fresh.read_text(encoding="utf-8"))
    return list(_differences(pins((root / PYTHON).read_text(encoding="utf-8")), wanted))


def pins(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Return what a lock pins: by name and marker, the version and the hashes."""
    found = {}
    for line in lock.replace("\\\n", " ").splitlines():
        pinned = re.fullmatch(r"([\w.-]+)==([^\s;]+) *(;.*)?", line.partition("--hash=")[0].rstrip())
        if pinned:
            name, version, marker = pinned.groups()
            hashes = frozenset(re.findall(r"--hash=(\S+)", line))
            found[f"{name} {marker.strip()}" if marker else name] = (version, hashes)
    return found


def _differences(
    locked: dict[str, tuple[str, frozenset[str]]], wanted: dict[str, tuple[str, frozenset[str]]]
) -> Iterator[str]:
    for name in sorted(locked.keys() | wanted.keys()):
        if name not in locked:
            yield f"{name} is needed, and not in the lock"
        elif name not in wanted:
            yield f"{name} is in the lock, and nothing needs it"
        elif locked[name] != wanted[name]:
            versions = locked[name][0], wanted[name][0]
            is_pinned = "is locked at {}, and {} is what fits" if versions[0] != versions[1] else "lacks hashes"
            yield f"{name} {is_pinned.format(*versions)}"


def stale_page(root: Path) -> list[str]:
    """Return pnpm's own words for why its lock does not fit package.json; nothing when it does."""
    command = ("pnpm", "install", "--frozen-lockfile", "--lockfile-only")
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    reasons = [line.removeprefix("* ") for line in said if line.startswith("*")]
    return (reasons or said) if done.returncode else []


def report(lock: str, reasons: list[str]) -> str:
    """Return the words for a stale lock; in the workflow they are an annotation.

    Args:
        lock: The lock's name.
        reasons: What is stale about it.
    """
    branch = os.environ.get("GITHUB_HEAD_REF")
    lines = [f"{lock} is stale:", *(f"  {reason}" for reason in reasons)]
    lines += ["Compile it again: make lock. Then commit requirements.txt and pnpm-lock.yaml."]
    if branch:
        mend = "make lock && git commit -am 'Compile the locks' && git push"
        lines += [f"On this branch: git switch {shlex.quote(branch)} && {mend}"]
    if os.environ.get("GITHUB_ACTIONS") == "true":
        return f"::error title=A lock is stale,file={lock}::" + "%0A".join(lines)
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Compile or check one lock, and return the exit status: 1 when it is stale, 2 when nothing could be compiled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["compile", "check"], help="check changes no file")
    parser.add_argument("lock", choices=["python", "page"], help=f"{PYTHON} or {PAGE}")
    parser.add_argument("--root", type=Path, default=ROOT, help="the repository")
    chosen = parser.parse_args(arguments)
    is_python = chosen.lock == "python"
    try:
        if chosen.what == "check":
            reasons = (stale_python if is_python else stale_page)(chosen.root)
            if reasons:
                print(report(PYTHON if is_python else PAGE, reasons))  # noqa: T201 - the answer
            return min(len(reasons), 1)
        if is_python:
            compile_python(chosen.root, chosen.root / PYTHON)
        else:
            subprocess.run(("pnpm", "install", "--lockfile-only"), cwd=chosen.root, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(
            f"The lock could not be compiled: {error}\nMend what stands above, or run `make setup` first.\n"
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
