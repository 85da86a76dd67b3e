import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from template import cli

from .repository import commit, copy, files, git

NAMED = ["--name", "acme-studio", "--repository", "acme/studio", "--template", "https://example.com/template"]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return copy(tmp_path / "template")


def test_the_names_are_the_teams_everywhere(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*NAMED, "--title", "Our studio", "--holder", "Acme Ltd"], template) == 0
    texts = {name: content.decode("utf-8", "replace") for name, (_, content) in files(template).items()}
    assert 'name = "acme-studio"' in texts["pyproject.toml"]
    assert '"name": "acme-studio"' in texts["package.json"]
    assert "<title>Our studio</title>" in texts["src/web/index.html"]
    assert "Copyright (c) 2026 Acme Ltd" in texts["LICENSE"]
    assert texts["README.md"].startswith("# acme-studio\n\n[![ci](https://github.com/acme/studio/actions/")
    assert "id=acme_studio" in texts["README.md"]
    assert "@acme\n" in texts[".github/CODEOWNERS"]
    assert "_commit: " in texts[".copier-answers.yml"]
    assert "This is acme-studio now, of acme/studio" in capsys.readouterr().out


@pytest.mark.parametrize("without", ["", "web", "tracking", "tracking,web,analytics"])
def test_nothing_is_left_of_the_template_or_of_what_is_left_out(template: Path, without: str) -> None:
    gone = [line for line in git(template, "ls-files").splitlines() if line.startswith("docs/")]
    assert cli.main([*NAMED, "--without", without], template) == 0
    left = files(template)
    words = [b"ci-gate-template", b"OWNER/REPO", b"@OWNER", b"Image generation", b"bench/", b"src/template"]
    words += [name.encode() for name in gone if name not in left]
    words += [f"src/{part}".encode() for part in without.split(",") if part]
    found = [(word, name) for name, (_, text) in left.items() for word in words if word in text]
    # Workflows, reports and paths in a test's own text are other repositories'.
    assert [each for each in found if not each[1].startswith(("tests/", "src/gate/data/"))] == []
    assert not [part for part in without.split(",") if part and (template / "src" / part).exists()]
    targets = set(re.findall(r"^([a-z0-9-]+):", (template / "Makefile").read_text(), re.MULTILINE))
    for name in ("CONTRIBUTING.md", "README.md"):  # no command of a document is gone
        named = re.findall(r"(?:^|`)make ([a-z0-9-]+)", (template / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert set(named) <= targets, name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--name", "Bad Name"], "NAME=Bad Name: a name is small letters, digits and hyphens"),
        (["--name", "pytest"], "a package of that name is used here"),
        (["--name", "acme", "--without", "gate"], "what can be left out is tracking, web, analytics"),
        (["--name", "acme", "--repository", ""], "REPOSITORY= is missing"),
        (["--name", "acme", "--template", ""], "TEMPLATE= is missing"),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_has_changed(
    template: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(template)
    assert cli.main([*NAMED, *arguments], template) == 2
    assert said in capsys.readouterr().err
    assert files(template) == before


def test_what_is_not_said_comes_from_the_remotes_and_the_name(template: Path) -> None:
    git(template, "remote", "add", "origin", "git@github.com:acme/my-studio.git")
    git(template, "remote", "add", "upstream", "https://github.com/elsewhere/template")
    assert cli.main(["--name", "acme-studio"], template) == 0
    answers = (template / ".copier-answers.yml").read_text(encoding="utf-8")
    assert 'repository: "acme/my-studio"\ntitle: "Acme studio"\n' in answers
    assert '_src_path: "https://github.com/elsewhere/template"\nholder: "acme"\n' in answers


def test_uncommitted_work_is_not_mixed_with_it(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (template / "mine.txt").write_text("work", encoding="utf-8")
    before = files(template)
    assert cli.main(NAMED, template) == 2
    assert "not committed; commit or stash them first:\n?? mine.txt" in capsys.readouterr().err
    assert files(template) == before


def test_a_folder_that_git_does_not_know_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(NAMED, tmp_path) == 2
    assert "This is no Git repository" in capsys.readouterr().err


def test_a_full_disk_stops_it_before_anything_has_changed(template: Path) -> None:
    before = files(template)
    done = subprocess.run(
        [sys.executable, "src/template", *NAMED],
        cwd=template,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )
    assert done.returncode == 2
    assert "Nothing has changed: mend that, and run the same again." in done.stderr
    assert files(template) == before


def test_what_stops_it_in_the_middle_is_told_with_the_way_back(
    template: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(template)
    monkeypatch.setattr(Path, "unlink", _refuse)
    assert cli.main(NAMED, template) == 2
    assert "stopped in the middle: no. Mend that, then: git restore . && git clean -df" in capsys.readouterr().err
    monkeypatch.undo()
    git(template, "restore", ".")
    git(template, "clean", "--quiet", "-df")
    assert files(template) == before


def _refuse(*_: object, **__: object) -> None:
    raise OSError("no")


def test_it_can_be_undone_until_it_is_committed(template: Path) -> None:
    before = files(template)
    assert cli.main(NAMED, template) == 0
    git(template, "restore", ".")
    git(template, "clean", "--quiet", "-df")
    assert files(template) == before


def test_a_second_time_says_that_it_is_done(template: Path) -> None:
    assert cli.main(NAMED, template) == 0
    commit(template, "Ours")
    before = files(template)
    done = subprocess.run(["make", "init", "NAME=other"], cwd=template, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "This repository is initialised; .copier-answers.yml says how." in done.stderr
    assert files(template) == before


def test_make_init_asks_for_the_name_on_its_command_line(template: Path) -> None:
    done = subprocess.run(
        ["make", "init"],
        cwd=template,
        env={"PATH": "/usr/bin:/bin", "NAME": "set-by-the-system"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Say the name: make init NAME=my-app" in done.stderr
