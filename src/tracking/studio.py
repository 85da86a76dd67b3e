"""The studio: it generates for a user, and logs each generation, whether it worked, failed or was cancelled."""

import base64
import logging
import math
import time
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from typing import Any

from tracking import generators
from tracking.event import Kind, Outcome, Tokens, new_id, now_ms
from tracking.gallery import Gallery, Generation
from tracking.generators import AspectRatio, GenerationError
from tracking.privacy import Privacy
from tracking.service import TrackingService

logger = logging.getLogger(__name__)

_COMPLAINT_SECONDS = 60.0


class Cancelled(Exception):  # noqa: N818 - nobody erred
    """Who asked no longer waits."""


class Studio:
    """Generates, keeps what came of it in the gallery, and logs.

    Args:
        generator: What generates.
        tracking: What logs.
        gallery: Where generations are kept.
        privacy: What may be kept of users and prompts.
    """

    def __init__(
        self, generator: generators.Generator, tracking: TrackingService, gallery: Gallery, privacy: Privacy
    ) -> None:
        self._generator = generator
        self._tracking = tracking
        self._gallery = gallery
        self._privacy = privacy
        self._complained = -math.inf

    def picture(
        self, user: str, prompt: str, aspect_ratio: AspectRatio, is_cancelled: Callable[[], bool] = lambda: False
    ) -> Generation:
        """Generate a picture, and keep it in the gallery, if that is possible.

        Args:
            user: Who asks.
            prompt: What the picture shows.
            aspect_ratio: Width to height.
            is_cancelled: Tells whether nobody waits any longer. No provider stops a picture half-way: it is paid for,
                logged as cancelled with its tokens, and kept nowhere.

        Raises:
            GenerationError: It could not be generated.
            Cancelled: Nobody waits for it.
        """
        generator = self._generator
        settings = {"aspect_ratio": aspect_ratio}
        log = _Log(self._tracking, generator.provider, generator.image_model or "", "image", user, prompt, settings)
        with log:
            picture = generator.picture(prompt, aspect_ratio)
            log.tokens = picture.tokens
            if is_cancelled():
                raise Cancelled
        generation = self._generation(log, aspect_ratio=aspect_ratio, media_type=picture.media_type)
        generation.image_url = f"/api/images/{generation.id}.png"
        if not self._keep(generation, picture.content):
            content = base64.b64encode(picture.content).decode()
            generation.image_url = f"data:{picture.media_type};base64,{content}"
        return generation

    def text(self, user: str, prompt: str) -> Generator[str | Generation]:
        """Generate a text.

        Args:
            user: Who asks.
            prompt: What about.

        Yields:
            Its parts as they come, and then what is kept of it. Whoever stops before that cancels it.

        Raises:
            GenerationError: It could not be generated, or not to its end.
        """
        generator = self._generator
        log = _Log(self._tracking, generator.provider, generator.text_model, "text", user, prompt, {})
        parts = []
        with log:
            stream = generator.stream(prompt)
            try:
                for part in stream:
                    log.first_token()
                    parts.append(part)
                    yield part
            finally:
                stream.close()
                log.tokens = stream.tokens
        generation = self._generation(log, text="".join(parts), time_to_first_token_ms=log.first_token_ms)
        what = generation if self._privacy.keeps_words else generation.model_copy(update={"text": None})
        generation.kept = self._keep(what)
        yield generation

    def _keep(self, generation: Generation, content: bytes = b"") -> bool:
        """Keep a generation; where that is not possible, it is paid for, and its user gets it all the same."""
        try:
            self._gallery.add(generation, content)
        except OSError as error:
            generation.kept = False
            now = time.monotonic()
            if now - self._complained >= _COMPLAINT_SECONDS:
                self._complained = now
                logger.error("What is generated is not kept: %s", error)  # noqa: TRY400 - one line says it
        return generation.kept

    def _generation(self, log: "_Log", **what: Any) -> Generation:  # noqa: ANN401 - fields of different types
        tokens = {f"{name}_tokens": count for name, count in log.tokens._asdict().items()}
        return Generation(
            id=log.event_id or new_id(now_ms()),
            created_at=datetime.now(UTC).isoformat(),
            user_email=self._privacy.user(log.user) or "",
            kind=log.kind,
            provider=log.provider,
            model=log.model,
            prompt=self._privacy.prompt(log.prompt) or "",
            processing_time_ms=log.elapsed_ms,
            estimated_cost_usd=log.cost(),
            **tokens,
            **what,
        )


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
        settings: Mapping[str, str],
    ) -> None:
        self._tracking = tracking
        self.provider, self.model = provider, model
        self.kind, self.user, self.prompt, self._settings = kind, user, prompt, settings
        self.first_token_ms: float | None = None
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
            user=self.user,
            kind=self.kind,
            provider=self.provider,
            model=self.model,
            prompt=self.prompt,
            settings=self._settings,
            processing_time_ms=self.elapsed_ms,
            time_to_first_token_ms=self.first_token_ms,
            tokens=self.tokens,
            outcome=_outcome(error),
            error_class=_error_class(error),
        )

    def first_token(self) -> None:
        """Note when the first part came."""
        if self.first_token_ms is None:
            self.first_token_ms = self._since()

    def cost(self) -> float | None:
        """Return what it cost, in US dollars; None when that is not known."""
        usd = self._tracking.price(self.kind, self.provider, self.model, self.tokens).usd
        return None if usd is None else float(usd)

    def _since(self) -> float:
        return round((time.perf_counter() - self._started) * 1000, 3)


def _outcome(error: BaseException | None) -> Outcome:
    if error is None:
        return "ok"
    return "cancelled" if isinstance(error, (GeneratorExit, Cancelled)) else "error"


def _error_class(error: BaseException | None) -> str | None:
    if error is None or isinstance(error, (GeneratorExit, Cancelled)):
        return None
    return error.reason if isinstance(error, GenerationError) else type(error).__name__
