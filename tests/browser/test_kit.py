"""The kit's components, seen and operated on a page that shows them all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from .accessibility import axe_violations, keyboard_walk
from .harness import Stub, open_stub

ROOT = Path(__file__).parents[2]

Show = Callable[..., Stub]


@pytest.fixture(scope="session")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's script, built as the bundles are, but into one file."""
    out = tmp_path_factory.mktemp("kit") / "showcase.js"
    npm = [sys.executable, "hatch_build.py", "npm", "run", "showcase", "--", str(out)]
    subprocess.run(npm, cwd=ROOT, check=True)
    return out


@pytest.fixture
def show(browser: Browser, port: int, script: Path) -> Iterator[Show]:
    """Opens the page that shows the kit, at a width and in a theme."""
    opened: list[Stub] = []

    def show(width: int = 1000, theme: str = "light", **options: object) -> Stub:
        viewport = {"width": width, "height": 800}
        context = browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        stub = open_stub(context, port)
        opened.append(stub)
        stub.theme(theme)
        stub.page.add_script_tag(path=script, type="module")
        stub.page.wait_for_function("'showcase' in window")
        stub.page.evaluate("showcase(document.querySelector('#out'))")
        return stub

    yield show
    for stub in opened:
        errors, foreign = stub.errors, stub.foreign
        stub.page.context.close()
        assert errors == []
        assert foreign == []


def part(stub: Stub, title: str) -> Locator:
    return stub.page.get_by_role("region", name=title, exact=True)


def said(stub: Stub) -> str:
    return stub.page.locator("#said").inner_text()


# for everyone


@pytest.mark.parametrize("width", [280, 1000])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(show: Show, theme: str, width: int) -> None:
    stub = show(width, theme)
    assert axe_violations(stub.page) == []


def test_axe_finds_nothing_in_what_opens(show: Show) -> None:
    stub = show()
    page = stub.page
    page.get_by_role("combobox", name="Model", exact=True).click()
    page.get_by_role("option").first.wait_for()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More", exact=True).click()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Say more").click()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Ask first").click()
    assert axe_violations(page, "dialog") == []


@pytest.mark.parametrize("width", [280, 1000])
def test_everything_is_reached_by_tab(show: Show, width: int) -> None:
    walk = keyboard_walk(show(width).page)
    assert walk.problems == []
    # Of tabs, of a list and of a table Tab meets one each.
    assert walk.stops.count("Chat") == 1
    assert "Models" not in walk.stops
    assert "Delete qwen3:2b" in walk.stops


@pytest.mark.parametrize("width", [280, 400, 700, 1600])
def test_nothing_is_wider_than_its_room(show: Show, width: int) -> None:
    page = show(width).page
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_what_is_pressed_is_big_enough(show: Show) -> None:
    small = show(280).page.evaluate(
        """() => [...document.querySelectorAll("button, input, summary")]
          .map((el) => [el.outerHTML.slice(0, 80), el.getBoundingClientRect()])
          .filter(([, at]) => at.width && (at.width < 24 || at.height < 24))
          .map(([what]) => what)"""
    )
    assert small == []


def test_nothing_moves_where_that_is_not_wanted(show: Show) -> None:
    page = show(reduced_motion="reduce").page
    assert page.evaluate("document.getAnimations().length") == 0


def test_state_can_be_seen_without_colours(show: Show) -> None:
    page = show(forced_colors="active").page
    fill = page.locator(".pl-bar > div").first
    ground = page.locator(".pl-bar").first
    colour = "el => getComputedStyle(el).backgroundColor"
    assert fill.evaluate(colour) != ground.evaluate(colour)
    on, off = (
        page.get_by_role("switch", name=name).evaluate(
            "el => getComputedStyle(el, '::before').backgroundColor"
        )
        for name in ("Keep what is said", "Highlight code")
    )
    assert on != off


# buttons, fields


def test_a_button_that_is_off_or_busy_does_nothing(show: Show) -> None:
    stub = show()
    buttons = part(stub, "Buttons")
    for name in ("Off", "Saving", "Locked"):
        button = buttons.get_by_role("button", name=name)
        button.focus()
        stub.page.keyboard.press("Enter")
        expect(button).to_be_focused()
    assert said(stub) == ""
    buttons.get_by_role("button", name="Show").click()
    assert said(stub) == "show"


def test_a_field_says_what_is_wrong_with_it(show: Show) -> None:
    stub = show()
    field = stub.page.get_by_role("spinbutton", name="Temperature")
    field.fill("3")
    expect(stub.page.get_by_role("alert").filter(has_text="At most 2.")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("At most 2.")
    field.fill("1")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_a_password_is_shown_on_demand_only(show: Show) -> None:
    page = show().page
    field = page.get_by_label("Key", exact=True)
    expect(field).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show Key").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide Key").click()
    expect(field).to_have_attribute("type", "password")


def test_an_area_grows_with_its_text_up_to_a_bound(show: Show) -> None:
    area = show().page.get_by_label("System prompt")
    height = "el => el.offsetHeight"
    least = area.evaluate(height)
    area.fill("\n".join("12345"))
    grown = area.evaluate(height)
    assert least < grown
    area.fill("\n".join("line" * 6))
    assert grown < area.evaluate(height) < 2 * grown
    assert area.evaluate("el => el.scrollHeight > el.clientHeight")
    area.fill("")
    assert area.evaluate(height) == least


# A key of an input method: as browsers send it, and as Safari does.
COMPOSING = [{"isComposing": True}, {"keyCode": 229}]


@pytest.mark.parametrize("how", COMPOSING)
def test_a_key_that_composes_a_character_does_nothing_else(
    show: Show, how: dict[str, object]
) -> None:
    stub = show()
    press = """(el, init) => el.dispatchEvent(new KeyboardEvent("keydown",
        {bubbles: true, cancelable: true, ...init}))"""
    area = stub.page.get_by_label("System prompt")
    area.fill("にほん")
    assert area.evaluate(press, {"key": "Enter", **how})
    assert area.input_value() == "にほん"
    name = stub.page.get_by_role("combobox", name="Model", exact=True)
    assert name.evaluate(press, {"key": "Enter", **how})
    expect(name).to_have_attribute("aria-expanded", "false")
    stub.page.get_by_role("button", name="Options").click()
    drawer = stub.page.get_by_role("dialog", name="Options")
    assert drawer.evaluate(press, {"key": "Escape", **how})
    expect(drawer).to_be_visible()


def test_a_switch_switches_by_its_label_too(show: Show) -> None:
    page = show().page
    switch = page.get_by_role("switch", name="Highlight code")
    expect(switch).not_to_be_checked()
    page.get_by_text("Highlight code").click()
    expect(switch).to_be_checked()
    switch.press("Space")
    expect(switch).not_to_be_checked()


# selects


def test_typing_finds_an_option_among_thousands(show: Show) -> None:
    page = show().page
    field = page.get_by_role("combobox", name="Model", exact=True)
    field.click()
    assert page.get_by_role("option").count() < 60
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_be_in_viewport()
    field.press_sequentially("gpt 499")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    expect(field).to_have_value("openai/gpt-5-499b")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(field).to_be_focused()


def test_arrows_walk_the_options_and_escape_leaves_all_as_it_was(show: Show) -> None:
    page = show().page
    field = page.get_by_role("combobox", name="Model", exact=True)
    field.focus()
    page.keyboard.press("ArrowDown")
    active = "el => document.getElementById(el.getAttribute('aria-activedescendant'))"
    text = f"el => ({active})(el).textContent"
    assert field.evaluate(text).startswith("ollama/qwen3-7b")
    page.keyboard.press("ArrowDown")
    assert field.evaluate(text).startswith("ollama/qwen3-8b")
    page.keyboard.press("PageDown")
    assert field.evaluate(text).startswith("ollama/qwen3-18b")
    page.keyboard.press("Escape")
    expect(field).to_have_value("ollama/qwen3-7b")
    expect(field).to_have_attribute("aria-expanded", "false")


def test_any_value_may_be_typed_where_that_is_allowed(show: Show) -> None:
    page = show().page
    field = page.get_by_role("combobox", name="Any model")
    field.click()
    expect(page.get_by_text("Looking for more")).to_be_visible()
    field.fill("mine/own:1b")
    page.get_by_role("option", name="Use mine/own:1b").click()
    expect(field).to_have_value("mine/own:1b")


def test_nothing_that_fits_is_said(show: Show) -> None:
    page = show().page
    field = page.get_by_role("combobox", name="Theme")
    field.fill("purple")
    expect(page.get_by_text("No match.")).to_be_visible()
    field.press("Enter")
    page.get_by_role("combobox", name="Model", exact=True).focus()
    expect(field).to_have_value("light")


def test_what_opens_is_not_clipped_by_where_the_view_is(show: Show) -> None:
    page = show().page
    page.evaluate(
        "document.querySelector('#out').style.cssText ="
        "'height: 120px; overflow: hidden; contain: strict; position: relative'"
    )
    page.get_by_role("button", name="Session").evaluate("el => el.click()")
    item = page.get_by_role("menuitem", name="Open…")
    box = item.bounding_box()
    assert box
    hit = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).textContent",
        [box["x"] + 5, box["y"] + 5],
    )
    assert hit == "Open…"


# menus, dialogs, drawers


def test_a_menu_is_worked_by_keyboard(show: Show) -> None:
    stub = show()
    page = stub.page
    button = page.get_by_role("button", name="More", exact=True)
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Delete")).to_be_focused()
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    assert said(stub) == "export"
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(button).to_be_focused()


def test_a_press_elsewhere_closes_a_menu(show: Show) -> None:
    page = show().page
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_role("menuitem")).to_have_count(4)
    page.get_by_text("Words", exact=True).click()
    expect(page.get_by_role("menuitem")).to_have_count(0)


@pytest.mark.parametrize("width", [280, 1000])
def test_a_dialog_holds_the_focus_and_gives_it_back(show: Show, width: int) -> None:
    stub = show(width)
    page = stub.page
    opener = page.get_by_role("button", name="Ask first")
    opener.click()
    dialog = page.get_by_role("dialog", name="Delete this session?")
    expect(dialog.get_by_label("Its name, to be sure")).to_be_focused()
    box = dialog.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    for _ in range(8):
        page.keyboard.press("Tab")
        outside = "document.activeElement.closest('dialog') || document.activeElement"
        assert page.evaluate(f"({outside}).tagName") in {"DIALOG", "BODY"}
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    opener.click()
    # What is selected by the mouse may end outside.
    field = dialog.get_by_label("Its name, to be sure").bounding_box()
    assert field
    page.mouse.move(field["x"] + 50, field["y"] + 10)
    page.mouse.down()
    page.mouse.move(2, field["y"] + 10)
    page.mouse.up()
    expect(dialog).to_be_visible()
    page.mouse.click(2, 2)
    expect(dialog).to_have_count(0)
    opener.click()
    dialog.get_by_role("button", name="Delete it").click()
    assert said(stub) == "deleted"


def test_a_drawer_closes_by_escape_and_gives_the_focus_back(show: Show) -> None:
    page = show().page
    opener = page.get_by_role("button", name="Options")
    opener.click()
    drawer = page.get_by_role("dialog", name="Options")
    expect(drawer).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(opener).to_be_focused()


# words


def test_a_toast_goes_by_itself_and_an_error_does_not(show: Show) -> None:
    stub = show()
    page = stub.page
    page.clock.install()
    for name in ("Complain", "Say so", "Say so"):
        page.get_by_role("button", name=name).click()
    expect(page.get_by_text("Copied.")).to_have_count(1)
    page.mouse.move(0, 0)
    page.clock.run_for(7000)
    expect(page.get_by_text("Copied.")).to_have_count(0)
    expect(page.get_by_text("It could not be saved.")).to_be_visible()
    page.get_by_role("button", name="Say more").click()
    page.get_by_role("button", name="Undo").click()
    assert said(stub) == "undone"


def test_a_banner_offers_what_helps(show: Show) -> None:
    stub = show()
    error = part(stub, "Words").get_by_role("alert")
    expect(error).to_contain_text("OpenAI refuses the key.")
    error.get_by_role("button", name="Retry").click()
    assert said(stub) == "retry"


def test_progress_is_told_and_can_be_stopped_once(show: Show) -> None:
    stub = show()
    bars = part(stub, "Progress")
    bar = bars.get_by_role("progressbar", name="Downloading")
    expect(bar).to_have_attribute("aria-valuenow", "35")
    expect(bar).to_have_attribute(
        "aria-valuetext", "32.0 MB of 90.2 MB · 5.4 MB/s · about 11 s left"
    )
    unknown = bars.get_by_role("progressbar", name="Verifying")
    expect(unknown).not_to_have_attribute("aria-valuenow", "0")
    bars.get_by_role("button", name="Stopping").click(force=True)
    assert said(stub) == ""
    bars.get_by_role("button", name="Stop", exact=True).click()
    assert said(stub) == "cancelled"


# tabs, lists, tables


def test_tabs_are_walked_by_arrows_and_opened_by_enter(show: Show) -> None:
    page = show(280).page
    page.get_by_role("tab", name="Chat").focus()
    page.keyboard.press("ArrowLeft")
    last = page.get_by_role("tab", name="Settings")
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport(ratio=1)
    expect(last).to_have_attribute("aria-selected", "false")
    page.keyboard.press("Enter")
    panel = page.get_by_role("tabpanel", name="Settings")
    expect(panel).to_contain_text("The room of settings.")


def test_a_table_is_sorted_by_its_heads(show: Show) -> None:
    page = show().page
    table = page.get_by_role("grid", name="Models")
    size = table.get_by_role("columnheader", name="Size")
    first = table.get_by_role("row").nth(1)
    for order, wanted in [("ascending", "1 GB"), ("descending", "13 GB")]:
        size.get_by_role("button").click()
        expect(size).to_have_attribute("aria-sort", order)
        expect(first).to_contain_text(wanted)
    table.get_by_role("columnheader", name="Context").get_by_role("button").click()
    expect(size).not_to_have_attribute("aria-sort", "descending")
    expect(first).to_contain_text("1,024")


def test_rows_are_walked_and_chosen_by_keyboard(show: Show) -> None:
    page = show().page
    table = page.get_by_role("grid", name="Models")
    first = table.get_by_role("row").nth(1)
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(table.get_by_role("row", selected=True)).to_contain_text("gemma3:3b")
    page.keyboard.press("End")
    expect(table.get_by_role("row", name="phi4:100b")).to_be_focused()
    expect(table.get_by_role("row").nth(150)).to_be_attached()
    head = table.get_by_role("columnheader", name="Model")
    expect(head).to_be_in_viewport()


def test_a_narrow_table_is_cards(show: Show) -> None:
    page = show(280).page
    row = page.get_by_role("grid", name="Models").get_by_role("row").nth(1)
    cells = row.get_by_role("gridcell")
    tops = [cell.bounding_box() for cell in cells.all()]
    assert all(a and b and a["y"] < b["y"] for a, b in pairwise(tops))
    label = cells.nth(1).evaluate("el => getComputedStyle(el, '::before').content")
    assert label == '"Size"'


def test_a_list_is_walked_by_arrows_and_letters(show: Show) -> None:
    page = show().page
    entries = page.get_by_role("list", name="Sessions")
    entries.get_by_role("button", name="qwen3:2b yesterday").focus()
    page.keyboard.press("p")
    expect(entries.get_by_role("button", name="phi4:4b yesterday")).to_be_focused()
    page.keyboard.press("Enter")
    expect(entries.locator("[aria-current=true]")).to_contain_text("phi4:4b")
    page.keyboard.press("Tab")
    expect(entries.get_by_role("button", name="Delete phi4:4b")).to_be_focused()
