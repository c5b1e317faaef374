"""The view of the prompt library: what it finds, shows, fills in and saves."""

from __future__ import annotations

from pathlib import Path

import pytest

from parllama_nb.application import Parllama
from parllama_nb.secret import Secret
from parllama_nb.widgets.prompts.view import PromptBrowser
from tests.eventually import eventually
from tests.own_app import scripted
from tests.vaults.weak import PASSWORD

from ..recording import Page
from .asking import PLACE, Browser, edit, prompt


def test_the_first_snapshot_has_the_beginning_of_the_list(browser: Browser) -> None:
    found = browser.first["found"]
    assert [row["name"] for row in found["rows"]] == [
        "diary",
        "summarize",
        "translate",
    ]
    assert browser.first["facets"]["total"] == 3
    assert browser.first["facets"]["sources"] == [
        {"name": "", "title": "Written here", "count": 3}
    ]


def test_prompts_are_found_by_text_tag_and_in_windows(browser: Browser) -> None:
    assert browser.names(query="transl") == ["translate"]
    assert browser.names(query="Dear") == ["diary"]
    assert browser.names(tags=["S"]) == ["summarize"]
    assert browser.names(source="fabric") == []
    assert browser.names(source="") == ["diary", "summarize", "translate"]
    window = browser.result("find", **PLACE, offset=1, limit=1)
    assert window["total"] == 3
    assert [row["name"] for row in window["rows"]] == ["summarize"]
    browser.result("favourite", name="translate", favourite=True)
    assert browser.names(favourites=True) == ["translate"]
    assert browser.names()[0] == "translate"


def test_a_change_made_elsewhere_is_told_once(browser: Browser) -> None:
    before = browser.shown.revision
    for number in range(5):
        browser.app.runtime.run(browser.app.prompts.add(prompt(f"n{number}", "x")))
    eventually(lambda: browser.shown.revision == before + 5)
    told = [each for each in browser.page.events if each["event"] == "prompts"]
    assert len(told) < 5
    assert len(browser.names()) == 8


def test_a_prompt_is_shown_in_each_of_its_versions(browser: Browser) -> None:
    browser.result("save", edit=edit("diary", "Dear {{whom}}", of="diary", base=1))
    shown = browser.result("prompt", name="DIARY")
    assert shown["version"] == shown["shown"] == 2
    assert shown["undeclared"] == ["whom"]
    old = browser.result("prompt", name="diary", version=1)
    assert (old["version"], old["shown"]) == (2, 1)
    assert old["messages"] == [{"role": "system", "text": "Dear diary"}]
    assert browser.result("revert", name="diary", version=1)["version"] == 3
    assert browser.error("prompt", name="diaries")["message"].startswith("There is no")


def test_a_secret_that_the_page_sees_as_its_name_is_not_overwritten(
    browser: Browser,
) -> None:
    app, value = browser.app, "http://models.intern.example:8080/v1"
    text = f"Ask {value}, please."
    app.runtime.run(app.prompts.add(prompt("server", text)))
    app.redact.add(Secret("BASE_URL", value))
    # What the belt of the kernel's session leaves of it.
    seen = app.redact(browser.result("prompt", name="server")["messages"][0]["text"])
    assert seen == "Ask <Secret BASE_URL>, please."
    error = browser.error("save", edit=edit("server", seen, of="server", base=1))
    assert "<Secret BASE_URL>" in error["message"]
    stored = app.runtime.run(app.prompts.get("server"))
    assert stored.messages[0].text == text
    other = edit("server", "Ask {{url}}, please.", of="server", base=1)
    assert browser.result("save", edit=other)["version"] == 2
    literal = edit("diary", "Dear <Secret X>", of="diary", base=1)
    assert browser.result("save", edit=literal)["version"] == 2


def test_a_prompt_is_filled_as_far_as_there_are_values(browser: Browser) -> None:
    empty = browser.result("render", name="summarize")
    assert empty["missing"] == ["lang"]
    assert empty["messages"] == [{"role": "system", "text": "Summarize in {{lang}}."}]
    whole = browser.result(
        "render", name="summarize", values={"lang": "old Greek"}, text="Sing, Muse"
    )
    assert whole["missing"] == []
    assert [each["text"] for each in whole["messages"]] == [
        "Summarize in old Greek.",
        "Sing, Muse",
    ]
    assert whole["cell"] == "%%parllama -p summarize --set 'lang=old Greek'\nSing, Muse"
    lines = browser.result("render", name="summarize", values={"lang": "a\nb"})
    assert lines["left_out"] == ["lang"]
    assert lines["cell"] == "%%parllama -p summarize\n"


def test_the_text_is_the_input_of_a_prompt_that_takes_one(browser: Browser) -> None:
    assert browser.result("render", name="translate")["missing"] == ["input"]
    filled = browser.result("render", name="translate", text="Hello")
    assert filled["messages"] == [{"role": "user", "text": "Translate into fr: Hello"}]


def test_a_known_secret_reaches_no_cell(browser: Browser) -> None:
    key = "sk-sentinel-77aa01"
    browser.app.redact.add(Secret("FAKE_API_KEY", key))
    filled = browser.result("render", name="summarize", values={"lang": key}, text=key)
    assert key not in str(filled)


def test_a_wrong_field_is_named_and_nothing_is_written(browser: Browser) -> None:
    wrong = {
        "name": edit(" ", "x"),
        "messages": edit("n", " "),
        "tags": edit("n", "x", tags=["t" * 51]),
        "variables": edit("n", "x", variables=[{"name": "two words"}]),
        "description": edit("n", "x", description="d" * 2001),
    }
    for field, each in wrong.items():
        error = browser.error("save", edit=each)
        assert error["field"] == field, error
        assert error["hint"]
    taken = browser.error("save", edit=edit("Summarize", "x"))
    assert taken["field"] == "name"
    assert len(browser.names()) == 3


def test_a_form_of_an_old_version_overwrites_nothing_unasked(browser: Browser) -> None:
    library = browser.app.prompts
    browser.app.runtime.run(library.save("diary", prompt("diary", "Changed.")))
    mine = edit("diary", "Mine.", of="diary", base=1)
    error = browser.error("save", edit=mine)
    assert error["code"] == "changed-elsewhere"
    assert "version 2" in error["message"]
    assert browser.result("save", edit=mine, over=True)["version"] == 3
    browser.result("delete", names=["diary"])
    gone = browser.error("save", edit={**mine, "base": 3})
    assert gone["code"] == "changed-elsewhere"
    assert browser.result("save", edit=mine, over=True)["version"] == 1


def test_what_was_typed_is_there_for_the_next_page(browser: Browser) -> None:
    typed = edit("half a", "promp")
    browser.result("draft", edit=typed)
    draft = browser.result("snapshot")["draft"]
    assert draft["name"] == "half a"
    assert draft["messages"] == typed["messages"]
    # An error keeps it, and saving it ends it.
    browser.error("save", edit=edit("", "x"))
    assert "draft" in browser.result("snapshot")
    browser.result("save", edit=typed)
    assert "draft" not in browser.result("snapshot")


def test_an_encrypted_prompt_needs_the_vault(browser: Browser) -> None:
    locked = browser.error("save", edit=edit("secret", "Hush.", encrypted=True))
    assert locked["code"]
    assert "secret" not in browser.names()
    browser.app.vault.create(PASSWORD)
    browser.result("save", edit=edit("secret", "Hush.", encrypted=True))
    mine = edit("diary", "Quite private.", of="diary", base=1, encrypted=True)
    browser.result("save", edit=mine)
    rows = browser.result("find", **PLACE)["rows"]
    assert {row["name"] for row in rows if row["encrypted"]} == {"secret", "diary"}
    assert browser.names(query="private") == []
    browser.app.vault.lock()
    assert browser.error("prompt", name="diary")["hint"]
    assert browser.error("duplicate", name="diary")["hint"]


def test_deleted_prompts_are_restored(browser: Browser) -> None:
    gone = browser.result("delete", names=["diary", "SUMMARIZE"])
    assert gone["names"] == ["diary", "summarize"]
    assert browser.names() == ["translate"]
    browser.result("restore", names=gone["names"])
    assert len(browser.names()) == 3
    copy = browser.result("duplicate", name="diary")
    assert copy["name"] == "diary (copy)"


def test_prompts_are_exported_to_a_path_and_to_the_page(
    browser: Browser, tmp_path: Path
) -> None:
    place = str(tmp_path / "out")
    written = browser.result("export", format="markdown", path=place)
    assert written["count"] == written["files"] == 3
    assert (tmp_path / "out" / "diary.md").read_text().strip().endswith("Dear diary")
    again = browser.result(
        "export", format="markdown", path=place, names=["translate", "diary"]
    )
    assert {Path(each).name for each in again["existing"]} == {
        "diary.md",
        "translate.md",
    }
    browser.result("export", format="markdown", path=place, overwrite=True)
    one = browser.result("export", format="markdown", names=["diary"])
    assert one["file_name"] == "diary.md"
    assert browser.error("export", format="markdown", names=["none"])["message"]
    (tmp_path / "file").write_text("in the way")
    wrong = browser.error(
        "export", format="markdown", path=str(tmp_path / "file" / "below")
    )
    assert "cannot be written" in wrong["message"]


def test_the_place_is_there_for_the_next_page(browser: Browser) -> None:
    place = {**PLACE, "query": "dia", "open": "diary"}
    browser.result("place", **place)
    again = browser.result("hello")
    assert again["place"] == place
    assert [row["name"] for row in again["found"]["rows"]] == ["diary"]


def test_a_view_begins_with_the_words_of_its_command(page: Page, app: Parllama) -> None:
    app.runtime.run(app.prompts.add(prompt("greet", "Hello.")))
    browser = Browser(page, app, PromptBrowser(app, "nothing"))
    browser.greet()
    assert browser.first["found"]["rows"] == []
    browser.view.close()


@pytest.mark.parametrize("send", [False, True])
def test_a_prompt_is_used_in_a_chat_of_the_view(browser: Browser, send: bool) -> None:
    provider = scripted(browser.app)
    browser.app.model = "fake/scripted"
    used = browser.result(
        "use", name="summarize", values={"lang": "Latin"}, text="Arma", send=send
    )
    assert used["model_id"]
    assert used["sent"] is send
    chat = browser.view._chat
    assert chat is not None
    if not send:
        chosen = chat.snapshot().prompt
        assert chosen is not None
        assert (chosen.name, chosen.version, chosen.text) == ("summarize", 1, "Arma")
        assert chosen.values == {"lang": "Latin"}
        return
    eventually(lambda: not chat.session.answering)
    (request,) = provider.requests
    assert [(each.role, each.text) for each in request.messages] == [
        ("system", "Summarize in Latin."),
        ("user", "Arma"),
    ]
    assert chat.session.options["system"] == "Summarize in Latin."
    # A prompt that lacks something is not sent.
    assert not browser.result("use", name="summarize", text="x", send=True)["sent"]
