"""A YAML document as GitHub reads it: YAML 1.2's plain values, and the line of everything."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Union

import yaml

# GitHub's own workflow files stay far below this; a reader of strangers' files must end in bounded time.
MAX_CHARACTERS = 1_000_000
_MAX_NODES = 200_000
# As many characters count as one value more: an anchor may name a long text many times.
_TEXT_OF_A_VALUE = 100
_MAX_DEPTH = 100

Value = Union[None, bool, float, str]

PRIVATE = dict.fromkeys((0xE000, 0xE001, 0xE002), "\ufffd")
_BLOCKS = ("|", ">")
_WORDS: dict[str, Value] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_DECIMAL = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[\da-fA-F]+", re.ASCII)


class DocumentError(ValueError):
    """A file cannot be read as YAML; the message says where and why.

    Args:
        message: What is wrong.
        line: The line, from 1.
    """

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


class Scalar(NamedTuple):
    """A single value.

    Args:
        value: As YAML 1.2's core schema reads it; numbers are floats, as GitHub's are.
        text: As written.
        line: From 1; of a block (`|` or `>`) the line of its first content.
        block: Whether the value's lines are the file's own lines (a literal block), so that a position within it can be
            told.
    """

    value: Value
    text: str
    line: int
    block: bool = False


class Sequence(NamedTuple):
    """A list.

    Args:
        items: Its nodes.
        line: From 1.
    """

    items: list[Node]
    line: int


class Mapping(NamedTuple):
    """A mapping.

    Args:
        entries: Its nodes by key, in order.
        keys: The line of each key.
        line: From 1.
    """

    entries: dict[str, Node]
    keys: dict[str, int]
    line: int

    def get(self, key: str) -> Node | None:
        """Return the node of a key; None where there is none."""
        return self.entries.get(key)

    def mapping(self, key: str) -> Mapping:
        """Return the mapping under a key; an empty one where something else is."""
        node = self.entries.get(key)
        return node if isinstance(node, Mapping) else Mapping({}, {}, self.line)

    def text(self, key: str) -> str | None:
        """Return the text of a scalar under a key; None where there is none."""
        node = self.entries.get(key)
        return node.text if isinstance(node, Scalar) and node.value is not None else None


Node = Union[Scalar, Sequence, Mapping]


# The C parser where PyYAML has it. Its events are read here, because its own composer recurses without a limit.
_Parser: type[Any] = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def load(text: str) -> Node:
    """Read a document.

    Raises:
        DocumentError: It is no YAML, too large, nested too deeply, holds more than one document, a key twice, or an
            anchor within itself.
    """
    # Three characters of Unicode's private use stand for values that the reader itself puts into scripts.
    text = text.translate(PRIVATE)
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(f"The file has {len(text):,} characters; more than {MAX_CHARACTERS:,} are not read.")
    try:
        return _Reading(_Parser(text)).document()
    except yaml.MarkedYAMLError as error:
        raise DocumentError(_words(error), error.problem_mark.line + 1 if error.problem_mark else 1) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise DocumentError(f"This is no YAML: {' '.join(str(error).split())}.") from error


def _words(error: yaml.MarkedYAMLError) -> str:
    parts = [str(part).strip() for part in (error.context, error.problem) if part]
    return f"This is no YAML: {', '.join(parts)}."


def plain(text: str) -> Value:
    """Read a plain scalar as YAML 1.2's core schema does. Source: yaml.org/spec/1.2.2, section 10.3.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _DECIMAL.fullmatch(text):
        return float(text)
    if not _OTHER_BASE.fullmatch(text):
        return text
    try:
        return float(int(text, 0))
    except OverflowError:
        return float("inf")


class _Reading:
    """Makes nodes of the parser's events; what an anchor names is made once and shared."""

    def __init__(self, parser: Any) -> None:  # noqa: ANN401 - PyYAML's own type differs between its two parsers
        self._next = parser.get_event
        self._anchors: dict[str, Node | None] = {}
        self._sizes: dict[str, int] = {}
        self._budget = _MAX_NODES

    def document(self) -> Node:
        """Return the stream's one document."""
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Scalar(None, "", 1)
        root = self._node(self._next(), 0)
        self._next()  # the document's end
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise DocumentError("It holds more than one document.", after.start_mark.line + 1)
        return root

    def _node(self, event: Any, depth: int) -> Node:  # noqa: ANN401 - any of PyYAML's events
        line = event.start_mark.line + 1
        self._spend(1, line)
        anchor = event.anchor
        if isinstance(event, yaml.AliasEvent):
            return self._named(anchor, line)
        if depth > _MAX_DEPTH:
            raise DocumentError(f"It is nested more than {_MAX_DEPTH} deep.", line)
        if anchor:
            self._anchors[anchor] = None
        left = self._budget
        node = self._make(event, line, depth)
        if anchor:
            self._anchors[anchor] = node
            self._sizes[anchor] = left - self._budget
        return node

    def _named(self, anchor: str, line: int) -> Node:
        if anchor not in self._anchors:
            raise DocumentError(f"No anchor is called {anchor!r}.", line)
        node = self._anchors[anchor]
        if node is None:
            raise DocumentError(f"The anchor {anchor!r} holds itself.", line)
        # Whoever reads the document meets all that the anchor names once more.
        self._spend(self._sizes[anchor], line)
        return node

    def _make(self, event: Any, line: int, depth: int) -> Node:  # noqa: ANN401 - as above
        if isinstance(event, yaml.ScalarEvent):
            text = event.value
            self._spend(len(text) // _TEXT_OF_A_VALUE, line)
            return Scalar(
                plain(text) if event.implicit[0] else text, text, line + (event.style in _BLOCKS), event.style == "|"
            )
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, depth)
        items = []
        while not isinstance(item := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(item, depth + 1))
        return Sequence(items, line)

    def _mapping(self, line: int, depth: int) -> Mapping:
        entries: dict[str, Node] = {}
        keys: dict[str, int] = {}
        merged: list[Mapping] = []
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise DocumentError("A key must be text.", key.line)
            value = self._node(self._next(), depth + 1)
            if key.text == "<<":
                merged += _merged(value)
            elif key.text in entries:
                raise DocumentError(f"The key {key.text!r} is written twice.", key.line)
            else:
                entries[key.text] = value
                keys[key.text] = event.start_mark.line + 1
        for other in merged:
            self._spend(len(other.entries), line)
            for name, node in other.entries.items():
                if name not in entries:
                    entries[name] = node
                    keys[name] = other.keys[name]
        return Mapping(entries, keys, line)

    def _spend(self, count: int, line: int) -> None:
        self._budget -= count
        if self._budget < 0:
            raise DocumentError(f"It holds more than {_MAX_NODES:,} values.", line)


def _merged(node: Node) -> list[Mapping]:
    parts = node.items if isinstance(node, Sequence) else [node]
    mappings = [part for part in parts if isinstance(part, Mapping)]
    if len(mappings) != len(parts):
        raise DocumentError("Only mappings can be merged with <<.", node.line)
    return mappings
