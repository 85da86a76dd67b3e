"""The article's code, which `bench/tracking.py` measures ours beside.

Usage: python -P bench/beside/article.py loop URI PROMPT SECONDS
       python -P bench/beside/article.py serve nothing|inline|background|ours URI PROMPT FOLDER PORT

`loop` logs to MLflow one after the other, and prints what each took, in seconds, as JSON. `serve` answers on loopback,
and logs with the article's code before the answer, after it in BackgroundTasks, with ours, or not at all.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import mlflow
import uvicorn
from fastapi import BackgroundTasks, FastAPI

_WARM_UP = 8  # the server's processes
_REST = ("16:9", 1234.5, 60, 1290)


def log_image_generation(  # noqa: PLR0913, PLR0917 - the article's signature
    user_email: str,
    prompt: str,
    aspect_ratio: str,
    processing_time_ms: float,
    input_tokens: int,
    output_tokens: int,
) -> None:
    """Log one generation as the article does: what `src/tracking` began as."""
    with mlflow.start_run(run_name="generate_image"):
        mlflow.set_tag("user_email", user_email)
        mlflow.log_param("aspect_ratio", aspect_ratio)
        mlflow.log_param("prompt_length", len(prompt))
        mlflow.log_metric("processing_time_ms", processing_time_ms)
        mlflow.log_metric("input_tokens", input_tokens)
        mlflow.log_metric("output_tokens", output_tokens)
        mlflow.log_metric("estimated_cost_usd", input_tokens / 1_000_000 * 0.3 + output_tokens / 1_000_000 * 30)
        mlflow.log_text(prompt, "prompt.txt")


def loop(log: Callable[[], object], seconds: float) -> None:
    """Log one after the other, and print what each took."""
    for _ in range(_WARM_UP):
        log()
    took, began = [], time.perf_counter()
    while time.perf_counter() - began < seconds:
        start = time.perf_counter()
        log()
        took.append(time.perf_counter() - start)
    json.dump(took, sys.stdout)


def serve(log: Callable[[], object], port: int, *, later: bool) -> None:
    """Answer, and log with what is given: before the answer, or after it in BackgroundTasks."""
    app = FastAPI()

    @app.post("/")
    def generate(background: BackgroundTasks) -> None:
        if later:
            background.add_task(log)
        else:
            log()

    uvicorn.run(app, port=port, log_level="error")


def article(uri: str, prompt: str) -> Callable[[], object]:
    """Return the article's way to log."""
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("article")
    return partial(log_image_generation, "ada@example.com", prompt, *_REST)


def ours(uri: str, prompt: str, folder: Path) -> Callable[[], object]:
    """Return our way to log."""
    from tracking.service import TrackingService  # noqa: PLC0415 - the article's variants are measured without it
    from tracking.settings import Settings  # noqa: PLC0415 - the same

    service = TrackingService(Settings(DATA_DIR=folder, MLFLOW_TRACKING_URI=uri))
    return partial(service.log_image_generation, "ada@example.com", prompt, *_REST)


def main() -> None:
    """Do what the arguments say."""
    what, *rest = sys.argv[1:]
    if what == "loop":
        uri, prompt, seconds = rest
        loop(article(uri, prompt), float(seconds))
        return
    variant, uri, prompt, folder, port = rest
    if variant == "nothing":
        log: Callable[[], object] = bool
    elif variant == "ours":
        log = ours(uri, prompt, Path(folder))
    else:
        log = article(uri, prompt)
    serve(log, int(port), later=variant == "background")


if __name__ == "__main__":
    main()
