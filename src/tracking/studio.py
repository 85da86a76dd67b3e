"""The studio: it generates for a user, and logs each generation, whether it worked, failed or was cancelled."""

import time
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime

from tracking import generators
from tracking.event import Kind, Outcome, Tokens, new_id, now_ms
from tracking.gallery import Gallery, Generation
from tracking.generators import AspectRatio, GenerationError
from tracking.privacy import Privacy
from tracking.service import TrackingService


@dataclass(frozen=True, slots=True)
class TextEnd:
    """How a text ended.

    Args:
        processing_time_ms: How long it took, in milliseconds.
        tokens: What the provider counted.
        estimated_cost_usd: What it cost, in US dollars; None when that is not known.
    """

    processing_time_ms: float
    tokens: Tokens
    estimated_cost_usd: float | None


class Studio:
    """Generates, keeps pictures in the gallery, and logs.

    Args:
        generator: What generates.
        tracking: What logs.
        gallery: Where pictures are kept.
        privacy: What may be kept of users and prompts.
    """

    def __init__(
        self, generator: generators.Generator, tracking: TrackingService, gallery: Gallery, privacy: Privacy
    ) -> None:
        self._generator = generator
        self._tracking = tracking
        self._gallery = gallery
        self._privacy = privacy

    def picture(self, user: str, prompt: str, aspect_ratio: AspectRatio) -> Generation:
        """Generate a picture, and keep it in the gallery.

        Args:
            user: Who asks.
            prompt: What the picture shows.
            aspect_ratio: Width to height.

        Raises:
            GenerationError: It could not be generated.
        """
        model = self._generator.image_model or ""
        log = _Log(
            self._tracking, self._generator.provider, model, "image", user, prompt, {"aspect_ratio": aspect_ratio}
        )
        with log:
            picture = self._generator.picture(prompt, aspect_ratio)
            log.tokens = picture.tokens
        identifier = log.event_id or new_id(now_ms())
        generation = Generation(
            id=identifier,
            created_at=datetime.now(UTC).isoformat(),
            user_email=self._privacy.user(user) or "",
            prompt=self._privacy.prompt(prompt) or "",
            aspect_ratio=aspect_ratio,
            image_url=f"/api/images/{identifier}.png",
            processing_time_ms=log.elapsed_ms,
            input_tokens=picture.tokens.input,
            output_tokens=picture.tokens.output,
            estimated_cost_usd=log.cost(),
            media_type=picture.media_type,
        )
        self._gallery.add(generation, picture.content)
        return generation

    def text(self, user: str, prompt: str) -> Generator[str | TextEnd]:
        """Generate a text.

        Args:
            user: Who asks.
            prompt: What about.

        Yields:
            Its parts as they come, and then how it ended. Whoever stops before that cancels it.

        Raises:
            GenerationError: It could not be generated, or not to its end.
        """
        generator = self._generator
        log = _Log(self._tracking, generator.provider, generator.text_model, "text", user, prompt, {})
        with log:
            stream = generator.stream(prompt)
            try:
                for part in stream:
                    log.first_token()
                    yield part
            finally:
                stream.close()
                log.tokens = stream.tokens
        yield TextEnd(log.elapsed_ms, log.tokens, log.cost())


class _Log:
    """Times what is done inside it, and logs it, however it ends."""

    def __init__(  # noqa: PLR0913, PLR0917 - what an event consists of
        self,
        tracking: TrackingService,
        provider: str,
        model: str,
        kind: Kind,
        user: str,
        prompt: str,
        settings: dict[str, str],
    ) -> None:
        self._tracking = tracking
        self._provider, self._model = provider, model
        self._kind, self._user, self._prompt, self._settings = kind, user, prompt, settings
        self._first_token_ms: float | None = None
        self.tokens = Tokens()
        self.elapsed_ms = 0.0
        self.event_id: str | None = None

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: object) -> None:
        self.elapsed_ms = self._since()
        if isinstance(error, GenerationError) and error.tokens != Tokens():
            self.tokens = error.tokens
        self.event_id = self._tracking.log_generation(
            user=self._user,
            kind=self._kind,
            provider=self._provider,
            model=self._model,
            prompt=self._prompt,
            settings=self._settings,
            processing_time_ms=self.elapsed_ms,
            time_to_first_token_ms=self._first_token_ms,
            tokens=self.tokens,
            outcome=_outcome(error),
            error_class=_error_class(error),
        )

    def first_token(self) -> None:
        """Note when the first part came."""
        if self._first_token_ms is None:
            self._first_token_ms = self._since()

    def cost(self) -> float | None:
        """Return what it cost, in US dollars; None when that is not known."""
        usd = self._tracking.price(self._kind, self._provider, self._model, self.tokens).usd
        return None if usd is None else float(usd)

    def _since(self) -> float:
        return round((time.perf_counter() - self._started) * 1000, 3)


def _outcome(error: BaseException | None) -> Outcome:
    if error is None:
        return "ok"
    return "cancelled" if isinstance(error, GeneratorExit) else "error"


def _error_class(error: BaseException | None) -> str | None:
    if error is None or isinstance(error, GeneratorExit):
        return None
    return error.reason if isinstance(error, GenerationError) else type(error).__name__
