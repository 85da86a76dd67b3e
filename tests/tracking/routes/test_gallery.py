"""The gallery over HTTP: page by page, searched, filtered, and one by one."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tracking.gallery import Gallery

PROMPTS = ("a lighthouse", "ein LÖWE im Gras", "100 % wool_", "a löwe's den", "the last")


@pytest.fixture
def filled(client: TestClient) -> TestClient:
    for number, prompt in enumerate(PROMPTS):
        if number % 2:
            assert client.post("/api/texts", json={"prompt": prompt}).status_code == 200
        else:
            assert client.post("/api/images", json={"prompt": prompt}).status_code == 201
    return client


def page(client: TestClient, **query: object) -> dict[str, Any]:
    answer = client.get("/api/generations", params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def prompts(client: TestClient, **query: object) -> list[str]:
    return [each["prompt"] for each in page(client, **query)["generations"]]


def test_pages_follow_each_other_to_the_first_generation(filled: TestClient) -> None:
    found: list[str] = []
    before: dict[str, int] = {}
    while True:
        one = page(filled, limit=2, **before)
        found += [each["prompt"] for each in one["generations"]]
        if one["next"] is None:
            break
        assert filled.post("/api/images", json={"prompt": "meanwhile"}).status_code == 201
        before = {"before": one["next"]}
    assert found == list(reversed(PROMPTS))


def test_it_is_searched_in_the_prompt_and_filtered(filled: TestClient) -> None:
    assert prompts(filled, search="löwe") == ["a löwe's den", "ein LÖWE im Gras"]
    assert prompts(filled, search="0 % w") == prompts(filled, search="_") == ["100 % wool_"]
    assert prompts(filled, search="l_we") == []
    assert prompts(filled, search="'") == ["a löwe's den"]
    assert prompts(filled, search="") == list(reversed(PROMPTS))
    filters = filled.get("/api/generations/filters").json()
    assert filters["users"] == ["developer@localhost"]
    assert filters["models"] == sorted(filters["models"])
    by_model = [prompts(filled, model=each) for each in filters["models"]]
    assert sorted(len(each) for each in by_model) == [2, 3]
    assert prompts(filled, model=filters["models"][0], search="löwe", limit=1) in ([], ["a löwe's den"])
    assert prompts(filled, user="nobody") == []


def test_one_has_all_its_fields(filled: TestClient) -> None:
    newest, text, *_ = page(filled)["generations"]
    for listed, kind in ((newest, "image"), (text, "text")):
        shown = filled.get(f"/api/generations/{listed['id']}").json()
        assert shown == listed
        assert shown["kind"] == kind
        assert shown["model"]
        assert shown["provider"] == "local"
        assert shown["processing_time_ms"] > 0
    assert newest["image_url"] == f"/api/images/{newest['id']}.png"
    assert (text["image_url"], bool(text["text"]), text["time_to_first_token_ms"] > 0) == (None, True, True)
    picture = filled.get(newest["image_url"])
    assert picture.headers["content-type"] == "image/png"
    assert filled.get(f"/api/images/{text['id']}.png").status_code == 404


def test_a_picture_is_sent_once_and_is_asked_for_each_time(filled: TestClient, tmp_path: Path) -> None:
    address = page(filled)["generations"][0]["image_url"]
    first = filled.get(address)
    # A browser that kept it for good would show it after its user was forgotten.
    assert first.headers["cache-control"] == "private, no-cache"
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = filled.get(address, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert again.headers["cache-control"] == "private, no-cache"
    other = filled.get(address, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)
    Gallery(tmp_path / "data").forget("developer@localhost")
    assert filled.get(address, headers={"If-None-Match": tag}).status_code == 404


@pytest.mark.parametrize("name", ["nothing", "%00", "'--", "..%2f..%2fgallery.db", "x" * 2_000])
def test_one_that_is_not_there_is_told(client: TestClient, name: str) -> None:
    for path in (f"/api/generations/{name}", f"/api/generations/{name}/tracked"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    ["before=0", "before=-1", "before=99999999999999999999", "before=x", "limit=101", f"search={'x' * 201}"],
)
def test_what_cannot_be_looked_for_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/api/generations?{query}").status_code == 422
