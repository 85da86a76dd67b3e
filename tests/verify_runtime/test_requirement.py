import pytest

from verify_runtime.requirement import RequirementError, parse


@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["node@20"], ["node@20"]),
        (["node@18 || >=20 <21", "python@>=3.11"], ["node@18 || >=20 <21", "python@>=3.11"]),
        (["node@18 - 20 pnpm@10\n  java@21"], ["node@18 - 20", "pnpm@10", "java@21"]),
        (["clang-format@>=14"], ["clang-format@>=14"]),
        (["node@"], ["node@*"]),
        (["node@ >=20"], ["node@>=20"]),
    ],
)
def test_requirements_are_told_apart_by_their_tools(arguments: list[str], texts: list[str]) -> None:
    assert [str(each) for each in parse(arguments)] == texts


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "No requirement was given"),
        ([" "], "No requirement was given"),
        (["20"], "'20' is no requirement"),
        (["@20"], "'@20' is no requirement"),
        (["node@latest"], "node: 'l' at position 1 of 'latest'"),
        (["python@3.11", "node@20 <x.y"], "node: '.' at position 6"),
    ],
)
def test_what_cannot_be_read_is_told_with_an_example(arguments: list[str], words: str) -> None:
    with pytest.raises(RequirementError) as told:
        parse(arguments)
    assert words in str(told.value)
    assert "node@20" in str(told.value) or "Examples" in str(told.value)
