"""What pre-commit is given: this repository's own hooks, and the one that it offers to others."""

import json
import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
OWN: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
HOOKS: list[dict[str, Any]] = [hook for repository in OWN for hook in repository["hooks"]]
OFFERED: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOOLS = (".venv", ".tools", "node_modules")
# Made here, so that the repository never holds one.
TOKEN = "gh" + "p_" + "pLIix6MEOLeMa61EqJomTEI1JEzO3joOj37H"
WORKFLOW = """name: try
on: push
permissions: {{}}
concurrency: try
jobs:
  try:
    name: try
    runs-on: {runner}
    permissions: {{}}
    steps:
{steps}"""
SWITCH = "node-version: ${{ env.NODE_SCAN }}"


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git as somebody whose own settings, and whose workflow, are not ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "SKIP"))}
    kept |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(folder / ".git/hooked"),
    }
    command = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.com", *arguments)
    return subprocess.run(command, cwd=folder, env=kept, check=False, capture_output=True, text=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a repository of these files, with the hook and the tools that `make setup hooks` leave."""
    for tool in (".tools/bin/actionlint", "node_modules/eslint"):
        assert (ROOT / tool).exists(), f"{tool} is missing: make hooks"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name, follow_symlinks=False)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=start")
    for tool in TOOLS:
        (tmp_path / tool).symlink_to(ROOT / tool)
    shutil.copy2(ROOT / ".github/hooks/pre-commit", tmp_path / ".git/hooks/pre-commit")
    return tmp_path


def commit(clone: Path, files: dict[str, str]) -> tuple[bool, str]:
    """Commit these files, and return whether there is a new commit, and what was said."""
    before = git(clone, "rev-parse", "HEAD").stdout
    for name, text in files.items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(text, encoding="utf-8")
    assert git(clone, "add", "--force", *files).returncode == 0
    done = git(clone, "commit", "--message=a change")
    return git(clone, "rev-parse", "HEAD").stdout != before, done.stdout + done.stderr


def failed(said: str) -> list[str]:
    return re.findall(r"^(.*?)\.+(?:\(.*\))?Failed$", said, re.MULTILINE)


def test_every_own_hook_is_a_locked_tool_of_this_repository() -> None:
    assert {repository["repo"] for repository in OWN} == {"local"}
    first, *others = HOOKS
    assert first["entry"] == ".github/hooks/set-up"
    assert all(hook["language"] == "system" and hook["entry"].startswith((".venv/", ".tools/")) for hook in others)


@pytest.mark.parametrize("name", ["ruff", "zizmor", "kingfisher-bin", "pre-commit", "pre-commit-hooks"])
def test_each_tool_from_python_is_the_locked_one_and_no_other_version_is_named(name: str) -> None:
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert f"\n{name}=={version(name)} \\\n" in lock
    for file in (".pre-commit-config.yaml", ".github/workflows/ci.yml", "Makefile", "pyproject.toml"):
        assert not re.search(rf"\b{name}\b[\"']?(==|@| v?\d)", (ROOT / file).read_text(encoding="utf-8"))


def test_eslint_and_actionlint_are_the_locked_ones() -> None:
    installed = json.loads((ROOT / "node_modules/eslint/package.json").read_text(encoding="utf-8"))["version"]
    assert f"\n  eslint@{installed}:\n" in (ROOT / "pnpm-lock.yaml").read_text(encoding="utf-8")
    said = subprocess.run([ROOT / ".tools/bin/actionlint", "--version"], check=True, capture_output=True, text=True)
    pinned = f"github.com/rhysd/actionlint {said.stdout.splitlines()[0]} "
    assert pinned in (ROOT / ".github/tools/go.mod").read_text(encoding="utf-8")


def test_a_normal_commit_is_made(clone: Path) -> None:
    files = ("src/gate/plan.py", "tests/gate/test_plan.py", "src/web/app/Problem.tsx", "README.md")
    changed = {name: (clone / name).read_text(encoding="utf-8") + "\n" for name in files}
    changed = {name: text.rstrip("\n") + "\n" if name.endswith(".py") else text for name, text in changed.items()}
    changed["src/gate/plan.py"] = changed["src/gate/plan.py"].replace("import json\n", "import json  # read\n", 1)
    made, said = commit(clone, changed)
    assert made, said
    assert failed(said) == []
    assert "eslint...." in said


@pytest.mark.parametrize(
    ("hook", "file", "text"),
    [
        ("large files", "notes.txt", "x" * 520_000),
        ("secrets", "notes.txt", f"token: {TOKEN}\n"),
        ("secrets", ".env", f"GITHUB_TOKEN={TOKEN}\n"),
        ("ruff check", "src/gate/unused.py", '"""Nothing."""\n\nimport os\n'),
        ("ruff format", "src/gate/shape.py", '"""Nothing."""\n\nX = [ 1,2 ]\n'),
        ("eslint", "src/web/app/loose.ts", "export const loose = (): void => {\n  debugger;\n};\n"),
        (
            "actionlint",
            ".github/workflows/try.yml",
            WORKFLOW.format(runner="ubuntu-nowhere", steps="      - name: say\n        run: echo hello\n"),
        ),
        (
            "zizmor",
            ".github/workflows/try.yml",
            WORKFLOW.format(runner="ubuntu-latest", steps="      - uses: actions/cache/restore@v4\n"),
        ),
    ],
    ids=["large", "secret", "hidden", "check", "format", "eslint", "actionlint", "zizmor"],
)
def test_a_hook_stops_what_it_is_for(clone: Path, hook: str, file: str, text: str) -> None:
    made, said = commit(clone, {file: text})
    assert not made
    assert hook in failed(said), said
    assert TOKEN not in said


def test_a_switch_that_is_lost_stops_the_commit(clone: Path) -> None:
    text = (clone / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    assert SWITCH in text
    made, said = commit(clone, {".github/workflows/ci.yml": text.replace(SWITCH, SWITCH.replace("SCAN", "TEST"))})
    assert not made
    assert failed(said) == ["verify-runtime timeline"], said


@pytest.mark.parametrize("missing", TOOLS)
def test_without_the_tools_nothing_is_committed_and_the_words_say_make_setup(clone: Path, missing: str) -> None:
    (clone / missing).unlink()
    made, said = commit(clone, {"notes.md": "hello\n"})
    assert not made
    assert f"{missing}/" in said
    assert "Run: make setup hooks" in said
    assert len(said.splitlines()) == 1


def test_this_repository_holds_no_secret_and_is_clean(clone: Path) -> None:
    done = subprocess.run(
        [".venv/bin/pre-commit", "run", "secrets", "--all-files"],
        cwd=clone,
        env=os.environ | {"PRE_COMMIT_HOME": str(clone / ".git/hooked")},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_make_hooks_replaces_no_hook_of_somebody_elses(clone: Path) -> None:
    hook = clone / ".git/hooks/pre-commit"
    recipe = subprocess.run(["make", "-n", "hooks"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    script = recipe[recipe.index('hook="') : recipe.index('"$hook"\n', recipe.index("install -m")) + len('"$hook"\n')]
    for text, status in ((None, 0), ("#!/bin/sh\n", 1)):
        if text is None:
            hook.unlink()
        else:
            hook.write_text(text, encoding="utf-8")
        done = subprocess.run(["bash", "-ec", script], cwd=clone, check=False, capture_output=True, text=True)
        assert done.returncode == status
    assert hook.read_text(encoding="utf-8") == "#!/bin/sh\n"
    assert "Move it away, then run make hooks again" in done.stderr


def test_the_offered_hook_is_a_command_that_the_package_installs_with_all_that_it_needs() -> None:
    [hook] = OFFERED
    command, subcommand = hook["entry"].split()
    assert command in PROJECT["scripts"]
    assert subcommand == "timeline"
    assert hook["additional_dependencies"] == PROJECT["optional-dependencies"]["timeline"]


def test_both_run_where_an_answer_may_change() -> None:
    own = next(hook for hook in HOOKS if hook["id"] == OFFERED[0]["id"])
    for path in (
        ".github/workflows/ci.yml",
        ".github/actions/a/action.yaml",
        "package.json",
        "pnpm-lock.yaml",
        ".nvmrc",
    ):
        assert re.search(own["files"], path)
        assert re.search(OFFERED[0]["files"], path)
    assert not re.search(OFFERED[0]["files"], "src/main.py")


def test_another_repository_can_use_the_offered_hook(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """As its users do: pre-commit clones this repository, and installs it into an environment of its own."""
    other = tmp_path_factory.mktemp("other")
    steps = "      - name: test\n        run: npm test\n"
    workflow = other / ".github/workflows/try.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text(WORKFLOW.format(runner="ubuntu-latest", steps=steps), encoding="utf-8")
    git(other, "init", "--quiet")
    git(other, "add", "--all")
    done = subprocess.run(
        [ROOT / ".venv/bin/pre-commit", "try-repo", clone, OFFERED[0]["id"], "--all-files"],
        cwd=other,
        env=os.environ | {"PRE_COMMIT_HOME": str(other / ".git/hooked")},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert failed(done.stdout) == ["verify-runtime timeline"], done.stdout
    assert "[unpinned-runtime]" in done.stdout
