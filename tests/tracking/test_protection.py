import asyncio
from collections.abc import Iterator, MutableMapping

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from tracking.app import create_app
from tracking.protection import Protection

from .conftest import MakeSettings
from .serving import serving

LIMIT = 100


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    app.add_middleware(Protection, max_bytes=LIMIT)

    @app.post("/api/echo")
    async def echo(request: Request) -> int:
        return len(await request.body())

    @app.get("/api/own")
    def own() -> str:
        return "mine"

    return TestClient(app, base_url="https://studio.example.com")


@pytest.mark.parametrize("path", ["/api/own", "/nothing"])
def test_every_answer_is_strict_with_the_browser(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"


def test_one_persons_answers_are_not_kept_for_the_next(client: TestClient) -> None:
    assert client.get("/api/own").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.example.com"},
        {"Origin": "https://studio.example.com"},
    ],
)
def test_the_services_own_page_may_post(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/echo", content=b"12345", headers=headers).json() == 5


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://studio.example.com"},
        {"Origin": "https://evil.example.com"},
        {"Origin": "https://studio.example.com.evil.example.com"},
        {"Origin": "null"},
        {"Origin": "http://[::1"},
        {"Origin": ""},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "Same-Origin"},
        {"Content-Type": "text/plain", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_another_sites_page_may_not(client: TestClient, method: str, headers: dict[str, str]) -> None:
    answer = client.request(method, "/api/echo", content=b"{}", headers=headers)
    assert answer.status_code == 403
    assert "own page" in answer.json()["detail"]
    assert "content-security-policy" in answer.headers


EMBEDDED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_another_sites_page_may_not_use_up_what_its_visitor_may_ask_for(
    client: TestClient, method: str, site: str
) -> None:
    assert client.request(method, "/api/own", headers={**EMBEDDED, "Sec-Fetch-Site": site}).status_code == 403


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/own", {}, 200),
        ("/api/own", {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"}, 200),
        ("/api/own", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}, 200),
        ("/nothing", EMBEDDED, 404),
    ],
    ids=["a program", "the page", "a link", "no person's"],
)
def test_what_is_asked_for_otherwise_is_answered(
    client: TestClient, path: str, headers: dict[str, str], status: int
) -> None:
    assert client.get(path, headers=headers).status_code == status


def test_a_request_as_large_as_allowed_is_taken(client: TestClient) -> None:
    assert client.post("/api/echo", content=b"x" * LIMIT).json() == LIMIT


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * 10


@pytest.mark.parametrize(
    ("content", "headers"),
    [(b"x" * (LIMIT + 1), {}), (b"", {"Content-Length": "9" * 30}), (chunks(11), {})],
    ids=["large", "said to be", "in chunks"],
)
def test_a_larger_one_is_not_and_the_answer_says_so(
    client: TestClient, content: bytes | Iterator[bytes], headers: dict[str, str]
) -> None:
    answer = client.post("/api/echo", content=content, headers=headers)
    assert answer.status_code == 413
    assert "100 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("is_said", [True, False], ids=["said to be", "in chunks"])
def test_who_sent_far_too_much_reads_the_answer(make_settings: MakeSettings, *, is_said: bool) -> None:
    part = b"x" * 65_536
    with serving(create_app(make_settings(ENABLE_TRACKING=False))) as address:
        for _ in range(5):  # a connection that is cut off loses its answer by chance
            content = part * 160 if is_said else iter([part] * 160)
            answer = httpx2.post(f"{address}/api/images", content=content, timeout=20)
            assert answer.status_code == 413


@pytest.mark.parametrize("sent", [[b'{"prompt": "x"}'], []])
def test_what_was_cut_off_is_not_taken_for_the_whole(client: TestClient, sent: list[bytes]) -> None:
    messages = [{"type": "http.request", "body": each, "more_body": True} for each in sent]
    messages.append({"type": "http.disconnect"})
    answered = []

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    async def send(message: MutableMapping[str, object]) -> None:
        answered.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/echo", "headers": [], "query_string": b""}

    async def run() -> None:
        await client.app(scope, receive, send)

    asyncio.run(run())
    assert answered == []
