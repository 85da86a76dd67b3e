"""From the template to a team's repository, by each way there is, and up to the template's next version."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..template.repository import ROOT, commit, copy, files, git
from .conftest import clean

COPIER = Path(sys.prefix) / "bin" / "copier"
ANSWERS = {"name": "acme-studio", "repository": "acme/studio", "title": "Our studio", "holder": "Acme & Söhne"}
CI = ".github/workflows/ci.yml"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """The template's repository, with the release that is the newest."""
    made = copy(tmp_path / "template")
    git(made, "tag", "v0.1.0")
    git(made, "gc", "--quiet")  # copier looks at every file of .git
    return made


def environment(**more: str) -> dict[str, str]:
    """Return what a newcomer's shell has: no settings of git's, and nothing of the pipeline's around this test."""
    # A .venv's python3 first on PATH would be the new repository's own, before it has one.
    path = os.pathsep.join(each for each in os.environ["PATH"].split(os.pathsep) if not each.startswith(str(ROOT)))
    return clean() | {"PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull} | more


def run(folder: Path, *command: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def init(folder: Path, without: str = "") -> Path:
    """Run what `make init` runs first, with this test's answers."""
    given = [f"--{name}={value}" for name, value in ANSWERS.items()]
    template = f"--template={folder.parent / 'template'}"
    done = run(folder, "python3", "src/template", *given, f"--without={without}", template)
    assert done.returncode == 0, done.stderr
    commit(folder, "Ours")
    return folder


def copier(template: Path, folder: Path, without: str = "[]") -> Path:
    """Make a repository of the template with copier."""
    data = [f"--data={name}={value}" for name, value in ANSWERS.items()]
    command: list[str | Path] = [
        COPIER,
        "copy",
        "--trust",
        "--defaults",
        *data,
        f"--data=without={without}",
        template,
        folder,
    ]
    done = run(template, *command)
    assert done.returncode == 0, done.stderr
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "Start")
    return folder


@pytest.mark.parametrize(("without", "parts"), [("", "[]"), ("tracking,web,analytics", "[tracking, web, analytics]")])
def test_use_this_template_a_fork_and_copier_lead_to_the_same_tree(
    template: Path, without: str, parts: str, tmp_path: Path
) -> None:
    used = copy(tmp_path / "used")  # GitHub's copy of the files has no history, and no tag
    git(tmp_path, "clone", "--quiet", str(template), "fork")
    trees = [files(init(each, without)) for each in (used, tmp_path / "fork")]
    trees.append(files(copier(template, tmp_path / "copied", parts)))
    assert trees[0] == trees[1] == trees[2]
    assert len(trees[0]) > 100


def next_version(template: Path) -> None:
    """Release a version of the template with a change of its own in ci.yml and in pyproject.toml, and a new file."""
    edit(template / CI, "timeout-minutes: 30", "timeout-minutes: 25")
    edit(template / "pyproject.toml", "xfail_strict = true", 'xfail_strict = true\nlog_level = "INFO"')
    edit(template / "pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    (template / "docs" / "new.md").write_text("# New\n", encoding="utf-8")
    commit(template, "Next")
    git(template, "tag", "v0.2.0")
    git(template, "gc", "--quiet")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def update(folder: Path) -> None:
    done = run(folder, COPIER, "update", "--trust", "--defaults")
    assert done.returncode == 0, done.stderr


def test_an_update_brings_the_templates_changes_and_keeps_the_teams(template: Path, tmp_path: Path) -> None:
    team = init(copy(tmp_path / "team"), "web")
    edit(
        team / CI,
        "      - name: Lint the Python code",
        "      - name: Ours\n        run: make ours\n\n      - name: Lint the Python code",
    )
    edit(team / "pyproject.toml", "line-length = 120", "line-length = 110")
    (team / "src" / "ours.py").write_text('"""Ours."""\n', encoding="utf-8")
    commit(team, "Work")
    next_version(template)
    update(team)
    workflow = (team / CI).read_text(encoding="utf-8")
    assert "timeout-minutes: 25" in workflow
    assert "run: make ours" in workflow
    assert "pnpm" not in workflow
    project = (team / "pyproject.toml").read_text(encoding="utf-8")
    assert 'log_level = "INFO"' in project
    assert "line-length = 110" in project
    assert 'name = "acme-studio"\nversion = "0.1.0"' in project
    assert (team / "docs" / "new.md").exists()
    assert (team / "src" / "ours.py").exists()
    assert not (team / "src" / "template").exists()
    assert not (team / "src" / "web").exists()
    assert '_commit: "v0.2.0"' in (team / ".copier-answers.yml").read_text(encoding="utf-8")
    changed = {line[3:] for line in git(team, "status", "--porcelain", "--untracked-files=all").splitlines()}
    assert changed == {CI, "pyproject.toml", "docs/new.md", ".copier-answers.yml"}


def test_a_conflict_is_marked_and_neither_side_is_lost(template: Path, tmp_path: Path) -> None:
    team = copier(template, tmp_path / "team")
    edit(team / CI, "timeout-minutes: 30", "timeout-minutes: 45")
    commit(team, "Work")
    next_version(template)
    update(team)
    conflict = re.search(r"<<<<<<< .*\n(.*\n)=======\n(.*\n)>>>>>>> .*\n", (team / CI).read_text(encoding="utf-8"))
    assert conflict
    assert [side.strip() for side in conflict.groups()] == ["timeout-minutes: 45", "timeout-minutes: 25"]
    assert f"UU {CI}" in git(team, "status", "--porcelain")


@pytest.mark.parametrize(
    "without",
    [
        # All of the template's own tests once more, whose files are the same byte for byte.
        pytest.param("", marks=pytest.mark.whole),
        "tracking,web,analytics",
    ],
    ids=["whole", "pipeline alone"],
)
def test_make_init_ends_with_make_test_green(without: str, tmp_path: Path) -> None:
    team = copy(tmp_path / "team")
    git(team, "remote", "add", "origin", "https://github.com/acme/studio.git")
    done = run(team, "make", "init", "NAME=acme-studio", f"WITHOUT={without}", "TEMPLATE=https://example.com/template")
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    for word in ("This is acme-studio now", ".tools/bin/actionlint", ".venv/bin/zizmor", ": 0 findings"):
        assert word in done.stdout
    assert re.search(r"^=+ .*\b\d+ passed", done.stdout, re.MULTILINE)
    assert not re.search(r"\b\d+ failed", done.stdout)
    assert git(team, "status", "--porcelain", "--", "src/gate", "src/verify_runtime") == ""


@pytest.mark.whole
def test_what_the_names_change_is_linted_and_tested(tmp_path: Path) -> None:
    team = init(copy(tmp_path / "team"))
    done = run(team, "make", "lock-check", "setup", "lint", "test-web")
    assert done.returncode == 0, (done.stdout + done.stderr)[-5000:]
    assert ": 0 findings" in done.stdout
    assert git(team, "status", "--porcelain") == ""
