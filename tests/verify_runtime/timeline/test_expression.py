"""GitHub's expressions: their syntax."""

import contextlib
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify_runtime.timeline.expression import (
    Call,
    Compare,
    ExpressionError,
    Index,
    Literal,
    Logic,
    Name,
    Not,
    calls,
    condition,
    number,
    parse,
    template,
    text_of,
)

DEPTH = 50
A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", Literal(None)),
        ("true", Literal(value=True)),
        ("false", Literal(value=False)),
        ("True", Name("true")),
        ("18", Literal(18.0)),
        ("-1.5e+2", Literal(-150.0)),
        ("+.5", Literal(0.5)),
        ("5.", Literal(5.0)),
        ("0x1F", Literal(31.0)),
        ("0o17", Literal(15.0)),
        ("Infinity", Literal(math.inf)),
        ("-Infinity", Literal(-math.inf)),
        ("''", Literal("")),
        ("'it''s ''so'''", Literal("it's 'so'")),
        ("' }} && '", Literal(" }} && ")),
        ("GitHub", Name("github")),
        ("a.b-c", Index(A, Literal("b-c"))),
        ("a . true", Index(A, Literal("true"))),
        ("a['B c']", Index(A, Literal("B c"))),
        ("a[b.c]", Index(A, Index(B, Literal("c")))),
        ("a.*.b[*]", Index(Index(Index(A, None), Literal("b")), None)),
        ("(18).a", Index(Literal(18.0), Literal("a"))),
        ("toJSON(\n\ta\r\n)", Call("tojson", (A,))),
        ("f()", Call("f", ())),
        ("f(a, b)[0]", Index(Call("f", (A, B)), Literal(0.0))),
        ("!!a", Not(Not(A))),
    ],
)
def test_an_expression_is_read(text: str, expected: object) -> None:
    assert parse(text) == expected


def test_nan_is_a_number() -> None:
    found = parse("NaN")
    assert isinstance(found, Literal)
    assert isinstance(found.value, float)
    assert math.isnan(found.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a || b && c", Logic("||", (A, Logic("&&", (B, C))))),
        ("(a || b) && c", Logic("&&", (Logic("||", (A, B)), C))),
        ("a && b && c", Logic("&&", (A, B, C))),
        ("a == b && c", Logic("&&", (Compare("==", A, B), C))),
        ("a == b < c", Compare("==", A, Compare("<", B, C))),
        ("a != b == c", Compare("==", Compare("!=", A, B), C)),
        ("a <= b > c", Compare(">", Compare("<=", A, B), C)),
        ("!a == b", Compare("==", Not(A), B)),
        ("!(a == b)", Not(Compare("==", A, B))),
        ("!a.b", Not(Index(A, Literal("b")))),
    ],
)
def test_operators_bind_by_githubs_precedence(text: str, expected: object) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a b", "1 +", "'open", "f(", "f(a", "f(a,)", "f(,)", "(a", "a)", "()", "a.", "a.'b'", "a.1", "a["),
        *("a[]", "a[b", "a]", "a &&", "|| a", "a & b", "a = b", "!", "a !", "a ! b", "== a", "*", "a*", "a.*b", "{a}"),
        *("1a", "1.2.3", "1_000", "0x", "0xg", "-0x1f", "0o8", "0b1", "0x123456789", "-", "--1", "-NaN", "Infinity1("),
        *(
            "'a'.b",
            "'('.b",
            "1[0]",
            "null.a",
            "true[*]",
            '"a"',
            "é",
            "a\N{NO-BREAK SPACE}",
            "$a",
            "a;b",
            "a % b",
            "18 20",
        ),
    ],
)
def test_what_is_no_expression_is_refused_in_words(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"\w+ \w+"):
        parse(text)


def test_what_does_not_fit_is_named_with_its_place() -> None:
    with pytest.raises(ExpressionError, match=r"'\$' at position 6 of 'a == \$b'"):
        parse("a == $b")
    with pytest.raises(ExpressionError, match=r"'\)' is missing at the end of an expression"):
        parse("f(a")
    with pytest.raises(ExpressionError, match="a name is missing before '1'"):
        parse("a. 1")


@pytest.mark.parametrize(
    ("before", "middle", "after"),
    [
        ("!", "a", ""),
        ("(", "a", ")"),
        ("f(", "a", ")"),
        ("a[", "a", "]"),
        ("", "a", ".b"),
        ("", "a", "[*]"),
        ("", "a", " == b"),
        ("", "a", " < b"),
    ],
)
def test_what_nests_deeper_than_github_allows_is_refused(before: str, middle: str, after: str) -> None:
    most = DEPTH - 1
    assert parse(before * most + middle + after * most)
    with pytest.raises(ExpressionError, match="nested more than 50 deep"):
        parse(before * DEPTH + middle + after * DEPTH)


def test_depth_counts_through_parentheses() -> None:
    text = "a"
    for _ in range(20):
        text = f"({text}{'.b' * 20})"
    with pytest.raises(ExpressionError, match="nested more than 50 deep"):
        parse(text)


def test_many_operands_side_by_side_are_not_deep() -> None:
    assert parse(" || ".join(["a && b"] * 1_000))


def test_an_expression_has_at_most_githubs_length() -> None:
    longest = "a" * 21_000
    assert parse(longest) == Name(longest)
    with pytest.raises(ExpressionError, match="longer than 21,000 characters"):
        parse(f"{longest} ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("a ${{ github.ref }} b", ["a ", "github.ref", " b"]),
        ("${{ 'a }} b' }}", ["'a }} b'"]),
        ("${{ 'it''s }}' }}", ["'it's }}'"]),
        ("${{1}}${{ 2 }}", ["1.0", "2.0"]),
        ("${{ a }}-${{ b }}-${{ c }}\n", ["a", "-", "b", "-", "c", "\n"]),
        ("$ {{ a }} }} ${ {", ["$ {{ a }} }} ${ {"]),
        ("$${{ a }}}}", ["$", "a", "}}"]),
    ],
)
def test_a_text_is_taken_apart_at_its_braces(text: str, expected: list[str]) -> None:
    assert [part if isinstance(part, str) else text_of(part) for part in template(text)] == expected


@pytest.mark.parametrize("text", ["${{ a", "${{ a }", "${{ 'a }}", "${{ a }} ${{", "${{"])
def test_braces_that_do_not_end_are_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="not ended"):
        template(text)


@pytest.mark.parametrize("text", ["${{ }}", "a ${{}} b", "${{ a }} ${{ b c }}", "${{ ${{ a }} }}"])
def test_braces_without_an_expression_are_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        template(text)


@pytest.mark.parametrize("text", ["a == b", " a == b ", "${{ a == b }}", " ${{ a == b }}\n"])
def test_a_condition_needs_no_braces(text: str) -> None:
    assert condition(text) == Compare("==", A, B)


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_an_empty_condition_is_true(text: str) -> None:
    assert condition(text) == Literal(value=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${{ a }} b", "format('{0}x', a, '')"),
        ("!${{ a }}", "format('x{1}', '', a)"),
        ("${{ a }} == ${{ b }}", "format('{0}x{2}', a, '', b)"),
        ("${{ a }}${{ b }}", "format('{0}{1}', a, b)"),
    ],
)
def test_a_condition_with_text_beside_its_braces_is_a_text(text: str, expected: str) -> None:
    assert text_of(condition(text)) == expected


def test_calls_are_found_wherever_they_stand() -> None:
    text = "A() && !b(c(1), 'd()') || x[E()].f == g().h || (i() < 1 && j.*) || k[*].always"
    assert calls(parse(text)) == {"a", "b", "c", "e", "g", "i"}
    assert calls(parse("x.y[0] == 'z()'")) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GitHub[ 'Event_Name' ]", "github.event_name"),
        ("github.Event_Name", "github.event_name"),
        ("a [ 0 ] . *", "a[0.0][*]"),
        ("a[B.c]", "a[b.c]"),
        ("toJSON( a )", "tojson(a)"),
        ("!  a==b", "(!a == b)"),
        ("a&&b || 'C'", "((a && b) || 'C')"),
    ],
)
def test_an_expression_has_one_canonical_text(text: str, expected: str) -> None:
    assert text_of(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("", 0), (" \t\n", 0), (" 18 ", 18), ("1e3", 1_000), ("-.5", -0.5), ("+5.", 5), ("0x1F", 31), ("0o17", 15)),
        *(("0xffffffff", 4_294_967_295), ("0x" + "0" * 300 + "1", 1), ("Infinity", math.inf), ("-Infinity", -math.inf)),
        *(("1e999", math.inf), ("01", 1)),
    ],
)
def test_a_text_is_read_as_a_number(text: str, expected: float) -> None:
    assert number(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("a", "1a", "1 2", "1_0", "0x", "0xg", "0X1F", "-0x1f", "0o8", "0b1", "0x_1", "0x123456789", "nan", "NaN"),
        *("inf", "infinity", "INFINITY", "--1", ".", "e1", "1e", "\N{ARABIC-INDIC DIGIT THREE}", "0x" + "f" * 5_000),
    ],
)
def test_a_text_that_is_no_number_is_nan(text: str) -> None:
    assert math.isnan(number(text))


@given(st.floats(allow_nan=False))
def test_a_number_is_read_as_it_is_written(value: float) -> None:
    written = repr(value).replace("inf", "Infinity")
    assert number(f" {written} ") == value
    assert parse(written) == Literal(value)


@given(st.text())
def test_any_text_can_be_quoted(text: str) -> None:
    quoted = text.replace("'", "''")
    assert parse(f"'{quoted}'") == Literal(text)
    assert template(f"${{{{ '{quoted}' }}}}") == (Literal(text),)


@settings(max_examples=500, deadline=None)
@given(st.text() | st.text("ab01.'!=<>&|()[]*, ${}", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (parse, template, condition):
        with contextlib.suppress(ExpressionError):
            assert read(text) is not None
