"""Accessible: axe-core finds nothing in either theme at any width, the keyboard does all, and motion can be less."""

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import Visit
from .history import History
from .provider import BREAKS_OFF, SLOW, Provider
from .service import ADMIN, Service, wait_until

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
FIND = """
() => axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join(" ")}`))
"""
# A chart takes the new width a moment after the window has it: asked until then, at each frame for some seconds.
STAYS_TOO_WIDE = """
async () => {
  const { documentElement } = document;
  const end = performance.now() + 10_000;
  while (documentElement.scrollWidth > documentElement.clientWidth && performance.now() < end)
    await new Promise(requestAnimationFrame);
  return documentElement.scrollWidth > documentElement.clientWidth;
}
"""
THEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
RESULT = "Result"
GENERATE = "Generate"
TABLES = 7
# A port at which nothing listens
NOBODY = "http://127.0.0.1:9"
FOCUSED_OUTLINE = """
() => {
  // A choice's outline is drawn around its label.
  const element = document.activeElement;
  return [element, element.closest("label")].filter(Boolean)
    .some((each) => getComputedStyle(each).outlineStyle !== "none" && getComputedStyle(each).outlineWidth !== "0px");
}
"""


def check(page: Page, *widths: int) -> None:
    """Let axe-core look at a page in both themes and at some widths, and see that nothing is wider than the window."""
    found: list[str] = []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for width in widths or (360, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate(STAYS_TOO_WIDE):
            found.append(f"wider than {width} px")
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found += [f"{theme}, {width} px: {each}" for each in page.evaluate(FIND)]
    assert found == []


def ask(page: Page, prompt: str, kind: str) -> Locator:
    page.get_by_label("Prompt").fill(prompt)
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name=GENERATE).click()
    return page.get_by_role("region", name=RESULT)


def test_nothing_is_wrong_with_what_is_not_begun_and_what_is_wrong_in_the_form(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_text("What you make appears here.")).to_be_visible()
    check(page)
    page.get_by_role("button", name=GENERATE).click()
    expect(page.get_by_text("Write a prompt first.")).to_be_visible()
    check(page)


@pytest.mark.parametrize("kind", ["Picture", "Text"])
def test_nothing_is_wrong_with_what_is_done(visit: Visit, kind: str) -> None:
    page = visit()
    result = ask(page, "a lighthouse " + "x" * 200, kind)
    expect(result.get_by_text("Estimated cost")).to_be_visible()
    check(page)


@pytest.mark.parametrize("kind", ["Picture", "Text"])
def test_nothing_is_wrong_with_what_runs_and_what_is_cancelled(
    visit: Visit, paid: Service, provider: Provider, user: str, kind: str
) -> None:
    provider.released.clear()
    page = visit(at=paid)
    result = ask(page, f"a {SLOW} lighthouse", kind)
    expect(result.get_by_role("progressbar")).to_be_visible()
    check(page, 360, 1280)
    page.get_by_role("button", name="Cancel").click()
    expect(result.get_by_role("button", name="Try again")).to_be_visible()
    check(page, 360, 1280)
    provider.released.set()
    wait_until(lambda: paid.events_of(user)["cancelled"] == 1)


def test_nothing_is_wrong_with_what_failed(visit: Visit, paid: Service) -> None:
    page = visit(at=paid)
    expect(ask(page, f"it {BREAKS_OFF}", "Text").get_by_role("alert")).to_be_visible()
    check(page)


def test_nothing_is_wrong_with_the_gallery_and_a_generation(visit: Visit, service: Service, user: str) -> None:
    page = visit("/gallery")
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    check(page)
    service.make(user, "a lighthouse " + "x" * 300)
    service.make(user, "a keeper", "texts")
    expect(page.get_by_role("region", name="Generations").get_by_role("listitem")).to_have_count(2)
    check(page)
    page.get_by_role("link", name="a keeper").click()
    expect(page.get_by_text("Time to the first part")).to_be_visible()
    check(page)


def test_nothing_is_wrong_with_usage_of_nothing_and_with_addresses_of_nothing(
    visit: Visit, expected: list[str]
) -> None:
    expected.append("status of 404")
    page = visit("/usage")
    expect(page.get_by_text(re.compile("^No events from"))).to_be_visible()
    check(page)
    page.goto("/gallery/none")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)


def test_nothing_is_wrong_with_usage_of_something(visit: Visit, history: History) -> None:
    page = visit(f"/usage?{history.query}", ADMIN)
    expect(page.get_by_role("link", name="Download CSV")).to_have_count(TABLES)
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
        expect(chart.locator("svg").first).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()
    expect(page.get_by_role("table")).to_have_count(TABLES)
    check(page)


def test_nothing_is_wrong_with_pages_that_load_fail_or_cannot_start(visit: Visit, expected: list[str]) -> None:
    expected += ["net::ERR_FAILED", "status of 404"]
    page = visit("/nowhere")
    expect(page.get_by_text("Nothing is at")).to_be_visible()
    check(page)
    page.route("**/api/generations?*", lambda _: None)  # never answered
    page.route("**/api/usage/**", lambda _: None)
    page.goto("/gallery")
    expect(page.get_by_text("Loading the gallery")).to_be_visible()
    check(page)
    page.goto("/usage")
    expect(page.get_by_role("heading", level=1)).to_have_text("Usage")  # before it, the page's own code may still load
    expect(page.get_by_text("Loading").first).to_be_attached()
    check(page)
    page.unroute_all(behavior="ignoreErrors")
    page.route("**/api/generations?*", lambda route: route.abort())
    page.goto("/gallery")
    expect(page.get_by_role("alert")).to_contain_text("The gallery did not load")
    check(page)
    page.route("**/api/session", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_role("heading", name="The page cannot start")).to_be_visible()
    check(page)


def test_nothing_is_wrong_with_usage_that_fails_and_a_delivery_in_trouble(
    visit: Visit, user: str, expected: list[str], tmp_path: Path
) -> None:
    expected += ["status of 503"]
    with Service(tmp_path, MLFLOW_TRACKING_URI=NOBODY) as alone:
        alone.make(user, "a lighthouse")
        page = visit("/usage", at=alone)
        for words in ("The numbers did not load", "Nothing is delivered since"):
            alert = page.get_by_role("alert").filter(has_text=words)
            expect(alert.first).to_be_visible(timeout=60_000)
        check(page)
        page.close()


def tab_to(page: Page, target: Locator, limit: int = 40) -> None:
    """Press the tab key until something has the focus, which can be seen all the way."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED_OUTLINE), page.evaluate("document.activeElement.outerHTML")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{target} is not reached")


def test_a_generation_is_asked_for_and_opened_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit()
    expect(page.get_by_label("Prompt")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Skip to the content"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Prompt"))
    page.keyboard.type("a lighthouse")
    tab_to(page, page.get_by_role("radio", name="Picture"))
    tab_to(page, page.get_by_role("radio", name="1:1"))
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="16:9")).to_be_checked()
    tab_to(page, page.get_by_role("button", name=GENERATE))
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="All of its fields")
    expect(link).to_be_visible()
    expect(page.get_by_role("img", name="a lighthouse")).to_have_js_property("naturalHeight", 432)
    tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Generation")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()


def test_the_pages_are_walked_through_with_the_keyboard_alone(
    visit: Visit, service: Service, history: History, user: str
) -> None:
    assert history.events
    service.make(user, "a lighthouse")
    page = visit("/gallery", user)
    link = page.get_by_role("link", name="a lighthouse")
    expect(link).to_be_visible()
    tab_to(page, link)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Generation")).to_be_visible()
    page.goto(f"/usage?{history.query}")
    yesterday = page.get_by_role("button", name="Yesterday")
    expect(yesterday).to_be_visible()
    tab_to(page, yesterday)
    page.keyboard.press("Space")
    expect(yesterday).to_have_attribute("aria-pressed", "true")
    expect(yesterday).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/gallery", "/usage"])
def test_all_that_can_be_operated_is_reached_by_tab(
    visit: Visit, service: Service, history: History, user: str, path: str
) -> None:
    service.make(user, "a lighthouse")
    page = visit(f"{path}?{history.query}" if path == "/usage" else path, ADMIN)
    expect(page.get_by_role("main").get_by_role("button").first).to_be_visible()
    if path == "/gallery":
        found = page.get_by_role("region", name="Generations")
        expect(found.get_by_role("listitem").first).to_be_visible()
        expect(found).to_have_attribute("aria-busy", "false")
    if path == "/usage":
        expect(page.get_by_role("link", name="Download CSV")).to_have_count(TABLES)
    page.evaluate("""() => {
        window.reached = new Set();
        document.addEventListener("focusin", ({ target }) => window.reached.add(target));
    }""")
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
    # Of radio buttons the group is reached; arrows do the rest.
    missed = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
        .filter((each) => !window.reached.has(each) && !(each.type === "radio" && !each.checked))
        .map((each) => each.outerHTML)""")
    assert missed == []


def test_nothing_moves_when_less_motion_is_asked_for(visit: Visit, paid: Service, provider: Provider) -> None:
    provider.released.clear()
    page = visit(at=paid)
    result = ask(page, f"a {SLOW} one", "Picture")
    expect(result.get_by_role("progressbar")).to_be_visible()
    running = "document.getAnimations().map((each) => each.animationName ?? each.transitionProperty)"
    assert "shimmer" in page.evaluate(running)
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(running) == []
    provider.released.set()
    expect(result.get_by_role("img")).to_be_visible()
    assert page.evaluate(running) == []
