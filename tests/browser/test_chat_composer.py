"""The composer as its user meets it, with the kernel's own half behind it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.providers.messages import DocumentPart, ImagePart, Message
from parllama_nb.providers.spec import ModelInfo
from parllama_nb.testing import FakeProvider
from parllama_nb.widgets.chat.view import ChatView

from ..own_app import own_app, scripted
from ..widgets.recording import Page as Recorded
from .accessibility import axe_violations, keyboard_walk
from .live_kernel import LiveKernel

if TYPE_CHECKING:
    from .harness import Stub


class Seeing(FakeProvider):
    """One model that sees, and one that is known not to."""

    async def models(self) -> list[ModelInfo]:
        return [ModelInfo("fake", "scripted"), ModelInfo("fake", "blind")]

    async def abilities(self, model: str, *, ask: bool = True) -> dict[str, bool]:
        del ask
        return {"vision": model != "blind"}


class Composed:
    """A chat with a real kernel side."""

    def __init__(self, kernel: LiveKernel, stub: Stub) -> None:
        self.kernel, self.stub = kernel, stub
        self.fake = scripted(kernel.app, ["An answer."], kind=Seeing)
        kernel.app.model = "fake/scripted"

    def show(self, **options: Any) -> None:
        session = self.kernel.run(self.kernel.app.sessions.open("talk"))
        self.view = ChatView(self.kernel.app, session)
        self.kernel.show(self.stub, self.view, **options)
        self.stub.page.locator(".pl-chat").wait_for()
        expect(self.box).to_be_visible()

    @property
    def box(self) -> Locator:
        return self.stub.page.get_by_role("textbox", name="Message")

    @property
    def chips(self) -> Locator:
        return self.stub.page.get_by_role("list", name="Attachments").get_by_role(
            "listitem"
        )

    @property
    def offers(self) -> Locator:
        return self.stub.page.get_by_role("listbox")

    @property
    def send(self) -> Locator:
        return self.stub.page.get_by_role("button", name="Send", exact=True)


@pytest.fixture
def chat(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Composed]:
    with own_app() as app:
        yield Composed(LiveKernel(app, Recorded(monkeypatch)), stub)


def picture(side: int = 64) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((side, side), 90).save(made, "PNG")
    return made.getvalue()


_GIVE = """([el, kind, name, type, text]) => {
  const bytes = Uint8Array.from(atob(text), each => each.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, {type}));
  const more = {bubbles: true, cancelable: true};
  if (kind === "paste")
    el.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, ...more}));
  else for (const each of ["dragenter", "dragover", "drop"])
    el.dispatchEvent(new DragEvent(each, {dataTransfer: data, ...more}));
}"""


def give(where: Locator, kind: str, name: str, data: bytes, media_type: str) -> None:
    """Paste or drop a file."""
    import base64

    text = base64.b64encode(data).decode()
    where.evaluate(
        f"(el, rest) => ({_GIVE})([el, ...rest])", [kind, name, media_type, text]
    )


def test_a_file_is_picked_shown_and_sent(chat: Composed, tmp_path: Path) -> None:
    # More than one part goes over the connection.
    large = picture(1400)
    assert len(large) > 1_500_000
    (tmp_path / "noise.png").write_bytes(large)
    (tmp_path / "notes.md").write_text("# Notes\n\nof a walk")
    chat.show()
    page = chat.stub.page
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Attach files").click()
    chooser.value.set_files([tmp_path / "noise.png", tmp_path / "notes.md"])
    expect(chat.chips).to_have_count(2)
    first, second = chat.chips.nth(0), chat.chips.nth(1)
    expect(first).to_contain_text("1400 x 1400")
    expect(first.locator("img")).to_be_visible()
    expect(second).to_contain_text("text · 18 B")
    second.get_by_role("button", name="Look at notes.md").click()
    dialog = page.get_by_role("dialog", name="notes.md")
    expect(dialog).to_contain_text("of a walk")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    chat.box.fill("What is this?")
    chat.box.press("Enter")
    expect(page.locator(".pl-reply .pl-markdown")).to_have_text("An answer.")
    expect(chat.chips).to_have_count(0)
    image, document, text = chat.fake.requests[-1].messages[-1].parts
    assert isinstance(image, ImagePart)
    assert isinstance(document, DocumentPart)
    assert text.text == "What is this?"  # type: ignore[union-attr]
    turn = page.locator(".pl-turn")
    expect(turn.get_by_text("notes.md")).to_be_visible()
    turn.get_by_role("button", name="with an image").click()
    expect(turn.get_by_role("img", name="Attachment 1")).to_be_visible()


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_an_image_that_is_pasted_or_dropped_is_attached(
    chat: Composed, kind: str
) -> None:
    chat.show()
    where = chat.box if kind == "paste" else chat.stub.page.locator(".pl-scroller")
    give(where, kind, "shot.png", picture(), "image/png")
    expect(chat.chips).to_have_count(1)
    expect(chat.chips).to_contain_text("shot.png")
    expect(chat.chips).to_contain_text("64 x 64")
    chat.chips.get_by_role("button", name="Remove shot.png").click()
    expect(chat.chips).to_have_count(0)
    expect(chat.box).to_be_focused()
    expect(chat.send).to_be_disabled()


def test_what_cannot_be_attached_says_why_and_is_not_sent(chat: Composed) -> None:
    chat.show()
    give(chat.box, "paste", "cat.png", b"\x7fELF" + bytes(300), "image/png")
    alert = chat.chips.get_by_role("alert")
    expect(alert).to_contain_text("a program (ELF)")
    chat.box.fill("Look at this")
    chat.box.press("Enter")
    expect(chat.stub.page.locator(".pl-composer-problem")).to_have_text(
        "cat.png cannot be sent. Remove it."
    )
    assert chat.fake.requests == []
    assert chat.box.input_value() == "Look at this"


def test_a_huge_file_is_refused_before_it_is_read(chat: Composed) -> None:
    chat.show()
    chat.box.evaluate(
        """el => {
          const file = new File(["x"], "film.png", {type: "image/png"});
          Object.defineProperty(file, "size", {value: 300e6});
          const event = new Event("paste", {bubbles: true, cancelable: true});
          event.clipboardData = {getData: () => "", files: [file]};
          el.dispatchEvent(event);
        }"""
    )
    toast = chat.stub.page.get_by_text("film.png is 300 MB; an image may have 50.0 MB.")
    expect(toast).to_be_visible()
    expect(chat.chips).to_have_count(0)
    assert chat.stub.asked("upload") == []


@pytest.mark.parametrize("megabytes", [1, 10])
def test_a_large_paste_becomes_a_document_and_never_freezes(
    chat: Composed, megabytes: int
) -> None:
    chat.show()
    chat.box.fill("Summarize:")
    blocked = chat.box.evaluate(
        """async (e, megabytes) => {
          const text = "lorem ipsum ".repeat(megabytes * 1048576 / 12);
          const data = new DataTransfer();
          data.setData("text/plain", text);
          let longest = 0, last = performance.now(), on = true;
          const look = () => {
            const now = performance.now();
            longest = Math.max(longest, now - last);
            last = now;
            if (on) setTimeout(look);
          };
          look();
          e.dispatchEvent(new ClipboardEvent("paste",
            {clipboardData: data, bubbles: true, cancelable: true}));
          await new Promise(done => setTimeout(done, 500));
          on = false;
          return longest;
        }""",
        megabytes,
    )
    assert blocked < 1000
    expect(chat.chips).to_contain_text("Pasted text.txt")
    expect(chat.chips).to_contain_text("tokens")
    assert chat.box.input_value() == "Summarize:"
    chat.box.press("Enter")
    expect(chat.stub.page.locator(".pl-reply .pl-markdown")).to_have_text("An answer.")
    document = chat.fake.requests[-1].messages[-1].parts[0]
    assert isinstance(document, DocumentPart)
    assert document.text.startswith("lorem ipsum lorem")


def test_a_model_without_vision_is_named_at_the_image(chat: Composed) -> None:
    chat.show()
    give(chat.box, "paste", "shot.png", picture(), "image/png")
    expect(chat.chips).to_contain_text("64 x 64")
    warning = chat.stub.page.get_by_text("fake/blind cannot see images.")
    expect(warning).to_have_count(0)
    chat.box.fill("/model fake/blind")
    chat.box.press("Enter")
    expect(warning).to_be_visible()
    assert axe_violations(chat.stub.page) == []


def test_a_command_is_completed_and_keeps_the_case_of_its_argument(
    chat: Composed,
) -> None:
    chat.show()
    page = chat.stub.page
    chat.box.press_sequentially("/ren")
    expect(chat.offers.get_by_role("option").first).to_contain_text("/rename NAME")
    chat.box.press("Enter")
    expect(chat.box).to_have_value("/rename ")
    expect(page.get_by_text("Rename this conversation.")).to_be_visible()
    chat.box.press_sequentially('Talk with "Bob"')
    chat.box.press("Enter")
    expect(page.get_by_text('It is called Talk with "Bob" now.')).to_be_visible()
    expect(chat.box).to_have_value("")
    assert chat.view.session.name == 'Talk with "Bob"'
    assert chat.fake.requests == []


def test_an_argument_is_completed_by_the_kernel(chat: Composed) -> None:
    chat.show()
    chat.kernel.run(chat.kernel.app.model_lists.get(["fake"]))
    chat.box.press_sequentially("/model bli")
    option = chat.offers.get_by_role("option")
    expect(option).to_have_count(1)
    expect(option).to_contain_text("fake/blind")
    chat.box.press("Tab")
    expect(chat.box).to_have_value("/model fake/blind")
    chat.box.press("Enter")
    expect(
        chat.stub.page.get_by_text("fake/blind answers from now on.")
    ).to_be_visible()


def test_what_cannot_be_undone_is_asked_before(chat: Composed) -> None:
    chat.show()
    page = chat.stub.page
    chat.box.fill("Why?")
    chat.box.press("Enter")
    expect(page.locator(".pl-reply .pl-markdown")).to_have_text("An answer.")
    chat.box.fill("/clear")
    chat.box.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete all turns of this conversation?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(chat.box).to_be_focused()
    expect(page.locator(".pl-question")).to_have_count(1)
    chat.box.fill("/clear")
    chat.box.press("Enter")
    dialog.get_by_role("button", name="Delete them").click()
    expect(page.get_by_text("1 turn deleted.")).to_be_visible()
    expect(page.locator(".pl-question")).to_have_count(0)


def test_after_a_command_that_shows_another_tab_one_types_on(chat: Composed) -> None:
    chat.show()
    chat.box.fill("/new Ideas")
    chat.box.press("Enter")
    tab = chat.stub.page.get_by_role("tab", name="Ideas")
    expect(tab).to_have_attribute("aria-selected", "true")
    expect(chat.box).to_be_focused()


def test_a_command_that_fails_comes_back_with_the_reason(chat: Composed) -> None:
    chat.show()
    chat.box.fill("/open Nowhere")
    chat.box.press("Escape")
    chat.box.press("Enter")
    problem = chat.stub.page.locator(".pl-composer-problem")
    expect(problem).to_have_text(
        "There is no conversation 'Nowhere'. /new Nowhere begins one."
    )
    expect(chat.box).to_have_value("/open Nowhere")


def test_a_mistyped_command_is_named_and_sent_if_it_was_meant(chat: Composed) -> None:
    chat.show()
    page = chat.stub.page
    chat.box.press_sequentially("/renam Bob")
    chat.box.press("Enter")
    expect(page.locator(".pl-composer-problem")).to_have_text(
        "There is no command /renam; did you mean /rename? Enter sends it as a text."
    )
    assert chat.fake.requests == []
    chat.box.press("Enter")
    expect(page.locator(".pl-question")).to_have_text("/renam Bob")


@pytest.mark.parametrize("text", ["/usr/bin is what?", "/etc", " /help", "/ "])
def test_a_text_that_is_no_command_is_sent_as_it_is(chat: Composed, text: str) -> None:
    chat.show()
    chat.box.press_sequentially(text)
    chat.box.press("Escape")
    chat.box.press("Enter")
    expect(chat.stub.page.locator(".pl-reply .pl-markdown")).to_have_text("An answer.")
    assert chat.fake.requests[-1].messages[-1].text == text


def test_the_help_lists_all_commands_and_can_be_read_by_everyone(
    chat: Composed,
) -> None:
    chat.show(height="700px")
    page = chat.stub.page
    chat.box.fill("/help")
    chat.box.press("Enter")
    sheet = page.get_by_role("dialog", name="Commands")
    expect(sheet).to_contain_text("/rename NAME")
    expect(sheet).to_contain_text("Also /session.name.")
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(chat.box).to_be_focused()


def test_options_that_the_provider_does_not_take_are_named(chat: Composed) -> None:
    chat.show(height="900px")
    page = chat.stub.page
    chat.box.fill("/set top_k 40")
    chat.box.press("Enter")
    expect(page.get_by_text("it is kept for other models")).to_be_visible()
    chat.box.fill("/options")
    chat.box.press("Enter")
    sheet = page.get_by_role("dialog", name="Instructions and options")
    expect(sheet.get_by_text("Fake takes no top k")).to_be_visible()
    expect(sheet.get_by_label("Temperature")).to_be_visible()
    expect(sheet.get_by_label("Top k", exact=True)).to_have_count(0)
    sheet.get_by_label("Seed").fill("7")
    sheet.get_by_label("Stop at").fill("END\n\\n")
    assert axe_violations(page) == []
    sheet.get_by_role("button", name="Remove Top k").click()
    sheet.get_by_role("button", name="Apply").click()
    expect(sheet).to_have_count(0)
    chat.box.fill("Q")
    chat.box.press("Enter")
    expect(page.locator(".pl-reply .pl-markdown")).to_have_text("An answer.")
    options = chat.view.session.options
    assert options == {"seed": 7, "stop": ["END", "\n"]}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["300px", "900px"])
def test_the_composer_can_be_used_by_everyone(
    chat: Composed, theme: str, width: str
) -> None:
    chat.stub.theme(theme)
    chat.show(width=width, height="700px")
    page = chat.stub.page
    give(chat.box, "paste", "shot.png", picture(), "image/png")
    give(chat.box, "paste", "cat.png", b"\x7fELF" + bytes(300), "image/png")
    give(chat.box, "paste", "notes.txt", b"words", "text/plain")
    expect(chat.chips).to_have_count(3)
    expect(chat.chips.nth(2)).to_contain_text("tokens")
    assert axe_violations(page) == []
    walk = keyboard_walk(page)
    assert walk.problems == [], walk.stops
    chat.box.press_sequentially("/")
    expect(chat.offers).to_be_visible()
    assert axe_violations(page) == []


def test_a_prompt_of_a_name_like_a_commands_is_what_that_name_means(
    chat: Composed,
) -> None:
    prompt = Prompt("summarize", (Message.of("user", "Summarise: {{input}}"),))
    chat.kernel.run(chat.kernel.app.prompts.add(prompt))
    chat.show()
    chat.box.press_sequentially("/summarize")
    first = chat.stub.page.get_by_role("option").first
    expect(first).to_contain_text("summarize")
    expect(first).to_have_attribute("aria-selected", "true")
    chat.box.press("Enter")
    expect(chat.stub.page.locator(".pl-chosen-head")).to_contain_text("summarize")
