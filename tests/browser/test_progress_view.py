"""The progress view as its user meets it: the built bundle, seen and operated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .accessibility import axe_violations, keyboard_walk
from .harness import STATIC

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub

TITLE = "use embedded/smollm2"


def show(stub: Stub, **snapshot: Any) -> Locator:
    """A view of a job that has just begun, or of which this is known."""
    known = {"state": "running", "title": TITLE, "seconds": 0, **snapshot}
    stub.widget(view="progress", snapshot=known)
    view = stub.page.get_by_role("region", name=TITLE)
    view.wait_for()
    return view


def download(stub: Stub, done: float = 32e6) -> None:
    stub.tell(
        "progress",
        phase="Downloading the demo model",
        done=done,
        total=90.2e6,
        unit="bytes",
        rate=5.4e6,
        eta=11,
    )


def test_a_view_is_small_beside_what_it_shares() -> None:
    manifest = json.loads((STATIC / "manifest.json").read_text())
    for name, entry in manifest.items():
        if entry["needs"]:
            # The chat is the largest by far: no other view has that much to do.
            bound = 124_000 if name == "chat" else 80_000
            assert entry["bytes"] <= bound, name
    assert manifest["progress"]["needs"] == ["core", "kit"]


def test_each_part_comes_once_whatever_is_shown(stub: Stub) -> None:
    show(stub)
    stub.widget()
    stub.page.locator(".pl-answer").wait_for()
    stub.widget(view="progress", snapshot={"state": "running", "title": "two"})
    stub.page.get_by_role("region", name="two").wait_for()
    assert sorted(stub.page.evaluate("transfers")) == [
        "answer",
        "core",
        "kit",
        "progress",
    ]
    for name in ("core", "kit", "progress", "answer"):
        assert stub.page.locator(f"#parllama-nb-style-{name}").count() == 1


def test_two_versions_in_one_page_do_not_mix(stub: Stub) -> None:
    show(stub)
    # Another kernel's wheel: its core and all that was built upon it.
    stub.page.evaluate(
        """async () => {
          const text = async (name) => (await fetch(`/static/${name}.js`)).text();
          const sign = async (code) => Array.from(
            new Uint8Array(await crypto.subtle.digest(
              "SHA-256", new TextEncoder().encode(code))).slice(0, 8),
            (byte) => byte.toString(16).padStart(2, "0")).join("");
          const made = {};
          for (const name of ["core", "kit", "progress"]) {
            let code = `/* other */${await text(name)}`;
            for (const [old, other] of Object.entries(made)) {
              code = code.replaceAll(manifest[old].hash, other.hash);
            }
            made[name] = {code, hash: await sign(code)};
          }
          const names = Object.keys(made);
          const answer = Widget.prototype.answer;
          class Other extends Widget {
            async answer(message) {
              if (message.method !== "asset") return answer.call(this, message);
              if (this.answered.has(message.request_id)) return;
              this.answered.add(message.request_id);
              const {code, hash} = made[message.params.name];
              this.hear(
                {type: "response", request_id: message.request_id, result: {hash}},
                [new DataView(new TextEncoder().encode(code).buffer)]);
            }
          }
          const snapshot = {state: "running", title: "other", seconds: 0};
          const widget = new Other({view: "progress", snapshot});
          widget.traits.bundle = names.map((name) => made[name].hash).join(" ");
          await widget.open();
          await widget.show();
          widgets.push(widget);
        }"""
    )
    other = stub.page.get_by_role("region", name="other")
    other.wait_for()
    download(stub)
    expect(other.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "35")
    stub.page.evaluate("widgets[0].tell('notice', {text: 'Still the first.'})")
    stub.page.get_by_text("Still the first.").wait_for()
    modules = 'globalThis[Symbol.for("parllama_nb")]'
    assert stub.page.evaluate(f"{modules}.size") == 12


def test_it_tells_how_far_it_is_and_ends(stub: Stub) -> None:
    view = show(stub)
    expect(view.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "0")
    download(stub)
    bar = view.get_by_role("progressbar", name="Downloading the demo model")
    expect(bar).to_have_attribute("aria-valuenow", "35")
    view.get_by_text("32.0 MB of 90.2 MB · 5.4 MB/s · about 11 s left").wait_for()
    stub.tell("notice", text="The index is slow.")
    view.get_by_text("The index is slow.").wait_for()
    stub.tell("progress", phase="Starting the embedded engine")
    phases = view.get_by_role("list", name="Finished phases")
    expect(phases).to_have_text("Downloading the demo model")
    expect(view).to_have_attribute("aria-busy", "true")
    stub.tell("ended", state="done", seconds=21, text="It is **ready**.")
    view.get_by_text("It is ready.").wait_for()
    expect(view).to_have_attribute("aria-busy", "false")
    expect(view.get_by_role("status")).to_have_text("Done")
    expect(view.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("way", ["click", "Escape"])
def test_stop_is_asked_for_once(stub: Stub, way: str) -> None:
    view = show(stub)
    download(stub)
    button = view.get_by_role("button", name="Stop")
    for _ in range(2):
        if way == "click":
            button.click(force=True)
        else:
            button.press("Escape")
    view.get_by_text("Stopping…").wait_for()
    assert len(stub.asked("stop")) == 1
    stub.tell(
        "ended",
        state="stopped",
        seconds=3,
        error={"code": "cancelled", "message": "Stopped."},
    )
    view.get_by_text("stopped after 3 s").wait_for()
    expect(view.get_by_role("alert")).to_have_count(0)


def test_a_failure_says_why_and_what_helps(stub: Stub) -> None:
    view = show(stub)
    error = {"code": "download", "message": "No network.", "hint": "Connect."}
    stub.tell("ended", state="failed", seconds=3, error=error)
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("No network.")
    expect(alert).to_contain_text("Connect.")


def test_where_the_kernel_does_not_hear_the_interrupt_is_named(stub: Stub) -> None:
    stub.widget(view="progress", deaf=True)
    stub.tell("snapshot", state="running", title=TITLE, seconds=0)
    stub.page.get_by_text("Interrupt the kernel to stop.").wait_for()
    assert stub.page.get_by_role("button").count() == 0
    stub.tell("progress", phase="Downloading")
    stub.page.get_by_text("Downloading…").wait_for()


def test_a_view_opened_late_shows_where_it_is(stub: Stub) -> None:
    view = show(
        stub,
        seconds=75,
        phases=["Downloading"],
        progress={"phase": "Verifying"},
        notices=["Slow."],
    )
    view.get_by_text("1 min 15 s").wait_for()
    view.get_by_text("Slow.").wait_for()
    expect(view.get_by_role("listitem")).to_have_text("Downloading")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [280, 1000])
def test_it_can_be_used_by_everyone(stub: Stub, theme: str, width: int) -> None:
    stub.page.set_viewport_size({"width": width, "height": 700})
    stub.theme(theme)
    show(stub, phases=["Checking " + "wide" * 30], notices=["Slow " * 40])
    download(stub)
    stub.page.get_by_role("button", name="Stop").wait_for()
    assert axe_violations(stub.page) == []
    walk = keyboard_walk(stub.page)
    assert (walk.stops, walk.problems) == (["Stop"], [])
    wider = "document.documentElement.scrollWidth - innerWidth"
    assert stub.page.evaluate(wider) <= 0
    error = {"code": "download", "message": "wide" * 60, "hint": "Connect."}
    stub.tell("ended", state="failed", seconds=3, error=error)
    stub.page.get_by_role("alert").wait_for()
    assert axe_violations(stub.page) == []
    assert stub.page.evaluate(wider) <= 0
