import pytest

from verify_runtime.timeline.data import Open, Unknown
from verify_runtime.timeline.matrix import MatrixError, legs, title

# The example of GitHub's documentation on `include`.
FRUIT = {
    "fruit": ["apple", "pear"],
    "animal": ["cat", "dog"],
    "include": [
        {"color": "green"},
        {"color": "pink", "animal": "cat"},
        {"fruit": "apple", "shape": "circle"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ],
}


def test_include_extends_and_adds_as_github_documents() -> None:
    assert legs(FRUIT) == [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]


def test_exclude_takes_every_leg_that_it_matches_in_part() -> None:
    found = legs({"os": ["a", "b"], "node": [18.0, 20.0], "exclude": [{"os": "a", "node": 18.0}, {"node": 20.0}]})
    assert found == [{"os": "b", "node": 18.0}]


def test_include_alone_makes_legs() -> None:
    assert legs({"include": [{"node": 18.0}, {"node": 20.0}]}) == [{"node": 18.0}, {"node": 20.0}]


def test_an_unknown_matrix_is_one_leg_of_which_nothing_is_known() -> None:
    [leg] = legs(Unknown("x", "why"))
    assert isinstance(leg, Open)
    [leg] = legs({"node": Unknown("x", "why")})
    assert leg["node"] == Unknown("matrix.node", "why")
    [leg] = legs({"node": [18.0], "include": Unknown("x", "why")})
    assert isinstance(leg, Open)
    assert leg["node"] == 18.0


@pytest.mark.parametrize(
    "matrix", ["text", {"node": "text"}, {name: list(range(20)) for name in "abcd"}, {"a": list(range(300))}]
)
def test_what_is_no_matrix_or_too_large_is_refused(matrix: object) -> None:
    with pytest.raises(MatrixError):
        legs(matrix)


def test_a_leg_is_called_as_github_calls_it() -> None:
    assert title({"os": "ubuntu-24.04", "node": 18.0, "more": {"x": True, "y": [1.0]}}) == "ubuntu-24.04, 18, true, 1"
    assert title({"node": Unknown("x", "why")}) == "?"
