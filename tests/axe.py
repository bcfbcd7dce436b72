"""What a program finds wrong in a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTH = "document.documentElement.scrollWidth"


def faults_of(page: Page) -> list[str]:
    """Return what axe finds, light and wide then dark and narrow, and whether the page scrolls sideways.

    It does not either on a wide screen whose text alone is twice as large.
    """
    found = []
    for scheme, width in (("light", 1280), ("dark", 320)):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        violations = Axe().run(page).response["violations"]
        found += [f"{one['id']} ({scheme}): {one['nodes'][0]['html'][:120]}" for one in violations]
    if page.evaluate(WIDTH) > 320:
        found.append("scrolls sideways at 320 px")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if page.evaluate(WIDTH) > 1280:
        found.append("scrolls sideways when its text is twice as large")
    return found
