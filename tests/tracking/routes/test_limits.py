"""How much one may ask for, and how large it may be: what is said when it is too much."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tracking import ratelimit
from tracking.app import create_app
from tracking.protection import HEADERS

from ..conftest import MakeSettings

HEADER = "X-Forwarded-Email"
ADA, EVE = ({HEADER: name} for name in ("ada@example.com", "eve@example.com"))
PAGE = "<!doctype html><title>Studio</title>"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    return folder


@pytest.fixture
def limited(make_settings: MakeSettings, page: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    # The clock stands still: nobody gets a part of their share back while a test takes its time.
    monkeypatch.setattr(ratelimit, "time", SimpleNamespace(time=lambda: 1_795_000_000.0))
    config = make_settings(
        ENABLE_TRACKING=False,
        IDENTITY_HEADER=HEADER,
        TRUSTED_PROXIES="10.0.0.7",
        GENERATIONS_PER_MINUTE=2,
        REQUESTS_PER_MINUTE=3,
        MAX_REQUEST_BYTES=1_024,
    )
    app = create_app(config, page=page)

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError

    app.router.routes.insert(0, app.router.routes.pop())  # before the page's, which takes all that is left
    with TestClient(app, client=("10.0.0.7", 50_000), raise_server_exceptions=False) as client:
        yield client


def refused(answer: Response, what: str) -> None:
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert what in answer.json()["detail"]
    assert f"in {answer.headers['retry-after']} s" in answer.json()["detail"]


def test_more_generations_than_ones_share_are_refused_and_others_have_theirs(limited: TestClient) -> None:
    for path in ("/api/images", "/api/texts"):
        assert limited.post(path, json={"prompt": "x"}, headers=ADA).status_code in {200, 201}
    for path in ("/api/images", "/api/texts"):
        refused(limited.post(path, json={"prompt": "x"}, headers=ADA), "generations")
    # In other letters it is the same user.
    refused(limited.post("/api/images", json={"prompt": "x"}, headers={HEADER: "ADA@Example.com"}), "generations")
    assert limited.post("/api/images", json={"prompt": "x"}, headers=EVE).status_code == 201
    assert len(limited.get("/api/generations", headers=ADA).json()["generations"]) == 2


def test_more_requests_than_ones_share_are_refused_and_others_have_theirs(limited: TestClient) -> None:
    for path in ("/api/session", "/api/generations", "/api/generations/filters"):
        assert limited.get(path, headers=ADA).status_code == 200
    for path in ("/api/session", "/api/live", "/api/usage/cost", "/api/images/x.png", "/api/generations/x/tracked"):
        refused(limited.get(path, headers=ADA), "requests")
    assert limited.get("/api/session", headers=EVE).status_code == 200
    for path in ("/", "/healthz", "/metrics"):  # a probe is nobody
        assert limited.get(path).status_code == 200


def test_a_request_that_is_too_large_is_refused_before_it_costs_anything(limited: TestClient) -> None:
    for _ in range(3):
        answer = limited.post("/api/images", json={"prompt": "x" * 1_100}, headers=ADA)
        assert (answer.status_code, answer.json()) == (
            413,
            {"detail": "The request has more than 1,024 bytes. Shorten the prompt."},
        )
    assert limited.post("/api/images", json={"prompt": "x"}, headers=ADA).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(("GET", "/", 200), ("HEAD", "/", 200), ("GET", "/gallery/x", 200), ("GET", "/healthz", 200)),
        *(("GET", "/nothing", 404), ("GET", "/api/generations/x", 404), ("GET", "/../../etc/passwd", 404)),
        *(("POST", "/api/session", 405), ("OPTIONS", "/api/images", 405), ("GET", "/api/usage/cost?by=colour", 422)),
        *(("POST", "/api/images", 422), ("GET", "/api/broken", 500)),
    ],
)
def test_every_answer_is_strict_with_the_browser(limited: TestClient, method: str, path: str, status: int) -> None:
    answer = limited.request(method, path, headers=ADA)
    assert answer.status_code == status
    assert HEADERS.items() <= dict(_spelled(answer)).items()
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def _spelled(answer: Response) -> Iterator[tuple[str, str]]:
    return ((name, answer.headers[name]) for name in HEADERS if name in answer.headers)


def test_who_is_refused_is_told_as_strictly(limited: TestClient) -> None:
    large = limited.post("/api/images", content=b"x" * 2_000, headers=ADA)
    nobody = limited.get("/api/session")
    foreign = limited.post("/api/images", json={"prompt": "x"}, headers={**ADA, "Sec-Fetch-Site": "cross-site"})
    for _ in range(3):
        limited.get("/api/session", headers=ADA)
    often = limited.get("/api/session", headers=ADA)
    for answer, status in ((large, 413), (nobody, 401), (foreign, 403), (often, 429)):
        assert answer.status_code == status
        assert HEADERS.items() <= dict(_spelled(answer)).items()
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_form_of_another_site_could_send_is_no_request(limited: TestClient, kind: str | None) -> None:
    headers = {**ADA, "Content-Type": kind} if kind else ADA
    answer = limited.post("/api/images", content=b'{"prompt": "x"}', headers=headers)
    assert answer.status_code == 422
    assert limited.get("/api/generations", headers=ADA).json()["generations"] == []


@pytest.mark.parametrize("path", ["/api/images", "/api/texts"])
@pytest.mark.parametrize("content", [b"{", b"", b"nonsense", b'{"prompt": ""}', b'{"prompt": "x" * 9}'])
def test_what_cannot_be_read_counts_as_much(limited: TestClient, path: str, content: bytes) -> None:
    headers = {**ADA, "Content-Type": "application/json"}
    for _ in range(2):
        assert limited.post(path, content=content, headers=headers).status_code == 422
    for _ in range(3):
        refused(limited.post(path, content=content, headers=headers), "generations")


@pytest.mark.parametrize("path", ["/api/images", "/api/texts"])
@pytest.mark.parametrize("content", [b"{", b"", b'{"prompt": "x"}'])
def test_who_is_nobody_is_told_that_before_what_they_sent_is_read(
    limited: TestClient, path: str, content: bytes
) -> None:
    answer = limited.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 401
    assert HEADER in answer.json()["detail"]
