"""A generation: what is asked of a provider, and what it answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self

from tracking.event import Tokens

AspectRatio = Literal["1:1", "16:9", "9:16", "4:3", "3:4"]


def counted(value: object) -> int | None:
    """Return a provider's count; None for what is none: the SDKs take any JSON for their types."""
    return value if type(value) is int else None


@dataclass(frozen=True, slots=True)
class Picture:
    """A generated picture.

    Args:
        content: The file's bytes.
        media_type: The file's kind, such as image/png.
        tokens: What the provider counted.
    """

    content: bytes
    media_type: str
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Text:
    """A generated text.

    Args:
        content: The text itself.
        tokens: What the provider counted.
    """

    content: str
    tokens: Tokens


class TextStream(Protocol):
    """A text that comes in pieces: iterate over it once, and close it, or use it in a with statement."""

    @property
    def tokens(self) -> Tokens:
        """What the provider has counted so far; all of it after the last piece."""

    def __iter__(self) -> Iterator[str]:
        """Yield the pieces.

        Raises:
            GenerationError: The stream broke off, or the provider did.
        """

    def __enter__(self) -> Self:
        """Return the stream itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the stream."""

    def close(self) -> None:
        """Close the connection, wherever the stream is; what is known of its tokens stays."""


class Generator(Protocol):
    """What makes pictures and texts from prompts."""

    @property
    def provider(self) -> str:
        """Who runs the models, as genai-prices spells it, or local."""

    @property
    def text_model(self) -> str:
        """The model that writes texts."""

    @property
    def image_model(self) -> str | None:
        """The model that makes pictures; None when there is none."""

    def picture(self, prompt: str, aspect_ratio: AspectRatio) -> Picture:
        """Make a picture.

        Args:
            prompt: What it shows.
            aspect_ratio: Width to height; where a model has no such size, the nearest one.

        Raises:
            GenerationError: It did not work.
        """

    def text(self, prompt: str) -> Text:
        """Write a text.

        Args:
            prompt: What about.

        Raises:
            GenerationError: It did not work.
        """

    def stream(self, prompt: str) -> TextStream:
        """Write a text, and hand over each piece as it comes.

        Args:
            prompt: What about.

        Raises:
            GenerationError: It did not begin; once it has, iterating raises.
        """
