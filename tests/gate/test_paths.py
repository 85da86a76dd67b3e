import os
import time
from pathlib import Path

import pytest

from gate import paths


@pytest.mark.parametrize(("root", "cache", "state"), [(True, "/var/cache", "/var/lib"), (False, "", "")])
def test_root_keeps_things_outside_its_closed_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cache: str, state: str, *, root: bool
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    assert paths.cache() == Path(cache or tmp_path / ".cache") / "ci-gate"
    assert paths.state() == Path(state or tmp_path / ".local/state") / "ci-gate"


def test_a_scratch_folder_ends_with_its_run_and_so_does_what_a_killed_run_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    old, fresh = (tmp_path / "ci-gate" / "runs" / name for name in ("old", "fresh"))
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    os.utime(old, (0, time.time() - 2 * 86_400))
    with paths.scratch("runs") as folder:
        assert folder.is_dir()
    assert sorted(path.name for path in (tmp_path / "ci-gate" / "runs").iterdir()) == ["fresh"]
