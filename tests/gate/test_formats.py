from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.formats import UnreadableError, read_cobertura, read_lcov

from .sandbox import cobertura, lcov

LINES = {1: 0, 2: 3}
DOCTYPE = "<!DOCTYPE coverage SYSTEM 'https://example.com/coverage-04.dtd'>"


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "report"


def test_a_cobertura_report_gives_sources_files_and_lines(report: Path) -> None:
    report.write_text(cobertura({"a.py": LINES, "é ü.py": {}}, "src/one", " ", "src/two"), encoding="utf-8")
    found = read_cobertura(report)
    assert {each.written: each.lines for each in found.entries} == {"a.py": LINES, "é ü.py": {}}
    assert found.bases == ("src/one", "src/two")


def test_lines_of_methods_do_not_count_twice_and_the_first_count_of_a_line_stays(report: Path) -> None:
    lines = '<lines><line number="1" hits="2"/><line number="1" hits="0"/></lines>'
    method = '<methods><method name="f"><lines><line number="9" hits="9"/></lines></method></methods>'
    report.write_text(f'<coverage><packages><class filename="a.py">{method}{lines}</class></packages></coverage>')
    assert [each.lines for each in read_cobertura(report).entries] == [{1: 2}]


def test_the_document_type_of_old_reports_is_passed_over(report: Path) -> None:
    report.write_text(cobertura({"a.py": LINES}).replace("<coverage", f"{DOCTYPE}<coverage", 1))
    assert read_cobertura(report).entries


@pytest.mark.parametrize(
    "declared",
    [
        '<!ENTITY a "aaaaaaaaaa">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % a SYSTEM "file:///etc/passwd">',
    ],
)
def test_entities_are_refused(report: Path, declared: str) -> None:
    report.write_text(cobertura({"a.py": LINES}).replace("<coverage", f"<!DOCTYPE coverage [{declared}]><coverage", 1))
    with pytest.raises(UnreadableError, match="declares an entity, a,"):
        read_cobertura(report)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<coverage/>", "names no line of code"),
        (cobertura({"a.py": {}}).encode(), "names no line of code"),
        (cobertura({"a.py": LINES}).encode()[:-30], "is no whole XML file: unclosed token, at line 2"),
        (b"\x00\xff\xfe garbage", "is no whole XML file"),
        (b"<html/>", "its first element is <html>"),
        (
            b'<?xml version="1.0" encoding="latin-9"?><coverage/>',
            "has an encoding that cannot be read: unknown encoding",
        ),
        (b'<?xml version="1.0" encoding="utf-7"?><coverage/>', "has an encoding that cannot be read"),
        (
            cobertura({"a.py": LINES}).replace('hits="3"', 'hits="three"').encode(),
            "hits is 'three', which is no number",
        ),
        (cobertura({"a.py": LINES}).replace('number="1"', "").encode(), "number is '', which is no number, at line 2"),
    ],
)
def test_what_is_no_cobertura_report_is_told(report: Path, content: bytes, said: str) -> None:
    report.write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        read_cobertura(report)


def test_an_lcov_report_gives_files_and_lines(report: Path) -> None:
    report.write_bytes(lcov({"src/a.ts": LINES, "é ü.ts": {}}).replace("\n", "\r\n").encode())
    found = read_lcov(report)
    assert {each.written: each.lines for each in found.entries} == {"src/a.ts": LINES, "é ü.ts": {}}
    assert found.bases == ()


def test_a_line_with_branches_alone_counts_the_branches_taken(report: Path) -> None:
    report.write_text(
        "SF:a.ts\nDA:1,0\nBRDA:1,0,0,5\nBRDA:2,0,0,4\nBRDA:2,0,1,1\nBRDA:3,1,0,-\nBRDA:3,1,1,0\nend_of_record"
    )
    assert [each.lines for each in read_lcov(report).entries] == [{1: 0, 2: 2, 3: 0}]


def test_counts_of_a_line_add_up_and_unreadable_ones_are_counted(report: Path) -> None:
    report.write_text("SF:a.ts\nDA:1,2\nDA:1,3\nDA:2,1,checksum\nDA:x\nLF:3\nend_of_record\n")
    (entry,) = read_lcov(report).entries
    assert (entry.lines, entry.damaged) == ({1: 5}, 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\x00\xff\xfe garbage", "has no line that starts with SF:"),
        (lcov({"a.ts": {}}).encode(), "names no line of code"),
        (lcov({"a.ts": LINES}).encode()[:-20], "is cut short"),
        ("SF:é\nDA:1,1\nend_of_record\n".encode("latin-1"), "an encoding other than UTF-8"),
    ],
)
def test_what_is_no_lcov_report_is_told(report: Path, content: bytes, said: str) -> None:
    report.write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        read_lcov(report)


@pytest.mark.parametrize("read", [read_cobertura, read_lcov])
def test_a_folder_or_nothing_in_a_report_s_place_is_told(report: Path, read: type) -> None:
    with pytest.raises(UnreadableError, match="cannot be read: No such file"):
        read(report)
    report.mkdir()
    (report / "file").touch()
    with pytest.raises(UnreadableError, match="is a folder"):
        read(report)


@pytest.mark.parametrize("read", [read_cobertura, read_lcov])
@given(content=st.binary(min_size=1, max_size=200))
def test_no_bytes_break_a_reader(tmp_path_factory: pytest.TempPathFactory, read: type, content: bytes) -> None:
    report = tmp_path_factory.getbasetemp() / "any-bytes"
    for start in (b"", b"SF:a\n", b"<coverage>"):
        report.write_bytes(start + content)
        with suppress(UnreadableError):
            assert read(report).entries
