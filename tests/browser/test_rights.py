"""Rights: who is no admin sees nobody else's things, by whatever way they look."""

from playwright.sync_api import expect

from .conftest import Visit
from .service import ADMIN, Service, wait_until

OTHER = "somebody.else@example.com"
GENERATIONS = "Generations"


def test_another_users_generation_is_not_there_by_its_address(
    visit: Visit, service: Service, expected: list[str]
) -> None:
    expected.append("status of 404")
    made = service.make(OTHER, "a secret")
    page = visit(f"/gallery/{made}")
    expect(page.get_by_role("alert")).to_contain_text("There is no such generation, or no longer.")
    expect(page.get_by_text("a secret")).to_have_count(0)
    for path in (f"/api/generations/{made}", f"/api/generations/{made}/tracked", f"/api/images/{made}.png"):
        assert page.request.get(path).status == 404


def test_another_users_generation_is_found_by_no_search_and_no_filter(
    visit: Visit, service: Service, user: str
) -> None:
    service.make(OTHER, "a secret lighthouse")
    service.make(user, "my own lighthouse")
    page = visit("/gallery?search=lighthouse")
    found = page.get_by_role("region", name=GENERATIONS).get_by_role("listitem")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("my own lighthouse")
    expect(page.get_by_role("combobox", name="User")).to_have_count(0)
    page.goto(f"/gallery?user={OTHER}")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    assert page.request.get("/api/generations/filters").json()["users"] == [user]


def test_another_users_usage_is_not_told(visit: Visit, service: Service, user: str) -> None:
    service.make(OTHER, "a secret")
    service.make(user, "my own")
    wait_until(lambda: service.events_of(user)["events"] == 1)
    service.wait_until_delivered()
    page = visit("/usage")
    expect(page.get_by_text(f"Your usage, as {user}")).to_be_visible()
    summary = page.get_by_role("region", name="Summary")
    expect(summary.locator("dl > div", has=page.get_by_text("Events", exact=True)).locator("dd")).to_have_text("1")
    expect(page.get_by_text(OTHER)).to_have_count(0)
    for question in ("top-users?on=today&", "activity?", "spending?", "cost?", "latency?", "points?"):
        assert page.request.get(f"/api/usage/{question}user={OTHER}").status == 403
        assert OTHER not in page.request.get(f"/api/usage/{question}format=csv").text()


def test_an_admin_sees_everybodys(visit: Visit, service: Service, user: str) -> None:
    made = service.make(user, "a lighthouse for the lead")
    page = visit(f"/gallery?user={user}", ADMIN)
    page.get_by_role("region", name=GENERATIONS).get_by_role("link").click()
    expect(page).to_have_url(f"{service.url}/gallery/{made}")
    expect(page.get_by_role("img", name="a lighthouse for the lead")).to_be_visible()
