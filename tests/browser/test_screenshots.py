"""Screenshots of the pages for the README: with UPDATE_SCREENSHOTS=1 in the environment they are written to docs."""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from .conftest import Visit
from .history import History
from .service import ADMIN, Service

DOCS = Path(__file__).parents[2] / "docs"
SIZE = {"width": 1280, "height": 900}
MOST_BYTES = 200_000
SEEN = (
    ("ada@example.com", "images", "A lighthouse in morning fog, seen from the sea"),
    ("ben@example.com", "texts", "A keeper who counts ships"),
    ("chen@example.com", "images", "Terraced rice fields after the rain"),
    ("dana@example.com", "images", "A night train crossing a viaduct"),
    ("ada@example.com", "texts", "The first day of autumn"),
    ("eli@example.com", "images", "Kites over a beach in the evening"),
)


def take(page: Page, name: str, folder: Path) -> None:
    """Take a picture of what the window shows, in as few colours as are enough."""
    page.evaluate("document.activeElement.blur()")
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
    size = page.viewport_size
    assert size
    assert shot.size == (size["width"], size["height"])
    few = shot.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    assert len(few.getcolors() or []) > 16
    path = folder / f"page-{name}.png"
    few.save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES


def test_the_pages_look_as_in_the_readme(visit: Visit, service: Service, history: History, tmp_path: Path) -> None:
    folder = DOCS if os.environ.get("UPDATE_SCREENSHOTS") else tmp_path
    for user, kind, prompt in SEEN:
        service.make(user, prompt, kind)
    options = {"viewport": SIZE, "device_scale_factor": 1, "color_scheme": "light", "reduced_motion": "reduce"}

    page = visit("/", "ada@example.com", **options)
    page.get_by_label("Prompt").fill(SEEN[0][2])
    page.get_by_role("radio", name="4:3").check()
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("img", name=SEEN[0][2])).to_have_js_property("complete", value=True)
    expect(page.get_by_role("region", name="Result").get_by_text("Estimated cost")).to_be_visible()
    take(page, "generate", folder)

    page = visit("/gallery", ADMIN, **options)
    expect(page.get_by_role("listitem").filter(has_text=SEEN[-1][2])).to_be_visible()
    for picture in page.get_by_role("listitem").get_by_role("img").all()[:3]:
        expect(picture).to_have_js_property("complete", value=True)
    take(page, "gallery", folder)

    for name, theme in (("usage", "light"), ("usage-dark", "dark")):
        tall = {"viewport": {**SIZE, "height": 1150}, "color_scheme": theme}
        page = visit(f"/usage?{history.query}", ADMIN, **{**options, **tall})
        expect(page.locator(".chart svg").first).to_be_visible()
        expect(page.get_by_role("region", name="Delivery").get_by_text("Accepted")).to_be_attached()
        take(page, name, folder)
