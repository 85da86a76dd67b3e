"""A disk of a test's own: a small one, or one that becomes read-only, in a namespace that ends with its process."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")


def run_on_a_disk(script: str, folder: Path, size: str) -> str:
    """Run a script, whose argument is an empty disk of some size; returns what it prints.

    Where the machine lets nobody mount one, the test is skipped.
    """
    if (
        shutil.which(_NAMESPACE[0]) is None
        or subprocess.run([*_NAMESPACE, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("nobody but the administrator can mount a disk here")
    mount = f'mount -t tmpfs -o size={size} tmpfs "$1" && exec "$0" -c "$2" "$1"'
    command = [*_NAMESPACE, "sh", "-c", mount, sys.executable, str(folder), script]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
