"""Live: what happens elsewhere appears on an open page, also after the service was gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ..e2e.tracking.mlflow_server import MlflowServer
from .conftest import GONE, Visit
from .service import ADMIN, Service, wait_until

LOST = "Connection lost. Trying again"
# A page that tried in vain a few times waits so long.
LONGEST_WAIT_MS = 30_000


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[Service]:
    """Serve without MLflow: this one is killed."""
    with Service(tmp_path, ENABLE_TRACKING="false") as started:
        yield started


def is_lost_after_silence(page: Page) -> bool:
    """Let pass what a page waits for a sign of life: once more where it reads the service's last words only then."""
    page.clock.run_for(46_000)
    return page.get_by_text(LOST).is_visible()


def test_what_another_client_makes_appears_in_an_open_gallery(visit: Visit, service: Service, user: str) -> None:
    page = visit("/gallery")
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    service.make(user, "from elsewhere")
    expect(page.get_by_role("listitem").filter(has_text="from elsewhere")).to_be_visible()
    service.make("somebody.else@example.com", "not for you")
    service.make(user, "the second one")
    expect(page.get_by_role("region", name="Generations").get_by_role("listitem")).to_have_count(2)


def test_a_page_connects_again_and_shows_what_came_meanwhile(
    visit: Visit, own_service: Service, user: str, expected: list[str]
) -> None:
    expected += GONE
    own_service.make(user, "before")
    page = visit("/gallery", at=own_service)
    cards = page.get_by_role("region", name="Generations").get_by_role("listitem")
    expect(cards).to_have_count(1)
    own_service.stop(kill=True)
    expect(page.get_by_text(LOST)).to_be_visible()
    own_service.start()
    own_service.make(user, "while it was away")
    expect(cards.filter(has_text="while it was away")).to_be_visible(timeout=2 * LONGEST_WAIT_MS)
    expect(page.get_by_text(LOST)).to_have_count(0)


def test_a_service_that_falls_silent_is_given_up_and_found_again(
    visit: Visit, own_service: Service, user: str, expected: list[str]
) -> None:
    expected += GONE
    page = visit("/gallery", at=own_service, clock=True)
    expect(page.get_by_text("Nothing yet.")).to_be_visible()
    with own_service.stopped():
        wait_until(lambda: is_lost_after_silence(page))
    own_service.make(user, "after the silence")
    page.clock.run_for(LONGEST_WAIT_MS)
    found = page.get_by_role("listitem").filter(has_text="after the silence")
    expect(found).to_be_visible(timeout=2 * LONGEST_WAIT_MS)
    expect(page.get_by_text(LOST)).to_have_count(0)


def test_the_figures_of_the_delivery_change(visit: Visit, mlflow: MlflowServer, user: str, tmp_path: Path) -> None:
    with Service(tmp_path, MLFLOW_TRACKING_URI=mlflow.url) as alone:
        page = visit("/usage", ADMIN, at=alone)
        delivery = page.get_by_role("region", name="Delivery").locator("dl > div")
        accepted = delivery.filter(has_text="Accepted").locator("dd")
        expect(accepted).to_have_text("0")
        alone.make(user, "one more")
        expect(accepted).to_have_text("1")
        expect(delivery.filter(has_text="Delivered").locator("dd")).to_have_text("1", timeout=60_000)
        expect(delivery.filter(has_text="Pending").locator("dd")).to_have_text("0")
        page.close()
