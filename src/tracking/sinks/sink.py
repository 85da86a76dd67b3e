"""What the delivery asks of a sink, and what a sink answers."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import requests

from tracking.event import Event
from tracking.pricing import Price
from tracking.store import Store

_REFUSED = frozenset({400, 413, 422})
# What may be about one event; 401, 429, 502, 503 and 504 never are.
_ALONE = frozenset({403, 404, 409, 500, 501})
_SERVER_ERROR = 500
# What MLflow's client makes of an answer that it would ask again for.
_ANSWERED = re.compile(r"too many (\d{3}) error responses")
# MLflow answers 400 for most errors of its own database, and 422 for any of its own while it keeps a trace.
_THEIR_OWN = ("[SQL:", "sqlalche.me/", "QueuePool", "Failed to log OpenTelemetry spans")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A priced event.

    Args:
        event: The event.
        price: What it cost.
        uncertain: Whether it may be in MLflow already, whole or in part.
    """

    event: Event
    price: Price
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """MLflow does not take this event, and never will.

    Args:
        reason: What it said.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not work this time.

    Args:
        reason: What happened.
        alone: Whether the event itself may be the cause, as of an error inside the server.
        in_doubt: Whether the request may yet be carried out, as when its reply was lost.
    """

    reason: str
    alone: bool
    in_doubt: bool = False


Receipt = Refused | Failed | None


class Sink(Protocol):
    """A place that events are delivered to."""

    size: int
    """How many events it takes at once."""

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Deliver events; returns for each None when it is there, whole, or why not. It never raises."""

    def tidy(self, event_id: str) -> None:
        """Leave one of an event that may be there twice.

        Raises:
            Exception: MLflow could not be asked.
        """

    def remove(self, event_id: str) -> None:
        """Leave none of an event that was forgotten while it may have been on its way.

        Raises:
            Exception: MLflow could not be asked.
        """

    def forget(self, user: str) -> int:
        """Delete what is kept of a user; returns how many events that were.

        Raises:
            Exception: MLflow could not be asked.
        """


class MlflowSink(ABC):
    """What both sinks do alike: they reach MLflow when they need it, and anew after a failure.

    Args:
        connect: Reaches MLflow.
    """

    def __init__(self, connect: Callable[[], Store]) -> None:
        self._connect = connect
        self._connected: Store | None = None

    @property
    def store(self) -> Store:
        """MLflow, reached.

        Raises:
            Exception: It cannot be.
        """
        self._connected = self._connected or self._connect()
        return self._connected

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Deliver events; returns for each None when it is there, whole, or why not. It never raises."""
        try:
            receipts = self.send(self.store, parcels)
            if any(receipts):
                # The experiment may be gone, or the address be another's: no event is refused for that.
                self.reach()
        except Exception as error:  # noqa: BLE001 - the events wait
            self._connected = None
            return [Failed(str(error), alone=False, in_doubt=True)] * len(parcels)
        return receipts

    def reach(self) -> None:
        """Reach MLflow anew.

        Raises:
            Exception: It cannot be, or its experiment is deleted.
        """
        self._connected = self._connect()

    @abstractmethod
    def send(self, store: Store, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Send events to an MLflow that was reached before."""


def judge(error: Exception) -> Receipt:
    """Tell from an error whether an event is refused, or may work later."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415 - it takes seconds to import

    reason = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, requests.HTTPError) and error.response is not None:  # the artifacts' own client
        return judge_status(error.response.status_code, reason)
    if isinstance(error, MlflowException):
        cause = _of_network(error)
        if isinstance(cause, requests.exceptions.RetryError) and (answered := _ANSWERED.search(str(cause))):
            return judge_status(int(answered[1]), reason)
        if cause is not None:
            return Failed(reason, alone=False, in_doubt=True)
        return judge_status(error.get_http_status_code(), reason)
    if isinstance(error, OSError):
        return Failed(reason, alone=False, in_doubt=True)
    # The client of an artifact store, for one, raises what it likes.
    return Failed(f"{type(error).__name__}: {reason}", alone=True, in_doubt=True)


def judge_status(status: int, reason: str) -> Receipt:
    """Tell the same from an HTTP status."""
    if status not in _REFUSED:
        return Failed(reason, alone=status in _ALONE, in_doubt=status >= _SERVER_ERROR)
    if any(words in reason for words in _THEIR_OWN):
        return Failed(reason, alone=True, in_doubt=True)
    return Refused(reason)


def _of_network(error: BaseException | None) -> requests.RequestException | None:
    while error is not None and not isinstance(error, requests.RequestException):
        error = error.__cause__ or error.__context__
    return error
