"""Nothing an answer says runs, is fetched, or gets out of its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
  for (const [index, text] of texts.entries()) {
    const {el} = widgets[widgets.length - texts.length + index];
    for (const node of el.querySelectorAll("*")) {
      const name = node.localName;
      if (!allowed.has(name)) found.push([index, `<${name}>`]);
      for (const {name: attribute, value} of node.attributes) {
        if (/^on|^style$|^srcset$|^xlink|^srcdoc|^action|^formaction|^id$|commandlinker/i
            .test(attribute)) found.push([index, `${name} ${attribute}=${value}`]);
        if (attribute === "href" && !/^(https?:\\/\\/|mailto:)/.test(value))
          found.push([index, `href=${value}`]);
        if (attribute === "src" && !/^data:image\\/(png|jpeg|gif|webp);base64,/.test(value))
          found.push([index, `src=${value}`]);
      }
      if (name === "a" && node.href && (node.target !== "_blank" ||
          node.rel !== "noopener noreferrer")) found.push([index, "an unsafe link"]);
    }
    if (!el.textContent.trim() && !el.querySelector("img")) found.push([index, "empty"]);
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
    took = stub.page.evaluate(
        """async () => {
          const began = performance.now();
          await widgets.at(-1).stream(">".repeat(100_000) + " end", 2000, 0);
          widgets.at(-1).tell("settled", {state: "done"});
          for (let frame = 0; frame < 200; frame++) {
            await frames2();
            if (widgets.at(-1).el.textContent.includes("end")) break;
          }
          return performance.now() - began;
        }"""
    )
    assert "end" in stub.page.locator(".pl-markdown").inner_text()
    assert took < 20_000


def test_a_megabyte_does_not_freeze_the_page(stub: Stub) -> None:
    stub.widget()
    longest = stub.page.evaluate(
        """async () => {
          const part = "## Title\\n\\nSome *text* with `code` and **more** of it.\\n\\n" +
            "- one\\n- two\\n- three\\n\\n```python\\nfor i in range(10):\\n    print(i)\\n" +
            "```\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\n";
          const text = part.repeat(Math.ceil(1_000_000 / part.length)) + "the end";
          let longest = 0;
          const widget = widgets.at(-1);
          widget.tell("snapshot", {seq: 1, state: "done", model: "m", text});
          let last = performance.now();
          for (let frame = 0; frame < 3000; frame++) {
            await new Promise(requestAnimationFrame);
            longest = Math.max(longest, performance.now() - last);
            last = performance.now();
            if (widget.el.textContent.endsWith("the end")) break;
          }
          return longest;
        }"""
    )
    assert stub.page.locator(".pl-markdown").evaluate("e => e.textContent.endsWith('the end')")
    # Seconds would be a freeze; the machine's own pauses are not ours.
    assert longest < 2000
