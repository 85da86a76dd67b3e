"""GitHub's expressions: their values beside GitHub's own evaluator, and what becomes of what is unknown."""

import json
import random
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify_runtime.timeline.data import Choice, Data, Open, Unknown, as_text, kind
from verify_runtime.timeline.document import Scalar
from verify_runtime.timeline.evaluation import Decisions, Scope, UndecidedError, evaluate
from verify_runtime.timeline.expression import ExpressionError, condition, parse, template, text_of
from verify_runtime.timeline.scope import Frame

ORACLE = Path(__file__).with_name("expressions.mjs")
PACKAGE = Path(__file__).parents[3] / "node_modules/@actions/expressions/dist/index.js"
COUNT = 6_000
KNOWN: dict[str, Data] = {
    "github": {"event_name": "push", "ref": "refs/heads/main", "list": [1.0, "b", None, [2.0]], "empty": "", "No": 0.0},
    "matrix": {
        "node": 18.0,
        "os": "ubuntu-24.04",
        "on": True,
        "items": [{"name": "a"}, {"name": "B"}, "c", {"other": 1.0}],
    },
}
LEAVES = [
    *(
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "1.5",
        "18",
        "0x1f",
        "1e3",
        "-.5",
        "NaN",
        "Infinity",
        "''",
        "'a'",
        "'A'",
    ),
    *(
        "'18'",
        "' 18 '",
        "'0x12'",
        "'1e1'",
        "'it''s'",
        "'true'",
        "'{0}-{1}'",
        "'{{0}}'",
        "'[1, {\"a\": [true]}]'",
        "'é'",
    ),
    *("github.event_name", "GITHUB.Event_Name", "github['ref']", "github.list", "github.list[0]", "github.list[9]"),
    *("github.empty", "github.No", "github.missing", "github.missing.more", "github.list.*", "matrix", "matrix.node"),
    *("matrix.os", "matrix.on", "matrix.items", "matrix.items.*.name", "matrix.items[1].name", "matrix.*", "github[1]"),
]
FUNCTIONS = {"contains": 2, "startsWith": 2, "endsWith": 2, "format": 3, "join": 2, "toJSON": 1, "fromJSON": 1}
SIGNS = ["==", "!=", "<", "<=", ">", ">=", "&&", "||"]


def written(chance: random.Random, depth: int) -> str:
    """Return a random expression."""
    form = chance.random() if depth else 0.0
    if form < 0.35:
        return chance.choice(LEAVES)
    if form < 0.45:
        return f"!{written(chance, depth - 1)}"
    if form < 0.55:
        return f"({written(chance, depth - 1)})"
    if form < 0.75:
        name, count = chance.choice(list(FUNCTIONS.items()))
        return f"{name}({', '.join(written(chance, depth - 1) for _ in range(count))})"
    return f"{written(chance, depth - 1)} {chance.choice(SIGNS)} {written(chance, depth - 1)}"


def scope(contexts: Mapping[str, Data], decisions: Decisions | None = None) -> Scope:
    return Scope(contexts, {}, decisions or {})


def ours(text: str) -> object:
    names = {"null": "Null", "boolean": "Boolean", "text": "String", "number": "Number"}
    try:
        value = evaluate(parse(text), scope(KNOWN))
    except ExpressionError:
        return "refused"
    if kind(value) == "object":
        return ["Array" if isinstance(value, list) else "Dictionary", as_text(value)]
    return [names[kind(value)], as_text(value)]


@pytest.mark.skipif(
    not PACKAGE.exists() or not shutil.which("node"), reason="make setup brings Node and GitHub's evaluator"
)
def test_values_are_those_of_githubs_own_evaluator() -> None:
    chance = random.Random(18)  # noqa: S311 - the same expressions each time
    expressions = [*LEAVES, *(written(chance, 4) for _ in range(COUNT))]
    done = subprocess.run(
        [str(shutil.which("node")), str(ORACLE), str(PACKAGE)],
        input=json.dumps({"expressions": expressions, "contexts": KNOWN}),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(done.stdout)
    answered = sum(answer != "refused" for answer in theirs)
    different = [
        (text, answer, found)
        for text, answer in zip(expressions, theirs, strict=True)
        if (found := ours(text)) != answer
    ]
    assert answered > COUNT / 3
    assert different == []


def test_case_takes_the_first_value_whose_condition_holds() -> None:
    assert evaluate(parse("case(false, 'a', 1 == 1, 'b', 'c')"), scope(KNOWN)) == "b"
    assert evaluate(parse("case(false, 'a', 'c')"), scope(KNOWN)) == "c"
    with pytest.raises(ExpressionError):
        evaluate(parse("case(true, 'a')"), scope(KNOWN))


UNKNOWN: dict[str, Data] = {
    "vars": Open("vars", {"known": "yes"}, "vars.* is a setting"),
    "github": Open("github", {"event_name": Choice("github.event_name", ("push", "pull_request"))}, "only a run tells"),
    "matrix": {"list": ["a", Unknown("x", "why")]},
}


def possible(text: str) -> dict[str, Data]:
    """Return what an expression may be, by what is supposed."""
    found: dict[str, Data] = {}
    waiting: list[dict[tuple[str, ...], Data]] = [{}]
    while waiting:
        decisions = waiting.pop()
        try:
            value = evaluate(parse(text), scope(UNKNOWN, decisions))
        except UndecidedError as undecided:
            waiting += [{**decisions, undecided.key: option} for option in undecided.options]
            continue
        found[", ".join(f"{key[-1]}={decided}" for key, decided in decisions.items())] = value
    return found


def test_an_unknown_value_stays_unknown_and_says_why() -> None:
    value = evaluate(parse("vars.NODE"), scope(UNKNOWN))
    assert value == Unknown("vars.node", "vars.NODE is a setting")
    assert isinstance(evaluate(parse("format('v{0}', vars.NODE)"), scope(UNKNOWN)), Unknown)
    assert isinstance(evaluate(parse("fromJSON(vars.NODE).a[0]"), scope(UNKNOWN)), Unknown)
    assert evaluate(parse("vars.known"), scope(UNKNOWN)) == "yes"


def test_a_choice_between_two_values_is_each_of_them_by_supposition() -> None:
    assert set(possible("vars.A == 'x' && '18' || '20'").values()) == {"18", "20"}
    assert possible("github.event_name == 'push' && '18' || '20'") == {
        "github.event_name=push": "18",
        "github.event_name=pull_request": "20",
    }
    assert set(possible("!vars.A").values()) == {True, False}
    assert set(possible("contains(vars.A, 'x')").values()) == {True, False}
    assert set(possible("vars.A > 3").values()) == {True, False}


def test_what_equals_one_text_equals_no_other() -> None:
    assert set(possible("vars.A == 'x' && vars.A == 'y'").values()) == {False}
    assert set(possible("vars.A == 'x' && vars.A != 'x'").values()) == {False}
    assert set(possible("vars.A == 'x' && !vars.A").values()) == {False}


def test_a_list_with_an_unknown_part_contains_its_known_ones() -> None:
    assert evaluate(parse("contains(matrix.list, 'A')"), scope(UNKNOWN)) is True
    assert set(possible("contains(matrix.list, 'b')").values()) == {True, False}


@pytest.mark.parametrize(
    "text", ["", "a b", "1 +", "'open", "f(", "a.", "a[", "nothing.here", "f(1)", "contains(1)", "!" * 60]
)
def test_what_is_no_expression_is_refused_in_words(text: str) -> None:
    with pytest.raises(ExpressionError, match=r".+"):
        evaluate(parse(text), scope(KNOWN))


@settings(max_examples=500, deadline=None)
@given(st.text() | st.text(alphabet="ab01.'!=<>&|()[]*, ", max_size=40))
def test_random_text_is_an_expression_or_refused(text: str) -> None:
    try:
        evaluate(parse(text), scope(UNKNOWN))
    except (ExpressionError, UndecidedError):
        return


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("a ${{ github.ref }} b", ["a ", "github.ref", " b"]),
        ("${{ 'a }} b' }}", ["'a }} b'"]),
        ("${{1}}${{ 2 }}", ["1.0", "2.0"]),
    ],
)
def test_a_text_is_taken_apart_at_its_braces(text: str, expected: list[str]) -> None:
    assert [part if isinstance(part, str) else text_of(part) for part in template(text)] == expected


def test_braces_that_do_not_end_are_refused() -> None:
    with pytest.raises(ExpressionError, match="not ended"):
        template("${{ a")


def frame(decisions: Decisions | None = None, *, blind: bool = False) -> Frame:
    return Frame("ci.yml", UNKNOWN, decisions or {}, blind)


def asked(text: str) -> Scalar:
    return Scalar(text, text, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", "always"),
        ("${{ false }}", "never"),
        ("${{ false }} == false", "always"),  # text beside the braces makes it a text, which is true
        ("always()", "always"),
        ("success()", "always"),
        ("!cancelled()", "always"),
        ("failure()", "after-failure"),
        ("failure() && vars.A", "after-failure"),
        ("success() || failure()", "always"),
        ("cancelled()", "never"),
        ("1 +", "always"),
    ],
)
def test_a_condition_is_decided_for_a_job_that_went_well_so_far(text: str, expected: str) -> None:
    assert frame().condition(asked(text)) == expected


def test_an_undecided_condition_is_asked_for_or_may_be() -> None:
    with pytest.raises(UndecidedError):
        frame().condition(asked("vars.A == 'x'"))
    assert frame(blind=True).condition(asked("vars.A == 'x'")) == "maybe"
    assert frame().condition(None) == "always"


def test_a_condition_in_braces_and_text_is_always_true() -> None:
    assert text_of(condition("${{ a }} b")).startswith("format(")
