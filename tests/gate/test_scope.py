import subprocess
from pathlib import Path

import pytest

from gate import scope
from gate.errors import CannotJudgeError
from gate.languages import JAVASCRIPT, PYTHON

from .sandbox import make, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(tmp_path / "repository")


@pytest.mark.parametrize(
    ("pattern", "fitting", "other"),
    [
        ("src/*.py", "src/a.py", "src/b/a.py"),
        ("**/*.css", "any/where/a.css", "a.css.map"),
        ("**/*.css", "a.css", "A.CSS"),
        ("src/**", "src/a/b", "lib/src/a"),
        ("src/**/test/**/*", "src/a/test/b", "src/test"),
        ("src/**/test/**/*", "src/test/a/b", "src/tests/b"),
        ("a?c.ts", "abc.ts", "a/c.ts"),
        ("src/web/*.config.*", "src/web/vite.config.ts", "src/web/a/vite.config.ts"),
        ("/src/a+b(1).ts", "src/a+b(1).ts", "src/aab1.ts"),
        ("src\\a.py", "src/a.py", "src/a_py"),
        ("file:/project/**/a.py", "src/a.py", "a.py.txt"),
        ("é ü/*", "é ü/ß", "é/ß"),
    ],
)
def test_patterns_fit_as_sonar_documents_them(pattern: str, fitting: str, other: str) -> None:
    assert scope.matches(pattern, fitting, Path("/project"))
    assert not scope.matches(pattern, other, Path("/project"))


def test_sources_are_what_git_would_track_under_sonar_sources(root: Path) -> None:
    write(
        root,
        {
            "src/a.py": "",
            "src/é ü.py": "",
            "src/deleted.py": "",
            "src/.hidden/b.py": "",
            "coverage/c.py": "",
            "d.py": "",
        },
    )
    write(root, {"src/generated.py": "", ".gitignore": "coverage/\ngenerated.py\n"})
    subprocess.run(["git", "add", "--all"], cwd=root, check=True)
    (root / "src/deleted.py").unlink()
    write(root, {"src/untracked.py": ""})
    found = scope.read(root, {"sonar.sources": "./src,"})
    assert found.sources == {"src/a.py", "src/é ü.py", "src/untracked.py"}
    assert "src/generated.py" not in found.tracked


def test_without_sonar_sources_the_whole_root_counts(root: Path) -> None:
    write(root, {"a.py": "", "tests/b.py": ""})
    assert scope.read(root, {"sonar.tests": "tests"}).of(PYTHON) == ["a.py"]


def test_sources_may_name_files_folders_and_absolute_paths(root: Path) -> None:
    write(root, {"one/a.py": "", "one.py": "", "two/b.py": "", "two2/c.py": ""})
    found = scope.read(root, {"sonar.sources": f"one.py, {root}/two"})
    assert found.of(PYTHON) == ["one.py", "two/b.py"]


def test_tests_beside_the_sources_are_told_apart_by_their_patterns(root: Path) -> None:
    write(root, {"src/a.ts": "", "src/a.test.ts": "", "src/b.test.ts": ""})
    given = {"sonar.sources": "src", "sonar.tests": "src", "sonar.test.inclusions": "**/*.test.ts"}
    assert scope.read(root, given).sources == {"src/a.ts"}
    assert scope.read(root, given | {"sonar.test.exclusions": "src/b.*"}).sources == {"src/a.ts", "src/b.test.ts"}


def test_exclusions_and_inclusions_decide_on_what_is_measured(root: Path) -> None:
    write(root, {f"src/{name}.py": "" for name in ("a", "b", "c", "d")})
    given = {
        "sonar.sources": "src",
        "sonar.inclusions": "src/[ab].py,src/a.py,src/b.py,src/c.py",
        "sonar.exclusions": "**/b.py",
        "sonar.coverage.exclusions": "src/c.*",
    }
    assert scope.read(root, given).measured == {"src/a.py"}


def test_what_the_analyser_leaves_out_is_not_measured_unless_the_settings_say_otherwise(root: Path) -> None:
    write(root, {"src/a.ts": "", "src/b.d.ts": "", "src/vendor/c.js": "", "src/vendor/d.py": ""})
    assert scope.read(root, {"sonar.sources": "src"}).measured == {"src/a.ts", "src/vendor/d.py"}
    own = scope.read(root, {"sonar.sources": "src", "sonar.javascript.exclusions": "**/*.d.ts"})
    assert own.of(JAVASCRIPT) == ["src/a.ts", "src/vendor/c.js"]


def test_a_folder_that_is_no_work_tree_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotJudgeError, match=r"cannot list the files of .*not a git repository") as told:
        scope.read(tmp_path, {})
    assert told.value.fix
    with pytest.raises(CannotJudgeError, match="There is no folder"):
        scope.read(tmp_path / "nowhere", {})


def test_a_missing_git_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(CannotJudgeError, match="git is not on PATH") as told:
        scope.read(root, {})
    assert "apt-get install git" in told.value.fix


def test_variables_of_a_git_hook_do_not_lead_to_another_repository(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, {"src/a.py": ""})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert scope.read(root, {}).of(PYTHON) == ["src/a.py"]
