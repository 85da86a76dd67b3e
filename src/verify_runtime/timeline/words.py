"""A script's words and operators, with their lines, by the shell's rules of quoting."""

from __future__ import annotations

import re
from typing import NamedTuple

# Stands in a script where an expression's value is not known before a run.
UNKNOWN = "\ue000"
# Stand around the number of a value that an expression gives, so that the value keeps the place where it is written.
GIVEN, GIVEN_END = "\ue001", "\ue002"

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_BRACED = re.compile(r"\{(?:env:)?([A-Za-z_]\w*)(?::?([-=+?])([^}]*))?\}", re.ASCII)
_OPERATOR = re.compile(r"&&|\|\||;;&?|;&|\|&|<<<|<<-?|&>>?|>>|>&|<&|>\||[;&|()<>]")
_PLAIN = re.compile(r"""[^ \t\n'"\\$`;&|()<>\ue000\ue001]+""")
_MARKED = re.compile(f"({UNKNOWN}|{GIVEN}[0-9]+{GIVEN_END})")
_EXPANSIONS = f"$`{UNKNOWN}{GIVEN}"


class Variable(NamedTuple):
    """`$name`, with what stands for it where it is not set."""

    name: str
    default: str | None = None


class Unclear(NamedTuple):
    """A part that only a run gives; `command` holds the text of a command substitution."""

    command: str = ""


Part = str | Variable | Unclear
Word = tuple[Part, ...]


class Token(NamedTuple):
    """A word, or an operator; a line's end is the operator of a new line."""

    word: Word
    operator: str
    line: int


class Scanner:
    """Reads a script's characters.

    Args:
        text: The script.
    """

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n").replace("\r", "\n")
        self._at = 0
        self._line = 1
        self._documents: list[tuple[str, bool, bool, int]] = []
        self._tokens: list[Token] = []

    def tokens(self) -> list[Token]:
        """Return the script's words and operators, in order."""
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character == "\n":
                self._add((), "\n")
                self._move(1)
                if self._documents:
                    self._read_documents()
            elif character in " \t":
                self._at += 1
            elif text.startswith("\\\n", self._at):
                self._move(2)
            elif character == "#":
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            elif operator := _OPERATOR.match(text, self._at):
                self._operator(operator[0])
            else:
                line = self._line
                self._tokens.append(Token(self._word(), "", line))
        self._add((), "\n")
        return self._tokens

    def _add(self, word: Word, operator: str) -> None:
        self._tokens.append(Token(word, operator, self._line))

    def _move(self, count: int) -> None:
        self._line += self._text.count("\n", self._at, self._at + count)
        self._at += count

    def _operator(self, sign: str) -> None:
        if sign == "<" and self._text.startswith("<(", self._at):
            line = self._line
            self._at += 1
            self._tokens.append(Token((self._substitution(),), "", line))
            return
        # A file descriptor's number before a sign is no word.
        before = self._tokens[-1] if self._tokens else None
        if sign[0] in "<>" and before and before.word in (("1",), ("2",)) and self._text[self._at - 1] in "12":
            self._tokens.pop()
            if before.word == ("2",):
                sign = "2>"
        self._add((), sign)
        self._move(len(_OPERATOR.match(self._text, self._at)[0]))  # type: ignore[index]  # it matched before
        if sign in ("<<", "<<-"):
            while self._text[self._at : self._at + 1] in (" ", "\t"):
                self._at += 1
            start = self._at
            word = self._word()
            quoted = any(sign in self._text[start : self._at] for sign in ("'", '"', "\\"))
            self._documents.append(("".join(map(str, word)), quoted, sign == "<<-", len(self._tokens) - 1))

    def _read_documents(self) -> None:
        for end, quoted, dashed, index in self._documents:
            body = self._document(end, dashed=dashed)
            word = joined(marked(body)) if quoted else expand(body)
            self._tokens[index] = Token(word, "<<", self._tokens[index].line)
        self._documents = []

    def _document(self, end: str, *, dashed: bool) -> str:
        lines = []
        while self._at < len(self._text):
            stop = self._text.find("\n", self._at)
            line = self._text[self._at : len(self._text) if stop < 0 else stop]
            self._move(len(line) + (stop >= 0))
            line = line.lstrip("\t") if dashed else line
            if line.strip(" ") == end:
                break
            lines.append(f"{line}\n")
        return "".join(lines)

    def _word(self) -> Word:
        parts: list[Part] = []
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if plain := _PLAIN.match(text, self._at):
                parts.append(plain[0])
                self._at = plain.end()
            elif character == "'":
                parts += self._single()
            elif character == '"':
                self._move(1)
                parts += self._quoted()
            elif character == "\\":
                parts.append("" if text.startswith("\\\n", self._at) else text[self._at + 1 : self._at + 2])
                self._move(2)
            elif character in _EXPANSIONS:
                parts.append(self._expansion())
            else:
                break
        return joined(parts)

    def _single(self) -> list[Part]:
        end = self._text.find("'", self._at + 1)
        end = len(self._text) if end < 0 else end
        inner = self._text[self._at + 1 : end]
        self._move(end + 1 - self._at)
        return marked(inner)

    def _quoted(self) -> list[Part]:
        parts: list[Part] = []
        text = self._text
        while self._at < len(text) and text[self._at] != '"':
            character = text[self._at]
            if character == "\\" and text[self._at + 1 : self._at + 2] in ('"', "\\", "$", "`", "\n"):
                parts.append(text[self._at + 1].replace("\n", ""))
                self._move(2)
            elif character in _EXPANSIONS:
                parts.append(self._expansion())
            else:
                start = self._at
                while self._at < len(text) and text[self._at] not in f'"\\{_EXPANSIONS}':
                    self._at += 1
                self._at += self._at == start
                self._line += text.count("\n", start, self._at)
                parts.append(text[start : self._at])
        self._at += 1
        return parts or [""]

    def _expansion(self) -> Part:
        text = self._text
        if mark := _MARKED.match(text, self._at):
            self._at = mark.end()
            return Unclear() if mark[0] == UNKNOWN else Variable(mark[0])
        if text[self._at] == "`":
            end = text.find("`", self._at + 1)
            end = len(text) if end < 0 else end
            inner = text[self._at + 1 : end]
            self._move(end + 1 - self._at)
            return Unclear(inner)
        self._at += 1
        return self._substitution() if text.startswith("(", self._at) else self._variable()

    def _variable(self) -> Part:
        """Read what stands behind a dollar sign."""
        text = self._text
        if braced := _BRACED.match(text, self._at):
            self._move(braced.end() - self._at)
            if braced[2] == "+":
                return Unclear()
            return Variable(braced[1], braced[3] if braced[2] in ("-", "=") else None)
        if name := _NAME.match(text, self._at):
            self._at = name.end()
            return Variable(name[0])
        if text.startswith("{", self._at):
            end = text.find("}", self._at)
            self._move((len(text) if end < 0 else end + 1) - self._at)
            return Unclear()
        if text[self._at : self._at + 1] in ("", " ", "\n", '"', "'"):
            return "$"
        self._at += 1
        return Unclear()

    def _substitution(self) -> Unclear:
        """Read a substitution whose parenthesis begins here; parentheses are counted, quotes are respected."""
        text, start, depth, quote = self._text, self._at + 1, 0, ""
        position = self._at
        while position < len(text):
            character = text[position]
            if character == "\\":
                position += 1
            elif quote:
                quote = "" if character == quote else quote
            elif character in "'\"":
                quote = character
            elif character in "()":
                depth += 1 if character == "(" else -1
                if depth == 0:
                    break
            position += 1
        self._move(min(position + 1, len(text)) - self._at)
        return Unclear(text[start:position])


def expand(text: str) -> Word:
    """Return a text as a double-quoted word has it: with its variables."""
    return joined(Scanner(text.replace('"', '\\"') + '"')._quoted())  # noqa: SLF001 - the scanner's one other door


def marked(text: str) -> list[Part]:
    """Return a quoted text's parts: it has no variables, but expressions' values were put into it before."""
    parts: list[Part] = []
    for piece in _MARKED.split(text):
        if piece == UNKNOWN:
            parts.append(Unclear())
        elif piece.startswith(GIVEN):
            parts.append(Variable(piece))
        else:
            parts.append(piece)
    return parts


def joined(parts: list[Part]) -> Word:
    """Return parts with neighbouring texts put together; empty ones are kept only where there is nothing else."""
    whole: list[Part] = []
    for part in parts:
        if isinstance(part, str) and whole and isinstance(whole[-1], str):
            whole[-1] += part
        elif part != "" or not whole:
            whole.append(part)
    if len(whole) > 1 and whole[0] == "":
        del whole[0]
    return tuple(whole)
