"""Values that know where they are written, so that a version's place is the line that a person would edit."""

from __future__ import annotations

from typing import Self

from verify_runtime.timeline.data import Data, as_text
from verify_runtime.timeline.document import Mapping, Node, Scalar, Sequence
from verify_runtime.timeline.model import Place


class Text(str):
    """A text.

    Args:
        text: The text.
        place: Where it is written.
    """

    __slots__ = ("place",)
    place: Place

    def __new__(cls, text: str, place: Place) -> Self:
        """Return the text with its place."""
        made = super().__new__(cls, text)
        made.place = place
        return made


class Number(float):
    """A number.

    Args:
        value: The number.
        place: Where it is written.
    """

    __slots__ = ("place",)
    place: Place

    def __new__(cls, value: float, place: Place) -> Self:
        """Return the number with its place."""
        made = super().__new__(cls, value)
        made.place = place
        return made


def place_of(value: Data) -> Place | None:
    """Return where a value is written; None where it does not know."""
    place = getattr(value, "place", None)
    return place if isinstance(place, Place) else None


def text_of(value: Data, otherwise: Place) -> Text:
    """Return a known value as GitHub writes it, with its place, or with another where it has none."""
    return Text(as_text(value), place_of(value) or otherwise)


def data_of(node: Node, file: str) -> Data:
    """Return what a node of a document holds, each text and number with its place."""
    if isinstance(node, Sequence):
        return [data_of(item, file) for item in node.items]
    if isinstance(node, Mapping):
        return {key: data_of(value, file) for key, value in node.entries.items()}
    return _scalar(node, file)


def _scalar(node: Scalar, file: str) -> Data:
    if isinstance(node.value, str):
        return Text(node.value, Place(file, node.line))
    if isinstance(node.value, float):
        return Number(node.value, Place(file, node.line))
    return node.value


def placed(value: Data, place: Place) -> Data:
    """Return a value whose texts and numbers have a place: another one where they have none of their own."""
    if isinstance(value, list):
        return [placed(each, place) for each in value]
    if isinstance(value, dict):
        return {key: placed(each, place) for key, each in value.items()} if type(value) is dict else value
    if place_of(value) or isinstance(value, (bool, tuple)):
        return value
    if isinstance(value, str):
        return Text(value, place)
    return Number(value, place) if isinstance(value, (int, float)) else value
