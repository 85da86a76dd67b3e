from pathlib import Path

import pytest

from gate import reports

from .sandbox import SETTINGS, cobertura, lcov, make, write

PYTHON, WEB = "coverage/python.xml", "coverage/web.lcov"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = make(tmp_path / "a repository é")
    write(root, {"src/app/a.py": "x = 1\n", "src/web/b.ts": "", "src/web/é ü/c.ts": "", "tests/test_a.py": ""})
    return root


def test_both_reports_come_in_one_shape(root: Path) -> None:
    write(root, {PYTHON: cobertura({"src/app/a.py": {1: 0, 2: 3}}), WEB: lcov({"src/web/b.ts": {1: 1}})})
    found = reports.load(root)
    assert found == {
        "src/app/a.py": reports.FileCoverage("src/app/a.py", {1: 0, 2: 3}),
        "src/web/b.ts": reports.FileCoverage("src/web/b.ts", {1: 1}),
    }
    file = found["src/app/a.py"]
    assert (file.lines_to_cover, file.uncovered_lines) == (2, 1)


def test_several_reports_add_up(root: Path) -> None:
    write(
        root,
        {
            "coverage/1.lcov": lcov({"src/web/b.ts": {1: 1, 2: 0}}),
            "coverage/x/2.lcov": lcov({"src/web/b.ts": {2: 1, 3: 0}}),
        },
    )
    write(root, {"sonar-project.properties": SETTINGS.replace(WEB, "coverage/**/*.lcov"), "coverage/.git/3.lcov": "no"})
    assert reports.load(root)["src/web/b.ts"].lines == {1: 1, 2: 1, 3: 0}


def test_what_sonar_drops_or_does_not_count_is_left_out(root: Path) -> None:
    settings = f"{SETTINGS}sonar.coverage.exclusions=src/app/skipped.py\n"
    write(root, {"sonar-project.properties": settings, "src/app/skipped.py": "x = 1\n", WEB: "no report"})
    names = ["src/app/skipped.py", "tests/test_a.py", "src/gone.py", "../a.py", "/etc/passwd", ""]
    write(root, {PYTHON: cobertura({name: {1: 1} for name in names})})
    assert reports.load(root) == {}


@pytest.mark.parametrize("written", ["src/app/a.py", "./src//app/a.py", "src/x/../app/a.py", "src\\app\\a.py"])
def test_a_path_may_be_spelled_in_several_ways(root: Path, written: str) -> None:
    write(root, {PYTHON: cobertura({written: {1: 1}})})
    assert list(reports.load(root)) == ["src/app/a.py"]


def test_a_path_is_looked_for_under_each_source(root: Path) -> None:
    write(root, {PYTHON: cobertura({"a.py": {1: 1}}, "tests", "src\\app", "gone")})
    assert list(reports.load(root)) == ["src/app/a.py"]


def test_a_path_that_two_sources_have_is_dropped(root: Path) -> None:
    write(root, {"src/lib/a.py": "", PYTHON: cobertura({"a.py": {1: 1}}, "src/app", "src/lib")})
    assert reports.load(root) == {}


@pytest.mark.parametrize("written", ["web/é ü/c.ts", "c.ts", "src\\web\\é ü\\c.ts"])
def test_an_lcov_path_is_found_by_its_end(root: Path, written: str) -> None:
    write(root, {WEB: lcov({written: {1: 1}})})
    assert list(reports.load(root)) == ["src/web/é ü/c.ts"]


@pytest.mark.parametrize("written", ["eb/b.ts", "other/b.ts", "b.ts/", "../b.ts", "x" * 5000])
def test_an_lcov_path_that_ends_like_no_source_is_dropped(root: Path, written: str) -> None:
    write(root, {"src/b.ts": "", WEB: lcov({written: {1: 1}})})
    assert reports.load(root) == {}


def test_a_whole_lcov_path_is_not_taken_for_one_that_ends_so_too(root: Path) -> None:
    write(root, {"src/copy/src/web/b.ts": "", WEB: lcov({"src/web/b.ts": {1: 1}})})
    assert list(reports.load(root)) == ["src/web/b.ts"]


def test_an_lcov_path_that_fits_beside_the_report_too_is_dropped(root: Path) -> None:
    settings = SETTINGS.replace("sources=src", "sources=src,packages").replace(WEB, "packages/a/out/web.info")
    files = dict.fromkeys(["src/b.ts", "packages/a/src/b.ts"], "")
    write(root, {"sonar-project.properties": settings, "packages/a/out/web.info": lcov({"src/b.ts": {1: 1}})} | files)
    assert reports.load(root) == {}
