"""The view of local models in Chromium: 500 models, from their arrival to the paint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from ..browser.harness import Stub, launch, open_stub, serve
from ..browser.models_data import row, snapshot
from .figures import Figure
from .rig import Rig

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["measure"]

_MODELS = 500

# The parts are in the page: what is measured is the response, told as the kernel does.
_SHOW = """
async ([all, empty]) => {
  await openWidget({view: "models", snapshot: empty});
  const widget = widgets.at(-1);
  while (!widget.el.querySelector(".pl-models"))
    await new Promise(requestAnimationFrame);
  await frames2();
  const begun = performance.now();
  widget.tell("snapshot", {...all, seq: widget.seq + 1});
  while (!widget.el.querySelector(".pl-local-words"))
    await new Promise(requestAnimationFrame);
  // The task after the next frame's callbacks comes when that frame was painted.
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const took = performance.now() - begun;
  const nodes = widget.el.querySelectorAll("*").length;
  widget.close();
  return [took, nodes];
}
"""

_DO = """
async ([all, act]) => {
  await openWidget({view: "models", snapshot: all});
  const widget = widgets.at(-1);
  while (!widget.el.querySelector(".pl-local-words"))
    await new Promise(requestAnimationFrame);
  await frames2();
  const first = () => widget.el.querySelector(".pl-local-words").textContent;
  const before = first();
  const begun = performance.now();
  if (act === "sort") widget.el.querySelector(".pl-local-name .pl-sort").click();
  else {
    const box = widget.el.querySelector("input[type=search]");
    box.value = "77";
    box.dispatchEvent(new Event("input", {bubbles: true}));
  }
  while (first() === before) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const took = performance.now() - begun;
  widget.close();
  return took;
}
"""


def measure(rig: Rig) -> Iterator[Figure]:
    """Yield the time to the paint, to a new order and to a filtered table."""
    with serve() as port, sync_playwright() as playwright:
        browser = launch(playwright)
        shown, nodes, ordered, filtered = [], [], [], []
        for _ in rig.times(9, 3):
            stub = _page(browser, port)
            took, count = stub.page.evaluate(_SHOW, [_all(), snapshot(models=[])])
            shown.append(took)
            nodes.append(count)
            ordered.append(stub.page.evaluate(_DO, [_all(), "sort"]))
            filtered.append(stub.page.evaluate(_DO, [_all(), "filter"]))
            stub.page.context.close()
        browser.close()
    yield Figure(f"{_MODELS} models, painted", "ms", shown, target=150)
    yield Figure("sorted anew", "ms", ordered, target=100)
    yield Figure("filtered", "ms", filtered, target=100)
    yield Figure("elements in the page", "", nodes, target=1500)


def _page(browser: Browser, port: int) -> Stub:
    stub = open_stub(browser.new_context(viewport={"width": 1280, "height": 900}), port)
    stub.widget(view="models", snapshot=snapshot())
    stub.page.get_by_role("grid").wait_for()
    stub.page.evaluate("widgets.at(-1).close()")
    return stub


def _all() -> dict[str, object]:
    return snapshot(models=[row(f"model-{n:03}:latest") for n in range(_MODELS)])
