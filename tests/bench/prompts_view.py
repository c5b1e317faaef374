"""The prompt library in Chromium: 10,000 prompts, from their arrival to the paint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from ..browser.harness import Stub, launch, open_stub, serve
from .figures import Figure
from .rig import Rig

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["measure"]

_PROMPTS = 10_000

# The parts are in the page: what is measured is the view's first paint, from the
# request for its snapshot on.
_SHOW = """
async (many) => {
  const widget = await openHidden(many);
  const begun = performance.now();
  await widget.show();
  while (!widget.el.querySelector(".pl-prompt-name"))
    await new Promise(requestAnimationFrame);
  // The task after the next frame's callbacks comes when that frame was painted.
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const took = performance.now() - begun;
  const nodes = widget.el.querySelectorAll("*").length;
  widget.close();
  return [took, nodes];
}
"""

_SCROLL = """
async (many) => {
  const widget = await openHidden(many);
  await widget.show();
  while (!widget.el.querySelector(".pl-prompt-name"))
    await new Promise(requestAnimationFrame);
  await frames2();
  const box = widget.el.querySelector(".pl-prompts-list");
  const begun = performance.now();
  box.scrollTop = box.scrollHeight / 2;
  const there = () => [...widget.el.querySelectorAll(".pl-prompt-name")].some(
    ({textContent}) => textContent === "prompt-05001");
  while (!there()) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const took = performance.now() - begun;
  widget.close();
  return took;
}
"""


def measure(rig: Rig) -> Iterator[Figure]:
    """Yield the time to the paint, and to rows that have to be fetched."""
    with serve() as port, sync_playwright() as playwright:
        browser = launch(playwright)
        shown, nodes, scrolled = [], [], []
        for _ in rig.times(9, 3):
            stub = _page(browser, port)
            took, count = stub.page.evaluate(_SHOW, _PROMPTS)
            shown.append(took)
            nodes.append(count)
            scrolled.append(stub.page.evaluate(_SCROLL, _PROMPTS))
            stub.page.context.close()
        browser.close()
    yield Figure(f"{_PROMPTS:,} prompts, painted", "ms", shown, target=150)
    yield Figure("rows far below, fetched and painted", "ms", scrolled, target=150)
    yield Figure("elements in the page", "", nodes, target=700)


def _page(browser: Browser, port: int) -> Stub:
    stub = open_stub(browser.new_context(viewport={"width": 1280, "height": 900}), port)
    stub.prompts()
    stub.page.get_by_role("grid").wait_for()
    stub.page.evaluate("widgets.at(-1).close()")
    return stub
