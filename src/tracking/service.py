"""TrackingService: each generation becomes an event that says who, how long, how many tokens, at what cost."""

import logging
from collections.abc import Mapping

from tracking.deliverer import Deliverer
from tracking.delivery import JOURNAL
from tracking.event import Event, Kind, Outcome, Tokens, new_id, now_ms
from tracking.journal import Journal
from tracking.pricing import Price, PriceList
from tracking.privacy import Privacy
from tracking.settings import Settings
from tracking.status import Counter, Status

logger = logging.getLogger(__name__)

_NO_SETTINGS: Mapping[str, str] = {}
_NO_TOKENS = Tokens()


class TrackingService:
    """Logs generations: a request leaves an event in the journal, and nothing else of it is felt.

    Args:
        config: The settings: whether to track, where to, what is kept, and the prices.
        provider: Who runs the picture model that `log_image_generation` logs, such as google.
        image_model: That model's name.

    Raises:
        OSError: The data directory cannot be written.
        ValueError: A price is none.
    """

    def __init__(self, config: Settings, provider: str = "unknown", image_model: str = "unknown") -> None:
        self._provider = provider
        self._image_model = image_model
        self._privacy = Privacy(config)
        self._prices = PriceList(config.prices())
        self._journal: Journal | None = None
        self._deliverer: Deliverer | None = None
        if not config.ENABLE_TRACKING:
            logger.info("Tracking is disabled via configuration.")
            return
        self._counter = Counter(config.DATA_DIR)
        self._journal = Journal(config.DATA_DIR / JOURNAL)
        if config.DELIVERY == "service":
            self._deliverer = Deliverer(config)

    def log_generation(  # noqa: PLR0913 - what an event consists of
        self,
        *,
        user: str,
        kind: Kind,
        provider: str,
        model: str,
        prompt: str,
        processing_time_ms: float,
        settings: Mapping[str, str] = _NO_SETTINGS,
        time_to_first_token_ms: float | None = None,
        tokens: Tokens = _NO_TOKENS,
        outcome: Outcome = "ok",
        error_class: str | None = None,
    ) -> str | None:
        """Log a generation, in microseconds; it never raises, and never waits for a network.

        Args:
            user: Who asked.
            kind: What was generated.
            provider: Who runs the model, such as openai, google or anthropic.
            model: The model's name, as its provider spells it.
            prompt: What for.
            processing_time_ms: How long it took, in milliseconds.
            settings: What else the request set, such as aspect_ratio.
            time_to_first_token_ms: How long the first token took, in milliseconds, where it was streamed.
            tokens: What the provider counted; what it did not say is None, and not 0.
            outcome: Whether it worked.
            error_class: The error's class when it did not.

        Returns:
            The event's id; None when tracking is off, or the event was lost, which is counted and in the log.
        """
        if self._journal is None:
            return None
        time_ms = now_ms()
        event_id = new_id(time_ms)
        try:
            event = Event(
                event_id,
                time_ms,
                self._privacy.user(user),
                kind,
                provider,
                model,
                self._privacy.prompt(prompt),
                len(prompt),
                settings if type(settings) is dict else dict(settings),
                processing_time_ms,
                time_to_first_token_ms,
                tokens,
                outcome,
                error_class,
            )
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here must not fail the product
            self._journal.lose(error)
            return None
        return event_id if self._journal.append(event) else None

    def log_image_generation(  # noqa: PLR0913, PLR0917 - the signature that callers know
        self,
        user_email: str,
        prompt: str,
        aspect_ratio: str,
        processing_time_ms: float,
        input_tokens: int,
        output_tokens: int,
    ) -> None:
        """Log one image generation of the model that the service was made with.

        Args:
            user_email: Who asked.
            prompt: What for; kept as the run's artifact prompt.txt.
            aspect_ratio: Width to height, such as 16:9.
            processing_time_ms: How long the generation took, in milliseconds.
            input_tokens: Tokens of the prompt.
            output_tokens: Tokens of the picture.
        """
        self.log_generation(
            user=user_email,
            kind="image",
            provider=self._provider,
            model=self._image_model,
            prompt=prompt,
            settings={"aspect_ratio": aspect_ratio},
            processing_time_ms=processing_time_ms,
            tokens=Tokens(input=input_tokens, output=output_tokens),
        )

    def price(self, kind: Kind, provider: str, model: str, tokens: Tokens) -> Price:
        """Return what a generation costs now, as the delivery will price it."""
        return self._prices.price(kind, provider, model, tokens, now_ms())

    def status(self) -> Status | None:
        """Return where the events are; None when tracking is off.

        Raises:
            OSError: The data directory cannot be read.
        """
        return None if self._journal is None else self._counter.status(self._journal.lost)

    def close(self) -> None:
        """Stop within 5 seconds; what is pending stays in the journal."""
        if self._journal is not None:
            self._journal.close()
        if self._deliverer is not None:
            self._deliverer.close()
