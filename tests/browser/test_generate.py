"""Generating: what comes of it, what it took, and how it is cancelled, fails and is tried again."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from .conftest import GONE, Visit, openai_at
from .provider import BREAKS_OFF, FAILS_ONCE, REFUSED_FOR_NOW, RETRY_SECONDS, SLOW, WORD_BY_WORD, WORDS, Provider
from .service import Service, wait_until

UNAVAILABLE = "status of 503"
TOO_MANY = "status of 429"


def ask(page: Page, prompt: str, kind: str = "Picture") -> Locator:
    """Ask for something; returns where the result will be."""
    page.get_by_label("Prompt").fill(prompt)
    page.get_by_role("radio", name=kind).check()
    page.get_by_role("button", name="Generate").click()
    return page.get_by_role("region", name="Result")


def figure(result: Locator, name: str) -> Locator:
    return result.locator("dl > div").filter(has=result.page.get_by_text(name, exact=True)).locator("dd")


def test_a_picture_comes_with_its_tokens_time_and_cost(visit: Visit) -> None:
    page = visit()
    result = ask(page, "a lighthouse")
    expect(result.get_by_role("img", name="a lighthouse")).to_have_js_property("naturalWidth", 768)
    expect(figure(result, "Input tokens")).to_have_text("3")
    expect(figure(result, "Output tokens")).to_have_text("726")
    expect(figure(result, "Processing time")).to_have_text(re.compile(r"^\d[\d.]* m?s$"))
    expect(figure(result, "Estimated cost")).to_have_text("$0.0218")


def test_the_picture_has_the_chosen_shape(visit: Visit) -> None:
    page = visit()
    page.get_by_role("radio", name="16:9").check()
    picture = ask(page, "a wide lighthouse").get_by_role("img")
    expect(picture).to_have_js_property("naturalHeight", 432)


def test_a_text_grows_word_by_word_before_it_ends(visit: Visit, paid: Service, provider: Provider) -> None:
    result = ask(visit(at=paid), f"a story {WORD_BY_WORD}", "Text")
    for number in range(1, len(WORDS) + 1):
        provider.words.release()
        expect(result.locator(".growing")).to_have_text("".join(WORDS[:number]))
        expect(result.get_by_role("progressbar")).to_be_visible()
    provider.words.release()
    expect(figure(result, "Output tokens")).to_have_text("20")
    expect(result.locator(".text")).to_have_text("".join(WORDS))


def test_a_price_that_is_not_known_is_not_0(visit: Visit, paid: Service) -> None:
    result = ask(visit(at=paid), "a lighthouse")
    expect(figure(result, "Estimated cost")).to_have_text("price unknown")
    expect(figure(result, "Output tokens")).to_have_text("20")


def test_a_cancelled_picture_is_told_at_once_and_counted(
    visit: Visit, paid: Service, provider: Provider, service: Service, user: str
) -> None:
    page = visit(at=paid)
    provider.released.clear()
    prompt = f"a {SLOW} lighthouse that nobody waits for"
    result = ask(page, prompt)
    wait_until(lambda: prompt in provider.asked)
    page.get_by_role("button", name="Cancel").click()
    expect(result.get_by_text("Cancelled. What was used until then is counted.")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_have_value(prompt)
    provider.released.set()
    wait_until(lambda: service.events_of(user)["cancelled"] == 1)
    assert service.events_of(user)["output_tokens"] == 20
    assert service.ask("/api/generations", user)["generations"] == []


def test_a_cancelled_text_keeps_what_had_come_and_is_counted(
    visit: Visit, paid: Service, service: Service, user: str
) -> None:
    page = visit(at=paid)
    result = ask(page, f"a {SLOW} story", "Text")
    expect(result.get_by_text("and on and on")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(result.get_by_text("Cancelled. What was used until then is counted.")).to_be_visible()
    expect(result.get_by_text("".join(WORDS))).to_be_visible()
    wait_until(lambda: service.events_of(user)["cancelled"] == 1)


@pytest.mark.parametrize("kind", ["Picture", "Text"])
def test_an_error_is_told_in_words_and_a_retry_keeps_the_prompt(
    visit: Visit, paid: Service, expected: list[str], kind: str
) -> None:
    expected.append(UNAVAILABLE)
    page = visit(at=paid)
    prompt = f"a {kind} that {FAILS_ONCE}"
    result = ask(page, prompt, kind)
    expect(result.get_by_role("alert")).to_contain_text("OpenAI cannot be reached, or is overloaded or down: try again")
    expect(page.get_by_label("Prompt")).to_have_value(prompt)
    result.get_by_role("button", name="Try again").click()
    expect(figure(result, "Output tokens")).to_have_text("20")
    expect(page.get_by_label("Prompt")).to_have_value(prompt)


def test_a_text_that_breaks_off_says_so_beside_what_had_come(visit: Visit, paid: Service) -> None:
    result = ask(visit(at=paid), f"a story that {BREAKS_OFF}", "Text")
    expect(result.get_by_role("alert")).to_contain_text("OpenAI broke off before the text's end")
    expect(result.get_by_text("".join(WORDS))).to_be_visible()


def test_a_provider_that_takes_no_more_for_now_says_in_how_many_seconds(
    visit: Visit, paid: Service, expected: list[str]
) -> None:
    expected.append(TOO_MANY)
    result = ask(visit(at=paid), f"one {REFUSED_FOR_NOW}")
    expect(result.get_by_role("alert")).to_contain_text(f"try again in {RETRY_SECONDS} seconds")


def test_whoever_asks_too_often_is_told_in_how_many_seconds_they_may(
    visit: Visit, tmp_path: Path, expected: list[str], user: str
) -> None:
    expected.append(TOO_MANY)
    with Service(tmp_path, ENABLE_TRACKING="false", GENERATIONS_PER_MINUTE="1") as strict:
        page = visit(at=strict)
        expect(page.get_by_label("Prompt")).to_be_visible()
        strict.make(user, "the one of this minute")
        result = ask(page, "one more")
        expect(result.get_by_role("alert")).to_contain_text(re.compile(r"Try again in \d+ s\."))
        page.close()


def test_a_text_whose_service_is_killed_breaks_off_in_words(
    visit: Visit, provider: Provider, tmp_path: Path, expected: list[str]
) -> None:
    expected += GONE
    with Service(tmp_path, **openai_at(provider), ENABLE_TRACKING="false") as killed:
        page = visit(at=killed)
        result = ask(page, f"a {SLOW} story", "Text")
        expect(result.get_by_text("and on and on")).to_be_visible()
        killed.stop(kill=True)
        alert = result.get_by_role("alert")
        expect(alert).to_contain_text("The text broke off: the connection to the service ended before it. Try again.")
        expect(result.get_by_text("".join(WORDS))).to_be_visible()
        page.close()


def test_a_prompt_that_is_missing_or_too_long_is_told_before_it_is_sent(visit: Visit) -> None:
    page = visit()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_text("Write a prompt first.")).to_be_visible()
    expect(page.get_by_label("Prompt")).to_be_focused()
    ask(page, "x" * 4_001)
    expect(page.get_by_text("Too long by 1. Shorten the prompt.")).to_be_visible()
    assert "POST" not in sent


def test_a_text_goes_on_while_another_page_is_looked_at(visit: Visit) -> None:
    page = visit()
    ask(page, "a journey", "Text")
    page.get_by_role("link", name="Gallery", exact=True).click()
    expect(page.get_by_role("listitem").filter(has_text="a journey")).to_be_visible()
    page.get_by_role("link", name="Generate", exact=True).click()
    expect(page.get_by_role("region", name="Result").locator(".text")).to_contain_text("a journey")
