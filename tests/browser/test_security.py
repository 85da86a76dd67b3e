"""Security: what another site's page cannot do, and what the service's own page may; and how much of it is loaded."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from .conftest import Visit
from .service import Service

LIMIT_KB = 180
FORGED = "forged@example.com"
# A form's field as JSON: the name is its beginning, the value its end.
FORM = """
<form method="post" enctype="text/plain" action="{url}/api/images">
  <input name='{{"prompt": "forged", "ignored": "' value='"}}'>
  <button>Send</button>
</form>
"""
FETCH = """
(url) => fetch(url, {
  method: "POST", mode: "no-cors", credentials: "include", body: JSON.stringify({ prompt: "forged" }),
}).then((answer) => answer.type, (error) => error.message)
"""


class _Elsewhere(BaseHTTPRequestHandler):
    page = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page if self.path == "/" else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere(service: Service) -> Iterator[int]:
    """Serve a page of another site; returns its port."""
    _Elsewhere.page = f"<title>Elsewhere</title>{FORM.format(url=service.url)}".encode()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_sites_page_cannot_generate(
    visit: Visit, service: Service, elsewhere: int, expected: list[str], host: str
) -> None:
    # What it is refused, it may not read either.
    expected += ["status of 403", "net::ERR_BLOCKED_BY_RESPONSE", "favicon.ico"]
    page = visit(f"http://{host}:{elsewhere}/", FORGED)
    with page.expect_request(lambda request: request.method == "POST"):
        assert page.evaluate(FETCH, f"{service.url}/api/images") == "Failed to fetch"
    with page.expect_response(f"{service.url}/api/images") as answer:
        page.get_by_role("button", name="Send").click()
    assert answer.value.status == 403
    expect(page.get_by_text("Another site's page sent this.")).to_be_visible()
    service.wait_until_delivered()
    assert service.events_of(FORGED)["events"] == 0
    assert service.ask("/api/generations", search="forged")["generations"] == []


@pytest.mark.parametrize("path", ["/", "/gallery", "/usage", "/api/session", "/no-such-page"])
def test_every_answer_has_the_headers(visit: Visit, expected: list[str], path: str) -> None:
    expected.append("status of 404")
    headers = visit().request.get(path).headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} <= set(policy)
    assert not any("unsafe" in each or "*" in each for each in policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_an_inline_script_does_not_run(visit: Visit, expected: list[str]) -> None:
    expected += ["Content Security Policy", "Refused to"]
    page = visit()
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
    }""")
    assert page.evaluate("window.ran") is None


def test_a_prompt_that_is_markup_is_shown_as_it_is(visit: Visit, service: Service, user: str) -> None:
    prompt = '<img src=x onerror="window.ran = true"><b>bold</b>'
    made = service.make(user, prompt, "texts")
    page = visit(f"/gallery/{made}")
    expect(page.get_by_role("region", name="Prompt")).to_contain_text(prompt)
    assert page.evaluate("window.ran") is None


def test_the_first_page_loads_little_and_no_charts(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_role("button", name="Generate")).to_be_visible()
    names = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    scripts = [each for each in names if each.endswith(".js")]
    assert scripts
    sizes = [len(gzip.compress(page.request.get(each).body())) for each in scripts]
    assert sum(sizes) <= LIMIT_KB * 1000, dict(zip(scripts, sizes, strict=True))
    assert not [each for each in scripts if "Usage" in each or "chart" in each]
