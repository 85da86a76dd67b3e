"""The locks of a copy of this repository, made stale in each way."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gate import locks

ROOT = Path(__file__).parents[2]
PAGE = pytest.mark.skipif(not (ROOT / "package.json").exists(), reason="the page is left out")
FILES = [
    name
    for name in ("pyproject.toml", "requirements.txt", "package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml")
    if (ROOT / name).exists()
]
OTHER_HASH = f"sha256:{'0' * 64}"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that holds what the locks are compiled from, and the locks; no workflow runs there."""
    for name in FILES:
        shutil.copyfile(ROOT / name, tmp_path / name)
    for name in ("GITHUB_ACTIONS", "GITHUB_HEAD_REF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def pin(root: Path, name: str) -> str:
    """Return a package's lines in the Python lock."""
    text = (root / "requirements.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{name}==.*?(?=\n[\w#])", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[0]


def check(root: Path, lock: str) -> int:
    return locks.main(["check", lock, "--root", str(root)])


@pytest.mark.parametrize("lock", ["python", pytest.param("page", marks=PAGE)])
def test_the_locks_of_this_repository_are_fresh_and_a_check_changes_nothing(
    copy: Path, lock: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert check(copy, lock) == 0
    assert capfd.readouterr().out == ""
    assert sorted(path.name for path in copy.iterdir()) == sorted(FILES)
    assert all((copy / name).read_bytes() == (ROOT / name).read_bytes() for name in FILES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('  "editables",\n', '  "editables",\n  "tomli-w",\n', "tomli-w is needed, and not in the lock"),
        ('  "psutil",\n', "", "psutil is in the lock, and nothing needs it"),
        ('  "hatchling",\n', '  "hatchling<1.27",\n', "hatchling is locked at "),
    ],
    ids=["added", "removed", "narrowed"],
)
def test_a_change_of_pyproject_alone_makes_the_python_lock_stale(
    copy: Path, capfd: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    edit(copy / "pyproject.toml", old, new)
    assert check(copy, "python") == 1
    words = capfd.readouterr().out
    assert words.startswith("requirements.txt is stale:\n")
    assert said in words
    assert "make lock" in words


@PAGE
def test_a_change_of_package_json_alone_makes_the_pages_lock_stale(
    copy: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    edit(copy / "package.json", '"react": ', '"is-number": "^7.0.0",\n    "react": ')
    assert check(copy, "page") == 1
    assert capfd.readouterr().out.startswith(
        "pnpm-lock.yaml is stale:\n  1 dependencies were added: is-number@^7.0.0\n"
    )


def test_a_newer_release_upstream_makes_no_lock_stale(copy: Path) -> None:
    edit(copy / "requirements.txt", pin(copy, "iniconfig"), f"iniconfig==2.0.0 \\\n    --hash={OTHER_HASH}")
    assert locks.stale_python(copy) == []


def test_hashes_in_another_order_make_no_lock_stale(copy: Path) -> None:
    block = pin(copy, "iniconfig")
    first, second = re.findall(r"sha256:\w+", block)
    turned = block.replace(first, "*").replace(second, first).replace("*", second)
    edit(copy / "requirements.txt", block, turned)
    assert locks.stale_python(copy) == []


def test_pins_that_do_not_fit_together_are_named_and_compiled_again(copy: Path) -> None:
    """As Dependabot leaves them: it raises each pin by itself."""
    name, core = ("pydantic", "pydantic-core")
    version = locks.pins(pin(copy, core))[core][0]
    edit(copy / "requirements.txt", pin(copy, core), f"{core}==2.33.2 \\\n    --hash={OTHER_HASH}")
    assert locks.stale_python(copy) == [f"{core} is locked at 2.33.2, and {version} is what fits"]
    assert locks.main(["compile", "python", "--root", str(copy)]) == 0
    assert locks.stale_python(copy) == []
    assert pin(copy, name) == pin(ROOT, name)


def test_versions_that_fit_nowhere_are_told_in_uvs_words(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    edit(copy / "pyproject.toml", '  "editables",\n', '  "editables<0",\n')
    assert check(copy, "python") == 2
    words = capfd.readouterr().err
    assert "editables" in words
    assert "The lock could not be compiled" in words


@PAGE
def test_the_page_lock_is_compiled_again(copy: Path) -> None:
    edit(copy / "package.json", '    "react": "^19.2.0",\n', "")
    assert check(copy, "page") == 1
    assert locks.main(["compile", "page", "--root", str(copy)]) == 0
    assert check(copy, "page") == 0
    assert not (copy / "node_modules").exists()


def test_a_pin_keeps_its_marker_apart_from_its_hashes() -> None:
    text = "a==1 ; sys_platform == 'win32' \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n    # via b\nb==2\n"
    hashes = frozenset({"sha256:1", "sha256:2"})
    assert locks.pins(text) == {"a ; sys_platform == 'win32'": ("1", hashes), "b": ("2", frozenset())}


def test_in_the_workflow_the_words_are_one_annotation_with_the_branchs_own_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_HEAD_REF", "dependabot/pip/python-1")
    [line] = locks.report("requirements.txt", ["a is needed, and not in the lock"]).splitlines()
    assert line.startswith("::error title=A lock is stale,file=requirements.txt::requirements.txt is stale:%0A  a is")
    assert "git switch dependabot/pip/python-1 && make lock && git commit" in line
    monkeypatch.setenv("GITHUB_HEAD_REF", "$(id)")
    assert "git switch '$(id)' &&" in locks.report("requirements.txt", ["x"])


@PAGE
def test_make_lock_check_needs_no_package_of_the_lock(copy: Path) -> None:
    """It must speak where the locked versions cannot be installed: only Python's own library, and uv."""
    edit(copy / "pyproject.toml", '  "psutil",\n', "")
    script = (ROOT / "src/gate/locks.py", "check", "python", "--root", copy)
    done = subprocess.run(["python3", "-I", "-S", *script], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "psutil is in the lock" in done.stdout
    recipe = subprocess.run(["make", "-n", "lock-check"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert recipe.index("src/gate/locks.py check python") < recipe.index("src/gate/locks.py check page")
