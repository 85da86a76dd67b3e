"""TrackingService: each generation becomes an MLflow run that says who, how long, how many tokens, at what cost."""

import logging
import re
import threading
import time
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Literal

from tracking import store
from tracking.settings import Settings

logger = logging.getLogger(__name__)

_MILLION = 1_000_000
_QUEUE_LENGTH = 10_000
_CLOSE_SECONDS = 15.0
_QUIET_SECONDS = 1.0
_CREDENTIALS = re.compile(r"://[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class _Run:
    """What becomes one MLflow run."""

    name: str
    tags: dict[str, str]
    params: dict[str, str]
    metrics: dict[str, float]
    prompt: str


class TrackingService:
    """Logs generations to MLflow, in the background: no request waits for it, and none fails because of it.

    Args:
        config: The settings: whether to track, where to, and the prices.
    """

    def __init__(self, config: Settings) -> None:
        self._config = config
        self._queue: SimpleQueue[_Run | None] = SimpleQueue()
        self._store: store.Store | None = None
        self._worker = threading.Thread(target=self._work, name="tracking", daemon=True)
        if config.ENABLE_TRACKING:
            self._worker.start()
        else:
            logger.info("Tracking is disabled via configuration.")

    def log_image_generation(  # noqa: PLR0913, PLR0917 - the signature that callers know
        self,
        user_email: str,
        prompt: str,
        aspect_ratio: str,
        processing_time_ms: float,
        input_tokens: int,
        output_tokens: int,
    ) -> None:
        """Log one image generation, later; what goes wrong is in the log, and is never raised.

        Args:
            user_email: Who asked.
            prompt: What for; kept as the run's artifact prompt.txt.
            aspect_ratio: Width to height, such as 16:9.
            processing_time_ms: How long the generation took, in milliseconds.
            input_tokens: Tokens of the prompt.
            output_tokens: Tokens of the picture.
        """
        if not self._config.ENABLE_TRACKING:
            return
        try:
            metrics = {
                "processing_time_ms": processing_time_ms,
                "input_tokens": float(input_tokens),
                "output_tokens": float(output_tokens),
            }
            tags = {"user_email": user_email}
            estimated_cost = self._calculate_cost(input_tokens, output_tokens, model_type="image")
            if estimated_cost is None:
                tags["price"] = "unknown"
            else:
                metrics["estimated_cost_usd"] = estimated_cost
            params = {"aspect_ratio": aspect_ratio, "prompt_length": str(len(prompt))}
            self._accept(_Run("generate_image", tags, params, metrics, prompt))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here must not fail the product
            _complain(error)

    def estimate_image_cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return what an image generation is estimated to cost, in US dollars; None when a price is not set."""
        return self._calculate_cost(input_tokens, output_tokens, model_type="image")

    def close(self) -> None:
        """Finish what was accepted, within 15 seconds; what is left then is counted in the log."""
        if not self._worker.is_alive():
            return
        self._queue.put(None)
        self._worker.join(_QUIET_SECONDS)
        if self._worker.is_alive():
            logger.warning("Logging the last generations, for %d seconds at most.", _CLOSE_SECONDS)
            self._worker.join(_CLOSE_SECONDS - _QUIET_SECONDS)
        if self._worker.is_alive():
            # The one in the worker's hands is lost as well; the mark that ends the queue is none.
            logger.error("Closed before %d generations were logged.", self._queue.qsize())

    def _calculate_cost(
        self, input_tokens: int, output_tokens: int, model_type: Literal["text", "image"] = "text"
    ) -> float | None:
        """Estimate a request's cost in US dollars; None when a price that it needs is not set."""
        if model_type == "text":
            prices = (self._config.TEXT_INPUT_TOKEN_COST_PER_MILLION, self._config.TEXT_OUTPUT_TOKEN_COST_PER_MILLION)
        else:
            prices = (self._config.IMAGE_INPUT_TOKEN_COST_PER_MILLION, self._config.IMAGE_OUTPUT_TOKEN_COST_PER_MILLION)
        if prices[0] is None or prices[1] is None:
            return None
        return input_tokens / _MILLION * prices[0] + output_tokens / _MILLION * prices[1]

    def _accept(self, run: _Run) -> None:
        if not self._worker.is_alive():
            raise RuntimeError("the service is closed")
        # Threads that pass here together may each add one more: the limit is for memory, not exact.
        if self._queue.qsize() >= _QUEUE_LENGTH:
            raise RuntimeError(f"{_QUEUE_LENGTH} others are waiting already")
        self._queue.put(run)

    def _work(self) -> None:
        while (run := self._queue.get()) is not None:
            try:
                self._log(run)
            except Exception as error:  # noqa: BLE001 - the next one may work
                _complain(error)

    def _log(self, run: _Run) -> None:
        """Log a run by its own id; MLflow's fluent API would mix up runs that overlap."""
        if self._store is None:  # a store that was not there is tried again with each run
            self._store = store.connect(self._config)
        from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415 - it takes seconds to import

        client = self._store.client
        run_id = client.create_run(self._store.experiment_id, run_name=run.name).info.run_id
        now = time.time_ns() // 1_000_000
        client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0) for name, value in run.metrics.items()],
            params=[Param(name, value) for name, value in run.params.items()],
            tags=[RunTag(name, value) for name, value in run.tags.items()],
        )
        client.log_text(run_id, run.prompt, "prompt.txt")
        client.set_terminated(run_id)


def _complain(error: Exception) -> None:
    """Log why a generation was not logged: the cause alone.

    A database's errors go on with the row's values, and a server's with the address and the password in it.
    """
    cause = " ".join(str(error).partition("[SQL:")[0].split()) or type(error).__name__
    logger.error("Failed to log image generation: %s", _CREDENTIALS.sub("://***@", cause))
