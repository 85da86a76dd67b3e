from pathlib import Path

import pytest

from gate import kept, repository

from .sandbox import make, write

LCOV = "SF:src/web/a.ts\nDA:1,1\nDA:2,0\nend_of_record\n"
FILES = {
    "sonar-project.properties": "sonar.sources=src\nsonar.javascript.lcov.reportPaths=coverage/web.lcov\n",
    ".gitignore": "coverage/\n",
    "src/web/a.ts": "a\nb\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a copy with one report left."""
    copy, folder = make(tmp_path / "copy"), tmp_path / "kept"
    write(copy, FILES | {"coverage/web.lcov": LCOV})
    folder.mkdir()
    kept.leave(copy, folder)
    return folder


def test_the_reports_and_what_they_say_outlive_the_copy(tmp_path: Path, folder: Path) -> None:
    assert kept.said(folder) == {"src/web/a.ts": (1, 2)}
    root = make(tmp_path / "work")
    write(root, FILES)
    kept.bring(folder, repository.find(root))
    assert (root / "coverage/web.lcov").read_text(encoding="utf-8") == LCOV


def test_what_is_git_s_is_not_written_over(tmp_path: Path, folder: Path) -> None:
    root = make(tmp_path / "work")
    write(root, FILES | {".gitignore": "", "coverage/web.lcov": "mine"})
    kept.bring(folder, repository.find(root))
    assert (root / "coverage/web.lcov").read_text(encoding="utf-8") == "mine"


def test_where_nothing_was_kept_nothing_was_said(tmp_path: Path) -> None:
    assert kept.said(tmp_path) == {}
    kept.bring(tmp_path, repository.find(make(tmp_path / "work")))
