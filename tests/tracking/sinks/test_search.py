import pytest

from tracking.sinks.search import equals


@pytest.mark.parametrize(
    ("value", "condition"),
    [
        ("ada@example.com", "tags.user = 'ada@example.com'"),
        ("o'brien@example.com", 'tags.user = "o\'brien@example.com"'),
        ('"o\'brien"', "tags.user LIKE '\"o_brien\"'"),
    ],
)
def test_a_value_with_quotes_is_found_all_the_same(value: str, condition: str) -> None:
    assert equals("tags.user", value) == condition
