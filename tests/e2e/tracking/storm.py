"""A process that logs events as fast as it is told, and notes each one that was accepted; it is there to be killed.

storm.py DATA_DIR ACCEPTED_FILE EVENTS_PER_SECOND
"""

import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from tracking.event import Tokens
from tracking.service import TrackingService
from tracking.settings import Settings

KINDS = ("image", "text")
OUTCOMES = ("ok", "error", "cancelled")
# The test has its prices; of the other's nobody knows.
PRICED = "gpt-4o-mini"
MODELS = (("openai", PRICED), ("acme", "unheard-of"))


def main() -> None:
    """Log until killed."""
    folder, accepted, rate = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    service = TrackingService(Settings(DATA_DIR=folder, DELIVERY="separate"))
    noted = os.open(accepted, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    chance = random.Random()  # noqa: S311 - test data
    started = time.perf_counter()
    for number in range(1_000_000):
        time.sleep(max(0.0, started + number / rate - time.perf_counter()))
        outcome = chance.choice(OUTCOMES)
        provider, model = chance.choice(MODELS)
        values: dict[str, Any] = {
            "user": f"user-{chance.randrange(50)}@example.com",
            "kind": chance.choice(KINDS),
            "provider": provider,
            "model": model,
            "prompt": f"{os.getpid()}-{number} " + "ä lighthouse " * chance.randrange(40),
            "settings": {"aspect_ratio": chance.choice(("1:1", "16:9")), "seed": str(chance.random())},
            "processing_time_ms": round(chance.uniform(1, 5_000), 3),
            "time_to_first_token_ms": chance.choice((None, round(chance.uniform(1, 500), 3))),
            "outcome": outcome,
            "error_class": "Boom" if outcome == "error" else None,
        }
        sent = chance.randrange(1, 10_000)
        tokens = {"input": sent, "cached_input": chance.randrange(sent), "output": chance.randrange(10_000)}
        event_id = service.log_generation(**values, tokens=Tokens(**tokens))
        if event_id is not None:
            # A process that is killed while it notes leaves half a line, which the next one's note must not continue.
            os.write(noted, f"\n{json.dumps({'id': event_id, **values, 'tokens': tokens})}\n".encode())


if __name__ == "__main__":
    main()
