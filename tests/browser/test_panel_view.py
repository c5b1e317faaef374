"""The control panel and what is in its tabs: the built bundles in a page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from ..eventually import eventually
from .accessibility import axe_violations, keyboard_walk
from .harness import Stub

TABS = [
    {"name": "jobs", "title": "Jobs"},
    {"name": "settings", "title": "Settings"},
    {"name": "broken", "title": "Broken"},
]


def job(number: int, **more: Any) -> dict[str, Any]:
    usual = {"title": f"job {number}", "state": "running", "seconds": 2.0, "notice": ""}
    return {"id": str(number), **usual, **more}


GROUPS = [
    {
        "name": "chat",
        "title": "Chat",
        "description": "What a question is sent with.",
        "settings": [
            {
                "key": "chat.temperature",
                "title": "Temperature",
                "description": "0 is steady (`-t`).",
                "kind": "number",
                "optional": True,
                "minimum": 0,
                "maximum": 2,
            },
            {
                "key": "chat.system",
                "title": "System prompt",
                "description": "Goes before every question.",
                "kind": "area",
                "optional": True,
                "value": "Be brief.",
            },
        ],
    },
    {
        "name": "display",
        "title": "Display",
        "settings": [
            {
                "key": "display.theme",
                "title": "Theme",
                "description": "How it looks.",
                "kind": "choice",
                "choices": ["light", "dark"],
                "default": "light",
                "value": "light",
            },
            {
                "key": "display.motion",
                "title": "Motion",
                "description": "Off, nothing moves.",
                "kind": "switch",
                "default": True,
                "value": True,
            },
        ],
    },
]
FAILED = {
    "code": "server",
    "message": "OpenAI failed (503).",
    "hint": "Try it again.",
}
JOBS = [
    job(
        4,
        title="pull a-model",
        progress={"phase": "Fetching", "done": 32e6, "total": 90e6, "unit": "bytes"},
        notice="A second try.",
    ),
    job(3, title="use b-model", progress={"phase": "Loading"}),
    job(2, title="ask Why?", state="failed", error=FAILED),
    job(1, title="ask <b>What?</b>", state="done", seconds=0.2),
]


def open_jobs(stub: Stub, jobs: list[dict[str, Any]], **more: Any) -> Locator:
    stub.widget(view="jobs", snapshot={"jobs": jobs}, **more)
    return stub.page.get_by_role("region", name="Jobs")


def open_settings(stub: Stub, **more: Any) -> Locator:
    snapshot = {"groups": GROUPS, "path": "~/settings.json"}
    stub.widget(view="settings", snapshot=snapshot, **more)
    return stub.page.get_by_role("region", name="Settings")


def open_panel(stub: Stub, **more: Any) -> Locator:
    options: dict[str, Any] = {
        "snapshot": {"tabs": TABS, "model_id": "p", "text": "It was here."},
        "answers": {
            "open": {
                "jobs": {"result": {"model_id": "j"}},
                "settings": {"result": {"model_id": "s"}},
                "broken": {"error": FAILED},
            }
        },
        "children": {
            "j": {"view": "jobs", "snapshot": {"jobs": JOBS}},
            "s": {"view": "settings", "snapshot": {"groups": GROUPS}},
        },
    }
    stub.widget(view="panel", **{**options, **more})
    return stub.page.get_by_role("region", name="Control panel")


def asked(stub: Stub, method: str, widget: int = -1) -> list[dict[str, Any]]:
    """The parameters of the requests of a kind, repeats left out."""
    by_id = {each["request_id"]: each for each in stub.asked(method, widget)}
    return [each["params"] for each in by_id.values()]


# the panel


def test_a_tab_is_asked_for_when_it_is_opened_and_only_then(stub: Stub) -> None:
    panel = open_panel(stub)
    expect(panel.get_by_text("pull a-model")).to_be_visible()
    assert asked(stub, "open", 0) == [{"tab": "jobs"}]
    assert "settings" not in stub.page.evaluate("window.transfers")
    panel.get_by_role("tab", name="Settings").click()
    expect(panel.get_by_label("Temperature", exact=True)).to_be_visible()
    expect(panel.get_by_text("pull a-model")).to_be_hidden()
    panel.get_by_role("tab", name="Jobs").click()
    expect(panel.get_by_text("pull a-model")).to_be_visible()
    assert asked(stub, "open", 0) == [{"tab": "jobs"}, {"tab": "settings"}]


def test_what_was_typed_in_a_tab_is_there_when_it_is_opened_again(stub: Stub) -> None:
    panel = open_panel(stub)
    panel.get_by_role("tab", name="Settings").click()
    panel.get_by_label("System prompt", exact=True).fill("Be long.")
    panel.get_by_role("tab", name="Jobs").click()
    panel.get_by_role("tab", name="Settings").click()
    expect(panel.get_by_label("System prompt", exact=True)).to_have_value("Be long.")


def test_a_tab_that_fails_says_why_and_may_be_tried_again(stub: Stub) -> None:
    panel = open_panel(stub)
    panel.get_by_role("tab", name="Broken").click()
    expect(panel.get_by_role("alert")).to_contain_text("OpenAI failed (503).")
    panel.get_by_role("button", name="Try again").click()
    expect(panel.get_by_role("alert")).to_contain_text("OpenAI failed (503).")
    assert asked(stub, "open", 0)[1:] == [{"tab": "broken"}] * 2
    # The others are as they were.
    panel.get_by_role("tab", name="Jobs").click()
    expect(panel.get_by_text("pull a-model")).to_be_visible()


def test_a_view_that_the_page_does_not_have_is_said_to_be_lost(stub: Stub) -> None:
    panel = open_panel(stub, children={})
    expect(panel.get_by_role("alert")).to_contain_text("not found")
    expect(panel.get_by_role("button", name="Try again")).to_be_visible()


def test_a_kernel_that_does_not_hear_is_waited_for(stub: Stub) -> None:
    open_panel(stub)  # the page has the bundle; no other could be shown
    expect(stub.page.get_by_text("pull a-model")).to_be_visible()
    stub.widget(view="panel", deaf=True)
    stub.tell("snapshot", tabs=TABS, model_id="p", text="")
    expect(stub.page.get_by_text("Opens when the running cell ends.")).to_be_visible()


def test_two_views_of_a_panel_have_a_tab_each(stub: Stub) -> None:
    open_panel(stub)
    stub.page.evaluate("widgets.at(0).show()")
    first, second = (
        stub.page.get_by_role("region", name="Control panel").nth(n) for n in (0, 1)
    )
    second.get_by_role("tab", name="Settings").click()
    expect(second.get_by_label("Temperature", exact=True)).to_be_visible()
    expect(first.get_by_text("pull a-model")).to_be_visible()
    # Each tab was made once.
    assert asked(stub, "open", 0) == [{"tab": "jobs"}, {"tab": "settings"}]


def test_the_chosen_tab_is_kept_while_the_page_lives(stub: Stub) -> None:
    panel = open_panel(stub)
    panel.get_by_role("tab", name="Settings").click()
    expect(panel.get_by_label("Temperature", exact=True)).to_be_visible()
    stub.page.evaluate("widgets.at(0).close()")
    expect(panel).to_have_count(0)
    # What was in the tabs says that it left, and the kernel makes it anew.
    eventually(lambda: len(stub.asked("left", 1)) == 1)
    stub.page.evaluate("widgets.at(0).show()")
    expect(panel.get_by_label("Temperature", exact=True)).to_be_visible()


def test_tabs_are_walked_by_keyboard(stub: Stub) -> None:
    panel = open_panel(stub)
    panel.get_by_role("tab", name="Jobs").focus()
    stub.page.keyboard.press("ArrowRight")
    stub.page.keyboard.press("Enter")
    expect(panel.get_by_role("tab", name="Settings")).to_be_focused()
    expect(panel.get_by_label("Temperature", exact=True)).to_be_visible()


# jobs


def test_jobs_show_how_far_they_are_and_how_they_ended(stub: Stub) -> None:
    jobs = open_jobs(stub, JOBS)
    expect(jobs.get_by_role("status").first).to_have_text("2 running, 2 finished")
    running = jobs.get_by_role("region", name="Running").get_by_role("listitem")
    expect(running.first).to_contain_text("Fetching · 32.0 MB of 90.0 MB")
    expect(running.first).to_contain_text("A second try.")
    known, unknown = running.get_by_role("progressbar").all()
    expect(known).to_have_attribute("aria-valuenow", "36")
    assert unknown.get_attribute("aria-valuenow") is None
    ended = jobs.get_by_role("region", name="Finished").get_by_role("listitem")
    expect(ended.first).to_contain_text("Failed")
    expect(ended.first).to_contain_text("OpenAI failed (503). Try it again.")
    # Titles are other people's words.
    expect(ended.last).to_contain_text("ask <b>What?</b>")


def test_elapsed_time_goes_on_while_a_job_runs(stub: Stub) -> None:
    jobs = open_jobs(stub, JOBS)
    running = jobs.get_by_role("region", name="Running").get_by_role("listitem").first
    expect(running).to_contain_text("2 s")
    expect(running).to_contain_text("4 s")


def test_a_job_is_cancelled_once_and_says_so_until_it_has_ended(stub: Stub) -> None:
    jobs = open_jobs(stub, JOBS)
    cancel = jobs.get_by_role("button", name="Cancel pull a-model")
    cancel.click()
    expect(jobs.get_by_text("Cancelling…")).to_be_visible()
    cancel.click(force=True)
    assert asked(stub, "cancel") == [{"job_id": "4"}]
    stub.tell(
        "jobs", changed=[job(4, title="pull a-model", state="cancelled")], forgotten=[]
    )
    expect(jobs.get_by_role("status").first).to_have_text("1 running, 3 finished")
    expect(cancel).to_have_count(0)


def test_all_are_cancelled_and_the_finished_are_cleared(stub: Stub) -> None:
    jobs = open_jobs(stub, JOBS)
    jobs.get_by_role("button", name="Cancel all").click()
    assert asked(stub, "cancel_all") == [{}]
    expect(jobs.get_by_text("Cancelling…")).to_have_count(2)
    jobs.get_by_role("button", name="Clear finished").click()
    assert asked(stub, "clear") == [{}]
    stub.tell("jobs", changed=[], forgotten=["1", "2"])
    expect(jobs.get_by_role("status").first).to_have_text("2 running")


def test_a_refusal_is_shown(stub: Stub) -> None:
    error = {"code": "usage", "message": "There is no job 4.", "hint": "Look again."}
    jobs = open_jobs(stub, JOBS, answers={"cancel": {"4": {"error": error}}})
    jobs.get_by_role("button", name="Cancel pull a-model").click()
    for words in (error["message"], error["hint"]):
        expect(jobs.get_by_role("alert")).to_contain_text(words)
    expect(jobs.get_by_text("Cancelling…")).to_have_count(0)


def test_no_jobs_is_said_kindly(stub: Stub) -> None:
    jobs = open_jobs(stub, [])
    expect(jobs.get_by_text("Answers, downloads and imports")).to_be_visible()


def test_where_the_kernel_does_not_hear_nothing_is_offered_that_cannot_be(
    stub: Stub,
) -> None:
    expect(open_jobs(stub, JOBS)).to_be_visible()
    stub.widget(view="jobs", deaf=True)
    stub.tell("snapshot", jobs=JOBS)
    jobs = stub.page.get_by_role("region", name="Jobs").nth(1)
    expect(jobs.get_by_text("interrupt the kernel")).to_be_visible()
    expect(jobs.get_by_role("button", name="Cancel")).to_have_count(0)


def test_hundreds_of_jobs_stay_smooth(stub: Stub) -> None:
    many = [
        job(n, progress={"phase": "Counting", "done": 0, "total": 100, "unit": "items"})
        for n in range(600, 0, -1)
    ]
    # The seconds of all that run are drawn anew with each that passes.
    stub.page.evaluate("() => { window.setInterval = () => 0; }")
    jobs = open_jobs(stub, many)
    expect(jobs.get_by_role("listitem")).to_have_count(600)
    nodes = stub.page.evaluate_handle("() => [...document.querySelectorAll('.pl-job')]")
    changed = [{**many[300], "title": "changed", "progress": None}]
    touched = stub.page.evaluate(
        """async ([changed]) => {
            const touched = new Set();
            const watch = new MutationObserver((seen) => {
                for (const { target } of seen)
                    touched.add((target.parentElement ?? target).closest('.pl-job'));
            });
            watch.observe(document.querySelector('.pl-jobs'),
                { subtree: true, childList: true, characterData: true });
            widgets.at(-1).tell('jobs', { changed, forgotten: [] });
            await frames2();
            const rows = [...touched].filter(Boolean).map((row) => row.textContent);
            return rows.filter((text) => !text.includes('changed')).length;
        }""",
        [changed],
    )
    # Only the row that changed is drawn anew; none is made anew.
    assert touched == 0
    assert stub.page.evaluate(
        """(nodes) => nodes.every((node, at) =>
            node === document.querySelectorAll('.pl-job')[at])""",
        nodes,
    )


# settings


def test_a_setting_takes_effect_by_enter_and_when_its_field_is_left(stub: Stub) -> None:
    result = {"result": {"value": 0.3}}
    settings = open_settings(stub, answers={"set": {"chat.temperature": result}})
    field = settings.get_by_label("Temperature", exact=True)
    field.fill("0,3")
    assert asked(stub, "set") == []
    field.press("Enter")
    expect(field).to_have_value("0.3")
    field.blur()
    prompt = settings.get_by_label("System prompt", exact=True)
    prompt.fill("Be\nlong.")
    prompt.blur()
    expect(prompt).to_have_value("Be\nlong.")
    assert asked(stub, "set") == [
        {"key": "chat.temperature", "value": 0.3},
        {"key": "chat.system", "value": "Be\nlong."},
    ]


def test_what_is_left_as_it_was_is_not_sent(stub: Stub) -> None:
    settings = open_settings(stub)
    field = settings.get_by_label("System prompt", exact=True)
    field.fill("Be brief!")
    field.fill("Be brief.")
    field.blur()
    settings.get_by_label("Temperature", exact=True).focus()
    stub.page.keyboard.press("Enter")
    assert asked(stub, "set") == []


def test_a_refused_value_stays_with_its_error_until_it_is_mended(stub: Stub) -> None:
    error = {"code": "usage", "message": "temperature: at most 2.", "hint": "Less."}
    settings = open_settings(
        stub, answers={"set": {"chat.temperature": {"error": error}}}
    )
    field = settings.get_by_label("Temperature", exact=True)
    field.fill("9")
    field.press("Enter")
    expect(settings.get_by_role("alert")).to_have_text("temperature: at most 2. Less.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("9")
    # Leaving it does not send it once more.
    field.blur()
    expect(settings.get_by_role("alert")).to_have_count(1)
    assert len(asked(stub, "set")) == 1
    field.press("Escape")
    expect(field).to_have_value("")
    expect(settings.get_by_role("alert")).to_have_count(0)


def test_a_change_made_elsewhere_is_shown_unless_one_is_typing(stub: Stub) -> None:
    settings = open_settings(stub)
    field = settings.get_by_label("System prompt", exact=True)
    stub.tell(
        "settings", values={"chat.system": "From elsewhere.", "chat.temperature": 1}
    )
    expect(field).to_have_value("From elsewhere.")
    field.fill("Typing")
    stub.tell("settings", values={"chat.system": "Again.", "chat.temperature": None})
    expect(settings.get_by_label("Temperature", exact=True)).to_have_value("")
    expect(field).to_have_value("Typing")


def test_what_differs_from_the_default_has_a_way_back(stub: Stub) -> None:
    settings = open_settings(stub)
    expect(settings.get_by_role("button", name="Reset Temperature")).to_have_count(0)
    settings.get_by_role("button", name="Reset System prompt to not set").click()
    assert asked(stub, "set") == [{"key": "chat.system", "value": None}]
    expect(settings.get_by_label("System prompt", exact=True)).to_have_value("")
    expect(settings.get_by_role("button", name="Reset")).to_have_count(0)


def test_a_switch_takes_effect_at_once_and_has_a_way_back(stub: Stub) -> None:
    off = {"result": {"value": False}}
    settings = open_settings(stub, answers={"set": {"display.motion": off}})
    switch = settings.get_by_role("switch", name="Motion")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    settings.get_by_role("button", name="Reset Motion to true").click()
    assert asked(stub, "set") == [
        {"key": "display.motion", "value": False},
        {"key": "display.motion", "value": None},
    ]


def test_a_choice_is_one_of_those_there_are(stub: Stub) -> None:
    settings = open_settings(stub)
    settings.get_by_role("combobox", name="Theme").click()
    expect(settings.get_by_role("option")).to_have_text(["light", "dark"])
    settings.get_by_role("option", name="dark").click()
    assert asked(stub, "set") == [{"key": "display.theme", "value": "dark"}]


def test_the_kernel_shows_a_tab_that_another_one_asks_for(stub: Stub) -> None:
    panel = open_panel(stub)
    panel.get_by_role("tab", name="Settings").click()
    expect(panel.get_by_role("switch", name="Motion")).to_be_visible()
    stub.tell("tab", 0, name="jobs")
    tab = panel.get_by_role("tab", name="Jobs")
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(panel.get_by_text("pull a-model")).to_be_visible()


@pytest.mark.parametrize("width", ["280px", "400px", "900px", "1400px"])
def test_nothing_sticks_out_however_narrow_it_is(stub: Stub, width: str) -> None:
    stub.page.set_viewport_size({"width": 1600, "height": 900})
    panel = open_panel(stub, width=width)
    expect(panel.get_by_text("pull a-model")).to_be_visible()
    for name, last in (("Jobs", "ask Why?"), ("Settings", "Motion")):
        panel.get_by_role("tab", name=name).click()
        expect(panel.get_by_text(last)).to_be_visible()
        outside = panel.evaluate(
            """(panel) => [...panel.querySelectorAll('*')].filter((each) => {
                const { right, width } = each.getBoundingClientRect();
                return width > 1 && right > panel.getBoundingClientRect().right + 1
                    && !each.closest('[role=tablist]');
            }).map((each) => each.className || each.tagName)"""
        )
        assert outside == []


# everyone


def every_view(stub: Stub, view: str) -> str:
    """Show a view with all it has; gives its selector."""
    if view == "jobs":
        expect(open_jobs(stub, JOBS).get_by_text("pull a-model")).to_be_visible()
        return "#out > * > .pl-root"
    if view == "empty":
        expect(open_jobs(stub, []).get_by_text("No jobs")).to_be_visible()
        return "#out > * > .pl-root"
    if view == "settings":
        settings = open_settings(stub)
    else:
        settings = open_panel(stub)
        settings.get_by_role("tab", name="Broken").click()
        expect(settings.get_by_role("alert")).to_be_visible()
        settings.get_by_role("tab", name="Settings").click()
    expect(settings.get_by_role("switch", name="Motion")).to_be_visible()
    return "#out > * > .pl-root"


VIEWS = ["panel", "jobs", "empty", "settings"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(stub: Stub, view: str, theme: str) -> None:
    stub.theme(theme)
    root = every_view(stub, view)
    assert axe_violations(stub.page, root) == []


@pytest.mark.parametrize("view", VIEWS)
def test_everything_is_reached_by_keyboard(stub: Stub, view: str) -> None:
    root = every_view(stub, view)
    walk = keyboard_walk(stub.page, root)
    assert walk.problems == []
