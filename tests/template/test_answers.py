import pytest
import yaml

from template.answers import AnswerError, Answers

GOOD: dict[str, object] = {
    "name": "acme-studio",
    "repository": "acme/studio",
    "title": "Acme studio",
    "holder": "Acme Ltd & Söhne",
    "without": ("web",),
    "template": "https://example.com/template",
    "version": "v1.0.0",
}


def answers(**changes: object) -> Answers:
    return Answers(**(GOOD | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "a"},
        {"name": "a" * 63},
        {"repository": "Acme-2/a_b.c"},
        {"title": "Ümläute, 2nd: so (what)?"},
        {"without": ()},
        {"without": ("tracking", "web", "analytics")},
    ],
)
def test_what_pypi_npm_github_and_a_page_take_is_taken(changes: dict[str, object]) -> None:
    answers(**changes).check({"mlflow"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        *(({"name": name}, "NAME=") for name in ("", "Acme", "a_b", "-a", "a-", "1a", "a b", "a" * 64, "ä", "a\n")),
        ({"name": "mlflow"}, "a package of that name is used here; take another: my-mlflow"),
        *(({"repository": each}, "write OWNER/NAME") for each in ("", "acme", "a/b/c", "-a/b", "a b/c", "a/b c", "a/")),
        *(({"title": each}, "TITLE=") for each in ("", " a", 'a"', "a`", "a<b", "a${b}", "a\\n", "a\nb", "a" * 41)),
        *(({"holder": each}, "HOLDER=") for each in ("", " a", "a\nb", "<a>", "a" * 101)),
        ({"without": ("page",)}, "what can be left out is tracking, web, analytics"),
    ],
)
def test_what_one_of_them_would_not_take_is_refused_with_what_can_be_taken(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(AnswerError, match=said):
        answers(**changes).check({"mlflow"})


def test_copier_reads_the_answers_back() -> None:
    given = answers(holder="Müller: # & 'Co'", without=("tracking", "web"))
    assert yaml.safe_load(given.to_yaml()) == {
        "_commit": "v1.0.0",
        "_src_path": "https://example.com/template",
        "holder": "Müller: # & 'Co'",
        "name": "acme-studio",
        "repository": "acme/studio",
        "title": "Acme studio",
        "without": ["tracking", "web"],
    }
