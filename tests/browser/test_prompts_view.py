"""The prompt library as its user meets it: the built bundle, operated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from .accessibility import axe_violations, keyboard_walk
from .stub_vault import PASSWORD, StubVault

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub

KERNEL = "widgets.at(-1)"


def show(stub: Stub, **options: Any) -> Locator:
    stub.prompts(**options)
    return stub.page.get_by_role("region", name="Prompt library").last


def names(view: Locator) -> list[str]:
    return view.locator(".pl-prompts-list .pl-prompt-name").all_inner_texts()


def asked(stub: Stub, method: str) -> list[dict[str, Any]]:
    by_id = {each["request_id"]: each for each in stub.asked(method)}
    return [each["params"] for each in by_id.values()]


def open_prompt(view: Locator, name: str) -> Locator:
    view.locator(".pl-prompt-row").filter(
        has=view.page.get_by_text(name, exact=True)
    ).first.click()
    prompt = view.get_by_role("region", name=f"Prompt {name}")
    prompt.get_by_role("heading", name=name).wait_for()
    return prompt


# encrypted prompts


def test_an_encrypted_prompt_leaves_the_page_when_the_vault_locks_and_comes_back(
    stub: Stub,
) -> None:
    vault = StubVault(stub, "unlocked")
    view = show(stub)
    prompt = open_prompt(view, "diary")
    said = "sentinel of a private prompt"
    stub.page.evaluate(
        """said => {
          const { all } = widgets.at(-1);
          all.find(({ name }) => name === "diary").messages[0].text = said;
          widgets.at(-1).tell("prompts", { revision: 9 });
        }""",
        said,
    )
    expect(prompt.locator(".pl-prompt-texts")).to_contain_text(said)
    stub.page.evaluate("widgets.at(-1).locked = true")
    vault.change("locked")
    unlock = view.get_by_role("button", name="Unlock the vault")
    expect(unlock).to_be_visible()
    assert said not in stub.page.content()
    assert axe_violations(stub.page) == []
    unlock.click()
    dialog = stub.page.get_by_role("dialog")
    field = dialog.get_by_label("Password of the vault", exact=True)
    field.fill(PASSWORD)
    stub.page.evaluate("widgets.at(-1).locked = false")
    field.press("Enter")
    expect(prompt.locator(".pl-prompt-texts")).to_contain_text(said)


def test_a_prompt_that_was_locked_is_read_when_the_vault_is_unlocked_elsewhere(
    stub: Stub,
) -> None:
    vault = StubVault(stub, "locked")
    view = show(stub)
    stub.page.evaluate("widgets.at(-1).locked = true")
    view.locator(".pl-prompt-row").filter(has_text="diary").first.click()
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("The vault is locked.")
    stub.page.evaluate("widgets.at(-1).locked = false")
    vault.change("unlocked")
    expect(alert).to_have_count(0)
    expect(view.get_by_role("heading", name="diary")).to_be_visible()


# the list


def test_ten_thousand_prompts_are_fetched_where_one_looks(stub: Stub) -> None:
    view = show(stub, many=10_000)
    expect(view.get_by_text("10,000 prompts")).to_be_visible()
    assert view.locator("*").count() < 700
    grid = view.get_by_role("grid", name="Prompts")
    grid.evaluate("el => { el.scrollTop = 7000 * 56 }")
    expect(view.get_by_text("prompt-07003", exact=True)).to_be_visible()
    assert {each["offset"] for each in asked(stub, "find")} <= {6900, 7000, 7100}
    assert view.locator("*").count() < 700
    # Keys lead on, beyond what is in the page.
    grid.locator('[role="row"][tabindex="0"]').focus()
    stub.page.keyboard.press("End")
    expect(view.get_by_text("prompt-09999", exact=True)).to_be_visible()
    stub.page.keyboard.press("Enter")
    expect(view.get_by_role("heading", name="prompt-09999")).to_be_visible()


def test_the_latest_search_wins_and_the_kernel_is_not_asked_for_each_key(
    stub: Stub,
) -> None:
    view = show(stub)
    view.get_by_role("grid", name="Prompts").wait_for()
    view.locator('.pl-prompts-list [tabindex="0"]').first.focus()
    stub.page.keyboard.press("/")
    box = view.get_by_role("searchbox", name="Search prompts")
    expect(box).to_be_focused()
    box.press_sequentially("essay", delay=5)
    expect(view.get_by_text("2 prompts found")).to_be_visible()
    assert names(view) == ["write_essay", "write_micro_essay"]
    queries = [each["query"] for each in asked(stub, "find")]
    assert queries[-1] == "essay"
    assert len(queries) < 5
    box.fill("zzz")
    view.get_by_role("button", name="Clear the filter").click()
    expect(view.get_by_text("14 prompts", exact=True)).to_be_visible()


def test_tags_sources_and_favourites_narrow_the_list(stub: Stub) -> None:
    view = show(stub)
    tags = view.get_by_role("group", name="Tags")
    tags.get_by_role("button", name="write").first.click()
    expect(view.get_by_text("2 prompts found")).to_be_visible()
    tags.get_by_role("button", name="write", pressed=True).click()
    view.get_by_role("combobox", name="Source").click()
    stub.page.get_by_role("option", name="Written here").click()
    expect(view.get_by_text("3 prompts found")).to_be_visible()
    assert "diary" in names(view)
    view.get_by_role("combobox", name="Source").click()
    stub.page.get_by_role("option", name="All sources").click()
    # The rows are others then: a click before that may meet another one.
    expect(view.get_by_text("14 prompts", exact=True)).to_be_visible()
    view.get_by_role("button", name="Make diary a favourite").click()
    view.get_by_role("button", name="Favourites only").click()
    expect(view.get_by_text("2 prompts found")).to_be_visible()
    assert names(view) == ["diary", "summarize"]


def test_several_are_deleted_and_brought_back(stub: Stub) -> None:
    view = show(stub)
    for name in ("diary", "explain_code"):
        view.get_by_role("checkbox", name=f"Select {name}").click()
    chosen = view.get_by_role("region", name="Selected prompts")
    expect(chosen).to_contain_text("2 selected")
    chosen.get_by_role("button", name="Delete").click()
    expect(view.get_by_text("12 prompts", exact=True)).to_be_visible()
    view.get_by_role("button", name="Undo").click()
    expect(view.get_by_text("14 prompts", exact=True)).to_be_visible()
    # By the keyboard, one.
    view.locator(".pl-prompt-row").first.focus()
    stub.page.keyboard.press("ArrowDown")
    stub.page.keyboard.press("Delete")
    expect(view.get_by_text("13 prompts", exact=True)).to_be_visible()
    assert asked(stub, "delete")[-1]["names"] == ["analyze_claims"]


# one prompt


def test_a_prompt_is_filled_in_while_it_is_read(stub: Stub) -> None:
    view = show(stub)
    prompt = open_prompt(view, "summarize")
    prompt.get_by_role("button", name="Source").click()
    marks = prompt.locator(".pl-prompt-mark")
    # Neither what is no variable nor three braces are marked.
    assert marks.all_inner_texts() == ["{{lang}}", "{{ words }}", "{{lang}}"]
    prompt.get_by_label("lang", exact=True).fill("Spanish")
    prompt.get_by_label("Your text").fill("Hola")
    text = prompt.get_by_role("region", name="System prompt")
    expect(text).to_contain_text("a summary in **Spanish**, in at most 200 words")
    expect(prompt.get_by_role("region", name="User")).to_contain_text("Hola")
    prompt.get_by_label("lang", exact=True).fill("sk-secret")
    expect(prompt.get_by_role("alert")).to_have_text("The value of lang is a secret.")
    expect(prompt.get_by_label("lang", exact=True)).to_have_attribute(
        "aria-invalid", "true"
    )


def test_a_prompt_is_copied_as_a_cell(stub: Stub) -> None:
    stub.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view = show(stub)
    prompt = open_prompt(view, "summarize")
    prompt.get_by_label("lang", exact=True).fill("fr")
    expect(prompt.get_by_text("As it is sent")).to_be_visible()
    stub.page.wait_for_function(
        f"{KERNEL}.requests.some(r => r.method == 'render' && r.params.values.lang)"
    )
    expect(prompt.get_by_role("region", name="System prompt")).to_contain_text("in fr")
    prompt.get_by_role("button", name="Copy as a cell").click()
    expect(view.get_by_text("Copied: paste it into a cell.")).to_be_visible()
    copied = stub.page.evaluate("navigator.clipboard.readText()")
    assert copied == "%%parllama -p summarize --set lang=fr\n"


def test_where_the_page_may_not_copy_the_cell_is_shown_selected(
    plain_stub: Stub,
) -> None:
    view = show(plain_stub)
    open_prompt(view, "say hello").get_by_role("button", name="Copy as a cell").click()
    dialog = view.page.get_by_role("dialog", name="Copy this into a cell")
    field = dialog.get_by_label("Text of the cell")
    expect(field).to_have_value("%%parllama -p say hello\n")
    assert field.evaluate("el => el.selectionEnd - el.selectionStart") > 10


def test_an_earlier_version_is_looked_at_before_it_comes_back(stub: Stub) -> None:
    view = show(stub)
    prompt = open_prompt(view, "summarize")
    prompt.get_by_role("button", name="Version 3").click()
    stub.page.get_by_role("menuitem", name="Version 2").click()
    expect(prompt).to_contain_text("This is version 2 of 3.")
    expect(prompt.get_by_role("region", name="System prompt")).to_contain_text(
        "Summarize in {{lang}}."
    )
    prompt.get_by_role("button", name="Revert to version 2").click()
    expect(view.get_by_text("as in version 2 again; that is version 4")).to_be_visible()
    expect(prompt.get_by_role("button", name="Version 4")).to_be_visible()


def test_a_prompt_that_is_sent_at_once_says_so_to_the_kernel(stub: Stub) -> None:
    view = show(stub)
    open_prompt(view, "say hello").get_by_role("button", name="Use in chat").click()
    stub.page.wait_for_function(f"{KERNEL}.requests.some(r => r.method == 'use')")
    assert asked(stub, "use")[-1]["send"] is True


# the form


def test_a_wrong_field_says_so_and_nothing_typed_is_lost(stub: Stub) -> None:
    view = show(stub)
    open_prompt(view, "translate").get_by_role("button", name="Edit").click()
    form = view.get_by_role("region", name="Edit translate")
    form.get_by_label("Text of message 1").fill("Say {{what}} in {{lang}}.")
    form.get_by_role("button", name="Declare {{what}}").click()
    expect(form.get_by_role("button", name="Declare {{what}}")).to_have_count(0)
    form.get_by_label("Name of variable 3").fill("two words")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("cannot be named 'two words'")
    expect(form.get_by_label("Text of message 1")).to_have_value(
        "Say {{what}} in {{lang}}."
    )
    form.get_by_label("Name", exact=True).fill("")
    form.get_by_label("Name of variable 3").fill("what")
    form.get_by_role("button", name="Save").click()
    name = form.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")
    name.fill("say")
    stub.page.keyboard.press("Control+s")
    expect(view.get_by_role("heading", name="say", exact=True)).to_be_visible()
    saved = asked(stub, "save")[-1]["edit"]
    assert (saved["of"], saved["base"], saved["name"]) == ("translate", 1, "say")
    assert [each["name"] for each in saved["variables"]] == ["lang", "input", "what"]


def test_a_form_is_there_again_after_the_page_was_loaded_anew(stub: Stub) -> None:
    view = show(stub)
    view.get_by_role("button", name="New").click()
    form = view.get_by_role("region", name="New prompt")
    form.get_by_label("Name", exact=True).fill("half a")
    form.get_by_label("Text of message 1").fill("promp")
    stub.page.wait_for_function(f"{KERNEL}.more.draft?.messages[0].text == 'promp'")
    draft = stub.page.evaluate(f"{KERNEL}.more.draft")
    stub.page.evaluate(f"{KERNEL}.close()")
    view = show(stub, more={"draft": draft})
    form = view.get_by_role("region", name="New prompt")
    expect(form.get_by_label("Name", exact=True)).to_have_value("half a")
    expect(form.get_by_label("Text of message 1")).to_have_value("promp")
    form.get_by_label("Tags").fill("x")
    form.get_by_role("button", name="Cancel").click()
    stub.page.get_by_role("button", name="Throw it away").click()
    expect(view.get_by_role("grid", name="Prompts")).to_be_visible()


def test_a_prompt_that_was_changed_elsewhere_offers_both(stub: Stub) -> None:
    view = show(stub)
    open_prompt(view, "translate").get_by_role("button", name="Edit").click()
    form = view.get_by_role("region", name="Edit translate")
    form.get_by_label("Description", exact=True).fill("Mine.")
    stub.page.evaluate(f"{KERNEL}.one('translate').version = 2; {KERNEL}.changed()")
    expect(form).to_contain_text("it has version 2 now")
    form.get_by_role("button", name="Save mine on top").click()
    expect(view.get_by_text("translate is saved as version 3.")).to_be_visible()
    assert asked(stub, "save")[-1]["over"] is True


# what comes from elsewhere, and goes there


def test_an_import_shows_phases_then_states_then_what_it_did(stub: Stub) -> None:
    view = show(stub)
    view.get_by_role("button", name="Import…").click()
    page = view.get_by_role("region", name="Import prompts")
    page.get_by_role("button", name="Start").click()
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "4")
    moving = "{done: 4.1e6, total: 9.8e6, unit: 'bytes', rate: 2.1e6}"
    stub.page.evaluate(
        f"{KERNEL}.stage('reading', {{job: {KERNEL}.job('downloading', 17, {moving})}})"
    )
    expect(bar).to_have_attribute("aria-valuenow", "17")
    expect(page).to_contain_text("4.1 MB of 9.8 MB · 2.1 MB/s")
    # It is found again from the list.
    page.get_by_role("button", name="Back to the list").click()
    view.get_by_role("button", name="Show the import").click()
    stub.page.evaluate(f"{KERNEL}.stage('offered', {{job: undefined}})")
    expect(page).to_contain_text("31 of 39 prompts chosen")
    expect(page).to_contain_text("The network was not reached")
    expect(page).to_contain_text("1 could not be read")
    page.get_by_role("button", name="Compare").first.click()
    dialog = stub.page.get_by_role("dialog", name="summarize: yours and Fabric's")
    expect(dialog.locator("del")).to_have_text(
        ["description: Mine", "Use three points."]
    )
    expect(dialog.locator("ins")).to_have_count(3)
    dialog.get_by_role("button", name="Import it as summarize (fabric)").click()
    expect(page).to_contain_text("32 of 39 prompts chosen")
    page.get_by_role("button", name="None").click()
    page.get_by_role("searchbox").fill("pattern_1")
    page.get_by_role("checkbox", name="Import new_pattern_1", exact=True).click()
    page.get_by_role("button", name="Import 1 prompt").click()
    expect(view.get_by_text("Imported: 1 added.")).to_be_visible()
    assert asked(stub, "take")[-1]["names"] == ["new_pattern_1"]
    expect(view.get_by_role("grid", name="Prompts")).to_be_visible()


def test_an_import_is_stopped_and_tried_again(stub: Stub) -> None:
    view = show(stub)
    view.get_by_role("button", name="Import…").click()
    page = view.get_by_role("region", name="Import prompts")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("alert")).to_contain_text("Stopped.")
    expect(page.get_by_role("button", name="Start")).to_be_visible()


def test_an_export_overwrites_only_what_it_was_told_to(stub: Stub) -> None:
    view = show(stub)
    view.get_by_role("button", name="More actions").click()
    stub.page.get_by_role("menuitem", name="Export all…").click()
    dialog = stub.page.get_by_role("dialog", name="Export all")
    dialog.get_by_label("Path").fill("out")
    dialog.get_by_role("button", name="Write to the path").click()
    expect(dialog).to_contain_text("There already: out/summarize.md")
    dialog.get_by_role("button", name="Overwrite").click()
    expect(view.get_by_text("14 prompts in out.")).to_be_visible()
    open_prompt(view, "diary").get_by_role("button", name="More for diary").click()
    stub.page.get_by_role("menuitem", name="Export…").click()
    with stub.page.expect_download() as download:
        stub.page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "prompts-markdown.zip"
    assert asked(stub, "export")[-1]["names"] == ["diary"]


# for everyone


def test_it_can_be_used_by_everyone(stub: Stub) -> None:
    view = show(stub)
    open_prompt(view, "summarize")
    assert axe_violations(stub.page) == []
    assert keyboard_walk(stub.page).problems == []
    view.get_by_role("button", name="Edit").click()
    view.get_by_label("Text of message 1").fill("{{new}}")
    view.get_by_label("Name", exact=True).fill("")
    view.get_by_role("button", name="Save").click()
    view.get_by_role("alert").wait_for()
    assert axe_violations(stub.page) == []
    assert keyboard_walk(stub.page).problems == []
    view.get_by_role("button", name="Cancel").click()
    stub.page.get_by_role("button", name="Throw it away").click()
    offer(stub, view)
    assert keyboard_walk(stub.page).problems == []
    view.get_by_role("button", name="Compare").first.click()
    stub.page.locator(".pl-prompt-beside del").first.wait_for()
    assert axe_violations(stub.page) == []


def test_its_colours_can_be_told_apart_in_the_dark(stub: Stub) -> None:
    stub.theme("dark")
    view = show(stub, more={"place": {"open": "summarize"}})
    view.get_by_role("heading", name="summarize").wait_for()
    assert axe_violations(stub.page) == []
    offer(stub, view)
    assert axe_violations(stub.page) == []


def offer(stub: Stub, view: Locator) -> None:
    """Have a source read."""
    view.get_by_role("button", name="Import…").click()
    view.get_by_role("button", name="Start").click()
    # The reading has begun: its answer must not come after the offer.
    view.get_by_role("progressbar").wait_for()
    stub.page.evaluate(f"{KERNEL}.stage('offered', {{job: undefined}})")
    view.get_by_role("button", name="Import 31 prompts").wait_for()


def test_a_narrow_view_shows_the_list_or_the_prompt(stub: Stub) -> None:
    view = show(stub, width="400px")
    grid = view.get_by_role("grid", name="Prompts")
    prompt = open_prompt(view, "summarize")
    expect(grid).to_be_hidden()
    wide = "el => el.scrollWidth <= el.clientWidth + 1"
    assert view.evaluate(wide)
    prompt.get_by_role("button", name="Back to the list").click()
    expect(grid).to_be_visible()
    assert view.evaluate(wide)


# prompts in a chat

PROMPTS = [
    {
        "name": "summarize",
        "description": "Summarizes.",
        "favourite": True,
        "encrypted": False,
        "variables": [
            {"name": "lang", "description": "The language"},
            {"name": "words", "default": "200", "description": ""},
        ],
    },
    {
        "name": "say hello",
        "description": "",
        "favourite": False,
        "encrypted": False,
        "asks": True,
        "submit": True,
    },
    {
        "name": "extract_wisdom",
        "description": "",
        "favourite": False,
        "encrypted": False,
    },
]


def chat(stub: Stub) -> Locator:
    stub.chat()
    stub.page.evaluate(f"prompts => {{ {KERNEL}.prompts = prompts }}", PROMPTS)
    return stub.page.get_by_label("Message", exact=True)


def sends(stub: Stub, count: int) -> list[dict[str, Any]]:
    stub.page.wait_for_function(
        f"n => {KERNEL}.requests.filter(r => r.method == 'send').length >= n",
        arg=count,
    )
    return [
        {key: value for key, value in each.items() if key != "tab"}
        for each in asked(stub, "send")
    ]


def test_a_slash_offers_prompts_and_asks_for_what_one_needs(stub: Stub) -> None:
    box = chat(stub)
    box.press_sequentially("/")
    listed = stub.page.get_by_role("listbox", name="Prompts")
    expect(listed.get_by_role("option")).to_have_count(3)
    box.press("ArrowDown")
    box.press("ArrowDown")
    active = box.get_attribute("aria-activedescendant")
    expect(stub.page.locator(f'[id="{active}"]')).to_contain_text("extract_wisdom")
    assert axe_violations(stub.page) == []
    box.press_sequentially("su")
    expect(listed.get_by_role("option")).to_have_count(1)
    box.press("Tab")
    expect(stub.page.get_by_text("prompt summarize v3")).to_be_visible()
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    box.fill("A text")
    box.press("Enter")
    lang = stub.page.get_by_label("lang", exact=True)
    expect(lang).to_be_focused()
    expect(lang).to_have_attribute("aria-invalid", "true")
    assert asked(stub, "send") == []
    assert axe_violations(stub.page) == []
    lang.fill("fr")
    # It waits while another conversation is looked at.
    stub.page.get_by_role("button", name="New chat").click()
    expect(lang).to_have_count(0)
    expect(box).to_have_value("")
    stub.page.get_by_role("tab", name="notes.ipynb").click()
    expect(lang).to_have_value("fr")
    expect(box).to_have_value("A text")
    lang.press("Enter")
    (sent,) = sends(stub, 1)
    assert sent == {"text": "A text", "prompt": {"values": {"lang": "fr"}}}
    expect(stub.page.get_by_text("prompt summarize v3")).to_have_count(0)


def test_a_prompt_that_is_sent_at_once_is(stub: Stub) -> None:
    box = chat(stub)
    box.press_sequentially("/say h")
    stub.page.get_by_role("option", name="say hello").wait_for()
    box.press("Enter")
    (sent,) = sends(stub, 1)
    assert sent == {"text": "", "prompt": {"values": {}}}


def test_a_text_that_names_no_prompt_is_sent_as_it_is(stub: Stub) -> None:
    box = chat(stub)
    listed = stub.page.get_by_role("listbox", name="Prompts")
    box.press_sequentially("/ext")
    listed.wait_for()
    box.press("Escape")
    expect(listed).to_have_count(0)
    box.press("Enter")
    assert sends(stub, 1)[0] == {"text": "/ext"}
    expect(stub.page.get_by_label("Send")).to_be_visible()
    box.press_sequentially("/etc/hosts")
    expect(listed).to_have_count(0)
    box.press("Enter")
    assert sends(stub, 2)[1] == {"text": "/etc/hosts"}
