import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracking import segment
from tracking.event import Event, Tokens

from .events import event

counts = st.none() | st.integers(0, 10**9)
texts = st.text(max_size=50)
events = st.builds(
    event,
    user=st.none() | texts,
    kind=st.sampled_from(["text", "image"]),
    model=texts,
    prompt=st.none() | texts,
    settings=st.dictionaries(texts, texts, max_size=3),
    processing_time_ms=st.floats(0, 1e9),
    time_to_first_token_ms=st.none() | st.floats(0, 1e9),
    tokens=st.builds(Tokens, counts, counts, counts, counts, counts, counts),
    outcome=st.sampled_from(["ok", "error", "cancelled"]),
    error_class=st.none() | texts,
)


def write(path: Path, *lines: bytes) -> Path:
    path.write_bytes(b"".join([segment.header(0), *lines]))
    return path


@given(events)
def test_an_event_is_read_as_it_was_written(made: Event) -> None:
    assert segment.decode(segment.encode_event(made)) == made


def test_lines_are_read_in_order_with_their_places(tmp_path: Path) -> None:
    made = [event(prompt="x" * length) for length in range(5)]
    path = write(tmp_path / "a.journal", *(segment.encode(number, each) for number, each in enumerate(made, 1)))
    lines = list(segment.read(path))
    assert [line.event for line in lines] == made
    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert lines[-1].end == path.stat().st_size
    assert [line.event for line in segment.read(path, lines[2].end)] == made[3:]
    assert segment.last_number(path, 0, 0) == (5, path.stat().st_size)


@pytest.mark.parametrize("kept", [1, 20, 100])
def test_what_a_killed_writer_left_unfinished_is_no_event(tmp_path: Path, kept: int) -> None:
    whole, torn = segment.encode(1, event()), segment.encode(2, event())[:kept]
    path = write(tmp_path / "a.journal", whole, torn)
    assert [line.number for line in segment.read(path)] == [1]
    assert segment.last_number(path, 0, 0) == (1, path.stat().st_size - kept)


@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    whole = bytearray(segment.encode(1, event(prompt="hello")))
    at = data.draw(st.integers(0, len(whole) - 2))
    whole[at] ^= data.draw(st.integers(1, 255))
    lines = bytes(whole)[:-1].split(b"\n")
    assert all(segment._line(line, 0).event is None for line in lines)


def test_a_damaged_line_does_not_hide_the_next(tmp_path: Path) -> None:
    made = event()
    path = write(tmp_path / "a.journal", b"zz\xff garbage\n", segment.encode(2, made))
    damaged, whole = segment.read(path)
    assert (damaged.number, damaged.event, damaged.damage) == (None, None, "zz\ufffd garbage")
    assert whole.event == made


def test_a_blanked_line_keeps_its_number_and_nothing_else(tmp_path: Path) -> None:
    made = [event(prompt="secret", user="eve@example.com"), event()]
    path = write(tmp_path / "a.journal", segment.encode(1, made[0]), segment.encode(2, made[1]))
    size = path.stat().st_size
    first = next(segment.read(path))
    segment.blank(path, 1, segment.HEADER_LENGTH, first.end)
    assert b"secret" not in path.read_bytes()
    assert b"eve" not in path.read_bytes()
    assert path.stat().st_size == size
    blank, other = segment.read(path)
    assert (blank.number, blank.event, blank.damage) == (1, None, None)
    assert other.event == made[1]


def test_half_a_character_becomes_a_question_mark() -> None:
    made = event(prompt="a\ud800b", user="\udfff")
    read = segment.decode(segment.encode_event(made))
    assert (read.prompt, read.user) == ("a?b", "?")
    assert segment.decode(segment.encode_event(event(prompt="😀"))).prompt == "😀"


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1,2,3]", "null", '"x"', "[" * 50])
def test_what_is_no_event_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        segment.decode(text)


def test_the_header_counts_what_was_lost(tmp_path: Path) -> None:
    path = write(tmp_path / "a.journal", segment.encode(1, event()))
    assert segment.read_lost(path) == 0
    descriptor = os.open(path, os.O_RDWR)
    segment.write_lost(descriptor, 12_345)
    os.close(descriptor)
    assert segment.read_lost(path) == 12_345
    assert [line.number for line in segment.read(path)] == [1]
    (tmp_path / "b.journal").write_bytes(b"")
    assert segment.read_lost(tmp_path / "b.journal") == 0


@pytest.mark.parametrize("piece", [b"Eve\n", b"eve@x.org!\n", b"eve@x.org !!\n"])
def test_blanking_a_short_piece_of_a_damaged_line_leaves_the_next_line_whole(tmp_path: Path, piece: bytes) -> None:
    made = event()
    path = write(tmp_path / "a.journal", piece, segment.encode(13, made))
    damaged = next(segment.read(path))
    segment.blank(path, 12, segment.HEADER_LENGTH, damaged.end)
    assert b"ve" not in path.read_bytes().partition(segment.encode(13, made))[0][segment.HEADER_LENGTH :]
    blank, whole = segment.read(path)
    assert blank.event is None
    assert blank.number in {None, 12}
    assert (whole.number, whole.event) == (13, made)
