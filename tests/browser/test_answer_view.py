"""The answer view as its user meets it: the built bundle, seen and operated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pytest
from playwright.sync_api import expect

from .accessibility import axe_violations
from .harness import STATIC
from .stub_vault import PASSWORD, StubVault

if TYPE_CHECKING:
    from .harness import Stub

FORMULA = "Euler: $e^{i\\pi}=-1$ and\n\n$$\n\\frac{1}{2}\n$$\n"
CODE = "Look:\n\n```python\ndef f(x):\n    return x  # same\n```\n\nEnd.\n"


def whole(manifest: dict[str, Any], view: str) -> int:
    """The bytes of all that a page fetches before it shows a view."""
    names = [*manifest[view]["needs"], view]
    return sum(manifest[name]["bytes"] for name in names)


def test_sizes_stay_within_their_bounds() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    for entry in manifest.values():
        assert (STATIC / entry["file"]).stat().st_size == entry["bytes"]
    assert manifest["loader"]["bytes"] <= 4096
    assert whole(manifest, "answer") <= 200_000
    assert whole(manifest, "chat") <= 330_000
    # Fetched while its code is being written: not to be noticed.
    assert manifest["highlight"]["bytes"] <= 80_000


def test_licences_of_bundled_code_are_there() -> None:
    text = (STATIC / "third-party-notices.txt").read_text()
    for name in ("preact", "marked", "dompurify", "highlight.js", "katex"):
        assert f"\n{name} " in text


def test_waits_streams_and_settles(stub: Stub) -> None:
    stub.widget()
    view = stub.page.locator(".pl-answer")
    view.get_by_text("Waiting for ollama/llama3.2:1b").wait_for()
    stub.tell("progress", phase="Downloading", done=5e6, total=1e7, unit="bytes", eta=4)
    bar = view.get_by_role("progressbar", name="Downloading")
    assert bar.get_attribute("aria-valuenow") == "50"
    view.get_by_text("5.0 MB of 10.0 MB · about 4 s left").wait_for()
    stub.tell("notice", text="Busy, trying again.")
    view.get_by_text("Busy, trying again.").wait_for()
    stub.tell("delta", kind="text", text="Hello **wor")
    view.locator("strong", has_text="wor").wait_for()
    assert bar.count() == 0
    assert view.get_attribute("aria-busy") == "true"
    stub.tell("delta", kind="text", text="ld**\n\n- a\n- b")
    stub.tell("settled", state="done", footer="m · 5 tokens")
    view.get_by_text("m · 5 tokens").wait_for()
    view.locator("li", has_text="b").wait_for()
    assert view.locator("li").all_inner_texts() == ["a", "b"]
    assert view.get_by_role("button", name="Stop answering").count() == 0
    assert view.get_attribute("aria-busy") == "false"
    assert view.get_by_role("status").first.inner_text() == "Answer complete"


def test_stop_keeps_the_partial_answer(stub: Stub) -> None:
    stub.widget()
    stub.stream("Half of an ans")
    stub.page.get_by_role("button", name="Stop answering").click()
    stub.page.get_by_text("Stopped.").wait_for()
    assert "Half of an ans" in stub.page.locator(".pl-markdown").inner_text()
    assert len(stub.asked("stop")) == 1


def test_stop_is_reached_and_pressed_by_keyboard(stub: Stub) -> None:
    stub.widget()
    stub.stream("Half of an ans")
    stop = stub.page.get_by_role("button", name="Stop answering")
    stop.wait_for()
    stub.page.keyboard.press("Tab")
    expect(stop).to_be_focused()
    outline = stop.evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"
    stub.page.keyboard.press("Enter")
    stub.page.get_by_text("Stopped.").wait_for()


def test_escape_stops_only_with_the_focus_within(stub: Stub) -> None:
    stub.widget()
    stub.stream("Half of an ans")
    stop = stub.page.get_by_role("button", name="Stop answering")
    stop.wait_for()
    stub.page.keyboard.press("Escape")
    assert stub.asked("stop") == []
    stop.focus()
    stub.page.keyboard.press("Escape")
    stub.page.get_by_text("Stopped.").wait_for()


def test_a_stop_that_is_not_heard_says_what_to_do(stub: Stub) -> None:
    stub.widget(hold=["stop"])
    stub.stream("Half")
    stub.page.get_by_role("button", name="Stop answering").click()
    stub.page.get_by_role("button", name="Stopping").wait_for()
    stub.page.get_by_text("Interrupt the kernel to stop.").wait_for()


def test_error_shows_message_and_hint_and_keeps_the_text(stub: Stub) -> None:
    stub.widget()
    stub.stream("Part of it")
    error = {"code": "connection", "message": "Lost.", "hint": "Try again."}
    stub.tell("settled", state="failed", error=error, footer="m · 2 tokens")
    alert = stub.page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text() == "Lost.\nTry again."
    assert "Part of it" in stub.page.locator(".pl-markdown").inner_text()


def test_thinking_is_folded_and_stays_as_the_user_left_it(stub: Stub) -> None:
    stub.widget()
    stub.tell("delta", kind="thinking", text="one two ")
    details = stub.page.locator("details")
    details.get_by_text("2 words").wait_for()
    assert not details.evaluate("e => e.open")
    stub.page.locator("summary").focus()
    stub.page.keyboard.press("Enter")
    details.get_by_text("one two").wait_for()
    stub.tell("delta", kind="thinking", text="*three*")
    details.locator("em", has_text="three").wait_for()
    stub.tell("delta", kind="text", text="The answer")
    stub.page.get_by_text("The answer").wait_for()
    assert details.evaluate("e => e.open")


def test_deaf_kernel_is_shown_as_plain_text_until_the_bundle_comes(stub: Stub) -> None:
    stub.widget(deaf=True)
    stub.page.get_by_text("Waiting for the kernel…").wait_for()
    stub.page.evaluate(
        """widgets[0].tell("snapshot",
             {seq: 1, state: "streaming", model: "m", text: "**a** "})"""
    )
    stub.tell("delta", kind="text", text="and b")
    stub.page.get_by_text("**a** and b").wait_for()
    stub.page.get_by_text("Interrupt the kernel to stop.").wait_for()
    stub.page.evaluate("widgets[0].deaf = false")
    stub.page.locator("strong", has_text="a").wait_for()
    stub.page.get_by_role("button", name="Stop answering").wait_for()


def test_deaf_kernel_where_the_page_has_the_bundle(stub: Stub) -> None:
    stub.widget()
    stub.page.locator(".pl-answer").wait_for()
    stub.widget(deaf=True)
    stub.page.evaluate(
        """widgets[1].tell("snapshot",
             {seq: 1, state: "streaming", model: "m", text: "**a**"})"""
    )
    second = stub.page.locator(".pl-answer").nth(1)
    second.locator("strong").wait_for()
    second.get_by_text("Interrupt the kernel to stop.").wait_for()
    assert second.get_by_role("button", name="Stop").count() == 0


def test_fifty_widgets_share_one_transfer_and_one_style(stub: Stub) -> None:
    stub.page.evaluate("Promise.all(Array.from({length: 50}, () => openWidget()))")
    stub.page.wait_for_function("document.querySelectorAll('.pl-answer').length === 50")
    assert sorted(stub.page.evaluate("transfers")) == ["answer", "core"]
    for name in ("core", "answer"):
        assert stub.page.locator(f"#parllama-nb-style-{name}").count() == 1


def test_a_lost_event_is_made_good(stub: Stub) -> None:
    stub.widget()
    stub.stream("abc", 1)
    stub.page.evaluate("widgets[0].snapshot.text += 'd'; widgets[0].seq++")
    stub.tell("delta", kind="text", text="e")
    stub.page.get_by_text("abcde").wait_for()
    assert len(stub.asked("snapshot")) == 1


def test_a_closed_view_leaves_nothing_behind(stub: Stub) -> None:
    stub.widget()
    stub.page.locator(".pl-answer").wait_for()
    stub.stream("some text")
    stub.page.evaluate("widgets[0].close()")
    stub.tell("delta", kind="text", text="more")
    stub.page.evaluate("widgets[0].life.abort()")
    assert stub.page.evaluate("widgets[0].listeners.size") == 0
    assert stub.page.locator(".pl-root").count() == 0


def test_a_second_view_shows_the_same(stub: Stub) -> None:
    stub.widget()
    stub.stream("**same**")
    stub.page.evaluate("widgets[0].show()")
    stub.page.wait_for_function(
        "document.querySelectorAll('.pl-markdown strong').length === 2"
    )


def test_formulas_are_fetched_with_the_first_one(stub: Stub) -> None:
    stub.widget()
    stub.stream("no formula: $5 and $10\n\n")
    stub.page.locator(".pl-markdown p").wait_for()
    assert sorted(stub.page.evaluate("transfers")) == ["answer", "core"]
    stub.stream(FORMULA)
    stub.page.wait_for_function("document.querySelectorAll('math').length === 2")
    assert sorted(stub.page.evaluate("transfers")) == ["answer", "core", "katex"]
    assert stub.page.locator("math[display=block] mfrac").count() == 1


def test_a_formula_that_is_none_stays_as_code(stub: Stub) -> None:
    stub.widget()
    stub.stream("$\\frac{a}$ and $x$\n")
    stub.page.locator("math").wait_for()
    assert stub.page.locator("code.pl-tex").all_inner_texts() == ["\\frac{a}"]


def test_formulas_stay_as_code_where_katex_does_not_come(stub: Stub) -> None:
    stub.page.evaluate("manifest.katex = {file: 'none.js', hash: 'x'}")
    stub.widget()
    with stub.page.expect_console_message(lambda said: said.type == "error"):
        stub.stream(FORMULA)
    stub.tell("settled", state="done", footer="end")
    stub.page.get_by_text("end", exact=True).wait_for()
    stub.page.locator("code.pl-tex").nth(1).wait_for()
    assert stub.page.locator("code.pl-tex").count() == 2
    # The stub's own 404.
    stub.errors.clear()


def test_code_is_highlighted_when_its_fence_is_closed(stub: Stub) -> None:
    stub.widget()
    stub.stream("```python\ndef f(x):\n    retu")
    stub.page.locator(".pl-code code", has_text="retu").wait_for()
    assert stub.page.locator(".hljs-keyword").count() == 0
    stub.stream("rn x\n```\n")
    stub.page.locator(".hljs-keyword", has_text="return").wait_for()
    assert stub.page.locator(".pl-code-lang").inner_text() == "python"
    assert stub.page.locator("code").inner_text() == "def f(x):\n    return x"


def test_the_colours_of_code_are_fetched_with_the_first_code_in_a_language(
    stub: Stub,
) -> None:
    stub.widget()
    stub.stream("`x = 1`\n\n```\nin none\n```\n\n")
    stub.page.locator(".pl-code", has_text="in none").wait_for()
    stub.page.evaluate("frames2()")
    assert sorted(stub.page.evaluate("transfers")) == ["answer", "core"]
    stub.stream("- one\n\n  ```python\n  return 1\n  ```\n- two\n\n" + CODE * 3)
    stub.page.wait_for_function(
        "document.querySelectorAll('.hljs-keyword').length === 7"
    )
    stub.page.evaluate("Promise.all([openWidget(), openWidget()])")
    stub.stream(CODE)
    stub.page.wait_for_function(
        "document.querySelectorAll('.hljs-keyword').length === 9"
    )
    assert sorted(stub.page.evaluate("transfers")) == ["answer", "core", "highlight"]
    # A request that is not answered at once is repeated, by the same id.
    asked = {
        request["request_id"]
        for request in stub.asked("asset", 0)
        if request["params"]["name"] == "highlight"
    }
    assert len(asked) == 1


def test_once_the_colours_are_there_code_is_never_seen_without(stub: Stub) -> None:
    stub.widget()
    stub.stream(CODE)
    stub.page.locator(".hljs-keyword", has_text="return").wait_for()
    stub.widget()
    stub.page.locator(".pl-answer").nth(1).wait_for()
    # At the end of the first frame that has the block; on a clock that stands, since a
    # frame that is out of time leaves colours to the next.
    colours = stub.page.evaluate(
        """async text => {
          performance.now = () => 0;
          const widget = widgets.at(-1);
          widget.tell("snapshot", {seq: 1, state: "done", model: "m", text});
          for (;;) {
            await new Promise(requestAnimationFrame);
            await new Promise(done => setTimeout(done));
            const code = widget.el.querySelector(".pl-code");
            if (code) return code.querySelectorAll(".hljs-keyword").length;
          }
        }""",
        CODE,
    )
    assert colours == 2


def test_colours_that_come_late_move_nothing(stub: Stub) -> None:
    stub.widget()
    stub.page.locator(".pl-answer").wait_for()
    stub.page.evaluate("widgets[0].hold.add('asset')")
    long = "```python\nreturn " + "x + " * 100 + "1\n```\n"
    stub.stream(CODE + "1. A list:\n\n   ```sql\n   SELECT 1\n   ```\n\n" + long)
    stub.tell("settled", state="done", footer="end")
    stub.page.get_by_text("end", exact=True).wait_for()
    stub.page.locator(".pl-copy").nth(2).wait_for()
    boxes = """[...document.querySelectorAll(".pl-answer, .pl-markdown *")]
      .filter(e => !/^hljs-/.test(e.className))
      .map(e => {
        const {x, y, width, height} = e.getBoundingClientRect();
        return [e.localName, ...[x, y, width, height, e.scrollWidth].map(Math.round)];
      })"""
    before = stub.page.evaluate(boxes)
    assert stub.page.locator("[class^=hljs]").count() == 0
    assert stub.page.locator(".pl-code code").nth(1).inner_text() == "SELECT 1"
    stub.page.evaluate("widgets[0].hold.clear()")
    stub.page.wait_for_function(
        "document.querySelectorAll('.hljs-keyword').length === 4"
    )
    assert stub.page.evaluate(boxes) == before


def test_code_stays_plain_where_its_colours_do_not_come(stub: Stub) -> None:
    stub.page.evaluate("manifest.highlight = {file: 'none.js', hash: 'x'}")
    stub.widget()
    with stub.page.expect_console_message(lambda said: said.type == "error"):
        stub.stream(CODE)
    stub.tell("settled", state="done", footer="end")
    stub.page.get_by_text("end", exact=True).wait_for()
    stub.page.get_by_role("button", name="Copy python code").wait_for()
    assert stub.page.locator(".pl-code code").inner_text() == (
        "def f(x):\n    return x  # same"
    )
    # The stub's own 404.
    stub.errors.clear()


def test_copy_puts_the_code_on_the_clipboard(stub: Stub) -> None:
    stub.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    stub.widget()
    stub.stream(CODE)
    button = stub.page.get_by_role("button", name="Copy python code")
    button.click()
    stub.page.locator(".pl-copy", has_text="Copied").wait_for()
    copied = stub.page.evaluate("navigator.clipboard.readText()")
    assert copied == "def f(x):\n    return x  # same"
    stub.page.locator(".pl-copy", has_text="Copy").wait_for()


def test_copy_without_a_clipboard_selects_and_says_so(plain_stub: Stub) -> None:
    stub = plain_stub
    assert not stub.page.evaluate("isSecureContext || !!navigator.clipboard")
    stub.widget()
    stub.stream(CODE)
    # What is selected before its colours are there is drawn anew with them.
    stub.page.locator(".hljs-keyword", has_text="return").wait_for()
    stub.page.get_by_role("button", name="Copy python code").click()
    stub.page.locator(".pl-copy", has_text="Press Ctrl+C").wait_for()
    selected = stub.page.evaluate("getSelection().toString()")
    assert selected == "def f(x):\n    return x  # same"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1000])
def test_fits_and_can_be_read(stub: Stub, theme: str, width: int) -> None:
    stub.page.set_viewport_size({"width": width, "height": 700})
    stub.theme(theme)
    stub.widget()
    wide = "| " + " | ".join(f"column {n}" for n in range(30)) + " |\n"
    wide += "|" + "---|" * 30 + "\n"
    stub.stream(CODE + "x" * 500 + "\n\n```\n" + "y" * 500 + "\n```\n\n" + wide)
    stub.stream(
        "\n\n$$\n" + "+".join(f"x_{{{n}}}" for n in range(80)) + "\n$$\n\nend\n"
    )
    stub.page.locator("math").wait_for()
    page = stub.page
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for selector in (".pl-answer pre", ".pl-table"):
        box = page.locator(selector).last
        assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    contrast = page.evaluate(
        """() => {
          const light = color => {
            const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(v => v / 255)
              .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const style = selector => getComputedStyle(document.querySelector(selector));
          const back = light(style(".pl-root").backgroundColor);
          return [".pl-markdown", ".pl-stop", ".pl-code-bar"].map(selector => {
            const front = light(style(selector).color);
            return (Math.max(front, back) + .05) / (Math.min(front, back) + .05);
          });
        }"""
    )
    assert min(contrast) >= 4.5


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("light", "rgb(255, 255, 255)"), ("dark", "rgb(17, 17, 17)")],
)
def test_without_a_jupyter_theme_the_system_decides(
    stub: Stub, scheme: Literal["light", "dark"], expected: str
) -> None:
    stub.page.emulate_media(color_scheme=scheme)
    stub.widget()
    root = stub.page.locator(".pl-root")
    assert root.evaluate("e => getComputedStyle(e).backgroundColor") == expected


def test_reduced_motion_is_honoured(stub: Stub) -> None:
    stub.page.emulate_media(reduced_motion="reduce")
    stub.widget()
    stub.tell("progress", phase="Loading")
    stub.page.get_by_role("progressbar").wait_for()
    assert stub.page.evaluate("document.getAnimations().length") == 0


def test_jupyter_leaves_keys_and_menu_to_the_view(stub: Stub) -> None:
    stub.widget()
    root = stub.page.locator(".pl-root")
    assert root.get_attribute("data-lm-suppress-shortcuts") == "true"
    assert root.get_attribute("data-jp-suppress-context-menu") is not None


def test_every_control_has_a_name(stub: Stub) -> None:
    stub.widget()
    stub.tell("delta", kind="thinking", text="hm")
    stub.stream(CODE + "- [ ] todo\n")
    stub.page.locator(".pl-copy").wait_for()
    nameless = stub.page.evaluate(
        """[...document.querySelectorAll("button, summary, [role=progressbar]")]
             .filter(e => !(e.ariaLabel || e.textContent.trim())).length"""
    )
    assert nameless == 0


MISSES = {
    "state": "failed",
    "text": "",
    "thinking": "",
    "footer": "",
    "again": True,
    "error": {
        "code": "authentication",
        "message": "Acme: there is no key.",
        "hint": "Set ACME_API_KEY, or unlock the vault: %parllama vault unlock.",
        "missing_key": "ACME_API_KEY",
    },
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_question_without_its_key_is_asked_again_once_the_vault_is_unlocked(
    stub: Stub, theme: str
) -> None:
    stub.theme(theme)
    vault = StubVault(stub, "locked", ["ACME_API_KEY"])
    stub.widget(snapshot={"model": "acme/m", **MISSES})
    view = stub.page.locator(".pl-answer")
    expect(view.get_by_role("alert")).to_contain_text("Acme: there is no key.")
    view.get_by_role("button", name="Unlock the vault").click()
    assert axe_violations(stub.page) == []
    dialog = stub.page.get_by_role("dialog")
    field = dialog.get_by_label("Password of the vault", exact=True)
    expect(field).to_be_focused()
    field.fill(PASSWORD)
    field.press("Enter")
    expect(dialog).to_have_count(0)
    assert vault.opened == [("unlock", {"password": PASSWORD})]
    assert len(stub.asked("again")) == 1
    waits = {"state": "waiting", "model": "acme/m", "text": "", "thinking": ""}
    stub.tell("snapshot", **waits, footer="", again=False, seq=1)
    expect(view.get_by_role("alert")).to_have_count(0)
    stub.tell("delta", kind="text", text="Here it is.")
    expect(view).to_contain_text("Here it is.")
    # The controls came only when they were needed.
    fetched = stub.page.evaluate("transfers")
    assert {*fetched[:2]} == {"core", "answer"}
    assert "kit" in fetched


def test_an_answer_that_lacks_nothing_fetches_no_controls(stub: Stub) -> None:
    error = {"code": "server", "message": "Acme: it failed."}
    failed = {**MISSES, "again": False, "error": error}
    stub.widget(snapshot={"model": "acme/m", **failed})
    expect(stub.page.get_by_role("alert")).to_contain_text("Acme: it failed.")
    expect(stub.page.locator(".pl-answer button")).to_have_count(0)
    assert "kit" not in stub.page.evaluate("transfers")


def test_the_button_of_a_failed_cell_follows_what_happens_elsewhere(
    stub: Stub,
) -> None:
    vault = StubVault(stub, "locked", ["ACME_API_KEY"])
    stub.widget(snapshot={"model": "acme/m", **MISSES})
    view = stub.page.locator(".pl-answer")
    expect(view.get_by_role("button", name="Unlock the vault")).to_be_visible()
    vault.change("unlocked")
    again = view.get_by_role("button", name="Ask again")
    expect(again).to_be_visible()
    assert stub.asked("again") == []
    again.click()
    assert len(stub.asked("again")) == 1
