from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate import properties
from gate.errors import CannotJudgeError


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    return tmp_path / "sonar-project.properties"


def read(settings: Path, text: str) -> dict[str, str]:
    settings.write_text(text, encoding="utf-8")
    return properties.read(settings)


@pytest.mark.parametrize(
    "line",
    [
        "key=value",
        "key:value",
        "key value",
        "key\tvalue",
        "  key = value",
        "key \t: value",
        "k\\u0065y=value",
        "k\\ey=value",
    ],
)
def test_every_separator_ends_a_key(settings: Path, line: str) -> None:
    assert read(settings, line) == {"key": "value"}


def test_comments_and_blank_lines_say_nothing(settings: Path) -> None:
    assert read(settings, "# a=1\\\n! b=2\n\n \t\nc=3 # no comment\n  # d=4\n") == {"c": "3 # no comment"}


def test_a_backslash_continues_a_line_and_the_blanks_after_it_are_dropped(settings: Path) -> None:
    assert read(settings, "a=x,\\\n   y,\\\r\n\tz\nb=c\\\\\nd=e\\") == {"a": "x,y,z", "b": "c\\", "d": "e"}


def test_a_comment_sign_or_blank_line_within_a_continued_line_is_part_of_it(settings: Path) -> None:
    assert read(settings, "a=x\\\n#y\nb=1\\\n\nc=2") == {"a": "x#y", "b": "1", "c": "2"}


def test_escapes_stand_for_characters(settings: Path) -> None:
    assert read(settings, r"a\=b\:c\ d=\u00e9\t\n\r\f\q\\x") == {"a=b:c d": "é\t\n\r\fq\\x"}


def test_the_last_value_of_a_key_counts_and_a_key_alone_is_empty(settings: Path) -> None:
    assert read(settings, "a=1\na=2\nb\n=c") == {"a": "2", "b": "", "": "c"}


def test_latin_1_is_read_where_the_file_is_not_utf_8(settings: Path) -> None:
    settings.write_bytes("name=Café".encode("latin-1"))
    assert properties.read(settings) == {"name": "Café"}
    settings.write_bytes(b"\xef\xbb\xbf" + "name=Café".encode())
    assert properties.read(settings) == {"name": "Café"}


@pytest.mark.parametrize("line", [r"b=\u12", r"b=\uwxyz", "b=\0"])
def test_a_line_that_cannot_be_read_is_named(settings: Path, line: str) -> None:
    with pytest.raises(CannotJudgeError, match=r"sonar-project\.properties:3 cannot be read") as raised:
        read(settings, f"a=x\\\n  y\n{line}\nc=1")
    assert raised.value.fix


def test_a_missing_file_is_named(settings: Path) -> None:
    with pytest.raises(CannotJudgeError, match="No such file"):
        properties.read(settings)


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("", []),
        ("src", ["src"]),
        (" a , b,, c ,", ["a", "b", "c"]),
        ('a,"b,c", "d"', ["a", "b,c", "d"]),
        ("with space/é,x", ["with space/é", "x"]),
    ],
)
def test_a_list_is_split_at_its_commas_and_trimmed(value: str, items: list[str]) -> None:
    assert properties.as_list(value) == items


def escaped(text: str) -> str:
    """Write text as java.util.Properties.store does, all but ASCII letters as an escape."""
    units = text.encode("utf-16-be")
    pairs = [units[at : at + 2] for at in range(0, len(units), 2)]
    return "".join(
        f"\\u{pair.hex()}" if not (pair[0] == 0 and chr(pair[1]).isalnum()) else chr(pair[1]) for pair in pairs
    )


@given(st.dictionaries(st.text(), st.text(), max_size=5))
def test_what_is_written_with_escapes_is_read_back(pairs: dict[str, str]) -> None:
    with TemporaryDirectory() as folder:
        settings = Path(folder) / "sonar-project.properties"
        assert read(settings, "\n".join(f"{escaped(key)}={escaped(value)}" for key, value in pairs.items())) == pairs
