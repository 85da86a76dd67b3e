import os
import subprocess
from pathlib import Path

import pytest

from gate import shell


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return a PATH with it, in a folder whose name needs quotes, behind what a step may put before it."""
    return f"/opt/first:{shell.lingering(tmp_path / 'a *$HOME folder', os.environ['PATH'])}"


def run(path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", *arguments], env={"PATH": path}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 7", 7), ("kill -TERM $$", 143)])
def test_the_scripts_status_arguments_and_output_are_bashs(path: str, script: str, status: int) -> None:
    done = run(path, "-c", f'echo "$1" "$#"; echo on stderr >&2; {script}', "name", "an argument", "another")
    assert (done.returncode, done.stdout) == (status, "an argument 2\n")
    assert done.stderr.startswith("on stderr\n")


def test_what_a_step_starts_has_the_path_without_it(path: str) -> None:
    assert run(path, "-c", 'echo "$PATH"').stdout == f"/opt/first:{os.environ['PATH']}\n"


def test_a_path_without_bash_stays_as_it_is(tmp_path: Path) -> None:
    assert shell.lingering(tmp_path / "folder", str(tmp_path)) == str(tmp_path)
    assert not (tmp_path / "folder").exists()
