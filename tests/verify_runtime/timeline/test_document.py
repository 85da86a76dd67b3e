import pytest

from verify_runtime.timeline.document import DocumentError, Mapping, Scalar, Sequence, load


def mapping(text: str) -> Mapping:
    node = load(text)
    assert isinstance(node, Mapping)
    return node


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("18", 18.0),
        ("18.10", 18.1),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("0o14", 12.0),
        ("0x1f", 31.0),
        ("~", None),
        ("'18'", "18"),
        ("!!str 18", "18"),
        (".inf", float("inf")),
        ("1e400", float("inf")),
    ],
)
def test_plain_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    node = mapping(f"a: {text}").get("a")
    assert isinstance(node, Scalar)
    assert node.value == value


def test_every_key_and_value_has_its_line() -> None:
    node = mapping("a: 1\nb:\n  - x\n  - y: 2\n")
    assert node.keys == {"a": 1, "b": 2}
    items = node.get("b")
    assert isinstance(items, Sequence)
    assert [item.line for item in items.items] == [3, 4]


def test_a_literal_block_begins_at_its_first_line_and_keeps_its_lines() -> None:
    node = mapping("run: |\n  a\n  b\n").get("run")
    assert node == Scalar("a\nb\n", "a\nb\n", 2, block=True)


def test_anchors_are_shared_and_merge_keys_give_way_to_own_ones() -> None:
    node = mapping("a: &a {x: 1, y: 2}\nb: *a\nc:\n  <<: *a\n  y: 3\n")
    assert node.get("b") is node.get("a")
    assert {name: each.value for name, each in node.mapping("c").entries.items() if isinstance(each, Scalar)} == {
        "y": 3.0,
        "x": 1.0,
    }


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("a: 1\na: 2", "written twice", 2),
        ("a: &a [*a]", "holds itself", 1),
        ("a: *b", "No anchor", 1),
        ("a: 1\n---\nb: 2", "more than one document", 2),
        ("? [a]\n: b", "must be text", 1),
        ("a: [\n", "no YAML", 2),
        ("[" * 100_000, "nested more than", 1),
        ("a: \x00", "no YAML", 1),
        ("a: {<<: 1}", "Only mappings", 1),
        ("x" * 1_000_001, "more than 1,000,000", 1),
    ],
)
def test_what_cannot_be_read_says_why_and_where(text: str, words: str, line: int) -> None:
    with pytest.raises(DocumentError, match=words) as raised:
        load(text)
    assert raised.value.line == line


def test_an_empty_file_is_nothing() -> None:
    assert load("") == Scalar(None, "", 1)


def test_what_is_not_there_is_an_empty_mapping_or_none() -> None:
    node = mapping("a: 1\nb: ~\n")
    assert node.mapping("a").entries == {}
    assert node.get("c") is None
    assert node.text("b") is None
