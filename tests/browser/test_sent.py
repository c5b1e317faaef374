"""What would be sent, as the fold of the chat and of a comparison shows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from parllama_nb.chats.preview import RequestPreview
from parllama_nb.providers.messages import ChatRequest, Message
from parllama_nb.providers.token_estimate import TokenCount
from parllama_nb.providers.wire_preview import WirePreview
from parllama_nb.widgets.sent import shown_data

from .accessibility import axe_violations, keyboard_walk
from .test_compare_view import DONE, column, show
from .xss_corpus import CORPUS

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from .harness import Stub

LONG = "A long line that goes on and on. " * 60


def sent(*messages: Message, model: str = "m", doubt: str = "") -> dict[str, Any]:
    """A preview as the kernel sends it."""
    request = ChatRequest(model, messages, temperature=0.2)
    texts = [{"role": each.role, "content": each.text} for each in messages]
    body = json.dumps({"model": model, "messages": texts}, ensure_ascii=False).encode()
    headers = (("Host", "api.example.com"), ("Authorization", "Bearer <Secret KEY>"))
    url = "https://api.example.com/v1/chat/completions"
    preview = RequestPreview(
        f"fake/{model}",
        "Fake",
        request,
        WirePreview("POST", url, headers, body, doubt),
        TokenCount(1234),
        128_000,
        "",
        ("sent literally: {{x}}",),
        str,
    )
    return shown_data(preview).model_dump(exclude_none=True)


def opened(stub: Stub, **more: Any) -> Locator:
    """The drawer of a chat, opened by its button."""
    system = Message.of("system", "Be brief.")
    stub.chat(count=3, sent=sent(system), **more)
    stub.page.get_by_role("button", name="What is sent", exact=True).click()
    return stub.page.get_by_role("dialog", name="What is sent")


def texts(stub: Stub) -> list[str]:
    """The drafts of which the kernel was asked what they would send."""
    return [request["params"]["text"] for request in stub.asked("preview")]


def test_the_kernel_is_asked_only_while_the_fold_of_the_chat_is_open(
    stub: Stub,
) -> None:
    drawer = opened(stub)
    box = stub.page.get_by_role("textbox", name="Message")
    expect(drawer).to_contain_text("about 1,234 tokens to api.example.com")
    expect(drawer).to_contain_text("The message is empty")
    assert texts(stub) == [""]
    box.press_sequentially("Why is it so?", delay=5)
    expect(drawer.get_by_role("group", name="Message 2, user")).to_have_text(
        "Why is it so?"
    )
    # Once for a pause in typing, not for each key.
    assert texts(stub)[-1] == "Why is it so?"
    assert len(texts(stub)) < 8
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_have_count(0)
    asked = len(texts(stub))
    box.press_sequentially(" And now?", delay=5)
    expect(box).to_have_value("Why is it so? And now?")
    stub.page.get_by_role("button", name="What is sent", exact=True).click()
    expect(drawer.get_by_role("group", name="Message 2, user")).to_contain_text("now?")
    assert texts(stub)[asked:] == ["Why is it so? And now?"]
    assert stub.asked("send") == []


def test_headers_and_body_open_and_refresh_asks_again(stub: Stub) -> None:
    drawer = opened(stub)
    drawer.locator("summary", has_text="Headers").click()
    expect(drawer).to_contain_text("Bearer <Secret KEY>")
    drawer.locator("summary", has_text="Body").click()
    body = drawer.get_by_role("group", name="Body")
    expect(body).to_contain_text('"content": "Be brief."')
    expect(drawer).to_contain_text("sent literally: {{x}}")
    drawer.get_by_role("button", name="Refresh what is sent").click()
    expect(drawer.locator(".pl-sent")).to_have_attribute("aria-busy", "false")
    stub.page.wait_for_function(
        "widgets.at(-1).requests.filter(r => r.method == 'preview').length == 2"
    )


def test_a_refusal_is_shown_in_the_fold_and_nowhere_else(stub: Stub) -> None:
    drawer = opened(stub)
    expect(drawer).to_contain_text("1,234")
    refusal = {"code": "authentication", "message": "Fake: there is no key."}
    stub.page.evaluate("error => { widgets.at(-1).refuse = error; }", refusal)
    drawer.get_by_role("button", name="Refresh what is sent").click()
    expect(drawer.get_by_role("alert")).to_contain_text("there is no key.")
    expect(drawer).not_to_contain_text("1,234")
    assert stub.page.locator(".pl-chat-problem").count() == 0


def test_each_column_of_a_comparison_has_a_fold_of_its_own(stub: Stub) -> None:
    view = show(stub, column(1, text="one", **DONE), column(2, text="two", **DONE))
    asked = sent(Message.of("user", "Why?"), model="m2", doubt="It may differ.")
    stub.page.evaluate(
        "data => { widgets.at(-1).answers.preview = {'': {result: data}}; }", asked
    )
    assert stub.asked("preview") == []
    fold = view.locator(".pl-column").nth(1)
    fold.get_by_text("What is sent").click()
    expect(fold.get_by_role("group", name="Message 1, user")).to_have_text("Why?")
    expect(fold).to_contain_text("It may differ.")
    view.get_by_role("textbox", name="Question").fill("And then?")
    stub.page.wait_for_function(
        "widgets.at(-1).requests.filter(r => r.method == 'preview').length == 2"
    )
    params = [request["params"] for request in stub.asked("preview")]
    assert params == [{"column": 2, "text": ""}, {"column": 2, "text": "And then?"}]
    assert axe_violations(stub.page, ".pl-compare") == []
    fold.get_by_text("What is sent").click()
    view.get_by_role("textbox", name="Question").fill("And then?!")
    view.locator(".pl-column").nth(0).get_by_text("What is sent").click()
    stub.page.wait_for_function(
        "widgets.at(-1).requests.filter(r => r.method == 'preview').length == 3"
    )
    assert stub.asked("preview")[-1]["params"]["column"] == 1, "a closed fold asked"


def test_hostile_text_stays_text(stub: Stub) -> None:
    stub.chat(count=1, sent=sent(*(Message.of("user", each) for each in CORPUS[:20])))
    stub.page.get_by_role("button", name="What is sent", exact=True).click()
    drawer = stub.page.get_by_role("dialog", name="What is sent")
    expect(drawer).to_contain_text("1,234")
    assert drawer.locator("script, img, iframe, a, style, object").count() == 0
    assert drawer.get_by_role("group", name="Message 1, user").inner_text().strip()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 1400])
def test_the_fold_can_be_used_by_everyone(stub: Stub, theme: str, width: int) -> None:
    stub.page.set_viewport_size({"width": width, "height": 900})
    stub.theme(theme)
    drawer = opened(stub, height="700px")
    for title in ("Headers", "Body"):
        drawer.locator("summary", has_text=title).click()
    expect(drawer.get_by_role("group", name="Body")).to_be_visible()
    assert axe_violations(stub.page, ".pl-chat") == []
    wide = drawer.evaluate("e => e.scrollWidth - e.clientWidth")
    assert wide <= 0, "it scrolls to the side"
    if theme == "light":
        walk = keyboard_walk(stub.page, ".pl-drawer")
        assert walk.problems == []
        assert {"Close", "Refresh what is sent", "Body"} <= {*walk.stops}
