import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gate import coverage
from gate.coverage import Finding
from gate.errors import CannotJudgeError

from .sandbox import SETTINGS, cobertura, lcov, make, write

PYTHON, WEB = "coverage/python.xml", "coverage/web.lcov"
PYTHON_PATHS, WEB_PATHS = "sonar.python.coverage.reportPaths", "sonar.javascript.lcov.reportPaths"
COMPONENT = "export function B() {\n  return null\n}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose reports are right."""
    root = make(tmp_path / "repository")
    write(
        root, {"src/app/__init__.py": '"""An app."""\n', "src/app/a.py": "x = 1\ny = 2\n", "src/web/b.tsx": COMPONENT}
    )
    write(root, {"src/web/types.d.ts": "declare const v: string\n", "tests/test_a.py": "def test_a(): ...\n"})
    write(root, {PYTHON: cobertura({"src/app/a.py": {1: 1, 2: 0}}), WEB: lcov({"src/web/b.tsx": {1: 1}})})
    return root


def only(findings: list[Finding], severity: str = "error") -> Finding:
    (finding,) = findings
    assert finding.severity == severity
    assert finding.fix
    return finding


def test_reports_that_name_every_source_file_pass(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert coverage.check(root) == []
    coverage.show([])
    assert capsys.readouterr().out == "The coverage reports name every source file, and no other.\n"


def test_the_current_directory_does_not_matter(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert coverage.check(root) == []
    monkeypatch.chdir(root)
    assert coverage.check(Path()) == []


def test_a_submodule_is_a_root_of_its_own(root: Path, tmp_path: Path) -> None:
    git = ["git", "-c", "protocol.file.allow=always", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "add", "--all", "--force"], cwd=root, check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "a"], cwd=root, check=True)
    outer = make(tmp_path / "outer repository é")
    subprocess.run([*git, "submodule", "--quiet", "add", str(root), "inner"], cwd=outer, check=True)
    assert [each.severity for each in coverage.check(outer / "inner") if each.severity == "error"] == []


@pytest.mark.parametrize(("report", "setting"), [(PYTHON, PYTHON_PATHS), (WEB, WEB_PATHS)])
def test_an_absent_report_is_named_with_its_property(root: Path, report: str, setting: str) -> None:
    (root / report).unlink()
    found = only(coverage.check(root))
    assert (found.report, found.setting) == (report, setting)
    assert found.message == f"{report} is not there"


@pytest.mark.parametrize("report", [PYTHON, WEB])
@pytest.mark.parametrize(("content", "said"), [(b"", "is empty"), (b"\x00\xfe", "is no"), (b"<coverage><sou", "is no")])
def test_a_report_that_is_none_is_told(root: Path, report: str, content: bytes, said: str) -> None:
    (root / report).write_bytes(content)
    found = only(coverage.check(root))
    assert found.report == report
    assert found.message.startswith(f"{report} {said}")


def test_a_report_that_is_a_folder_is_told(root: Path) -> None:
    (root / WEB).unlink()
    (root / WEB).mkdir()
    assert only(coverage.check(root)).message == f"{WEB} is a folder, not a file"


@pytest.mark.parametrize(("prefix", "language"), [(PYTHON_PATHS, "Python"), (WEB_PATHS, "TypeScript and JavaScript")])
def test_a_language_without_a_property_is_told_once_it_has_code(root: Path, prefix: str, language: str) -> None:
    settings = "".join(line for line in SETTINGS.splitlines(keepends=True) if not line.startswith(prefix))
    write(root, {"sonar-project.properties": settings})
    found = only(coverage.check(root))
    assert found.setting == prefix
    assert found.message.startswith(
        f"sonar-project.properties names no coverage report for {language}, yet there is src/"
    )
    write(root, {"src/app/a.py": "", "src/web/b.tsx": "", PYTHON: cobertura({"src/app/a.py": {1: 1}})})
    assert not [each for each in coverage.check(root) if each.setting == prefix and each.severity == "error"]


def test_a_report_of_a_language_that_is_not_used_need_not_be_there(root: Path) -> None:
    (root / WEB).unlink()
    (root / "src/web/b.tsx").unlink()
    assert coverage.check(root) == []


def test_a_source_that_leads_elsewhere_is_told_with_the_setting(root: Path) -> None:
    write(root, {PYTHON: cobertura({"src/app/a.py": {1: 1}}, "/builds/elsewhere")})
    found = only(coverage.check(root))
    assert "source_pkgs" in found.setting
    assert "<source>" in found.message
    assert found.paths == ("/builds/elsewhere",)
    write(root, {PYTHON: cobertura({"app/a.py": {1: 1}}, "tests")})
    found = only(coverage.check(root))
    assert "leading to no file" in found.message
    assert "<source>" in found.setting


def test_a_path_that_two_sources_have_is_told(root: Path) -> None:
    write(root, {"src/lib/a.py": "", PYTHON: cobertura({"a.py": {1: 1}}, "src/app", "src/lib")})
    found = only(coverage.check(root))
    assert "fit several files: a.py" in found.message
    assert "source_pkgs" in found.setting


@pytest.mark.parametrize("disk", ["", "/home/runner/work", "C:\\work", "\\\\server\\work"])
def test_absolute_lcov_paths_are_told_with_the_setting(root: Path, disk: str) -> None:
    write(root, {WEB: lcov({f"{disk or root}/src/web/b.tsx": {1: 1}})})
    found = only(coverage.check(root))
    assert "projectRoot" in found.setting
    assert "from the disk's root" in found.message


def test_absolute_python_paths_are_told_with_the_setting(root: Path) -> None:
    for report in (cobertura({f"{root}/src/app/a.py": {1: 1}}), cobertura({"app/a.py": {1: 1}}, f"{root}/src")):
        write(root, {PYTHON: report})
        assert "relative_files" in only(coverage.check(root)).setting


def test_a_path_found_by_its_end_alone_is_a_warning_and_two_such_files_an_error(root: Path) -> None:
    write(root, {WEB: lcov({"b.tsx": {1: 1}})})
    assert "by their end alone" in only(coverage.check(root), "warning").message
    write(root, {"src/other/b.tsx": COMPONENT})
    assert "fit several files" in only(coverage.check(root)).message


@pytest.mark.parametrize(
    ("path", "said", "setting"),
    [
        ("tests/test_a.py", "outside sonar.sources", "sonar.sources"),
        ("../elsewhere.py", "leading to no file", "relative_files"),
        ("src/app/gone.py", "leading to no file", "relative_files"),
        ("src/app/generated.py", "that Git ignores", ".gitignore"),
        ("src/app", "that Git ignores", ".gitignore"),
    ],
)
def test_a_path_that_is_no_source_is_told(root: Path, path: str, said: str, setting: str) -> None:
    write(root, {".gitignore": "coverage/\ngenerated.py\n", "src/app/generated.py": ""})
    write(root, {PYTHON: cobertura({"src/app/a.py": {1: 1}, path: {1: 1}})})
    found = only(coverage.check(root))
    assert found.message == f"{PYTHON} has 1 path {found.message.partition('1 path ')[2]}"
    assert said in found.message
    assert setting in found.setting
    assert found.paths == (path,)


def test_many_wrong_paths_are_one_finding_with_three_examples(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(root, {WEB: lcov({f"/elsewhere/{number}.ts": {1: 1} for number in range(300)})})
    found = only(coverage.check(root))
    assert len(found.paths) == 300
    assert found.message.endswith(": /elsewhere/0.ts, /elsewhere/1.ts, /elsewhere/2.ts and 297 more")
    coverage.show([found])
    assert capsys.readouterr().out == f"{found.message}\n  setting: {found.setting}\n  {found.fix}\n"


def test_lines_beyond_a_file_s_end_are_told(root: Path) -> None:
    write(root, {"src/app/a.py": "x = 1\ny = 2\n", PYTHON: cobertura({"src/app/a.py": {3: 1}})})
    assert coverage.check(root) == []
    write(root, {PYTHON: cobertura({"src/app/a.py": {4: 1}})})
    assert "beyond the file's end" in only(coverage.check(root)).message


def test_counts_that_sonar_cannot_read_are_told(root: Path) -> None:
    write(root, {WEB: "SF:src/web/b.tsx\nDA:1,1,checksum\nend_of_record\n"})
    assert "DA: lines" in only(coverage.check(root)).message


def test_files_with_code_that_no_report_names_are_told(root: Path) -> None:
    write(root, {"src/app/b.py": "x = 1\n", "src/app/c é.py": "x = 1\n", "src/app/empty.py": "# nothing\n"})
    found = only(coverage.check(root))
    assert found.paths == ("src/app/b.py", "src/app/c é.py")
    assert found.message.startswith(f"{PYTHON} lacks 2 paths of files with code")
    write(
        root,
        {"sonar-project.properties": f"{SETTINGS}sonar.exclusions=**/b.py\nsonar.coverage.exclusions=src/*/c*.py\n"},
    )
    assert coverage.check(root) == []


def test_files_without_a_report_are_not_told_of_while_the_report_is_wrong(root: Path) -> None:
    write(root, {"src/app/b.py": "x = 1\n", PYTHON: cobertura({"/elsewhere/a.py": {1: 1}})})
    assert "from the disk's root" in only(coverage.check(root)).message


def test_a_file_newer_than_its_report_is_a_warning(root: Path) -> None:
    later = time.time() + 10
    os.utime(root / "src/app/a.py", (later, later))
    found = only(coverage.check(root), "warning")
    assert found.message == f"{PYTHON} is older than 1 path that it names: src/app/a.py"
    write(root, {"sonar-project.properties": SETTINGS.replace("python.xml", "*.xml")})
    write(root, {"coverage/newer.xml": cobertura({"src/app/a.py": {1: 1}})})
    os.utime(root / "coverage/newer.xml", (later + 1, later + 1))
    assert coverage.check(root) == []


@pytest.mark.parametrize("sources", ["lib", "../elsewhere", ""])
def test_sources_that_lead_to_no_file_are_told(root: Path, sources: str) -> None:
    write(root, {"sonar-project.properties": SETTINGS.replace("sources=src", f"sources={sources}")})
    assert only(coverage.check(root)).setting == "sonar.sources"


def test_a_repository_without_settings_cannot_be_judged(root: Path) -> None:
    (root / "sonar-project.properties").unlink()
    with pytest.raises(CannotJudgeError, match=r"sonar-project\.properties cannot be read"):
        coverage.check(root)


def test_the_reports_that_are_there_are_listed(root: Path) -> None:
    assert coverage.report_paths(root) == [root / PYTHON, root / WEB]
    (root / WEB).unlink()
    assert coverage.report_paths(root) == [root / PYTHON]


def test_a_report_of_50_mb_is_read_in_bounded_time(root: Path) -> None:
    record = lcov({"src/web/b.tsx": dict.fromkeys(range(1, 4), 1)})
    records = "".join(
        f"SF:src/web/{number}.tsx\n" + "DA:1,1\nDA:2,0\n" * 500 + "end_of_record\n" for number in range(7000)
    )
    write(root, {WEB: records + record})
    assert (root / WEB).stat().st_size > 49_000_000
    started = time.process_time()
    assert "and 6997 more" in only(coverage.check(root)).message
    assert time.process_time() - started < 60


def test_the_check_needs_nothing_but_python(root: Path) -> None:
    source = Path(coverage.__file__).parents[1]
    code = f"import sys; sys.path.insert(0, {str(source)!r}); from pathlib import Path; from gate import coverage\n"
    code += (
        "coverage.show(coverage.check(Path()))\nassert not any('site-packages' in str(m) for m in sys.modules.values())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def run_coverage(root: Path, settings: str) -> list[Finding]:
    """Measure the app with the real coverage.py under some settings, then check what it wrote."""
    write(root, {".coveragerc": f"[run]\n{settings}\n", "main.py": "import app.a\n", "tests/__init__.py": ""})
    (root / WEB).unlink()
    (root / "src/web/b.tsx").unlink()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    environment["PYTHONPATH"] = str(root / "src")
    for arguments in (("run", "main.py"), ("xml", "-o", PYTHON)):
        subprocess.run(
            [sys.executable, "-m", "coverage", *arguments], cwd=root, env=environment, check=True, capture_output=True
        )
    return coverage.check(root)


def test_coverage_py_with_packages_and_relative_files_is_right(root: Path) -> None:
    assert run_coverage(root, "source_pkgs = app\nrelative_files = true") == []


def test_coverage_py_with_one_folder_resolves(root: Path) -> None:
    assert run_coverage(root, "source = src/app\nrelative_files = true") == []


def test_coverage_py_without_relative_files_is_told(root: Path) -> None:
    assert "relative_files" in only(run_coverage(root, "source_pkgs = app")).setting


def test_coverage_py_with_two_folders_that_share_a_name_is_told(root: Path) -> None:
    write(root, {"src/lib/a.py": "z = 1\n", "src/lib/__init__.py": ""})
    found = only(run_coverage(root, "source = src/app,src/lib\nrelative_files = true"))
    assert "fit several files" in found.message


def test_coverage_py_that_measures_all_it_finds_is_told(root: Path) -> None:
    found = only(run_coverage(root, "source = .\nrelative_files = true"))
    assert "outside sonar.sources: main.py" in found.message
    assert "tests/test_a.py" in found.paths
