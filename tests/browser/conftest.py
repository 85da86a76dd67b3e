"""Debian's Chromium on the real page: the real service with its generator, its delivery and an MLflow server."""

import os
import re
import shutil
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from tracking.app import PAGE

from ..e2e.tracking.mlflow_server import MlflowServer
from . import history as past
from .provider import Provider
from .service import HEADER, PRICES, Service, wait_until

# A busy machine takes its time.
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)

# What a browser says of a service that was killed, whatever it was doing with it
GONE = [
    f"net::ERR_{each}"
    for each in (
        "CONNECTION_REFUSED",
        "CONNECTION_RESET",
        "EMPTY_RESPONSE",
        "INCOMPLETE_CHUNKED_ENCODING",
        "SOCKET_NOT_CONNECTED",
    )
]

Visit = Callable[..., Page]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once what each of the skipped tests would."""
    if find_chromium() is None:
        terminalreporter.write_line("SKIPPED  The page in a browser: there is no Chromium. apt-get install chromium")


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium")
    if not (PAGE / "index.html").is_file():
        pytest.fail("Build the page: pnpm build")
    return found


@pytest.fixture(scope="session")
def base_url() -> None:
    """Stand in for the plugin's fixture of this name, which pytest warns of; each service has its own address."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: str) -> dict[str, Any]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has none for root
    return {**browser_type_launch_args, "executable_path": chromium, "args": sandbox}


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    with MlflowServer(tmp_path_factory.mktemp("mlflow"), workers=1) as server:
        yield server


@pytest.fixture(scope="session")
def service(mlflow: MlflowServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve with the embedded generator; the tests share it, each with a user of its own."""
    with Service(tmp_path_factory.mktemp("service"), MLFLOW_TRACKING_URI=mlflow.url, **PRICES) as started:
        yield started


@pytest.fixture(scope="session")
def history(service: Service) -> past.History:
    """Let MLflow have what a team did in the days before today."""
    written = past.write(service.data)
    days = {"since": str(written.since), "until": str(written.until)}
    question = "/api/usage/activity"
    wait_until(lambda: bool(service.ask(question, **days)["total"]["events"] == written.events))
    return written


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def openai_at(provider: Provider) -> dict[str, str]:
    """Return the settings that generate there."""
    return {
        "GENERATOR": "openai",
        "GENERATOR_BASE_URL": provider.url,
        "OPENAI_API_KEY": "not-a-key",
        "MODEL": "house-image",
    }


@pytest.fixture(scope="session")
def paid(service: Service, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve the same data with a provider that can be slow and fail, at prices that nobody knows."""
    environment = {
        **service.environment,
        **dict.fromkeys(PRICES, ""),
        "DELIVERY": "separate",  # the other one delivers for both
        **openai_at(provider),
    }
    with Service(tmp_path_factory.mktemp("paid"), **environment) as started:
        yield started


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """Return whoever is asking in this test, and in no other."""
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:32].strip("-")
    return f"{name}-{zlib.crc32(request.node.nodeid.encode()):08x}@example.com"


@pytest.fixture
def expected() -> list[str]:
    """Return words of what the browser may complain about in this test."""
    return []


@pytest.fixture
def visit(
    new_context: Callable[..., BrowserContext], service: Service, user: str, expected: list[str]
) -> Iterator[Visit]:
    """Open pages, on which nothing may go wrong but what is expected."""
    complaints: list[str] = []

    def watch(page: Page) -> None:
        def hear(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                complaints.append(f"{message.location['url']}: {message.text}")

        def fail(request: Request) -> None:
            # What the page itself broke off did not fail.
            if request.failure != "net::ERR_ABORTED":
                complaints.append(f"{request.url}: {request.failure}")

        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("requestfailed", fail)

    def open_page(
        path: str = "/",
        asking: str = user,
        at: Service = service,
        *,
        clock: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> Page:
        context = new_context(base_url=at.url, extra_http_headers={HEADER: asking}, **options)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        watch(page)
        if clock:
            page.clock.install()
        page.goto(path)
        return page

    yield open_page
    assert [each for each in complaints if not any(words in each for words in expected)] == []
