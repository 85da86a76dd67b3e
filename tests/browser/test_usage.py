"""Usage: the page's numbers and files are those of `tracking usage`, for the range that was chosen."""

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from typer.testing import CliRunner

from tracking.cli import app

from .conftest import Visit
from .history import History
from .service import ADMIN, Service

Command = Callable[..., str]
Answer = Callable[..., dict[str, Any]]

ACTIVITY = "activity"
PRESSED = "aria-pressed"
PRESETS = {
    "Today": "today",
    "Last 7 days": "7d",
    "This month": "month",
    "Last 30 days": "30d",
    "Yesterday": "yesterday",
}


@pytest.fixture
def command(service: Service) -> Iterator[Command]:
    """Return what runs `tracking usage` on the service's data directory."""

    def run(question: str, *options: str) -> str:
        result = CliRunner(env=service.environment).invoke(app, ["usage", question, *options], catch_exceptions=False)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout_bytes.decode()

    yield run
    for name in [each for each in os.environ if each.startswith("MLFLOW_")]:  # its client's own doing
        del os.environ[name]


@pytest.fixture
def answer(command: Command, history: History) -> Answer:
    """Return what the command answers about the history, or about some days."""
    days = ("--since", str(history.since), "--until", str(history.until))

    def ask(question: str, *options: str, of: tuple[str, ...] = days) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(command(question, *of, *options, "--json"))
        return told

    return ask


@pytest.fixture
def page(visit: Visit, history: History) -> Page:
    return visit(f"/usage?{history.query}", ADMIN)


def panel(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def figures(page: Page) -> dict[str, str]:
    """Return the key figures by their names."""
    shown = panel(page, "Summary").locator("dl > div")
    expect(shown).to_have_count(7)
    return {each.locator("dt").inner_text(): each.locator("dd").first.inner_text() for each in shown.all()}


def table(page: Page, title: str, which: str = "") -> list[list[str]]:
    """Open a panel's table; returns its rows."""
    part = panel(page, title)
    part.locator("summary").filter(has_text=f"of {title}{which}").first.click()
    rows = part.get_by_role("table", name=f"{title}{which}", exact=True).locator("tbody tr")
    expect(rows.first).to_be_visible()
    return rows.evaluate_all("rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))")  # type: ignore[no-any-return]


def day(iso: str) -> str:
    read = date.fromisoformat(iso)
    return f"{read.day} {read:%b %Y}".replace("Sep ", "Sept ")


def count(number: int | None) -> str:
    return "unknown" if number is None else f"{number:,}"


def cost(usd: str) -> str:
    return f"${float(usd):,.4f}" if float(usd) < 1 else f"${float(usd):,.2f}"


def spent(row: dict[str, Any]) -> list[str]:
    return [row["cost_usd"] or "price unknown", count(row["events"]), count(row["unknown_price"])]


def on_one_day(check: Callable[[date], None]) -> None:
    """Check what depends on the day; once more where it became midnight meanwhile."""
    day = datetime.now(UTC).date()
    try:
        check(day)
    except AssertionError:
        if datetime.now(UTC).date() == day:
            raise
        check(datetime.now(UTC).date())


def latency(ms: float | None) -> str:
    return "none" if ms is None else f"{round(ms, 1):,.1f}".removesuffix(".0")


def test_the_key_figures_are_the_commands(page: Page, answer: Answer, history: History) -> None:
    done, paid = answer(ACTIVITY)["total"], answer("cost")["total"]
    assert done["events"] == history.events
    assert figures(page) == {
        "Total cost": cost(paid["cost_usd"]),
        "Events": count(done["events"]),
        "Error rate": f"{done['errors'] / done['events']:.2%}".replace("0%", "%"),
        "Latency, p50": f"{done['p50_ms'] / 1000:.1f} s",
        "Latency, p95": f"{done['p95_ms'] / 1000:.1f} s",
        "Input tokens": count(done["input_tokens"]),
        "Output tokens": count(done["output_tokens"]),
    }
    summary = panel(page, "Summary")
    expect(summary).to_contain_text(f"{done['errors']} errors")
    expect(summary).to_contain_text(f"{paid['unknown_price']} events without a known price")


@pytest.mark.parametrize("part", ["User", "Model", "Kind"])
def test_the_cost_of_each_day_is_the_commands(page: Page, answer: Answer, part: str) -> None:
    panel(page, "Cost over time").get_by_role("radio", name=part).check()
    expect(panel(page, "Cost over time")).to_have_attribute("aria-busy", "false")
    told = answer("spending", "--of", part.lower())
    assert table(page, "Cost over time") == [[day(row["day"]), row["key"], *spent(row)] for row in told["rows"]]


def test_what_each_day_took_is_the_commands(page: Page, answer: Answer) -> None:
    rows = answer(ACTIVITY)["rows"]
    assert table(page, "Latency") == [[day(row["day"]), latency(row["p50_ms"]), latency(row["p95_ms"])] for row in rows]
    assert [row[:4] for row in table(page, "Errors")] == [
        [day(row["day"]), *(count(row[name]) for name in ("events", "errors", "cancelled"))] for row in rows
    ]
    names = ("input_tokens", "output_tokens", "unknown_tokens")
    assert table(page, "Tokens") == [[day(row["day"]), *(count(row[name]) for name in names)] for row in rows]


def test_the_users_with_the_highest_cost_of_a_day_are_the_commands(
    page: Page, answer: Answer, history: History
) -> None:
    for on in (history.until, history.since):
        panel(page, "Highest-cost users").get_by_label("Day").fill(str(on))
        told = answer("top-users", of=("--on", str(on)))
        expect(panel(page, "Highest-cost users")).to_contain_text(f"All users on {day(str(on))}")
        expected = [[row["user"], *spent(row)] for row in told["rows"]]
        assert expected
        assert table(page, "Highest-cost users") == expected
        panel(page, "Highest-cost users").locator("summary").click()


def test_whether_long_prompts_take_longer_is_what_the_command_says(page: Page, answer: Answer) -> None:
    first, *_ = rows = answer("latency")["rows"]
    part = panel(page, "Prompt length and latency")
    interval = f"95 % interval {first['r_low']:.2f} to {first['r_high']:.2f}"
    expect(part).to_contain_text(f"r = {first['r']:.2f} ({interval}), n = {first['n']}.")
    assert [row[:3] for row in table(page, "Prompt length and latency", ", by model")] == [
        [row["model"], count(row["n"]), f"{row['r']:.2f}"] for row in rows
    ]
    part.get_by_label("Model", exact=True).select_option(rows[1]["model"])
    expect(part).to_contain_text(f"n = {rows[1]['n']}.")


def test_each_file_is_the_commands(
    visit: Visit, service: Service, history: History, command: Command, tmp_path: Path
) -> None:
    # The browser sends a file's request without the headers that tests add: here one fixed user asks.
    alone = {"IDENTITY_HEADER": "", "LOCAL_USER_EMAIL": ADMIN, "DELIVERY": "separate"}
    with Service(tmp_path, **{**service.environment, **alone}) as same_data:
        same_data.ask("/api/usage/activity")  # the first time it takes long: MLflow's client is loaded
        page = visit(f"/usage?{history.query}", at=same_data)
        links = page.get_by_role("link", name="Download CSV")
        expect(links).to_have_count(7)
        for link in links.all():
            with page.expect_download() as download:
                link.click()
            asked = urlsplit(download.value.url)
            options = [f"--{name}={value}" for name, value in parse_qsl(asked.query) if name != "format"]
            question = asked.path.rpartition("/")[2]
            assert download.value.suggested_filename == f"{question}.csv"
            assert download.value.path().read_bytes().decode() == command(question, *options, "--csv")


def test_every_chart_is_drawn_when_it_is_scrolled_to(page: Page) -> None:
    for title in (
        "Cost over time",
        "Highest-cost users",
        "Prompt length and latency",
        "Latency",
        "Errors",
        "Tokens",
    ):
        chart = panel(page, title).locator(".chart")
        chart.scroll_into_view_if_needed()
        expect(
            chart.locator(".recharts-bar-rectangle, .recharts-scatter-symbol, .recharts-line-dot").first
        ).to_be_visible()


def test_a_range_without_events_says_so(visit: Visit) -> None:
    page = visit("/usage?since=2020-02-01&until=2020-02-03", ADMIN)
    expect(panel(page, "Summary")).to_contain_text("No events from 1 Feb 2020 to 3 Feb 2020.")
    expect(panel(page, "Tokens")).to_have_count(0)


def test_a_preset_is_a_range_that_the_address_keeps(visit: Visit, history: History, answer: Answer) -> None:
    page = visit("/usage", ADMIN)
    assert history.events
    for name, preset in PRESETS.items():
        button = page.get_by_role("button", name=name)
        button.click()
        expect(button).to_have_attribute(PRESSED, "true")
        expect(page).to_have_url(re.compile(rf"/usage\?range={preset}$"))
        # A service that is asked everything at once answers late.
        expect(panel(page, "Summary")).to_have_attribute("aria-busy", "false")

    def see_yesterday(day: date) -> None:
        page.reload()
        expect(page.get_by_role("button", name="Yesterday")).to_have_attribute(PRESSED, "true")
        expect(page.get_by_label("From", exact=True)).to_have_value(str(day - timedelta(days=1)))
        of = ("--since", "yesterday", "--until", "yesterday")
        assert figures(page)["Events"] == count(answer(ACTIVITY, of=of)["total"]["events"])

    page.get_by_role("button", name="Yesterday").click()
    on_one_day(see_yesterday)


def test_days_that_cannot_be_asked_for_are_told(page: Page, history: History) -> None:
    page.get_by_label("From", exact=True).fill(str(history.until + timedelta(days=1)))
    expect(page.get_by_role("alert").filter(has_text="“To” is before “From”.")).to_be_visible()
    page.get_by_label("From", exact=True).fill(str(history.until))
    expect(panel(page, "Summary").locator("dl")).to_be_visible()
