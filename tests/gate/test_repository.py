import os
import subprocess
from pathlib import Path

import pytest

from gate import repository
from gate.errors import CannotJudgeError


def git(folder: Path, *arguments: str) -> str:
    who = {f"GIT_{role}_{what}": "ada" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, env=os.environ | who
    ).stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "-m", f"Write {name}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "wörk tree"
    folder.mkdir()
    git(folder, "init", "--initial-branch=main")
    return folder


def blamed(copy: Path, name: str) -> list[str]:
    """Return whether each line is the base's or new, as Sonar's blame sees it."""
    base = git(copy, "rev-parse", "origin/main")
    lines = git(copy, "blame", "-s", "-l", "--root", name).splitlines()
    return ["base" if line.startswith(base) else "new" for line in lines]


def test_the_repository_is_found_from_a_folder_in_it(work: Path) -> None:
    (work / "a" / "b").mkdir(parents=True)
    assert repository.find(work / "a" / "b").root == work


def test_a_folder_outside_any_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotJudgeError, match="in no git work tree"):
        repository.find(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotJudgeError, match="There is no folder"):
        repository.find(tmp_path / "nowhere")


def test_a_missing_git_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotJudgeError, match="git is not on PATH"):
        repository.find(tmp_path)


def test_a_repository_without_a_commit_is_told_what_to_do(work: Path) -> None:
    with pytest.raises(CannotJudgeError, match=r"no commit yet.*\n.*git commit"):
        repository.find(work).base(None)


@pytest.mark.parametrize(
    ("remote", "slug", "key"),
    [
        ("https://github.com/Octo/web-app.git", "Octo/web-app", "Octo_web-app"),
        ("git@github.com:Octo/web.app.git", "Octo/web.app", "Octo_web.app"),
        ("ssh://git@host:22/Octo/app/", "Octo/app", "Octo_app"),
        ("https://user:secret@github.com/Octo/app", "Octo/app", "Octo_app"),
    ],
)
def test_the_key_is_the_one_that_sonarcloud_derives(work: Path, remote: str, slug: str, key: str) -> None:
    git(work, "remote", "add", "origin", remote)
    found = repository.find(work)
    assert (found.slug, found.key) == (slug, key)


def test_without_a_remote_the_key_comes_from_the_folder(work: Path) -> None:
    assert repository.find(work).key == "local_w_rk_tree"


def test_without_a_remote_new_code_counts_from_the_first_commit(work: Path) -> None:
    first = commit(work, "a", "1\n")
    commit(work, "a", "2\n")
    assert repository.find(work).base(None) == first


def test_new_code_counts_from_where_the_branch_left_the_remotes_default(work: Path, tmp_path: Path) -> None:
    commit(work, "a", "1\n")
    left = commit(work, "a", "2\n")
    git(tmp_path, "clone", str(work), "clone")
    commit(work, "a", "3\n")
    git(tmp_path / "clone", "fetch")
    commit(tmp_path / "clone", "b", "mine\n")
    assert repository.find(tmp_path / "clone").base(None) == left


def test_a_base_that_is_not_there_is_told(work: Path) -> None:
    commit(work, "a", "1\n")
    with pytest.raises(CannotJudgeError, match="no commit 'develop'"):
        repository.find(work).base("develop")


def test_histories_with_nothing_in_common_are_told(work: Path) -> None:
    commit(work, "a", "1\n")
    git(work, "checkout", "--orphan", "other")
    commit(work, "b", "1\n")
    with pytest.raises(CannotJudgeError, match="no commit in common"):
        repository.find(work).base("main")


def test_a_shallow_clone_and_a_detached_head_work(work: Path, tmp_path: Path) -> None:
    for number in range(3):
        last = commit(work, "a", f"{number}\n")
    git(tmp_path, "clone", "--depth=1", work.as_uri(), "clone")
    git(tmp_path / "clone", "checkout", "--detach", "HEAD")
    shallow = repository.find(tmp_path / "clone")
    assert shallow.base(None) == last
    (tmp_path / "clone" / "a").write_text("2\nnew\n", encoding="utf-8")
    with shallow.copy(last, uncommitted=True) as copy:
        assert blamed(copy, "a") == ["base", "new"]


def test_the_copy_has_uncommitted_new_and_deleted_files_but_not_ignored_ones(work: Path) -> None:
    (work / ".gitignore").write_text("ignored/\n", encoding="utf-8")
    commit(work, "gone", "1\n")
    base = commit(work, "söurce/a b.py", "one\ntwo\n")
    (work / "gone").unlink()
    (work / "söurce/a b.py").write_text("one\nTWO\n", encoding="utf-8")
    (work / "fresh").write_text("x\n", encoding="utf-8")
    (work / "ignored").mkdir()
    (work / "ignored" / "x").write_text("x\n", encoding="utf-8")
    before = git(work, "status", "--porcelain")
    with repository.find(work).copy(base, uncommitted=True) as copy:
        assert sorted(str(path.relative_to(copy)) for path in copy.rglob("*") if ".git/" not in f"{path}/") == [
            ".gitignore",
            "fresh",
            "söurce",
            "söurce/a b.py",
        ]
        assert blamed(copy, "söurce/a b.py") == ["base", "new"]
        assert git(copy, "status", "--porcelain") == ""
        assert git(copy, "fsck", "--full") == ""
        assert not (copy / ".git/objects/info/alternates").exists()
    assert git(work, "status", "--porcelain") == before
    assert not copy.exists()


def test_a_change_of_the_same_size_in_the_same_second_is_not_missed(work: Path) -> None:
    for number in range(10, 20):
        base = commit(work, "a", f"{number}\n")
        (work / "a").write_text(f"{number + 10}\n", encoding="utf-8")
        with repository.find(work).copy(base, uncommitted=True) as copy:
            assert (copy / "a").read_text(encoding="utf-8") == f"{number + 10}\n"


def test_a_merge_of_the_default_branch_does_not_hide_what_the_branch_had_written_before(work: Path) -> None:
    commit(work, "a", "1\n")
    git(work, "checkout", "-b", "feature")
    commit(work, "mine", "mine\n")
    git(work, "checkout", "main")
    base = commit(work, "theirs", "theirs\n")
    git(work, "checkout", "feature")
    git(work, "merge", "main")
    found = repository.find(work)
    assert found.base("main") == base
    with found.copy(base, uncommitted=True) as copy:
        assert (blamed(copy, "mine"), blamed(copy, "theirs")) == (["new"], ["base"])


def test_the_base_copy_is_the_base_and_nothing_else(work: Path) -> None:
    base = commit(work, "a", "1\n")
    commit(work, "b", "1\n")
    with repository.find(work).copy(base, uncommitted=False) as copy:
        assert sorted(path.name for path in copy.iterdir()) == [".git", "a"]


def test_a_submodule_is_a_repository_of_its_own(work: Path, tmp_path: Path) -> None:
    base = commit(work, "a", "1\n")
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", work.as_uri(), "inner")
    (outer / "inner" / "a").write_text("1\n2\n", encoding="utf-8")
    found = repository.find(outer / "inner")
    assert found.root == outer / "inner"
    with found.copy(base, uncommitted=True) as copy:
        assert blamed(copy, "a") == ["base", "new"]


def test_a_hooks_own_git_variables_do_not_lead_elsewhere(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(work, "a", "1\n")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert repository.find(work).root == work


def test_the_address_in_the_copy_holds_no_password(work: Path) -> None:
    base = commit(work, "a", "1\n")
    git(work, "remote", "add", "origin", "https://user:secret@github.com/Octo/app")
    with repository.find(work).copy(base, uncommitted=False) as copy:
        assert git(copy, "remote", "get-url", "origin") == "https://github.com/Octo/app"
