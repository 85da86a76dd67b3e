"""GitHub's expressions: their values beside GitHub's own evaluator, and what becomes of what is unknown."""

import contextlib
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verify_runtime.timeline.data import Choice, Data, Late, Open, Unknown, is_number
from verify_runtime.timeline.document import Scalar
from verify_runtime.timeline.evaluation import Decisions, Key, Scope, UndecidedError, evaluate
from verify_runtime.timeline.expression import ExpressionError, parse
from verify_runtime.timeline.scope import Frame

Ask = Callable[[str], object]
ORACLE = Path(__file__).with_name("expressions.mjs")
PACKAGE = Path(__file__).parents[3] / "node_modules/@actions/expressions/dist/index.js"
REFUSED = ("refused", "all")
# Refused for a name or a count of arguments, by GitHub also where the value does not depend on it.
MISNAMED = ("refused", "names")
COUNT = 1_500
# The same expressions each time: what a new one would find is not for an unrelated change to stumble over.
MANY = settings(
    max_examples=COUNT, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)

KNOWN: dict[str, Data] = {
    "github": {"event_name": "push", "ref": "refs/heads/main", "list": [1.0, "b", None, [2.0]], "empty": "", "No": 0.0},
    "matrix": {
        "node": 18.0,
        "os": "ubuntu-24.04",
        "on": True,
        "items": [{"name": "a"}, {"name": "B"}, "c", {"other": 1.0}, {"name": None, "list": ["x", {"name": "deep"}]}],
    },
    "needs": {"one": {"result": "success", "outputs": {"a": "1"}}, "two": {"result": "failure", "outputs": {}}},
}
WORDS = ["null", "true", "false", "NaN", "Infinity", "-Infinity", "0x1f", "0xFF", "0o17", "-0", "5.", "+7", "-.5"]
QUOTED = [
    *("''", "'18'", "' 18 '", "'0x12'", "'0o7'", "'1e1'", "'-.5'", "'+1'", "'Infinity'", "'infinity'"),
    *("'it''s'", "'true'", "'{0}-{1}'", "'{{0}}'", "'{1}{0}{1}'", "'{'", "'\u0663'", "'1_0'", "'push'", "'Array'"),
]
PATHS = [
    *("github", "matrix", "needs", "GitHub.Event_Name", "github['ref']", "github.list", "github.empty", "github.No"),
    *("github.missing", "matrix.node", "matrix.on", "matrix.items", "matrix.items.*.name", "needs.*.result"),
]
PARTS = [
    *(".a", ".name", ".*", "[*]", "[0]", "[1]", "[9]", "[-1]", "[1.9]", "['1']", "[true]", "[null]", "[NaN]"),
    *(".list", "['NAME']", "['']", ".outputs", ".result", ".true", "[github]", "[Infinity]"),
]
SIGNS = ["==", "!=", "<", "<=", ">", ">=", "&&", "||"]
FUNCTIONS = [
    *("contains({}, {})", "startsWith({}, {})", "ENDSWITH({}, {})", "format({}, {}, {})", "join({}, {})", "join({})"),
    *("toJSON({})", "fromJSON({})", "fromJSON(toJSON({}))", "format('{{0}}', {})", "nothing({})", "contains({})"),
    *("case({} == {}, 'yes', 'no')", "case(!{}, 1, false, 2, '3')"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.sampled_from(["", "a", "B", "1", "é", '"', "\\", "\n\t"]),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["a", "name", "list", "B"]), part, max_size=3)
    ),
    max_leaves=6,
)
NUMBERS = st.integers(-999, 999).map(str) | st.builds(
    "{}{}.{}{}".format,
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 99),
    st.integers(0, 99),
    st.sampled_from(["", "e0", "e3", "E-1", "e+2"]),
)
LEAVES = (
    st.sampled_from([*WORDS, *QUOTED])
    | st.builds("{}{}".format, st.sampled_from(PATHS), st.lists(st.sampled_from(PARTS), max_size=2).map("".join))
    | NUMBERS
    | st.text("aAbBéÉß\u0131iI1. ", max_size=5).map("'{}'".format)
    | st.lists(st.sampled_from(["{0}", "{1}", "{2}", "{{", "}}", "{", "}", "a", "é"]), max_size=4).map(
        lambda parts: f"'{''.join(parts)}'"
    )
    | JSON.map(lambda value: f"fromJSON('{json.dumps(value)}')")
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.builds("{} {} {}".format, inner, st.sampled_from(SIGNS), inner)
        | st.builds("({}){}".format, inner, st.sampled_from(["", *PARTS]))
        | st.builds("!{}".format, inner)
        | st.builds("{}[{}]".format, st.sampled_from(PATHS), inner)
        | st.builds(str.format, st.sampled_from(FUNCTIONS), inner, inner, inner)
    )


EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=7)
PIECES = [*SIGNS, *PARTS[:7], *"()[].*!=&|-1a", ".5", "''", "'a'", " ", "  ", "0x", "e1", "github", "join(", "\n", "é"]


def _broken(text: str, place: int, length: int, piece: str) -> str:
    place %= len(text) + 1
    return text[:place] + piece + text[place + length :]


# What the package reads otherwise than GitHub's runner: {0a}, a comma before ), two '' in one text, 1E+16 as text.
_ODD = re.compile(r"\{\d+[^\d}]|,\s*\)|''.*''|[eE][-+]?\d\d")
# An expression of which a part is lost or another thing: it may be one still.
BROKEN = st.builds(
    _broken,
    st.recursive(LEAVES, _larger, max_leaves=3),
    st.integers(0, 60),
    st.integers(0, 3),
    st.just("") | st.sampled_from(PIECES),
).filter(lambda text: not _ODD.search(text))


def told(value: Data) -> object:
    """Return a value so that its kind shows in a comparison: True is not 1, NaN is NaN."""
    if isinstance(value, list):
        return [told(part) for part in value]
    if isinstance(value, dict):
        return ("object", [[key, told(part)] for key, part in value.items()])
    return ("number", repr(value + 0.0)) if is_number(value) else value


def ours(text: str) -> object:
    try:
        return told(evaluate(parse(text), Scope(KNOWN, {}, {})))
    except ExpressionError:
        return REFUSED


def theirs(answer: dict[str, Data]) -> object:
    if "number" in answer:
        return told(float(answer["number"]))
    return next(iter(answer.items()))


@pytest.fixture(scope="module")
def github() -> Iterator[Ask]:
    """Start GitHub's own evaluator; give what asks it."""
    node = shutil.which("node")
    if node is None or not PACKAGE.is_file():
        pytest.skip("Node or GitHub's evaluator is not here: make setup")
    command = [node, str(ORACLE), str(PACKAGE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdin
        assert process.stdout
        said, heard = process.stdin, process.stdout
        said.write(f"{json.dumps(KNOWN)}\n")

        def ask(text: str) -> object:
            said.write(f"{json.dumps(text)}\n")
            said.flush()
            return json.loads(heard.readline(), object_hook=theirs)

        yield ask


@pytest.mark.parametrize("expressions", [EXPRESSIONS, BROKEN], ids=["whole", "broken"])
def test_values_are_those_of_githubs_own_evaluator(github: Ask, expressions: st.SearchStrategy[str]) -> None:
    answers: Counter[str] = Counter()

    @MANY
    @given(expressions)
    def compare(text: str) -> None:
        answer, found = github(text), ours(text)
        answers[str(answer[0]) if isinstance(answer, tuple) else type(answer).__name__] += 1
        assert answer in (found, MISNAMED)

    compare()
    assert answers.total() >= COUNT
    assert min(answers[kind] for kind in ("NoneType", "bool", "number", "str", "list", "object", "refused")) > 0
    assert answers["refused"] < COUNT * 0.7


def value(text: str, decisions: Decisions | None = None, **functions: Callable[..., Data]) -> Data:
    return evaluate(parse(text), Scope({**KNOWN, **UNKNOWN}, functions, decisions or {}))


def possible(text: str) -> dict[str, Data]:
    """Return what an expression may be, by what is supposed."""
    found: dict[str, Data] = {}
    waiting: list[dict[Key, Data]] = [{}]
    while waiting:
        decisions = waiting.pop()
        try:
            found[", ".join(f"{key[-1]}={decided}" for key, decided in decisions.items())] = value(text, decisions)
        except UndecidedError as undecided:
            waiting += [{**decisions, undecided.key: option} for option in undecided.options]
    return found


def results(text: str) -> set[Data]:
    return set(possible(text).values())


UNKNOWN: dict[str, Data] = {
    "vars": Open("vars", {"known": "yes", "Cased": "yes"}, "vars.* is a setting"),
    "inputs": {"event": Choice("inputs.event", ("push", "pull_request")), "late": Late(lambda: "said later")},
    "strategy": {"list": ["a", Unknown("x", "why")], "items": [{"name": "a"}, Unknown("x", "why")]},
    "steps": {"one": {"outputs": Open("outputs", {"a": "1"}, "known in a run")}},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('fromJSON(\'[{"a": null}, {"a": 1}, {}]\').*.a', [None, 1.0]),
        ("(true).a", None),
        ("-Infinity", float("-inf")),
        ("'0b1' == 1", False),  # binary is no JSON; GitHub's package reads it, its runner does not
        ("'infinity' == Infinity", False),
        ("'\u0663' == 3", False),
        ("format('{0}', 1234567890123456789)", "1.23456789012346E+18"),
        ("'a''b''c'", "a'b'c"),
    ],
)
def test_a_value_is_what_github_makes_of_it(text: str, expected: Data) -> None:
    assert told(value(text)) == told(expected)


def test_case_takes_the_first_value_whose_condition_holds() -> None:
    assert value("case(false, 'a', 1 == 1, 'b', 'c')") == "b"
    assert value("case(false, 'a', 'c')") == "c"
    assert results("case(vars.A == 'x', '18', '20')") == {"18", "20"}


def test_case_evaluates_only_what_it_asks_for() -> None:
    assert value("case(false, fromJSON(''), true, 'b', fromJSON(''), 'c', vars.A == 'x')") == "b"


@pytest.mark.parametrize("text", ["case(true, 'a')", "case(true, 'a', 'b', 'c')", "case('true', 'a', 'b')", "case(1)"])
def test_case_takes_pairs_of_a_boolean_and_a_value_then_a_default(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"case\(\)"):
        value(text)


def test_status_functions_are_the_callers() -> None:
    assert value("always() && 'ran'", always=lambda: True) == "ran"
    assert value("Failure() || !success()", failure=lambda: False, success=lambda: True) is False
    assert value("hashFiles('a', 'b')", hashfiles=lambda one, two: one + two) == "ab"


def test_a_callers_function_comes_before_githubs_own() -> None:
    assert value("toJSON(1)", tojson=lambda given: f"mine: {given}") == "mine: 1.0"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("always()", "'always'"), ("success(1)", "success"), ("f(1)", "'f'"), ("nothing.here", "'nothing'")),
        *(("contains(1)", "contains"), ("join(1, 2, 3)", "join"), ("a || Missing", "'a'")),
    ],
)
def test_what_is_not_there_or_misused_is_refused_by_name(text: str, name: str) -> None:
    with pytest.raises(ExpressionError, match=name):
        value(text, success=lambda: True)


@pytest.mark.parametrize(
    "text",
    [
        *("vars.A", "vars.A.b", "vars['A'].*.b", "vars.*", "vars.A[0]", "matrix.items[vars.A]", "vars.A || vars.A"),
        *("format('v{0}', vars.A)", "join(strategy.list)", "toJSON(vars)", "fromJSON(vars.A)", "toJSON(inputs)"),
        *(
            "strategy.list[1]",
            "join(strategy.items.*.name[0])",
            "join(strategy.items.*.name)",
            "join(steps.*.outputs.*)",
        ),
        *(
            "join(strategy.items.*.*)",
            "steps.one.outputs.b",
            "join(strategy.list.*.name)",
        ),
    ],
)
def test_what_is_made_of_an_unknown_is_unknown(text: str) -> None:
    found = results(text)
    assert any(isinstance(each, Unknown) for each in found)
    assert all(isinstance(each, Unknown) or each == "" for each in found)


def test_an_unknown_has_one_name_however_it_is_written_and_says_why() -> None:
    assert value("vars.NODE") == value("VARS['NODE']") == Unknown("vars.node", "vars.NODE is a setting")
    assert value("toJSON( VARS.node )") == Unknown("tojson(vars.node)", "vars.node is a setting")


def test_what_is_known_among_the_unknown_stays_known() -> None:
    assert value("vars.known") == value("vars.CASED") == "yes"
    assert value("inputs.late") == "said later"
    assert value("strategy.list[0]") == value("strategy.items[0].name") == "a"
    assert value("steps.*.outputs.a") == ["1"]
    assert value("contains(strategy.list, 'A')") is True
    assert results("contains(strategy.list, 'b')") == {True, False}
    assert value("false && vars.A") is False
    assert value("true || vars.A == 'x'") is True


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("vars.A == 'x'", ("==", "vars.a#vars.A is a setting", "x")),
        ("'X' == vars.A", ("==", "vars.a#vars.A is a setting", "x")),
        ("vars.A != 'x'", ("==", "vars.a#vars.A is a setting", "x")),
        ("vars.A == true", ("== boolean", "vars.a#vars.A is a setting", "true")),
        ("vars.A >= 3", (">=", "vars.a#vars.A is a setting", "3")),
        ("3 < vars.A", ("<", "3", "vars.a#vars.A is a setting")),
        ("!vars.A", ("truth", "vars.a#vars.A is a setting")),
        ("inputs.event == 'push'", ("inputs.event",)),
        ("contains(vars.A, 'x')", ("contains", "contains(vars.a, 'x')", "vars.A is a setting")),
    ],
)
def test_what_only_a_run_decides_is_asked_for_by_its_key(text: str, key: Key) -> None:
    with pytest.raises(UndecidedError) as asked:
        value(text)
    assert asked.value.key == key
    answers = [value(text, {key: option}) for option in asked.value.options]
    assert set(answers) == {True, False}


def test_a_choice_is_each_of_its_options() -> None:
    assert possible("inputs.event") == {"inputs.event=push": "push", "inputs.event=pull_request": "pull_request"}
    assert results("inputs.event == 'push' && '18' || '20'") == {"18", "20"}
    assert results("join(inputs.*)") == {"push,said later", "pull_request,said later"}


@pytest.mark.parametrize("unknown", ["vars.A", "vars.A == 'x'", "contains(vars.A, 'x')", "vars.A > 3", "!vars.A"])
def test_an_unknown_condition_gives_one_value_or_the_other(unknown: str) -> None:
    assert results(f"{unknown} && '18' || '20'") == {"18", "20"}


@pytest.mark.parametrize(
    ("text", "supposed"),
    [
        ("vars.A == 'y'", False),
        ("vars.A != 'x'", False),
        ("vars.A == 'X'", True),
        ("'x' == VARS['A']", True),
        ("!vars.A", False),
        ("vars.A < 'y'", True),
        ("vars.A && 'set'", "set"),
    ],
)
def test_what_is_supposed_equal_to_a_text_is_that_text_everywhere(text: str, supposed: Data) -> None:
    equals: Decisions = {("==", "vars.a#vars.A is a setting", "x"): True}
    assert value(text, equals) == supposed


def test_what_is_supposed_unequal_to_a_text_may_be_any_other() -> None:
    unequal: Decisions = {("==", "vars.a#vars.A is a setting", "x"): False}
    assert value("vars.A == 'x'", unequal) is False
    with pytest.raises(UndecidedError):
        value("vars.A == 'y'", unequal)


def test_suppositions_do_not_contradict_each_other() -> None:
    assert results("vars.A == 'x' && vars.A == 'y'") == {False}
    assert results("vars.A == 'x' && vars.A != 'x'") == {False}
    assert results("vars.A && !vars.A") == {False, ""}
    assert results("vars.A == true && vars.A == '1' && 'both' || 'not'") == {"both", "not"}


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text("ab01.'!=<>&|()[]*, ", max_size=40) | EXPRESSIONS | BROKEN)
def test_no_text_ends_in_anything_but_a_value_a_refusal_or_a_question(text: str) -> None:
    with contextlib.suppress(ExpressionError, UndecidedError):
        told(value(text))


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


@pytest.mark.parametrize("text", ["${{ false }} b", "a ${{ false }}", "!${{ true }}", "${{ false }} && ${{ false }}"])
def test_a_condition_with_text_beside_its_braces_is_always_true(text: str) -> None:
    assert frame().condition(asked(text)) == "always"


def test_a_text_with_expressions_is_put_together_and_a_lone_one_keeps_its_kind() -> None:
    assert frame().value(asked("${{ 18 }}")) == 18.0
    assert frame().value(asked("v${{ 18 }}.${{ vars.known }}-${{ null }}${{ true }}")) == "v18.yes-true"
    assert isinstance(frame().value(asked("v${{ 18 }}.${{ vars.A }}")), Unknown)
