"""Nothing an answer says runs, is fetched, or gets out of its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .xss_corpus import CORPUS

if TYPE_CHECKING:
    from .harness import Stub

# One page for all: each text in a widget of its own, half at once, half as deltas.
_RUN = """
async texts => {
  const found = [];
  const allowed = new Set(("a blockquote br code del div em h1 h2 h3 h4 h5 h6 hr img " +
    "input li ol p pre span strong table tbody td th thead tr ul button section " +
    "annotation math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom " +
    "mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder " +
    "munderover semantics").split(" "));
  for (const [index, text] of texts.entries()) {
    const at = await openWidget();
    const widget = widgets[at];
    if (index % 2) await widget.stream(text, Math.max(3, text.length >> 4), 0);
    else widget.tell("delta", {kind: "text", text});
    if (index % 3 === 0) await frames2();
    widget.tell("settled", {state: "done", footer: text.slice(0, 200)});
  }
  for (let frame = 0; frame < 40; frame++) await frames2();
  const shown = widgets.slice(-texts.length);
  for (const [index, {el}] of shown.entries()) {
    for (const node of el.querySelectorAll("*")) {
      const name = node.localName;
      if (!allowed.has(name)) found.push([index, `<${name}>`]);
      for (const {name: attribute, value} of node.attributes) {
        if (/^on|^style$|^src(set|doc)$|^xlink|^(form)?action|^id$|commandlinker/i
            .test(attribute)) found.push([index, `${name} ${attribute}=${value}`]);
        if (attribute === "href" && !/^(https?:\\/\\/|mailto:)/.test(value))
          found.push([index, `href=${value}`]);
        if (attribute === "src" &&
            !/^data:image\\/(png|jpeg|gif|webp);base64,/.test(value))
          found.push([index, `src=${value}`]);
      }
      if (name === "a" && node.href && (node.target !== "_blank" ||
          node.rel !== "noopener noreferrer")) found.push([index, "an unsafe link"]);
    }
    const text = el.querySelector(".pl-markdown");
    if (!text?.textContent.trim() && !text?.querySelector("img"))
      found.push([index, "nothing is shown"]);
  }
  for (const link of document.querySelectorAll(".pl-markdown a")) {
    link.addEventListener("click", event => event.preventDefault());
    link.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}));
    link.click();
  }
  for (const node of document.querySelectorAll(".pl-markdown *")) node.focus?.();
  return {found, pwned: window.pwned ?? null, base: document.baseURI};
}
"""


def test_corpus_is_large_enough() -> None:
    assert len(set(CORPUS)) == len(CORPUS) >= 100


def test_nothing_hostile_runs_or_is_fetched(stub: Stub) -> None:
    outcome: dict[str, Any] = stub.page.evaluate(_RUN, CORPUS)
    told = [f"{CORPUS[at][:80]!r}: {what}" for at, what in outcome["found"]]
    assert told == []
    assert outcome["pwned"] is None
    assert outcome["base"] == f"{stub.base}/"
    assert not [url for url in stub.requests if "evil.test" in url]


def test_the_check_would_notice(stub: Stub) -> None:
    """The page itself can be harmed: what is tested is not the browser's own guard."""
    stub.page.evaluate(
        """document.body.insertAdjacentHTML("beforeend",
             "<img src='/none.png' onerror='window.pwned=1'>")"""
    )
    stub.page.wait_for_function("window.pwned === 1")
    stub.errors.clear()


def test_a_hundred_thousand_quotes_do_not_hang(stub: Stub) -> None:
    stub.widget()
    stub.page.locator(".pl-answer").wait_for()
    stub.stream(">" * 100_000 + " the end", size=2000)
    stub.tell("settled", state="done", footer="settled")
    stub.page.wait_for_function(
        "document.querySelector('.pl-markdown')?.textContent.includes('the end')"
    )


@pytest.mark.parametrize(
    "size", [250_000, pytest.param(1_000_000, marks=pytest.mark.long)]
)
def test_a_long_text_does_not_freeze_the_page(stub: Stub, size: int) -> None:
    part = (
        "## Title\n\nSome *text* with `code` and **more** of it.\n\n- one\n- two\n\n"
        "```python\nfor i in range(10):\n    print(i)\n```\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
    )
    text = part * (size // len(part) + 1) + "the end"
    stub.widget()
    stub.page.locator(".pl-answer").wait_for()
    frames = stub.page.evaluate(
        """async text => {
          const widget = widgets.at(-1);
          widget.tell("snapshot", {seq: 1, state: "done", model: "m", text});
          for (let frame = 1; frame < 10_000; frame++) {
            await new Promise(requestAnimationFrame);
            const last = widget.el.querySelector(".pl-markdown")?.lastElementChild;
            if (last?.textContent === "the end") return frame;
          }
        }""",
        text,
    )
    # The page could draw and hear its user that often while it worked.
    assert frames > size // 50_000
    assert stub.page.locator(".pl-code").count() == text.count("```python")
