from pathlib import Path

import pytest

from release.errors import ReleaseError
from release.publication import publish
from release.source import Source
from release.tag import Tag

from .conftest import Project


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, list[Path]]:
    notes, assets = tmp_path / "notes.md", [tmp_path / "app-1.tar.gz", tmp_path / "app-1.cdx.json"]
    notes.write_text("What it brings.\n", encoding="utf-8")
    for asset in assets:
        asset.write_text(asset.name, encoding="utf-8")
    return notes, assets


Files = tuple[Path, list[Path]]


def release(version: tuple[Source, Tag], files: Files) -> str:
    return publish(*version, *files)


def asked(project: Project) -> list[str]:
    return [each["arguments"][1] for each in project.github["asked"]]


@pytest.mark.parametrize("annotated", [False, True], ids=["lightweight", "annotated"])
def test_a_release_has_notes_and_files_and_the_major_tag_follows(
    project: Project, files: Files, *, annotated: bool
) -> None:
    version = project.tag("v1.2.3", annotated=annotated)
    assert release(version, files) == "v1.2.3 is released. v1 is v1.2.3 now."
    assert project.github["releases"] == {
        "v1.2.3": {
            "draft": False,
            "prerelease": "false",
            "latest": "true",
            "title": "v1.2.3",
            "notes": "What it brings.\n",
            "files": {"app-1.tar.gz": 12, "app-1.cdx.json": 14},
        }
    }
    assert "--verify-tag" in project.github["asked"][-1]["arguments"]
    assert project.at_origin("v1") == version[0].commit
    newer = project.tag("v1.10.0", annotated=annotated)
    assert release(newer, files) == "v1.10.0 is released. v1 is v1.10.0 now."
    assert project.at_origin("v1") == newer[0].commit


def test_a_major_tag_that_was_annotated_by_hand_moves_too(project: Project, files: Files) -> None:
    project.tag("v1.2.3")
    project.git("tag", "--annotate", "--message=By hand", "v1")
    project.git("push", "--quiet", "origin", "v1")
    newer = project.tag("v1.2.4")
    release(newer, files)
    assert project.at_origin("v1") == newer[0].commit


def test_the_major_tag_never_moves_backwards(project: Project, files: Files) -> None:
    newest = project.tag("v1.2.0")
    release(newest, files)
    assert release(project.tag("v1.1.9"), files) == "v1.1.9 is released. v1 stays: v1.2.0 is newer."
    assert project.at_origin("v1") == newest[0].commit
    assert project.github["releases"]["v1.1.9"]["latest"] == "false"


def test_another_major_version_has_a_tag_of_its_own(project: Project, files: Files) -> None:
    first, second = project.tag("v1.2.0"), project.tag("v2.0.0")
    release(second, files)
    assert project.at_origin("v1") == ""
    assert release(first, files) == "v1.2.0 is released. v1 is v1.2.0 now."
    assert project.at_origin("v2") == second[0].commit
    assert project.github["releases"]["v1.2.0"]["latest"] == "false"


def test_a_pre_release_is_marked_and_moves_nothing(project: Project, files: Files) -> None:
    assert release(project.tag("v1.2.3-rc.1"), files) == "v1.2.3-rc.1 is released. v1 stays: this is a pre-release."
    assert project.github["releases"]["v1.2.3-rc.1"]["prerelease"] == "true"
    assert project.github["releases"]["v1.2.3-rc.1"]["latest"] == "false"
    assert project.at_origin("v1") == ""


def test_a_second_run_changes_nothing(project: Project, files: Files) -> None:
    version = project.tag("v1.2.3")
    said = release(version, files)
    before = project.github["releases"], project.at_origin("v1")
    assert release(version, files) == said
    assert (project.github["releases"], project.at_origin("v1")) == before
    assert asked(project) == ["view", "create", "view"]


@pytest.mark.parametrize("draft", [True, False])
def test_what_a_run_that_was_cut_off_left_is_completed(project: Project, files: Files, *, draft: bool) -> None:
    version = project.tag("v1.2.3")
    project.set_github(releases={"v1.2.3": {"draft": draft, "files": {"app-1.tar.gz": 3}}})
    release(version, files)
    done = project.github["releases"]["v1.2.3"]
    assert done["files"] == {"app-1.tar.gz": 12, "app-1.cdx.json": 14}
    assert not done["draft"]
    assert done.get("notes") == ("What it brings.\n" if draft else None)
    assert project.at_origin("v1") == version[0].commit


@pytest.mark.parametrize("command", ["view", "create"])
def test_what_github_refuses_is_told_and_the_major_tag_waits(project: Project, files: Files, command: str) -> None:
    version = project.tag("v1.2.3")
    project.set_github(refuse={command: "HTTP 403: Resource not accessible by integration"})
    with pytest.raises(ReleaseError, match=rf"gh release {command} v1\.2\.3 failed: HTTP 403.*\n  Mend that"):
        release(version, files)
    assert project.at_origin("v1") == ""
    project.set_github()
    assert release(version, files).endswith("v1 is v1.2.3 now.")


def test_a_tag_that_was_moved_meanwhile_is_not_released(project: Project, files: Files) -> None:
    version = project.tag("v1.2.3")
    project.commit({"a": ""})
    project.git("push", "--quiet", "--force", "origin", "HEAD:refs/tags/v1.2.3")
    with pytest.raises(ReleaseError, match=r"v1\.2\.3 is \w{12} here, and \w{12} at the origin"):
        release(version, files)
    project.git("push", "--quiet", "--delete", "origin", "v1.2.3")
    with pytest.raises(ReleaseError, match="and nothing at the origin"):
        release(version, files)
    assert asked(project) == []


def test_a_missing_gh_is_told(project: Project, files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    version = project.tag("v1.2.3")
    (tmp_path / "bin" / "gh").unlink()
    (tmp_path / "bin" / "git").symlink_to("/usr/bin/git")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(ReleaseError, match="gh is not on PATH"):
        release(version, files)
