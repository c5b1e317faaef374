"""The view of the providers as its user meets it: the built bundle, operated."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .accessibility import axe_violations, keyboard_walk
from .stub_vault import PASSWORD, StubVault

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub

NOW = 1_800_000_000.0
KEYS = "Keys are kept in the environment."
DOWN = {
    "code": "unreachable",
    "message": "Groq: no connection to http://127.0.0.1:9.",
    "hint": "Check the network and the `address`.",
}


def provider(name: str, title: str, **more: Any) -> dict[str, Any]:
    """A provider as the kernel tells of it."""
    settings = [
        {
            "key": f"providers.{name}.base_url",
            "title": "Address",
            "description": f"Where it is; empty: https://{name}.example/v1.",
            "kind": "text",
            "optional": True,
        },
        {
            "key": f"providers.{name}.stall_timeout",
            "title": "Next token",
            "description": "Seconds of silence; empty: 60.",
            "kind": "number",
            "optional": True,
        },
    ]
    return {
        "name": name,
        "title": title,
        "local": False,
        "enabled": True,
        "address": f"https://{name}.example/v1",
        "source": "",
        "key": f"{name.upper()}_API_KEY, from the environment",
        "key_names": [f"{name.upper()}_API_KEY"],
        "keys_url": f"https://{name}.example/keys",
        "lacks": [],
        "models": 0,
        "settings": settings,
        **more,
    }


OPENAI = provider("openai", "OpenAI", models=312, listed=NOW - 7300)
OLLAMA = provider(
    "ollama",
    "Ollama",
    local=True,
    source="OLLAMA_HOST",
    key="Not needed.",
    failure={"code": "unreachable", "message": "No.", "hint": "`ollama serve`"},
)
GROQ = provider("groq", "Groq", models=9, listed=NOW - 90, failure=DOWN)
LACK = {"what": "no key", "remedy": "Set XAI_API_KEY.", "url": "https://x.example"}
XAI = provider("xai", "xAI", key="Missing.", missing_key="XAI_API_KEY", lacks=[LACK])
MISSING = {"what": "not installed", "command": "%pip install -U litellm"}
LITELLM = provider("litellm", "LiteLLM", lacks=[MISSING], settings=[], address="")
OFF = provider("mistral", "Mistral", enabled=False)
ALL = [OLLAMA, OPENAI, GROQ, XAI, LITELLM, OFF]


def show(
    stub: Stub, *providers: dict[str, Any], locked: bool = False, **more: Any
) -> Locator:
    snapshot = {
        "now": NOW,
        "providers": [*providers] or ALL,
        "keys_belong": KEYS,
        "locked": locked,
    }
    stub.widget(view="providers", snapshot=snapshot, **more)
    view = stub.page.get_by_role("region", name="Providers").last
    view.wait_for()
    return view


def row(view: Locator, title: str) -> Locator:
    return view.locator(".pl-provider").filter(
        has=view.page.get_by_role("switch", name=f"Use {title}", exact=True)
    )


def opened(view: Locator, title: str) -> Locator:
    found = row(view, title)
    found.locator("summary").first.click()
    found.get_by_text("named").wait_for()
    return found


def asked(stub: Stub, method: str) -> list[dict[str, Any]]:
    by_id = {each["request_id"]: each for each in stub.asked(method)}
    return [each["params"] for each in by_id.values()]


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Ollama", "Not running"),
        ("OpenAI", "312 models"),
        ("Groq", "9 models, stale"),
        ("xAI", "No key"),
        ("LiteLLM", "Not installed"),
        ("Mistral", "Off"),
    ],
)
def test_how_each_stands_is_seen_at_a_glance(
    stub: Stub, title: str, words: str
) -> None:
    view = show(stub)
    summary = row(view, title).locator("summary").first
    expect(summary).to_have_text(f"{title}{words}")
    expect(view.get_by_text("5 of 6 on, 1 ready")).to_be_visible()


def test_what_is_ready_comes_first_and_what_is_off_last(stub: Stub) -> None:
    view = show(stub)
    titles = view.locator(
        ".pl-provider > .pl-disclosure > summary > span:not(.pl-quiet)"
    )
    expect(titles).to_have_text(
        ["OpenAI", "Groq", "xAI", "LiteLLM", "Ollama", "Mistral"]
    )
    # No row moves away from whoever uses it.
    switch = view.get_by_role("switch", name="Use OpenAI")
    switch.press("Space")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(switch).to_be_focused()
    expect(titles.first).to_have_text("OpenAI")


@pytest.mark.parametrize(
    ("state", "typed", "sent"),
    [
        ("unlocked", {"XAI_API_KEY": "k"}, {"value": "k"}),
        (
            "absent",
            {
                "XAI_API_KEY": "k",
                "Password of the new vault": PASSWORD,
                "The same password again": PASSWORD,
            },
            {"value": "k", "password": PASSWORD},
        ),
    ],
)
def test_a_missing_key_is_added_at_its_row(
    stub: Stub, state: str, typed: dict[str, str], sent: dict[str, str]
) -> None:
    vault = StubVault(stub, state)
    view = show(stub)
    expect(view.get_by_role("button", name="Add key")).to_have_count(1)
    row(view, "xAI").get_by_role("button", name="Add key").click()
    dialog = stub.page.get_by_role("dialog", name="Add a key of xAI")
    add = dialog.get_by_role("button", name="Add key")
    expect(add).to_have_attribute("aria-disabled", "true")
    expect(dialog.get_by_label("XAI_API_KEY", exact=True)).to_be_focused()
    assert axe_violations(stub.page, "dialog[open]") == []
    for label, text in typed.items():
        field = dialog.get_by_label(label, exact=True)
        expect(field).to_have_attribute("type", "password")
        field.fill(text)
    field.press("Enter")
    expect(dialog).to_have_count(0)
    assert vault.opened == [("add_key", sent)]
    assert [each["name"] for each in asked(stub, "add_key")] == ["XAI_API_KEY"]
    assert asked(stub, "test") == [{"providers": ["xai"]}]
    assert PASSWORD not in json.dumps(stub.page.evaluate("widgets.at(-1).requests"))


def test_a_locked_vault_is_unlocked_first_and_may_have_the_key(stub: Stub) -> None:
    vault = StubVault(stub, "locked", ["XAI_API_KEY"])
    view = show(stub, locked=True)
    xai = row(view, "xAI")
    expect(view.get_by_role("button", name="Add key")).to_have_count(0)
    xai.get_by_role("button", name="Unlock the vault").click()
    dialog = stub.page.get_by_role("dialog", name="Unlock the vault")
    field = dialog.get_by_label("Password of the vault", exact=True)
    expect(field).to_be_focused()
    assert axe_violations(stub.page, "dialog[open]") == []
    field.fill("wrong")
    field.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("This is not the password.")
    field.fill(PASSWORD)
    field.press("Enter")
    expect(dialog).to_have_count(0)
    assert asked(stub, "test") == [{"providers": ["xai"]}]
    assert [sent["password"] for _, sent in vault.opened] == ["wrong", PASSWORD]
    # No row asks the kernel for itself: whether the vault is locked is known.
    assert len(asked(stub, "vault")) == 1


def test_a_key_that_an_unlocked_vault_lacks_is_asked_for_next(stub: Stub) -> None:
    vault = StubVault(stub, "locked")
    view = show(stub, locked=True)
    row(view, "xAI").get_by_role("button", name="Unlock the vault").click()
    dialog = stub.page.get_by_role("dialog")
    dialog.get_by_label("Password of the vault", exact=True).fill(PASSWORD)
    dialog.get_by_label("Password of the vault", exact=True).press("Enter")
    field = dialog.get_by_label("XAI_API_KEY", exact=True)
    expect(field).to_have_value("")
    field.fill("k")
    field.press("Enter")
    expect(dialog).to_have_count(0)
    assert vault.opened == [
        ("unlock", {"password": PASSWORD}),
        ("add_key", {"value": "k"}),
    ]
    assert asked(stub, "test") == [{"providers": ["xai"]}]


def test_the_buttons_of_all_rows_follow_the_vault(stub: Stub) -> None:
    other = provider(
        "groq", "Groq", key="Missing.", missing_key="GROQ_API_KEY", lacks=[LACK]
    )
    view = show(stub, XAI, other, locked=True)
    unlock = view.get_by_role("button", name="Unlock the vault")
    expect(unlock).to_have_count(2)
    ready = {"missing_key": "", "lacks": [], "key": "GROQ_API_KEY, from the vault"}
    stub.tell("providers", now=NOW, changed=[other | ready], locked=False)
    expect(unlock).to_have_count(0)
    expect(view.get_by_role("button", name="Add key")).to_have_count(1)
    expect(row(view, "Groq").locator("summary").first).to_contain_text("Not asked yet")
    expect(opened(view, "Groq")).to_contain_text("GROQ_API_KEY, from the vault")


@pytest.mark.parametrize(
    ("state", "commands"),
    [
        ("absent", ["create", "set XAI_API_KEY"]),
        ("locked", ["unlock"]),
        ("unlocked", ["set XAI_API_KEY"]),
    ],
)
def test_a_page_that_cannot_encrypt_says_where_the_key_is_typed(
    plain_stub: Stub, state: str, commands: list[str]
) -> None:
    StubVault(plain_stub, state)
    view = show(plain_stub)
    row(view, "xAI").get_by_role("button", name="Add key").click()
    dialog = plain_stub.page.get_by_role("dialog")
    lines = [f"%parllama vault {command}" for command in commands]
    expect(dialog.locator("code")).to_have_text(lines)
    expect(dialog.get_by_role("textbox")).to_have_count(0)
    expect(dialog.locator("input")).to_have_count(0)
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_have_count(0)
    assert asked(plain_stub, "add_key") == []


def test_a_refused_key_stays_to_be_corrected_and_a_left_one_is_forgotten(
    stub: Stub,
) -> None:
    vault = StubVault(stub, "absent")
    view = show(stub)
    row(view, "xAI").get_by_role("button", name="Add key").click()
    dialog = stub.page.get_by_role("dialog")
    key = dialog.get_by_label("XAI_API_KEY", exact=True)
    key.fill("k")
    dialog.get_by_label("Password of the new vault", exact=True).fill("p")
    again = dialog.get_by_label("The same password again", exact=True)
    again.fill("q")
    expect(dialog.get_by_role("alert")).to_have_text("The two passwords differ.")
    again.press("Enter")
    assert vault.opened == []
    again.fill("p")
    again.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("It is easy to guess.")
    expect(key).to_have_value("k")
    dialog.get_by_role("button", name="Cancel").click()
    row(view, "xAI").get_by_role("button", name="Add key").click()
    expect(key).to_have_value("")
    assert asked(stub, "test") == []


def test_all_that_is_known_is_one_click_away(stub: Stub) -> None:
    view = show(stub)
    openai = opened(view, "OpenAI")
    expect(openai).to_contain_text("312 models, listed 2 hours ago")
    expect(openai).to_contain_text("https://openai.example/v1, the default")
    expect(openai).to_contain_text("OPENAI_API_KEY, from the environment")
    expect(openai).to_contain_text(KEYS)
    link = openai.get_by_role("link", name="Get a key of OpenAI")
    expect(link).to_have_attribute("href", "https://openai.example/keys")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert openai.locator("input[type=password]").count() == 0
    ollama = opened(view, "Ollama")
    expect(ollama).to_contain_text("from OLLAMA_HOST")
    expect(ollama).to_contain_text("It is looked for as OLLAMA_API_KEY.")
    expect(ollama).to_contain_text("It is not running.ollama serve")


def test_what_is_missing_is_named_with_what_mends_it(stub: Stub) -> None:
    view = show(stub)
    xai = opened(view, "xAI")
    expect(xai.get_by_role("status").first).to_contain_text("No key.Set XAI_API_KEY.")
    litellm = opened(view, "LiteLLM")
    command = "Run %pip install -U litellm"
    expect(litellm).to_contain_text(f"Not installed.{command}")
    for found in (xai, litellm):
        button = found.get_by_role("button", name="Test").or_(
            found.get_by_role("button", name="Refresh")
        )
        expect(button).to_have_attribute("aria-disabled", "true")
        button.click(force=True)
    assert asked(stub, "test") == []


def test_a_switch_takes_effect_at_once_and_its_refusal_is_shown(stub: Stub) -> None:
    error = {"code": "settings", "message": "It cannot be written.", "hint": "Space?"}
    answers = {"set": {"providers.groq.enabled": {"error": error}}}
    view = show(stub, answers=answers)
    switch = view.get_by_role("switch", name="Use OpenAI")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(row(view, "OpenAI").locator("summary").first).to_contain_text("Off")
    view.get_by_role("switch", name="Use Mistral").press("Space")
    expect(row(view, "Mistral").locator("summary").first).to_contain_text("Not asked")
    assert asked(stub, "set") == [
        {"key": "providers.openai.enabled", "value": False},
        # On is how it is where nothing is chosen.
        {"key": "providers.mistral.enabled", "value": None},
    ]
    view.get_by_role("switch", name="Use Groq").click()
    expect(row(view, "Groq").get_by_role("alert")).to_contain_text(
        "It cannot be written."
    )
    expect(view.get_by_role("switch", name="Use Groq")).to_have_attribute(
        "aria-checked", "true"
    )


def test_an_address_is_changed_and_what_is_none_stays_to_be_mended(stub: Stub) -> None:
    key = "providers.openai.base_url"
    error = {"code": "usage", "message": f"{key}: an address begins with http://."}
    view = show(stub, answers={"set": {key: {"error": error}}})
    openai = opened(view, "OpenAI")
    field = openai.get_by_label("Address", exact=True)
    field.fill("ftp://x")
    field.press("Enter")
    alert = openai.get_by_role("alert")
    expect(alert).to_have_text("An address begins with http://.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("ftp://x")
    stub.page.evaluate("widgets.at(-1).answers = {}")
    field.fill("http://box/v1")
    field.blur()
    expect(alert).to_have_count(0)
    expect(field).to_have_value("http://box/v1")
    assert [each["value"] for each in asked(stub, "set")] == [
        "ftp://x",
        "http://box/v1",
    ]


def test_limits_are_folded_away_and_say_that_they_are_changed(stub: Stub) -> None:
    view = show(stub)
    openai = opened(view, "OpenAI")
    limits = openai.locator("summary", has_text="Timeouts and list")
    limits.click()
    field = openai.get_by_label("Next token", exact=True)
    field.fill("90")
    field.press("Enter")
    expect(limits).to_contain_text("1 changed")
    assert asked(stub, "set") == [
        {"key": "providers.openai.stall_timeout", "value": 90}
    ]
    openai.get_by_role("button", name="Reset Next token").click()
    expect(limits).not_to_contain_text("changed")
    assert asked(stub, "set")[-1]["value"] is None


def test_a_test_tells_how_long_it_took_or_why_it_failed(stub: Stub) -> None:
    view = show(stub, hold=["test"])
    openai = opened(view, "OpenAI")
    button = openai.get_by_role("button", name="Test connection")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    expect(openai.locator("summary").first).to_contain_text("Asking…")
    button.click(force=True)
    assert asked(stub, "test") == [{"providers": ["openai"]}]
    answer(stub, seconds=2)
    expect(openai.get_by_text("Answered in 2 s.")).to_be_visible()
    button.click()
    failure = {"code": "authentication", "message": "OpenAI: wrong key.", "hint": "H."}
    stub.tell("providers", now=NOW, changed=[{**OPENAI, "failure": failure}])
    answer(stub, seconds=0.2)
    expect(openai.get_by_text("The test failed.")).to_be_visible()
    expect(openai).to_contain_text("Its list is stale: OpenAI: wrong key.H.")
    expect(openai.locator("summary").first).to_contain_text("312 models, stale")


def answer(stub: Stub, **result: Any) -> None:
    """The answer to the last test, which is held."""
    (*_, last) = stub.asked("test")
    stub.page.evaluate(
        """([request_id, result]) =>
            widgets.at(-1).hear({ type: "response", request_id, result })""",
        [last["request_id"], result],
    )


def test_all_that_can_be_are_tested_together(stub: Stub) -> None:
    view = show(stub, hold=["test"])
    button = view.get_by_role("button", name="Test all")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    assert asked(stub, "test") == [{"providers": ["ollama", "openai", "groq"]}]
    (request,) = stub.asked("test")
    error = {"code": "store", "message": "The disk is full.", "hint": "Make room."}
    stub.page.evaluate(
        """([request_id, error]) =>
            widgets.at(-1).hear({ type: "response", request_id, error })""",
        [request["request_id"], error],
    )
    expect(view.get_by_role("alert")).to_contain_text("The disk is full.")
    expect(button).not_to_have_attribute("aria-busy", "true")


def test_words_find_a_provider(stub: Stub) -> None:
    view = show(stub)
    field = view.get_by_role("searchbox", name="Filter providers")
    field.fill("open")
    expect(view.get_by_role("switch")).to_have_count(1)
    expect(view.get_by_role("switch", name="Use OpenAI")).to_be_visible()
    field.fill("nobody at all")
    expect(view.get_by_text("No provider matches.")).to_be_visible()
    view.get_by_role("button", name="Show all").click()
    expect(view.get_by_role("switch")).to_have_count(6)


def test_what_changes_elsewhere_is_shown_unless_one_is_typing(stub: Stub) -> None:
    view = show(stub)
    openai = opened(view, "OpenAI")
    field = openai.get_by_label("Address", exact=True)
    field.fill("http://typing")
    changed = [
        {**OPENAI, "models": 1, "listed": NOW, "address": "http://other"},
        {**OFF, "enabled": True},
    ]
    stub.tell("providers", now=NOW, changed=changed)
    expect(openai).to_contain_text("1 model, listed just now")
    expect(openai).to_contain_text("http://other")
    expect(field).to_have_value("http://typing")
    expect(field).to_be_focused()
    expect(view.get_by_role("switch", name="Use Mistral")).to_have_attribute(
        "aria-checked", "true"
    )


def test_ages_are_told_by_the_kernels_clock(stub: Stub) -> None:
    # The page's clock is years from the kernel's here.
    assert abs(time.time() - NOW) > 86_400
    expect(opened(show(stub), "OpenAI")).to_contain_text("listed 2 hours ago")


def test_a_file_that_is_damaged_and_a_kernel_that_does_not_hear_are_told(
    stub: Stub,
) -> None:
    problem = {"code": "settings", "message": "settings.json is no JSON.", "hint": "X"}
    view = show(stub)
    stub.tell("providers", now=NOW, changed=[], problem=problem)
    expect(view.get_by_role("alert")).to_contain_text("settings.json is no JSON.")
    stub.widget(view="providers", deaf=True)
    stub.tell("snapshot", now=NOW, providers=ALL, keys_belong=KEYS)
    expect(
        stub.page.get_by_text("Changes take effect when the running cell ends.")
    ).to_be_visible()


def test_words_of_others_are_words(stub: Stub) -> None:
    evil = "<img src=http://x.example onerror=alert(1)>"
    failure = {"code": "server", "message": evil, "hint": evil}
    odd = provider("odd", evil, failure=failure, keys_url="https://odd.example")
    view = show(stub, odd)
    row(view, evil).locator("summary").first.click()
    expect(view.get_by_text(evil).first).to_be_visible()
    assert view.locator("img").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [280, 1000])
def test_it_can_be_used_by_everyone(stub: Stub, theme: str, width: int) -> None:
    stub.page.set_viewport_size({"width": width, "height": 2600})
    stub.theme(theme)
    long = provider("long", "Long" * 20, failure={**DOWN, "message": "wide" * 60})
    view = show(stub, *ALL, long)
    assert axe_violations(stub.page) == []
    closed = keyboard_walk(stub.page)
    assert closed.problems == []
    # A switch and a name each, and a key to add.
    assert len(closed.stops) == 2 + 2 * 7 + 1
    for title in ("Ollama", "OpenAI", "Groq", "xAI", "LiteLLM", "Long" * 20):
        opened(view, title)
    opened(view, "Mistral").locator("summary", has_text="Timeouts").click()
    assert axe_violations(stub.page) == []
    assert keyboard_walk(stub.page).problems == []
    wider = "document.documentElement.scrollWidth - innerWidth"
    assert stub.page.evaluate(wider) <= 0
