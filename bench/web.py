"""How much code the page loads, and how soon its usage can be read with many events behind it.

Usage: python -P bench/web.py [--events N] [--times N] [--json]

The page must be built (pnpm build), and Chromium installed. The index is filled with generated events of the last 30
days; the service runs as a process of its own beside it. A load is one in a browser that is open, without a cache, over
loopback: from the navigation until the range's figures are there, and a click on another range has been taken. The same
is measured with a thousand events in the same run. The limits: 180 kB of gzipped JavaScript for the first page,
1,000 ms a load.
"""

import argparse
import gzip
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, sync_playwright

from tracking.app import PAGE
from tracking.event import Tokens, new_id, now_ms
from tracking.layout import Record
from tracking.settings import Settings
from tracking.usage import Index
from tracking.usage.source import Cursor, Page

FIRST_PAGE_LIMIT = 180_000
LOAD_LIMIT = 1.0
FEW = 1_000
BATCH = 50_000
MONTH_MS = 30 * 86_400_000
FIRST_ANSWER_SECONDS = 120
STALE_SECONDS = 3
# An open browser has a process ready for the next page; a new one's takes a second of processor time.
READY_MS = 2_000
# In the page, because the driver's own clicks take longer than the page does: when the range's figures are there and a
# click on another range was taken, and the largest paint, both in milliseconds after the navigation began.
WATCH = """
async () => {
  const until = async (find) => {
    while (!find()) await new Promise(requestAnimationFrame);
    return find();
  };
  const named = (tag, text) => [...document.querySelectorAll(tag)].find((each) => each.textContent === text);
  await until(() => named("dt", "Total cost"));
  const week = await until(() => named("button", "Last 7 days"));
  week.click();
  await until(() => week.getAttribute("aria-pressed") === "true");
  const usable = performance.now();
  const paint = await new Promise((resolve) => new PerformanceObserver((list) => resolve(list.getEntries().at(-1)))
    .observe({ type: "largest-contentful-paint", buffered: true }));
  return [usable, paint.startTime];
}
"""


class Generated:
    """A source of generated events.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._begin = now_ms() - MONTH_MS

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """Yield them, in the order of time."""
        for begin in range(0, self._count, BATCH):
            numbers = range(begin, min(begin + BATCH, self._count))
            yield Page([self._record(number) for number in numbers], cursor)

    def _record(self, number: int) -> Record:
        chance = random.Random(number)  # noqa: S311 - nothing secret
        time_ms = self._begin + number * MONTH_MS // self._count
        length = chance.randrange(4000)
        return Record(
            id=new_id(time_ms),
            time_ms=time_ms,
            user=f"user-{chance.randrange(1000)}@example.com",
            kind=chance.choice(["image", "text"]),
            provider="openai",
            model=f"model-{chance.randrange(8)}",
            prompt_length=length,
            processing_time_ms=chance.gauss(2_000 + length, 500),
            time_to_first_token_ms=None,
            tokens=Tokens(input=length // 4, output=300),
            outcome="error" if number % 20 == 0 else "ok",
            error_class=None,
            cost_usd=None if number % 50 == 0 else Decimal(number * 7919 % 100_000).scaleb(-6),
            price_source="environment",
        )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("There is no Chromium: apt-get install chromium")
    first, usage = _sizes()
    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        with playwright.chromium.launch(executable_path=chromium, args=arguments) as browser:
            few, _ = _loads(browser, FEW, options.times)
            many, paint = _loads(browser, options.events, options.times)
    figures = {
        "first page, gzipped bytes": first,
        "usage page in addition, gzipped bytes": usage,
        "usable, seconds": many,
        "usable with 1,000 events, seconds": few,
        "largest paint, seconds": paint,
    }
    if options.json:
        print(json.dumps(figures | {"events": options.events}, indent=2))
        return
    over = _missed(first > FIRST_PAGE_LIMIT)
    print(f"first page's JavaScript   {first / 1000:7.1f} kB  limit {FIRST_PAGE_LIMIT / 1000:.0f}{over}")
    print(f"usage page in addition    {usage / 1000:7.1f} kB")
    print(f"usage page, {options.events:,} events, median of {options.times} loads")
    print(f"  usable                  {many * 1000:7.0f} ms  limit {LOAD_LIMIT * 1000:.0f}{_missed(many > LOAD_LIMIT)}")
    print(f"  with {FEW:,} events       {few * 1000:7.0f} ms  {many / few:.2f} times as long")
    print(f"  largest paint           {paint * 1000:7.0f} ms")


def _missed(is_over: bool) -> str:  # noqa: FBT001 - what the figure is
    return "  OVER" if is_over else ""


def _sizes() -> tuple[int, int]:
    """Return the bytes of JavaScript that the first page loads, and that the usage page does in addition."""
    if not (PAGE / "index.html").is_file():
        raise SystemExit("The page is not built. Build it: pnpm build")
    index = (PAGE / "index.html").read_text(encoding="utf-8")
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in (PAGE / "assets").glob("*.js")}
    first = {Path(found).name for found in re.findall(r'(?:src|href)="([^"]+\.js)"', index)}
    return sum(sizes[name] for name in first), sum(size for name, size in sizes.items() if name not in first)


def _loads(browser: Browser, count: int, times: int) -> tuple[float, float]:
    """Return how many seconds it takes until the page can be used, and its largest paint."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(DATA_DIR=Path(scratch), MLFLOW_TRACKING_URI=None)
        place = Index.of(settings)._identity  # noqa: SLF001 - the events are as if that MLflow had them
        Index(settings.DATA_DIR, Generated(count), place).rebuild()
        with _service(settings.DATA_DIR) as url:
            found = [_load(browser, url) for _ in range(times)]
    usable, paint = zip(*found, strict=True)
    return statistics.median(usable), statistics.median(paint)


@contextmanager
def _service(folder: Path) -> Iterator[str]:
    environment = {name: value for name, value in os.environ.items() if name not in Settings.model_fields}
    own = {"DATA_DIR": str(folder), "PORT": "0", "ADMIN_USERS": "developer@localhost"}
    command = [sys.executable, "-P", "-m", "tracking"]
    with subprocess.Popen(command, env=environment | own, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = next(iter(process.stdout or ())).split()[1]
            # The first question that brings the index up to date imports MLflow, which takes seconds.
            time.sleep(STALE_SECONDS)
            httpx2.get(f"{url}/api/usage/activity", timeout=FIRST_ANSWER_SECONDS).raise_for_status()
            yield url
        finally:
            process.terminate()


def _load(browser: Browser, url: str) -> tuple[float, float]:
    context = browser.new_context()
    page = context.new_page()
    page.wait_for_timeout(READY_MS)
    page.goto(f"{url}/usage", wait_until="commit")
    usable, paint = page.evaluate(WATCH)
    context.close()
    return usable / 1000, paint / 1000


if __name__ == "__main__":
    main()
