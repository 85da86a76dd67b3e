"""A stream: a provider's events, read as a text in pieces."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from tracking.event import Tokens
from tracking.generators.failure import GenerationError, Reason

Event = TypeVar("Event")
Event_contra = TypeVar("Event_contra", contravariant=True)


class Reader(Protocol[Event_contra]):
    """What understands a provider's events; it lasts as long as one stream."""

    @property
    def tokens(self) -> Tokens:
        """What the events have said so far."""

    @property
    def ended(self) -> bool:
        """Whether the event came that only a complete stream has."""

    def read(self, event: Event_contra) -> str:
        """Return the text that an event brings, often none.

        Raises:
            GenerationError: The event says that it does not work.
        """


class EventStream(Generic[Event]):
    """A text stream over a provider's events.

    Args:
        events: The events.
        close: What closes their connection; it may be called more than once.
        reader: What understands them.
        expected: The SDK's errors that mean the stream broke.
        explain: What makes our error of such an error, if there is one, the tokens known, and what to call a break.
    """

    def __init__(
        self,
        events: Iterable[Event],
        close: Callable[[], None],
        reader: Reader[Event],
        expected: tuple[type[Exception], ...],
        explain: Callable[[Exception | None, Tokens, Reason], GenerationError],
    ) -> None:
        self._events = events
        self._close = close
        self._reader = reader
        self._expected = expected
        self._explain = explain
        self._closed = False

    @property
    def tokens(self) -> Tokens:
        """What the provider has counted so far; all of it after the last piece."""
        return self._reader.tokens

    def __iter__(self) -> Iterator[str]:
        """Yield the pieces.

        Raises:
            GenerationError: The stream broke off, or the provider did.
        """
        problem: Exception | None = None
        try:
            for event in self._events:
                if self._closed:
                    break
                piece = self._reader.read(event)
                if piece:
                    yield piece
        except self._expected as error:
            problem = error
        finally:
            by_us, self._closed = self._closed, True
            self._close()
        # No error: a stream that we closed in the middle of its iteration, and one that had said all before it broke.
        if not (by_us or self._reader.ended):
            raise self._explain(problem, self.tokens, "cut")

    def __enter__(self) -> Self:
        """Return the stream itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the stream."""
        self.close()

    def close(self) -> None:
        """Close the connection, wherever the stream is; what is known of its tokens stays."""
        self._closed = True
        self._close()
