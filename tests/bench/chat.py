"""A long chat opened and scrolled, and typing while an answer comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..browser.harness import Stub, launch, open_stub, serve
from .figures import Figure
from .rig import Rig

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["measure"]

_TURNS = 1000

# About a page of Markdown: what answers look like that are worth asking for.
_REPLY = """
(n) => `Answer **${n}** with \\`code\\`, a list and a block.\\n\\n` +
  "- one thing that takes some words\\n- another thing\\n\\n".repeat(1 + n % 3) +
  "```python\\ndef f(x):\\n    return x + 1  # and so on\\n```\\n\\n" +
  "A paragraph of some length that goes over two lines or three, as they do. ".repeat(3)
"""

_OPEN = """
async (turns) => {
  await import("/chat_kernel.js");
  // The bundle is in the page: what is measured is the conversation.
  await openChat({});
  for (const widget of widgets.splice(0)) widget.close();
  await frames2();
  const all = conversation(turns, REPLY);
  const begun = performance.now();
  await openChat({turns: all});
  const shown = () => [...document.querySelectorAll(".pl-question")].some(
    (each) => each.textContent === `Question ${turns}?`) &&
    [...document.querySelectorAll(".pl-item")].at(-1).querySelector(".pl-markdown p");
  while (!shown() && performance.now() - begun < 10000)
    await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begun;
}
""".replace("REPLY", _REPLY)

_SCROLL = """
async () => {
  const box = document.querySelector(".pl-scroller");
  window.long = [];
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) long.push(entry.duration);
  });
  watch.observe({type: "longtask"});
  for (let step = 0; step < 240; step++) {
    box.dispatchEvent(new WheelEvent("wheel", {deltaY: -400, bubbles: true}));
    box.scrollTop -= 400;
    await new Promise(requestAnimationFrame);
  }
  await new Promise((done) => setTimeout(done, 100));
  watch.disconnect();
  // A task that the browser does not count as long took less than this.
  return Math.max(50, ...long);
}
"""

# Keys are sent as the browser's own, and each is timed from its event to the frame
# that shows it.
_TYPE = """
() => {
  window.keys = [];
  const box = document.querySelector(".pl-composer-text");
  box.addEventListener("input", (event) => {
    requestAnimationFrame(() => setTimeout(
      () => keys.push(performance.now() - event.timeStamp)));
  });
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      if (entry.name === "keydown")
        work.push(entry.processingEnd - entry.startTime);
  });
  window.work = [];
  watch.observe({type: "event", durationThreshold: 16});
  box.focus();
}
"""


def measure(rig: Rig) -> Iterator[Figure]:
    from playwright.sync_api import sync_playwright

    opened, scrolled, typed, handled = [], [], [], []
    with serve() as port, sync_playwright() as playwright:
        browser = launch(playwright)
        for _ in rig.times(5, 2):
            stub = _page(browser, port)
            opened.append(stub.page.evaluate(_OPEN, _TURNS))
            scrolled.append(stub.page.evaluate(_SCROLL))
            stub.page.context.close()
        for _ in rig.times(3, 1):
            stub = _page(browser, port)
            frames, work = _typing(stub)
            typed += frames
            handled += work
            stub.page.context.close()
        browser.close()
    yield Figure(f"{_TURNS:,} turns opened, to painted", "ms", opened, target=300)
    yield Figure("longest task while they scroll", "ms", scrolled, target=100)
    yield Figure(
        "a key while 1,000 tokens/s stream: heard and done",
        "ms",
        handled,
        target=16,
        note="the browser's own event timing; below 16 ms it says 16",
    )
    yield Figure("the same, until the frame that shows it is over", "ms", typed)


def _page(browser: Browser, port: int) -> Stub:
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    return open_stub(context, port)


def _typing(stub: Stub) -> tuple[list[float], list[float]]:
    # A delta each 40 ms, as the kernel joins them: 40 tokens of about four characters.
    reply = "return 'word **and** `code` so on. '.repeat(1500)"
    stub.chat(reply=reply, size=160, pause=40)
    box = stub.page.get_by_role("textbox", name="Message")
    box.fill("Go on.")
    box.press("Enter")
    stub.page.locator(".pl-reply .pl-markdown").get_by_text("word").first.wait_for()
    stub.page.evaluate(_TYPE)
    for _ in range(60):
        stub.page.keyboard.press("a")
        stub.page.wait_for_timeout(40)
    found: dict[str, Any] = stub.page.evaluate("({keys, work})")
    streaming = stub.page.evaluate("widgets[0].live !== undefined")
    assert streaming, "the answer was over before the typing was"
    # Events that took less are not reported at all.
    quick = [16.0] * (60 - len(found["work"]))
    return found["keys"], [*found["work"], *quick]
