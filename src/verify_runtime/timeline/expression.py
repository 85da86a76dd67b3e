"""GitHub's expressions: their syntax. Source: docs.github.com/actions/reference/evaluate-expressions-in-workflows."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple, Union

# GitHub's own limits.
_MAX_DEPTH = 50
_MAX_CHARACTERS = 21_000
_TOO_DEEP = f"the expression is nested more than {_MAX_DEPTH} deep"

# Hexadecimal and octal numbers have no sign and, as in GitHub's runner, no more than 32 bits.
_BASED = r"0x0*[0-9a-fA-F]{1,8}|0o0*[0-7]{1,11}"
_DECIMAL = r"(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"(?P<based>{_BASED})|[-+]?(?:{_DECIMAL}|Infinity)", re.ASCII)
_TOKEN = re.compile(
    rf"\s+|(?P<number>(?:{_BASED}|[-+]?{_DECIMAL}|[-+]Infinity)(?![\w.]))"
    r"|'(?P<text>(?:[^']|'')*)'|(?P<name>[a-zA-Z_][\w-]*)|(?P<sign>&&|\|\||[!=<>]=|[!<>()\[\].,*])",
    re.ASCII,
)
_WORDS: dict[str, bool | float | None] = {
    "null": None,
    "true": True,
    "false": False,
    "NaN": float("nan"),
    "Infinity": float("inf"),
}


class ExpressionError(ValueError):
    """An expression cannot be read; the message says why."""


class Literal(NamedTuple):
    """A value as written."""

    value: bool | float | str | None


class Name(NamedTuple):
    """A context, such as `github`."""

    name: str


class Index(NamedTuple):
    """A part of a value; None stands for `*`, all parts."""

    of: Expression
    key: Expression | None


class Call(NamedTuple):
    """A function's call; its name is in lower case."""

    name: str
    arguments: tuple[Expression, ...]


class Not(NamedTuple):
    """`!`."""

    of: Expression


class Compare(NamedTuple):
    """One of `== != < <= > >=`."""

    sign: str
    left: Expression
    right: Expression


class Logic(NamedTuple):
    """`&&` or `||`, with all its operands."""

    sign: str
    operands: tuple[Expression, ...]


Expression = Union[Literal, Name, Index, Call, Not, Compare, Logic]
Template = tuple[Union[str, Expression], ...]


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read what stands between `${{` and `}}`.

    Raises:
        ExpressionError: It is no expression.
    """
    if len(text) > _MAX_CHARACTERS:
        raise ExpressionError(f"the expression is longer than {_MAX_CHARACTERS:,} characters")
    reader = _Reader(_tokens(text))
    expression = reader.logic(1)
    reader.end()
    level: tuple[Expression, ...] = (expression,)
    for _ in range(_MAX_DEPTH):
        level = tuple(part for each in level for part in _inner(each))
    if level:
        raise ExpressionError(_TOO_DEEP)
    return expression


@functools.lru_cache(maxsize=4096)
def template(text: str) -> Template:
    """Read a text with expressions in it, as its parts in order.

    Raises:
        ExpressionError: One of them is no expression, or does not end.
    """
    parts: list[str | Expression] = []
    position = 0
    while (start := text.find("${{", position)) >= 0:
        if start > position:
            parts.append(text[position:start])
        end = _end(text, start + 3)
        parts.append(parse(text[start + 3 : end]))
        position = end + 2
    if position < len(text) or not parts:
        parts.append(text[position:])
    return tuple(parts)


def condition(text: str) -> Expression:
    """Read an `if`: an expression with or without its braces; text beside the braces makes it a text, as on GitHub.

    Raises:
        ExpressionError: It is no expression.
    """
    if "${{" not in text:
        return parse(text) if text.strip() else Literal(value=True)
    parts = template(text.strip())
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0]
    words = "".join(f"{{{index}}}" if not isinstance(part, str) else "x" for index, part in enumerate(parts))
    arguments = tuple(Literal("") if isinstance(part, str) else part for part in parts)
    return Call("format", (Literal(words), *arguments))


@functools.lru_cache(maxsize=4096)
def calls(expression: Expression) -> set[str]:
    """Return the names of the functions that an expression calls."""
    names = {expression.name} if isinstance(expression, Call) else set()
    return names.union(*map(calls, _inner(expression)))


def _inner(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions that an expression is made of."""
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Index):
        return (expression.of, expression.key) if expression.key else (expression.of,)
    if isinstance(expression, Not):
        return (expression.of,)
    if isinstance(expression, Compare):
        return (expression.left, expression.right)
    return expression.operands if isinstance(expression, Logic) else ()


def text_of(expression: Expression) -> str:
    """Return an expression in one canonical form: names in lower case, no needless spaces."""
    if isinstance(expression, Literal):
        return f"'{expression.value}'" if isinstance(expression.value, str) else str(expression.value)
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Index):
        return f"{text_of(expression.of)}{_part(expression.key)}"
    if isinstance(expression, Not):
        return f"!{text_of(expression.of)}"
    return _combined(expression)


def _combined(expression: Call | Compare | Logic) -> str:
    if isinstance(expression, Call):
        return f"{expression.name}({', '.join(map(text_of, expression.arguments))})"
    parts = (expression.left, expression.right) if isinstance(expression, Compare) else expression.operands
    return f"({f' {expression.sign} '.join(map(text_of, parts))})"


def _part(key: Expression | None) -> str:
    if isinstance(key, Literal) and isinstance(key.value, str):
        return f".{key.value.lower()}"
    return f"[{text_of(key) if key else '*'}]"


def _end(text: str, position: int) -> int:
    """Return where an expression's `}}` stands; one within a quoted text is none."""
    quoted = False
    while position < len(text):
        if text[position] == "'":
            quoted = not quoted
        elif not quoted and text.startswith("}}", position):
            return position
        position += 1
    raise ExpressionError("an expression is begun with ${{ and not ended with }}")


def _tokens(text: str) -> list[tuple[str, str]]:
    found = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            raise ExpressionError(f"{text[position]!r} at position {position + 1} of {text.strip()!r} does not fit")
        position = match.end()
        if match.lastgroup:
            found.append((match.lastgroup, match[match.lastgroup]))
    return found


def _deeper(depth: int) -> int:
    """Return the depth of what is nested one deeper."""
    if depth >= _MAX_DEPTH:
        raise ExpressionError(_TOO_DEEP)
    return depth + 1


class _Reader:
    """Reads tokens by GitHub's precedence: parts, then !, comparisons, &&, ||."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._position = 0

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._position] if self._position < len(self._tokens) else ("end", "")

    def _take(self, *signs: str) -> str | None:
        kind, text = self._peek()
        if kind == "sign" and text in signs:
            self._position += 1
            return text
        return None

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise ExpressionError(f"{sign!r} is missing {self._where()}")

    def _where(self) -> str:
        kind, text = self._peek()
        return "at the end of an expression" if kind == "end" else f"before {text!r}"

    def end(self) -> None:
        if self._peek()[0] != "end":
            raise ExpressionError(f"something is missing or too much {self._where()}")

    def logic(self, depth: int) -> Expression:
        return self._chain("||", lambda: self._chain("&&", lambda: self._equality(depth)))

    def _chain(self, sign: str, operand: Callable[[], Expression]) -> Expression:
        operands: list[Expression] = [operand()]
        while self._take(sign):
            operands.append(operand())
        return Logic(sign, tuple(operands)) if len(operands) > 1 else operands[0]

    def _equality(self, depth: int) -> Expression:
        left = self._order(depth)
        while sign := self._take("==", "!="):
            left = Compare(sign, left, self._order(depth))
        return left

    def _order(self, depth: int) -> Expression:
        left = self._unary(depth)
        while sign := self._take("<", "<=", ">", ">="):
            left = Compare(sign, left, self._unary(depth))
        return left

    def _unary(self, depth: int) -> Expression:
        return Not(self._unary(_deeper(depth))) if self._take("!") else self._parts(depth)

    def _parts(self, depth: int) -> Expression:
        grouped = self._peek() == ("sign", "(")
        value = self._primary(depth)
        if isinstance(value, Literal) and not grouped:
            return value  # it has no parts, on GitHub
        while sign := self._take(".", "["):
            if self._take("*"):
                key: Expression | None = None
            elif sign == "[":
                key = self.logic(_deeper(depth))
            else:
                kind, text = self._peek()
                if kind != "name":
                    raise ExpressionError(f"a name is missing {self._where()}")
                self._position += 1
                key = Literal(text)
            if sign == "[":
                self._expect("]")
            value = Index(value, key)
        return value

    def _primary(self, depth: int) -> Expression:
        kind, text = self._peek()
        if self._take("("):
            inner = self.logic(_deeper(depth))
            self._expect(")")
            return inner
        if kind not in ("number", "text", "name"):
            raise ExpressionError(f"a value is missing {self._where()}")
        self._position += 1
        if kind == "number":
            return Literal(number(text))
        if kind == "text":
            return Literal(text.replace("''", "'"))
        if self._take("("):
            return Call(text.lower(), self._arguments(_deeper(depth)))
        return Literal(_WORDS[text]) if text in _WORDS else Name(text.lower())

    def _arguments(self, depth: int) -> tuple[Expression, ...]:
        arguments: list[Expression] = []
        if self._take(")"):
            return ()
        arguments.append(self.logic(depth))
        while self._take(","):
            arguments.append(self.logic(depth))
        self._expect(")")
        return tuple(arguments)


def number(text: str) -> float:
    """Return a text's number as GitHub coerces it: nothing is 0, what is no number is NaN."""
    plain = text.strip()
    if not plain:
        return 0.0
    match = _NUMBER.fullmatch(plain)
    if not match:
        return float("nan")
    return float(int(plain, 0) if match["based"] else plain)
