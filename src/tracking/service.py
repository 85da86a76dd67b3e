"""TrackingService: each generation becomes an MLflow run that says who, how long, how many tokens, at what cost."""

import logging
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from queue import Full, Queue
from typing import TYPE_CHECKING, Literal

from tracking.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

logger = logging.getLogger(__name__)

_MILLION = 1_000_000
_QUEUE_LENGTH = 10_000
# MLflow's own defaults wait minutes for a server that is gone.
_MLFLOW_DEFAULTS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


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
        self._queue: Queue[_Run | None] = Queue(_QUEUE_LENGTH)
        self._client: MlflowClient | None = None
        self._experiment_id = ""
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
        """Log one image generation, later.

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
        try:
            self._queue.put_nowait(_Run("generate_image", tags, params, metrics, prompt))
        except Full:
            logger.error("Failed to log image generation: %d others are waiting already.", _QUEUE_LENGTH)  # noqa: TRY400

    def estimate_image_cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return what an image generation is estimated to cost, in US dollars; None when a price is not set."""
        return self._calculate_cost(input_tokens, output_tokens, model_type="image")

    def close(self, timeout_seconds: float = 5.0) -> None:
        """Finish what was accepted, for a limited time; what is left then is counted in the log."""
        if not self._config.ENABLE_TRACKING:
            return
        try:
            self._queue.put(None, timeout=timeout_seconds)
            self._worker.join(timeout_seconds)
        except Full:
            pass
        if self._worker.is_alive():
            logger.error("Closed before %d generations were logged.", self._queue.qsize() + 1)

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

    def _work(self) -> None:
        while (run := self._queue.get()) is not None:
            try:
                self._log(run)
            except Exception as error:  # noqa: BLE001 - whatever goes wrong here must not fail the product
                logger.error("Failed to log image generation: %s", error)  # noqa: TRY400 - one line is enough

    def _log(self, run: _Run) -> None:
        """Log a run by its own id; MLflow's fluent API would mix up runs that overlap."""
        from mlflow.entities import Metric, Param, RunTag  # noqa: PLC0415 - it takes seconds to import

        client = self._connected()
        run_id = client.create_run(self._experiment_id, run_name=run.name).info.run_id
        now = time.time_ns() // 1_000_000
        client.log_batch(
            run_id,
            metrics=[Metric(name, value, now, 0) for name, value in run.metrics.items()],
            params=[Param(name, value) for name, value in run.params.items()],
            tags=[RunTag(name, value) for name, value in run.tags.items()],
        )
        client.log_text(run_id, run.prompt, "prompt.txt")
        client.set_terminated(run_id)

    def _connected(self) -> "MlflowClient":
        """Return MLflow's client, made at the first run; a store that is not there is tried again at the next."""
        if self._client is None:
            for name, value in _MLFLOW_DEFAULTS.items():
                os.environ.setdefault(name, value)
            from mlflow import MlflowClient  # noqa: PLC0415 - it takes seconds to import
            from mlflow.exceptions import MlflowException  # noqa: PLC0415

            client = MlflowClient(self._tracking_uri())
            name = self._config.MLFLOW_EXPERIMENT_NAME
            experiment = client.get_experiment_by_name(name)
            if experiment is None:
                try:
                    client.create_experiment(name, artifact_location=self._artifact_location())
                except MlflowException:  # another process made it meanwhile, or the next line says what is wrong
                    logger.debug("The experiment was not created here.")
                experiment = client.get_experiment_by_name(name)
            if experiment is None:
                raise MlflowException(f"The experiment {name} could not be created.")
            self._experiment_id = experiment.experiment_id
            self._client = client
        return self._client

    def _tracking_uri(self) -> str:
        if self._config.MLFLOW_TRACKING_URI:
            return self._config.MLFLOW_TRACKING_URI
        self._data_dir().mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{self._data_dir() / 'mlflow.db'}"

    def _artifact_location(self) -> str | None:
        """Return the folder for artifacts of the local store; a server has its own."""
        return None if self._config.MLFLOW_TRACKING_URI else (self._data_dir() / "artifacts").as_uri()

    def _data_dir(self) -> Path:
        return self._config.DATA_DIR.absolute()
