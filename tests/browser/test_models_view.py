"""The view of local models as its user meets it: the built bundle, operated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .accessibility import axe_violations, keyboard_walk
from .models_data import (
    LISTS,
    NOW,
    ROWS,
    details,
    job,
    library,
    quantize_types,
    row,
    snapshot,
    tags,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub

DOWN = {
    "code": "unreachable",
    "message": "Ollama: no connection to http://127.0.0.1:11434.",
    "hint": "Start it: `ollama serve`.",
}
RUNNING = {
    "now": NOW,
    "models": [
        {
            "id": "ollama/llama3.2:1b",
            "name": "llama3.2:1b",
            "provider": "ollama",
            "size": 2_100_000_000,
            "gpu": 0.59,
            "processor": "41%/59% CPU/GPU",
            "context_window": 8192,
            "until": NOW + 273,
        }
    ],
}
ANSWERS: dict[str, Any] = {
    "details": {"ollama/llama3.2:1b": {"result": details()}},
    "running": {"": {"result": RUNNING}},
    "delete": {"": {"result": {"failed": []}}},
    "library": {"": {"result": library()}},
    "modelfile": {"mine": {"result": {"text": "FROM qwen3:8b\nSYSTEM Be brief.\n"}}},
    "quantize_types": {"": {"result": quantize_types()}},
    "tags": {"llama3.2": {"result": tags()}},
}


def show(stub: Stub, answers: dict[str, Any] | None = None, **more: Any) -> Locator:
    width = more.pop("width", None)
    hold = more.pop("hold", [])
    stub.widget(
        view="models",
        snapshot=snapshot(**more),
        answers={**ANSWERS, **(answers or {})},
        hold=hold,
        **({"width": width} if width else {}),
    )
    view = stub.page.get_by_role("region", name="Local models", exact=True).last
    view.wait_for()
    return view


def asked(stub: Stub, method: str) -> list[dict[str, Any]]:
    by_id = {each["request_id"]: each for each in stub.asked(method)}
    return [each["params"] for each in by_id.values()]


def names(view: Locator) -> list[str]:
    return view.locator(".pl-models-grid .pl-local-words").all_inner_texts()


def line(view: Locator, name: str) -> Locator:
    tick = view.page.get_by_role("checkbox", name=f"Select {name}", exact=True)
    return view.locator(".pl-local").filter(has=tick)


def choose(view: Locator, name: str, action: str) -> None:
    view.get_by_role("button", name=f"Actions for {name}").click()
    view.page.get_by_role("menuitem", name=action).click()


# the table


def test_it_is_sorted_by_its_heads_and_remembers_it(stub: Stub) -> None:
    view = show(stub)
    assert names(view)[0] == "deepseek-r1:32b"
    size = view.get_by_role("columnheader", name="Size")
    size.get_by_role("button").click()
    expect(size).to_have_attribute("aria-sort", "descending")
    assert names(view)[0].startswith("hf.co/")
    # The kernel is told, so that the next page shows the same.
    stub.page.wait_for_function(
        "widgets.at(-1).requests.some(r => r.method == 'place')"
    )
    assert asked(stub, "place")[-1]["sort"] == "size"


def test_it_is_filtered_while_one_types(stub: Stub) -> None:
    view = show(stub)
    box = view.get_by_role("searchbox", name="Filter models")
    box.fill("vision")
    expect(view.get_by_text("1 of 8")).to_be_visible()
    assert names(view) == ["gemma3:12b-it-qat"]
    box.fill("zzz")
    view.get_by_role("button", name="Clear the filter").click()
    expect(view.locator(".pl-local-words")).to_have_count(8)


def test_a_cloud_model_is_never_called_local(stub: Stub) -> None:
    view = show(stub)
    cloud = line(view, "qwen3-coder:480b-cloud")
    expect(cloud).to_contain_text("cloud: ollama.com")
    view.get_by_role("button", name="Actions for qwen3-coder:480b-cloud").click()
    expect(stub.page.get_by_role("menuitem", name="Delete…")).to_be_visible()
    for action in ("Load", "Push…", "Quantize…"):
        expect(stub.page.get_by_role("menuitem", name=action)).to_have_count(0)


def test_several_are_deleted_after_their_names_and_room_were_said(stub: Stub) -> None:
    view = show(stub)
    for name in ("llama3.2:1b", "qwen3:8b"):
        line(view, name).get_by_role("checkbox").click()
    chosen = view.get_by_role("region", name="Selected models")
    expect(chosen).to_contain_text("2 selected · 6.5 GB")
    chosen.get_by_role("button", name="Delete…").click()
    dialog = stub.page.get_by_role("dialog", name="Delete 2 models?")
    expect(dialog).to_contain_text("llama3.2:1b")
    expect(dialog).to_contain_text("This frees 6.5 GB of disk space.")
    expect(dialog).to_contain_text("1 of them is running")
    assert asked(stub, "delete") == []
    assert axe_violations(stub.page, "dialog[open]") == []
    dialog.get_by_role("button", name="Cancel").click()
    chosen.get_by_role("button", name="Delete…").click()
    dialog.get_by_role("button", name="Delete 2").click()
    assert asked(stub, "delete") == [
        {"models": ["ollama/llama3.2:1b", "ollama/qwen3:8b"]}
    ]
    stub.tell("models", now=NOW, changed=[], lists=LISTS, gone=["ollama/qwen3:8b"])
    expect(view.locator(".pl-local-words")).to_have_count(7)
    expect(chosen).to_have_count(0)


def test_one_that_cannot_be_deleted_says_why(stub: Stub) -> None:
    error = {"code": "server", "message": "Ollama: disk is full.", "hint": "Free some."}
    failed = {"failed": [{"model": "ollama/qwen3:8b", "error": error}]}
    view = show(stub, {"delete": {"": {"result": failed}}})
    choose(view, "qwen3:8b", "Delete…")
    stub.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(view.get_by_role("status").last).to_contain_text(
        "Ollama: disk is full. Free some."
    )


def test_it_is_used_by_keyboard_alone(stub: Stub) -> None:
    view = show(stub)
    view.get_by_role("button", name="Running", exact=True).focus()
    for _ in range(2):
        stub.page.keyboard.press("Tab")
    first = line(view, "deepseek-r1:32b")
    first.focus()
    expect(first).to_be_focused()
    stub.page.keyboard.press("ArrowDown")
    stub.page.keyboard.press("Space")
    expect(line(view, "gemma3:12b-it-qat")).to_have_attribute("aria-selected", "true")
    stub.page.keyboard.press("End")
    expect(line(view, "smollm2")).to_be_focused()
    stub.page.keyboard.press("Home")
    for _ in range(3):
        stub.page.keyboard.press("ArrowDown")
    stub.page.keyboard.press("Enter")
    drawer = stub.page.get_by_role("dialog", name="llama3.2:1b")
    expect(drawer).to_be_focused()
    stub.page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(line(view, "llama3.2:1b")).to_be_focused()
    stub.page.keyboard.press("Delete")
    expect(stub.page.get_by_role("dialog")).to_contain_text("llama3.2:1b")


def test_of_five_hundred_only_those_in_sight_are_in_the_page(stub: Stub) -> None:
    view = show(stub, models=[row(f"model-{n:03}") for n in range(500)])
    expect(view.get_by_text("500 models")).to_be_visible()
    assert view.locator(".pl-local-words").count() < 40
    assert view.evaluate("el => el.querySelectorAll('*').length") < 1500
    line(view, "model-000").focus()
    stub.page.keyboard.press("End")
    expect(line(view, "model-499")).to_be_focused()
    stub.page.keyboard.press("PageUp")
    stub.page.keyboard.press("PageDown")
    expect(line(view, "model-499")).to_be_focused()
    view.get_by_role("grid").evaluate("el => el.scrollTop = 5000")
    expect(line(view, "model-140")).to_be_visible()
    # The focus is not lost with the row that has it.
    expect(line(view, "model-499")).to_be_focused()


# one model


def test_all_that_is_known_of_a_model_is_in_its_drawer(stub: Stub) -> None:
    view = show(stub)
    line(view, "llama3.2:1b").click()
    drawer = stub.page.get_by_role("dialog", name="llama3.2:1b")
    expect(drawer).to_contain_text("131,072 tokens")
    expect(drawer).to_contain_text("Be brief.")
    drawer.get_by_text("Metadata").click()
    drawer.get_by_role("searchbox").fill("block_17")
    expect(drawer.get_by_text("llama.block_17", exact=True)).to_be_visible()
    expect(drawer.get_by_text("llama.block_18", exact=True)).to_have_count(0)
    drawer.get_by_text("License").click()
    expect(drawer.get_by_role("group", name="License")).to_contain_text("COMMUNITY")
    assert axe_violations(stub.page, ".pl-root") == []


def test_what_could_not_be_asked_may_be_asked_again(stub: Stub) -> None:
    error = {"code": "model-not-found", "message": "Ollama: it has no model x."}
    view = show(stub, {"details": {"ollama/qwen3:8b": {"error": error}}})
    line(view, "qwen3:8b").click()
    drawer = stub.page.get_by_role("dialog", name="qwen3:8b")
    expect(drawer.get_by_role("alert")).to_contain_text("it has no model x")
    drawer.get_by_role("button", name="Try again").click()
    stub.page.wait_for_function(
        "widgets.at(-1).requests.filter(r => r.method == 'details').length == 2"
    )


def test_a_chat_is_one_click_away_and_shown_below(stub: Stub) -> None:
    opened = {"result": {"model_id": "c", "session": "New conversation"}}
    view = show(stub, {"chat": {"ollama/llama3.2:1b": opened}})
    stub.page.evaluate(
        """widgets.at(-1).children = {c: {view: "chat", snapshot: {
            session: {name: "New conversation", option: "", options: {},
              encrypted: false, answering: false, turns: 0},
            tabs: {tabs: [], current: "c"}, attached: {attachments: []},
            limits: {file: 1, image: 1, message: 1, count: 1},
            turns: [], earlier: 0, draft: ""}}}"""
    )
    choose(view, "llama3.2:1b", "Chat with it")
    chat = view.get_by_role("region", name="Conversation New conversation")
    expect(chat.get_by_role("textbox").first).to_be_visible()
    chat.get_by_role("button", name="Close the chat").click()
    expect(chat).to_have_count(0)


def test_an_update_is_marked_and_one_click_away(stub: Stub) -> None:
    updates = {"models": [{"model": "ollama/qwen3:8b", "available": True, "note": ""}]}
    view = show(stub, {"updates": {"": {"result": updates}}})
    choose(view, "qwen3:8b", "Check for update")
    expect(line(view, "qwen3:8b")).to_contain_text("update")
    view.get_by_role("button", name="Pull it").click()
    assert asked(stub, "pull") == [{"model": "qwen3:8b", "insecure": False}]


def test_a_copy_that_is_refused_keeps_what_was_typed(stub: Stub) -> None:
    error = {"code": "usage", "message": "'a b' is no name of a model."}
    view = show(stub, {"copy": {"": {"error": error}}})
    choose(view, "qwen3:8b", "Copy…")
    dialog = stub.page.get_by_role("dialog", name="Copy qwen3:8b")
    field = dialog.get_by_label("Its other name")
    expect(field).to_have_value("qwen3-copy")
    field.fill("a b")
    field.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("no name of a model")
    expect(field).to_have_value("a b")


# jobs


def test_a_pull_is_typed_and_followed_layer_by_layer(stub: Stub) -> None:
    view = show(stub, {"pull": {"qwen3:30b": {"result": {"job_id": "4"}}}})
    box = view.get_by_role("combobox", name="Pull a model")
    box.fill("qwen3:30b")
    box.press("Enter")
    view.get_by_role("button", name="Pull", exact=True).click()
    assert asked(stub, "pull") == [{"model": "qwen3:30b", "insecure": False}]
    stub.tell("jobs", changed=[job()], forgotten=[])
    under_way = view.get_by_role("region", name="Under way")
    expect(under_way).to_contain_text("Pulling qwen3:30b")
    expect(under_way.get_by_role("list", name="Files")).to_contain_text("58574f2e94b9")
    progress = job()["progress"] | {"phase": "Downloading"}
    stub.tell("jobs", changed=[job(progress=progress)], forgotten=[])
    expect(under_way).to_contain_text("pull qwen3:30b Downloading")
    under_way.get_by_role("button", name="Stop").click()
    assert asked(stub, "cancel") == [{"job_id": "4"}]
    stub.tell("jobs", changed=[job(state="done", progress=None)], forgotten=[])
    expect(under_way).to_have_count(0)
    expect(view.get_by_text("Done: pull qwen3:30b.")).to_be_visible()


def test_a_name_that_was_typed_is_pulled_with_a_click_too(stub: Stub) -> None:
    view = show(stub, {"pull": {"qwen3:30b": {"result": {"job_id": "4"}}}})
    box = view.get_by_role("combobox", name="Pull a model")
    box.click()
    box.fill("qwen3:30b")
    view.get_by_role("button", name="Pull", exact=True).click()
    assert asked(stub, "pull") == [{"model": "qwen3:30b", "insecure": False}]
    expect(box).to_have_value("")
    # It is done before this page has seen it running.
    stub.tell("jobs", changed=[job(state="done", progress=None)], forgotten=[])
    expect(view.get_by_text("Done: pull qwen3:30b.")).to_be_visible()


def test_what_is_done_is_said_where_one_looks(stub: Stub) -> None:
    """JupyterLab's outputs scroll by themselves, and its body has no height."""
    view = show(stub)
    stub.page.set_viewport_size({"width": 900, "height": 400})
    stub.page.add_style_tag(content="body {height: 0; overflow: hidden}")
    stub.tell("jobs", changed=[job(state="done", progress=None)], forgotten=[])
    said = view.get_by_text("Done: pull qwen3:30b.")
    expect(said).to_be_in_viewport()
    box = said.bounding_box()
    assert box is not None
    assert box["y"] > 300


def test_a_name_that_was_typed_stays_when_the_field_is_left(stub: Stub) -> None:
    view = show(stub)
    box = view.get_by_role("combobox", name="Pull a model")
    box.fill("qwen3:30b")
    search = view.get_by_role("searchbox", name="Filter models")
    search.click()
    expect(box).to_have_value("qwen3:30b")
    expect(search).to_be_focused()
    box.fill("another")
    box.press("Escape")
    expect(box).to_have_value("qwen3:30b")


@pytest.mark.parametrize("verb", ["pull", "push"])
def test_a_registry_without_tls_is_trusted_with_a_click(stub: Stub, verb: str) -> None:
    view = show(stub)
    error = {
        "code": "http",
        "message": "Ollama: tls: first record does not look like a TLS handshake",
        "hint": f"If you trust this registry: {verb} --insecure.",
    }
    failed = job(title=f"{verb} host:1/a/b:c", state="failed", progress=None)
    # It failed at once: no page has seen it running.
    stub.tell("jobs", changed=[failed | {"error": error}], forgotten=[])
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("If you trust this registry:")
    alert.get_by_role("button", name=f"{verb.capitalize()} without TLS").click()
    assert asked(stub, verb) == [{"model": "host:1/a/b:c", "insecure": True}]
    expect(alert).to_have_count(0)


def test_near_misses_of_a_failed_pull_are_pulled_with_a_click(stub: Stub) -> None:
    view = show(stub, jobs=[job(title="pull lama3")])
    error = {
        "code": "model-not-found",
        "message": "Ollama: the registry has no model lama3.",
        "hint": "Did you mean llama3 or llama3.2?",
    }
    stub.tell(
        "jobs",
        changed=[job(title="pull lama3", state="failed", progress=None, error=error)],
        forgotten=[],
    )
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("the registry has no model lama3")
    assert axe_violations(stub.page, ".pl-root") == []
    alert.get_by_role("button", name="llama3.2").click()
    assert asked(stub, "pull") == [{"model": "llama3.2", "insecure": False}]
    expect(alert).to_have_count(0)


def test_what_was_typed_stays_if_it_cannot_be_pulled(stub: Stub) -> None:
    error = {"code": "usage", "message": "'a b' is no name of a model."}
    view = show(stub, {"pull": {"a b": {"error": error}}})
    box = view.get_by_role("combobox", name="Pull a model")
    box.fill("a b")
    box.press("Enter")
    view.get_by_role("button", name="Pull", exact=True).click()
    expect(view.get_by_role("alert")).to_contain_text("is no name of a model")
    expect(box).to_have_value("a b")


# running


def test_what_runs_is_asked_for_only_while_it_is_seen(stub: Stub) -> None:
    stub.page.clock.install()
    view = show(stub)
    assert asked(stub, "running") == []
    view.get_by_role("tab", name="Running").click()
    table = view.get_by_role("region", name="Models in memory")
    expect(table).to_contain_text("41%/59% CPU/GPU")
    expect(table).to_contain_text("in 4 min 3")
    stub.page.clock.run_for(3_000)
    stub.page.wait_for_function(
        "widgets.at(-1).requests.filter(r => r.method == 'running').length >= 2"
    )
    view.get_by_role("tab", name="Installed").click()
    stub.page.evaluate("frames2()")
    before = len(asked(stub, "running"))
    stub.page.clock.run_for(30_000)
    assert len(asked(stub, "running")) == before
    view.get_by_role("tab", name="Running").click()
    table.get_by_role("button", name="Unload", exact=True).click()
    assert asked(stub, "unload") == [{"model": "ollama/llama3.2:1b"}]


def test_a_server_that_does_not_run_is_said_with_how_it_is_started(stub: Stub) -> None:
    down = {"result": {"now": NOW, "models": [], "problem": DOWN}}
    lists = [{**LISTS[0], "failure": DOWN}, LISTS[1]]
    view = show(stub, {"running": {"": down}}, models=[ROWS[-1]], lists=lists)
    expect(view.get_by_role("alert")).to_contain_text("Ollama is not running")
    expect(view.get_by_role("alert")).to_contain_text("ollama serve")
    view.get_by_role("button", name="Try again").click()
    assert asked(stub, "refresh") == [{}]
    view.get_by_role("tab", name="Running").click()
    panel = view.get_by_role("tabpanel", name="Running")
    expect(panel.get_by_role("alert")).to_contain_text("Ollama is not running.")


# the library


def open_library(stub: Stub, answers: dict[str, Any] | None = None) -> Locator:
    view = show(stub, answers)
    assert asked(stub, "library") == []
    view.get_by_role("tab", name="Library").click()
    return view.get_by_role("tabpanel", name="Library")


def test_the_library_is_read_once_it_is_looked_at(stub: Stub) -> None:
    panel = open_library(stub)
    expect(panel.get_by_text("4 models · read 2 hours ago")).to_be_visible()
    panel.get_by_role("button", name="Ask ollama.com again").click()
    stub.page.wait_for_function(
        "widgets.at(-1).requests.filter(r => r.method == 'library').length == 2"
    )
    assert [each["refresh"] for each in asked(stub, "library")] == [False, True]


def test_it_is_searched_while_one_types_and_chosen_by_capability(stub: Stub) -> None:
    panel = open_library(stub)
    box = panel.get_by_role("searchbox", name="Search the library")
    box.fill("qwen")
    expect(panel.locator(".pl-offer-name")).to_have_text(["qwen3"])
    box.fill("")
    panel.get_by_role("button", name="vision").click()
    expect(panel.locator(".pl-offer-name")).to_have_text(["gemma3"])
    panel.get_by_role("button", name="vision").click()
    panel.get_by_role("button", name="Popular").click()
    stub.page.get_by_role("menuitem", name="Name").click()
    names = ["gemma3", "llama3.2", "nomic-embed-text", "qwen3"]
    expect(panel.locator(".pl-offer-name")).to_have_text(names)


def test_the_models_of_all_users_are_searched_by_the_site(stub: Stub) -> None:
    panel = open_library(stub)
    panel.get_by_role("searchbox").fill("someone")
    panel.get_by_role("button", name="Search the models of all users").click()
    expect(panel.locator(".pl-offer-name")).to_have_count(4)
    assert asked(stub, "library")[-1]["query"] == "someone"


def test_a_size_a_tag_and_a_recommendation_are_pulled_with_a_click(stub: Stub) -> None:
    panel = open_library(stub)
    panel.get_by_role("button", name="Pull qwen3:30b", exact=True).click()
    panel.get_by_role("button", name="Pull nomic-embed-text:latest again").click()
    panel.get_by_role("button", name="llama3.2 63 tags").click()
    table = panel.get_by_role("region", name="Tags of llama3.2")
    expect(table).to_contain_text("too large")
    expect(table).to_contain_text("cloud: ollama.com")
    table.get_by_role("button", name="Pull", exact=True).first.click()
    region = panel.get_by_role("region", name="Recommended by Ollama")
    region.get_by_role("button", name="Pull", exact=True).click()
    assert [each["model"] for each in asked(stub, "pull")] == [
        "qwen3:30b",
        "nomic-embed-text",
        "llama3.2:3b",
        "glm-4.6:cloud",
    ]


def test_names_of_the_library_complete_what_is_pulled(stub: Stub) -> None:
    panel = open_library(stub)
    expect(panel.locator(".pl-offer-name")).to_have_count(4)
    box = stub.page.get_by_role("combobox", name="Pull a model")
    box.fill("gemma3")
    expect(stub.page.get_by_role("option", name="gemma3:1b")).to_be_visible()


def test_an_old_list_says_why_and_none_at_all_what_to_do(stub: Stub) -> None:
    note = "The model library: no connection; the list is 3 days old"
    old = {"library": {"": {"result": library(note=note)}}}
    expect(
        open_library(stub, old).get_by_text("the list is 3 days old")
    ).to_be_visible()
    error = {"code": "unreachable", "message": "The model library: no connection."}
    panel = open_library(stub, {"library": {"": {"error": error}}})
    expect(panel.get_by_role("alert")).to_contain_text("no connection")
    panel.get_by_role("button", name="Try again").click()


# forms

BASE = row("qwen3:8b-fp16", quantization="F16", size=16_100_000_000)


def open_form(
    stub: Stub, answers: dict[str, Any] | None = None, way: str = "", **more: Any
) -> Locator:
    view = show(stub, answers, models=[*ROWS, BASE], **more)
    view.get_by_role("tab", name="Create").click()
    panel = view.get_by_role("tabpanel", name="Create")
    if way:
        panel.get_by_role("button", name=way).click()
    return panel


def pick(panel: Locator, label: str, option: str) -> None:
    panel.get_by_role("combobox", name=label, exact=True).click()
    panel.page.get_by_role("option", name=option).first.click()


def test_a_model_is_made_of_an_installed_one(stub: Stub) -> None:
    panel = open_form(stub)
    create = panel.get_by_role("button", name="Create", exact=True)
    expect(create).to_have_attribute("aria-disabled", "true")
    pick(panel, "Model", "qwen3:8b-fp16")
    panel.get_by_label("Name", exact=True).fill("mine")
    pick(panel, "Quantize to", "Q4_K_M")
    panel.get_by_label("System prompt").fill("Be brief.")
    panel.get_by_text("Parameters", exact=True).click()
    panel.get_by_role("button", name="Add a parameter").click()
    name = panel.get_by_role("combobox", name="Name of parameter 1")
    name.fill("num_ctx")
    name.press("Enter")
    panel.get_by_label("Value of parameter 1").fill("8192")
    panel.get_by_text("Messages", exact=True).click()
    panel.get_by_role("button", name="Add a message").click()
    panel.get_by_label("Text of message 1").fill("Hi")
    panel.get_by_text("Modelfile", exact=True).click()
    expect(panel.get_by_role("group", name="Modelfile")).to_contain_text("SYSTEM")
    create.click()
    expected = {
        "name": "mine",
        "start": "model",
        "source": "ollama/qwen3:8b-fp16",
        "system": "Be brief.",
        "template": "",
        "license": "",
        "adapter": "",
        "parameters": [{"name": "num_ctx", "value": "8192"}],
        "messages": [{"role": "user", "content": "Hi"}],
        "quantize": "Q4_K_M",
    }
    assert asked(stub, "create") == [expected]
    assert asked(stub, "modelfile")[-1] == expected


@pytest.mark.parametrize(
    ("start", "label", "source"),
    [
        ("A Modelfile", "Modelfile", "FROM llama3.2:1b"),
        ("A GGUF file", "GGUF file", "models/x.gguf"),
        ("A folder of safetensors", "Folder", "models/x"),
        ("A model of Hugging Face", "Model of Hugging Face", "hf.co/a/b:Q4_K_M"),
    ],
)
def test_a_model_is_made_of_whatever_there_is(
    stub: Stub, start: str, label: str, source: str
) -> None:
    panel = open_form(stub)
    pick(panel, "Start from", start)
    panel.get_by_role("textbox", name=label, exact=True).fill(source)
    panel.get_by_label("Name", exact=True).fill("new")
    panel.get_by_role("button", name="Create", exact=True).click()
    assert asked(stub, "create")[0]["source"] == source
    assert asked(stub, "create")[0]["quantize"] == ""


def test_a_refused_form_keeps_all_that_was_typed(stub: Stub) -> None:
    error = {
        "code": "usage",
        "message": "A model of Ollama has no parameter 'nun_ctx'.",
        "hint": "Did you mean num_ctx?",
    }
    panel = open_form(stub, {"create": {"new": {"error": error}}})
    pick(panel, "Model", "llama3.2:1b")
    panel.get_by_label("Name", exact=True).fill("new")
    panel.get_by_label("System prompt").fill("Be brief.")
    panel.get_by_role("button", name="Create", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("no parameter 'nun_ctx'")
    expect(panel.get_by_role("alert")).to_contain_text("Did you mean num_ctx?")
    assert axe_violations(stub.page, ".pl-root") == []
    # Neither another form nor another tab loses it.
    panel.get_by_role("button", name="Quantize").click()
    panel.get_by_role("button", name="New model in Ollama").click()
    stub.page.get_by_role("tab", name="Installed").click()
    stub.page.get_by_role("tab", name="Create").click()
    expect(panel.get_by_label("System prompt")).to_have_value("Be brief.")
    expect(panel.get_by_label("Name", exact=True)).to_have_value("new")


def test_a_model_of_the_same_name_is_not_replaced_unasked(stub: Stub) -> None:
    panel = open_form(stub)
    pick(panel, "Model", "llama3.2:1b")
    panel.get_by_label("Name", exact=True).fill("qwen3:8b")
    expect(panel.get_by_text("There is a qwen3:8b already")).to_be_visible()
    panel.get_by_role("button", name="Replace…").click()
    dialog = stub.page.get_by_role("dialog", name="Replace qwen3:8b?")
    dialog.get_by_role("button", name="Cancel").click()
    assert asked(stub, "create") == []
    panel.get_by_role("button", name="Replace…").click()
    dialog.get_by_role("button", name="Replace").click()
    assert len(asked(stub, "create")) == 1


def test_a_new_model_begins_at_an_installed_one(stub: Stub) -> None:
    view = show(stub)
    choose(view, "llama3.2:1b", "Create from it…")
    panel = view.get_by_role("tabpanel", name="Create")
    model = panel.get_by_role("combobox", name="Model", exact=True)
    expect(model).to_have_value("llama3.2:1b")
    expect(panel.get_by_label("Name", exact=True)).to_have_value("llama3.2-mine")
    # What is quantized already cannot be again.
    expect(panel.get_by_role("combobox", name="Quantize to")).to_have_count(0)


def test_only_what_can_be_is_quantized(stub: Stub) -> None:
    panel = open_form(stub, way="Quantize")
    panel.get_by_role("combobox", name="Model or GGUF file").click()
    options = stub.page.get_by_role("option")
    expect(options).to_have_count(1)
    options.click()
    table = panel.get_by_role("grid", name="Types to quantize to")
    expect(table).to_contain_text("IQ4_XS")
    target = panel.get_by_label("Name of the new model")
    expect(target).to_have_value("qwen3:8b-Q4_K_M")
    table.get_by_text("IQ4_XS").click()
    expect(target).to_have_value("qwen3:8b-IQ4_XS")
    expect(panel.get_by_text("16.1 GB become about 4.5 GB")).to_be_visible()
    pick(panel, "Where it goes", "A file")
    path = panel.get_by_label("Path of the new file")
    expect(path).to_have_value("qwen3-8b-IQ4_XS.gguf")
    path.fill("there.gguf")
    panel.get_by_role("button", name="Quantize", exact=True).last.click()
    assert asked(stub, "quantize") == [
        {
            "source": "ollama/qwen3:8b-fp16",
            "type": "IQ4_XS",
            "place": "file",
            "target": "there.gguf",
        }
    ]


def test_a_model_to_quantize_may_be_typed(stub: Stub) -> None:
    panel = open_form(stub, way="Quantize")
    box = panel.get_by_role("combobox", name="Model or GGUF file")
    box.fill("qwen3:8b-fp16")
    box.press("Enter")
    expect(panel.get_by_role("grid", name="Types to quantize to")).to_be_visible()
    assert asked(stub, "quantize_types") == [{"source": "ollama/qwen3:8b-fp16"}]


def test_what_cannot_be_quantized_says_why(stub: Stub) -> None:
    error = {
        "code": "usage",
        "message": "x.gguf is quantized already: it is Q4_K.",
        "hint": "Only F32, F16 and BF16 can be quantized.",
    }
    answers = {"quantize_types": {"": {"error": error}}}
    panel = open_form(stub, answers, way="Quantize")
    box = panel.get_by_role("combobox", name="Model or GGUF file")
    box.fill("models/x.gguf")
    box.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("x.gguf is quantized already")
    expect(box).to_have_value("models/x.gguf")


def test_a_model_is_added_to_the_embedded_engine(stub: Stub) -> None:
    panel = open_form(stub, way="Add to the embedded engine")
    panel.get_by_label("GGUF file").fill(" hf.co/a/b:Q4_K_M ")
    panel.get_by_label("Name", exact=True).fill("small")
    panel.get_by_role("button", name="Add", exact=True).click()
    assert asked(stub, "add_embedded") == [
        {"source": "hf.co/a/b:Q4_K_M", "name": "small"}
    ]


def every_form(stub: Stub, width: str) -> Any:
    """Open each form, all it has unfolded."""
    panel = open_form(stub, width=width)
    pick(panel, "Model", "qwen3:8b-fp16")
    for label in ("Parameters", "Messages", "Template, license, adapter"):
        panel.get_by_text(label, exact=True).click()
    panel.get_by_role("button", name="Add a parameter").click()
    panel.get_by_role("button", name="Add a message").click()
    yield "create"
    panel.get_by_role("button", name="Quantize", exact=True).click()
    box = panel.get_by_role("combobox", name="Model or GGUF file")
    box.fill("x.gguf")
    box.press("Enter")
    expect(panel.get_by_text("IQ4_XS")).to_be_visible()
    yield "quantize"
    panel.get_by_role("button", name="Add to the embedded engine").click()
    yield "embedded"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["420px", "960px"])
def test_axe_finds_nothing_in_the_forms(stub: Stub, width: str, theme: str) -> None:
    stub.theme(theme)
    for form in every_form(stub, width):
        assert axe_violations(stub.page, ".pl-root") == [], form


@pytest.mark.parametrize("width", ["420px", "960px"])
def test_every_field_is_reached_by_keyboard(stub: Stub, width: str) -> None:
    for form in every_form(stub, width):
        assert keyboard_walk(stub.page, ".pl-root").problems == [], form


# with and without a kernel


def test_without_its_kernel_it_says_so_and_does_nothing(stub: Stub) -> None:
    view = show(stub, hold=["snapshot"])
    stub.page.evaluate(
        """() => { for (const [heard, name] of widgets.at(-1).listeners)
            if (name === "comm_live_update") heard(); }"""
    )
    expect(view.get_by_text("The kernel of this view has ended.")).to_be_visible()
    # What is known is still read.
    expect(line(view, "qwen3:8b")).to_be_visible()
    view.get_by_role("button", name="Actions for qwen3:8b").click()
    load = stub.page.get_by_role("menuitem", name="Load")
    expect(load).to_have_attribute("aria-disabled", "true")


def test_a_busy_kernel_is_said_and_what_goes_on_is_shown(stub: Stub) -> None:
    show(stub)  # so that the page has the parts
    stub.widget(view="models", deaf=True)
    stub.tell("snapshot", seq=1, **snapshot(jobs=[job()]))
    view = stub.page.get_by_role("region", name="Local models", exact=True).last
    expect(view.get_by_text("The kernel is busy")).to_be_visible()
    expect(view).to_contain_text("Pulling qwen3:30b")
    expect(view.get_by_role("button", name="Stop")).to_have_count(0)


def test_nothing_yet_says_what_to_do(stub: Stub) -> None:
    view = show(stub, models=[])
    expect(view.get_by_text("No models yet")).to_be_visible()
    assert axe_violations(stub.page, ".pl-root") == []


# everyone


@pytest.mark.parametrize("width", ["280px", "420px", "700px", "1400px"])
def test_nothing_sticks_out_however_narrow_it_is(stub: Stub, width: str) -> None:
    stub.page.set_viewport_size({"width": 1600, "height": 900})
    view = show(stub, width=width, jobs=[job()])
    shown = {"Installed": "smollm2", "Running": "59% CPU/GPU", "Library": "gemma3"}
    for tab, text in shown.items():
        view.get_by_role("tab", name=tab).click()
        expect(view.get_by_text(text).last).to_be_visible()
        if tab == "Library":
            view.get_by_role("button", name="llama3.2 63 tags").click()
            expect(view.get_by_text("too large")).to_be_visible()
        outside = view.evaluate(
            """(view) => [...view.querySelectorAll('*')].filter((each) => {
                const { right, width } = each.getBoundingClientRect();
                return width > 1 && right > view.getBoundingClientRect().right + 1
                    && !each.closest('[role=tablist], .pl-models-grid');
            }).map((each) => each.className || each.tagName)"""
        )
        assert outside == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["420px", "960px"])
def test_axe_finds_nothing(stub: Stub, width: str, theme: str) -> None:
    stub.theme(theme)
    view = show(stub, width=width, jobs=[job()])
    line(view, "qwen3:8b").get_by_role("checkbox").click()
    assert axe_violations(stub.page, ".pl-root") == []
    view.get_by_role("tab", name="Running").click()
    expect(view.get_by_text("41%/59% CPU/GPU")).to_be_visible()
    assert axe_violations(stub.page, ".pl-root") == []
    view.get_by_role("tab", name="Library").click()
    view.get_by_role("button", name="llama3.2 63 tags").click()
    expect(view.get_by_text("too large")).to_be_visible()
    assert axe_violations(stub.page, ".pl-root") == []


@pytest.mark.parametrize("width", ["420px", "960px"])
def test_everything_is_reached_by_keyboard(stub: Stub, width: str) -> None:
    view = show(stub, width=width, jobs=[job()])
    assert keyboard_walk(stub.page, ".pl-root").problems == []
    view.get_by_role("tab", name="Running").click()
    expect(view.get_by_text("41%/59% CPU/GPU")).to_be_visible()
    assert keyboard_walk(stub.page, ".pl-root").problems == []
    view.get_by_role("tab", name="Library").click()
    view.get_by_role("button", name="llama3.2 63 tags").click()
    expect(view.get_by_text("too large")).to_be_visible()
    assert keyboard_walk(stub.page, ".pl-root").problems == []
