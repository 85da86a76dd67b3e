"""A step's script, read as far as its text tells: commands, their words, and what they write where.

It reads the shell's grammar as POSIX has it, with bash's additions that workflows use; it runs nothing.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from verify_runtime.timeline.words import Scanner, Token, Word, joined

_MAX_DEPTH = 20
_REDIRECTIONS = frozenset(("<", ">", ">>", ">|", "<<", "<<-", "<<<", ">&", "<&", "&>", "&>>", "2>"))
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=", re.ASCII)
_TESTS = frozenset(("[", "[[", "test", "grep", "command", "which", "type", "diff", "cmp", "false", "hash", "!"))


class Command(NamedTuple):
    """A simple command.

    Args:
        words: Its words; empty where it only assigns.
        line: From 1, within the script.
        assignments: What it assigns before its words.
        certain: Whether it runs whenever the script does, supposed that what stands before it succeeds.
        subshell: Whether it runs in a shell of its own, which ends with it.
        writes: The files that its output goes to.
        document: The text of its here-document.
        sources: The commands whose output it reads.
    """

    words: tuple[Word, ...]
    line: int
    assignments: tuple[tuple[str, Word], ...] = ()
    certain: bool = True
    subshell: bool = False
    writes: tuple[Word, ...] = ()
    document: Word | None = None
    sources: tuple[Command, ...] = ()


class Script(NamedTuple):
    """A script.

    Args:
        commands: Its commands, in the order of the text.
        functions: Its functions' commands by name.
    """

    commands: tuple[Command, ...]
    functions: dict[str, tuple[Command, ...]]


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Script:
    """Read a script; what does not fit the grammar is passed over."""
    return _Structure(Scanner(text).tokens()).script()


def powershell(text: str) -> str:
    """Return a PowerShell script with what workflows write most put into the shell's words."""
    text = re.sub(r"\$\{?env:(\w+)\}?", r"${\1}", text, flags=re.IGNORECASE)
    text = re.sub(r"\|\s*(?:Out-File|Add-Content)\b[^\n|]*?(\$\{\w+\})[^\n]*", r">> \1", text, flags=re.IGNORECASE)
    return text.replace("`\n", "\\\n").replace("`n", "\n")


class _Block(NamedTuple):
    """What is open: a compound command, where its commands begin, and whether they are certain."""

    kind: str
    first: int
    certain: bool


class _Structure:
    """Finds the commands among the tokens, and which of them are certain to run."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._commands: list[Command] = []
        self._functions: dict[str, tuple[Command, ...]] = {}
        self._blocks: list[_Block] = []
        self._certain = True
        self._sources: tuple[Command, ...] = ()
        # What the compound command that has just ended held.
        self._closed: tuple[Command, ...] = ()

    def script(self) -> Script:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.operator:
                self._at += 1
                self._sign(token.operator)
            else:
                self._statement(token)
        return Script(tuple(self._commands), self._functions)

    def _base(self) -> bool:
        """Return whether what stands in the open blocks is certain."""
        return all(block.certain for block in self._blocks)

    def _sign(self, sign: str) -> None:
        if sign == "(":
            self._open("(", certain=True)
        elif sign == ")":
            if self._blocks and self._blocks[-1].kind == "(":
                self._close()
        elif sign in ("\n", ";", "&", ";;", ";&", ";;&"):
            self._certain, self._sources = self._base(), ()
            if sign.startswith(";;") and self._blocks and self._blocks[-1].kind == "case":
                self._pattern()
        elif sign == "||":
            self._certain, self._sources = False, ()
        elif sign == "&&":
            self._certain = self._certain and not self._tested()
            self._sources = ()
        elif sign in ("|", "|&"):
            self._sources = self._closed or tuple(self._commands[-1:])

    def _tested(self) -> bool:
        last = self._commands[-1] if self._commands else None
        return bool(last and last.words and last.words[0] and last.words[0][0] in _TESTS)

    def _open(self, kind: str, *, certain: bool) -> None:
        if len(self._blocks) < _MAX_DEPTH:
            self._blocks.append(_Block(kind, len(self._commands), certain and self._certain))
        self._certain = self._base()

    def _close(self) -> None:
        if not self._blocks:
            return
        block = self._blocks.pop()
        inner = self._commands[block.first :]
        writes, document = self._redirections()
        if block.kind.startswith("function "):
            self._functions[block.kind[9:]] = tuple(inner)
            del self._commands[block.first :]
        else:
            self._commands[block.first :] = [
                each._replace(
                    writes=each.writes or writes,
                    document=each.document or document,
                    subshell=each.subshell or block.kind == "(",
                )
                for each in inner
            ]
            self._closed = tuple(self._commands[block.first :])
        self._certain = self._base()

    def _statement(self, token: Token) -> None:
        word = token.word[0] if len(token.word) == 1 and isinstance(token.word[0], str) else ""
        if word in ("if", "while", "until"):
            self._at += 1
            # The condition itself runs; what follows it may not.
            self._open(word, certain=True)
        elif word in ("then", "do", "else", "elif"):
            self._at += 1
            if self._blocks:
                self._blocks[-1] = self._blocks[-1]._replace(certain=False)
            self._certain = False
        elif word in ("fi", "done", "esac", "}"):
            self._at += 1
            self._close()
        elif word == "{":
            self._at += 1
            self._open("{", certain=True)
        elif word in ("for", "select"):
            self._skip_to("\n", ";")
            self._open(word, certain=False)
        elif word == "case":
            self._skip_to("in")
            self._open("case", certain=False)
            self._pattern()
        elif word == "function" or self._defines():
            self._function(word)
        else:
            self._simple()

    def _defines(self) -> bool:
        after = self._tokens[self._at + 1 : self._at + 3]
        return len(after) == 2 and after[0].operator == "(" and after[1].operator == ")"  # noqa: PLR2004 - both signs

    def _function(self, word: str) -> None:
        if word == "function":
            self._at += 1
        name = str(self._tokens[self._at].word[0]) if self._tokens[self._at].word else ""
        self._at += 1
        while self._at < len(self._tokens) and self._tokens[self._at].operator in ("(", ")", "\n"):
            self._at += 1
        if self._at < len(self._tokens) and self._tokens[self._at].word == ("{",):
            self._at += 1
            self._open(f"function {name}", certain=True)

    def _skip_to(self, *ends: str) -> None:
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.operator in ends or (token.word and token.word[0] in ends):
                return

    def _pattern(self) -> None:
        while self._at < len(self._tokens) and self._tokens[self._at].operator == "\n":
            self._at += 1
        if self._at < len(self._tokens) and self._tokens[self._at].word != ("esac",):
            self._skip_to(")")

    def _simple(self) -> None:
        words: list[Word] = []
        assignments: list[tuple[str, Word]] = []
        line = self._tokens[self._at].line
        writes: list[Word] = []
        document: Word | None = None
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.operator and token.operator != "\n" and _is_open_test(words):
                self._at += 1
            elif token.operator in _REDIRECTIONS:
                more, text = self._redirections()
                writes += more
                document = text or document
            elif token.operator:
                break
            else:
                self._at += 1
                assignment = _assignment(token.word) if not words else None
                if assignment:
                    assignments.append(assignment)
                else:
                    words.append(token.word)
        command = Command(
            tuple(words),
            line,
            tuple(assignments),
            self._certain,
            writes=tuple(writes),
            document=document,
            sources=self._sources,
        )
        self._commands.append(command)
        self._sources, self._closed = (), ()

    def _redirections(self) -> tuple[tuple[Word, ...], Word | None]:
        writes: list[Word] = []
        document: Word | None = None
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.operator not in _REDIRECTIONS:
                break
            self._at += 1
            if token.operator in ("<<", "<<-"):
                document = token.word
                continue
            target = self._tokens[self._at] if self._at < len(self._tokens) else None
            if target is None or target.operator:
                continue
            self._at += 1
            if token.operator in (">", ">>", ">|", "&>", "&>>"):
                writes.append(target.word)
            elif token.operator == "<<<":
                document = target.word
        return tuple(writes), document


def _assignment(word: Word) -> tuple[str, Word] | None:
    """Return a word as NAME=VALUE; None for another one."""
    first = word[0] if word else ""
    found = _ASSIGNMENT.match(first) if isinstance(first, str) else None
    return (found[1], joined([str(first)[found.end() :], *word[1:]])) if found else None


def _is_open_test(words: list[Word]) -> bool:
    """Return whether a [[ is not yet closed: what stands in it are no operators of the shell."""
    return bool(words) and words[0] == ("[[",) and words[-1] != ("]]",)
