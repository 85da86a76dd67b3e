"""The gallery: the newest first, searched and filtered, and each generation with all its fields at its own address."""

import re

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from ..e2e.tracking.mlflow_server import MlflowServer
from .conftest import Visit
from .service import ADMIN, Service

GALLERY = "/gallery"
PAGE_SIZE = 24


def cards(page: Page) -> Locator:
    return page.get_by_role("region", name="Generations").get_by_role("listitem")


def field(page: Page, name: str) -> Locator:
    return page.locator(".fields > div").filter(has=page.get_by_text(name, exact=True)).locator("dd")


def test_the_newest_are_first_and_more_are_shown_when_asked_for(visit: Visit, service: Service, user: str) -> None:
    prompts = [f"lighthouse {number:02}" for number in range(PAGE_SIZE + 2)]
    for prompt in prompts:
        service.make(user, prompt)
    page = visit(GALLERY)
    expect(cards(page)).to_have_count(PAGE_SIZE)
    expect(cards(page).first).to_contain_text(prompts[-1])
    page.get_by_role("button", name="Show more").click()
    expect(cards(page)).to_have_count(len(prompts))
    assert cards(page).locator(".prompt").all_inner_texts() == prompts[::-1]
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_search_finds_words_in_prompts_and_stays_when_the_page_is_loaded_again(
    visit: Visit, service: Service, user: str
) -> None:
    for prompt in ("a red lighthouse", "a blue boat", "the LIGHTHOUSE keeper"):
        service.make(user, prompt)
    page = visit(GALLERY)
    page.get_by_role("searchbox").fill("lighthouse")
    page.get_by_role("button", name="Search").click()
    expect(cards(page)).to_have_count(2)
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("lighthouse")
    expect(cards(page)).to_have_count(2)
    page.get_by_role("searchbox").fill("a whale")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    expect(cards(page)).to_have_count(3)


def test_a_model_and_for_admins_a_user_can_be_chosen(visit: Visit, service: Service, user: str) -> None:
    service.make(user, "a drawn one")
    service.make(user, "a written one", "texts")
    page = visit(GALLERY, ADMIN)
    page.get_by_role("combobox", name="User").select_option(user)
    expect(cards(page)).to_have_count(2)
    page.get_by_role("combobox", name="Model").select_option("local-text")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("a written one")
    page.get_by_role("combobox", name="Model").select_option("All models")
    expect(cards(page)).to_have_count(2)


def test_an_empty_gallery_leads_to_the_first_generation(visit: Visit) -> None:
    page = visit(GALLERY)
    page.get_by_role("link", name="The first one you make").click()
    expect(page.get_by_role("heading", name="Make a picture or a text")).to_be_visible()


def test_a_generation_has_all_its_fields_at_an_address_of_its_own(visit: Visit, service: Service, user: str) -> None:
    made = service.make(user, "a lighthouse")
    page = visit(GALLERY)
    cards(page).get_by_role("link").click()
    expect(page).to_have_url(f"{service.url}/gallery/{made}")
    page.reload()
    expect(page.get_by_role("img", name="a lighthouse")).to_have_js_property("naturalWidth", 768)
    kept = service.ask(f"/api/generations/{made}", user)
    shown = {
        "User": user,
        "Kind": "image",
        "Provider": "local",
        "Model": "local-drawing",
        "Aspect ratio": "1:1",
        "Estimated cost": "$0.0218",
        "Processing time": f"{kept['processing_time_ms']:,.0f} ms",
        "Input tokens": "3",
        "Output tokens": "726",
        "Image tokens": "726",
        "Cached input tokens": "unknown",
        "Cache write tokens": "unknown",
        "Reasoning tokens": "unknown",
        "Event": made,
    }
    for name, value in shown.items():
        expect(field(page, name)).to_have_text(value)
    expect(page.get_by_role("region", name="Prompt")).to_contain_text("a lighthouse")
    expect(field(page, "Time")).to_have_text(re.compile(r"^\d+ \w+ \d{4}, \d\d:\d\d \S+$"))
    page.get_by_role("link", name="Back to the gallery").click()
    expect(cards(page)).to_have_count(1)


def test_a_long_prompt_of_many_lines_takes_little_room_until_all_of_it_is_asked_for(
    visit: Visit, service: Service, user: str
) -> None:
    prompt = ("a lighthouse\n\tin the fog\n" * 200)[:4_000].strip()
    made = service.make(user, prompt)
    page = visit(f"/gallery/{made}", viewport={"width": 1280, "height": 1200})
    link = page.get_by_role("link", name="Open the run in MLflow")
    expect(link).to_be_in_viewport(timeout=60_000)
    words = page.get_by_role("region", name="Prompt").get_by_text("a lighthouse")
    page.get_by_role("button", name="Show all").click()
    expect(link).not_to_be_in_viewport()
    # As it was written, its lines and all.
    assert words.text_content() == prompt
    page.get_by_role("button", name="Show less").click()
    expect(link).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"/gallery/{service.make(user, 'a short one')}")
    expect(page.get_by_role("region", name="Prompt")).to_contain_text("a short one")
    expect(page.get_by_role("button", name="Show all")).to_have_count(0)


def test_a_search_takes_signs_as_they_are(visit: Visit, service: Service, user: str) -> None:
    for prompt in ("a snake_case name", "a snakeXcase name", "100% of it", "100 of it"):
        service.make(user, prompt)
    page = visit(f"{GALLERY}?search=snake_case")
    expect(cards(page)).to_have_count(1)
    page.get_by_role("searchbox").fill("100%")
    page.keyboard.press("Enter")
    expect(cards(page)).to_have_count(1)
    expect(cards(page)).to_contain_text("100% of it")


def test_a_text_has_the_time_to_its_first_part(visit: Visit, service: Service, user: str) -> None:
    made = service.make(user, "a keeper", "texts")
    page = visit(f"/gallery/{made}")
    expect(field(page, "Time to the first part")).to_have_text(re.compile(r"^[\d,]+ ms$"))
    expect(field(page, "Aspect ratio")).to_have_count(0)


@pytest.mark.parametrize("identifier", ["no-such-one", "%2e%2e%2fsession", "a b", "%25", "%2525"])
def test_an_address_of_nothing_says_so(visit: Visit, expected: list[str], identifier: str) -> None:
    expected.append("status of 404")
    page = visit(f"/gallery/{identifier}")
    expect(page.get_by_role("alert")).to_contain_text("The generation did not load")


def test_the_link_to_mlflow_opens_the_run_of_this_generation(
    visit: Visit, service: Service, mlflow: MlflowServer, user: str
) -> None:
    made = service.make(user, "a lighthouse")
    page = visit(f"/gallery/{made}")
    # Until it is delivered, the page says that it waits.
    link = page.get_by_role("link", name="Open the run in MLflow")
    expect(link).to_be_visible(timeout=60_000)
    address = link.get_attribute("href") or ""
    found = re.fullmatch(rf"{mlflow.url}/#/experiments/(\d+)/runs/(\w+)", address)
    assert found, address
    answer = httpx2.get(f"{mlflow.url}/api/2.0/mlflow/runs/get", params={"run_id": found[2]}, timeout=30)
    run = answer.raise_for_status().json()["run"]
    tags = {each["key"]: each["value"] for each in run["data"]["tags"]}
    assert (run["info"]["experiment_id"], tags["event_id"]) == (found[1], made)
    assert tags["user_email"] == user
