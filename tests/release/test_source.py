import io
import tarfile
import time
from pathlib import Path

import pytest

from release import source, tag
from release.errors import ReleaseError

from .conftest import Project


def test_the_archive_holds_the_commit_and_is_the_same_bytes_each_time(project: Project) -> None:
    found, _ = project.tag("v1.2.3")
    first = found.archive("app-1.2.3")
    (project.root / "pyproject.toml").write_text("changed, and not committed", encoding="utf-8")
    (project.root / "CHANGELOG.md").chmod(0o600)
    project.git("config", "tar.umask", "0077")
    time.sleep(1.1)  # a packing time would have another second now
    assert found.archive("app-1.2.3") == first
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        names = archive.getnames()
        pyproject = archive.extractfile("app-1.2.3/pyproject.toml")
        assert pyproject
        assert b'version = "1.2.3"' in pyproject.read()
    assert names == ["app-1.2.3", *(f"app-1.2.3/{file}" for file in ("CHANGELOG.md", "package.json", "pyproject.toml"))]


def test_the_name_is_pythons_then_npms_without_scope_then_the_folders(project: Project) -> None:
    wanted = tag.parse("v9.9.9")
    project.commit({"package.json": '{"name": "@team/page", "version": "1.0.0"}'})
    assert source.find(project.root, wanted).name == "page"
    project.commit({"pyproject.toml": '[project]\nname = "service"\nversion = "1.0.0"\n'})
    assert source.find(project.root, wanted).name == "service"
    project.git("rm", "--quiet", "package.json", "pyproject.toml")
    project.commit({})
    assert source.find(project.root, wanted).name == "app"


def test_a_hooks_own_git_variables_do_not_lead_elsewhere(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    found, wanted = project.tag("v1.2.3")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert source.find(project.root, wanted) == found


def test_no_repository_is_told_in_gits_words(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="not a git repository"):
        source.find(tmp_path, tag.parse("v1.2.3"))
