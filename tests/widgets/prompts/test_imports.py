"""Imports in the view: read, offered, taken, and found again by another page."""

from __future__ import annotations

from parllama_nb.application import Parllama
from parllama_nb.errors import UsageError
from parllama_nb.widgets.prompts.view import PromptBrowser
from tests.eventually import eventually

from ..recording import Page
from .asking import Browser, prompt
from .conftest import DrivenSource

Source = type[DrivenSource]


def test_sources_are_listed_with_what_they_want(
    browser: Browser, source: Source
) -> None:
    sources = {each["name"]: each for each in browser.result("sources")["sources"]}
    assert sources["fabric"]["needs_location"] is False
    assert sources["markdown"]["writes"] is True
    assert sources[source.name]["title"] == "Driven"


def test_an_import_shows_its_phases_then_an_offer_then_what_it_did(
    browser: Browser, source: Source
) -> None:
    source.waits = True
    begun = browser.result("import", source="driven", location=" there ")
    assert begun["stage"] == "reading"
    assert begun["location"] == "there"

    def progress() -> dict[str, object]:
        found: dict[str, object] = browser.shown.importing["job"].get("progress") or {}
        return found

    eventually(lambda: progress().get("percent") == 12)
    assert progress()["phase"] == "downloading"
    source.waits = False
    browser.reached("offered")
    offer = browser.result("offer")
    assert offer["origin"] == "there"
    assert offer["from_cache"] == 1_700_000_000
    assert offer["problems"] == [{"where": "broken.md", "what": "It is not UTF-8."}]
    assert {each["name"]: each["state"] for each in offer["candidates"]} == {
        "greet": "new",
        "leave": "new",
    }
    assert browser.result("take", names=["greet"])["stage"] in {"taking", "done"}
    done = browser.reached("done")
    assert done["added"] == ["greet"]
    assert "greet" in browser.names()
    assert "leave" not in browser.names()


def test_what_both_changed_is_shown_side_by_side_and_added_beside(
    browser: Browser, source: Source
) -> None:
    source.prompts = (prompt("greet", "Hello."), prompt("diary", "Theirs."))
    browser.result("import", source="driven")
    browser.reached("offered")
    browser.result("take", names=["greet"])
    browser.reached("done")
    library, run = browser.app.prompts, browser.app.runtime.run
    run(library.save("greet", prompt("greet", "Hello, mine.")))
    source.prompts = (prompt("greet", "Hello, theirs."), prompt("diary", "Theirs."))
    browser.result("import", source="driven")
    browser.reached("offered")
    states = {
        each["name"]: (each["state"], each["beside"])
        for each in browser.result("offer")["candidates"]
    }
    assert states == {
        "greet": ("edited", "greet (driven)"),
        "diary": ("taken", "diary (driven)"),
    }
    texts = browser.result("beside", name="greet")
    assert "Hello, mine." in texts["mine"]
    assert "Hello, theirs." in texts["theirs"]
    browser.result("take", names=["greet"])
    assert browser.reached("done")["beside"] == ["greet (driven)"]
    assert run(library.get("greet")).system == "Hello, mine."


def test_an_import_is_stopped_at_any_point(browser: Browser, source: Source) -> None:
    source.waits = True
    browser.result("import", source="driven")
    again = browser.error("import", source="driven")
    assert "under way" in again["message"]
    browser.result("stop_import")
    stopped = browser.reached("failed")
    assert stopped["job"]["state"] == "cancelled"
    assert "error" not in stopped
    source.waits = False
    browser.result("import", source="driven")
    browser.reached("offered")
    browser.result("forget_import")
    assert browser.reached("none")["id"] == ""
    assert browser.error("offer")["hint"]
    assert browser.error("take", names=["greet"])["hint"]


def test_a_source_that_fails_says_why(browser: Browser, source: Source) -> None:
    source.fails = UsageError("There is nothing.", hint="Name another place.")
    browser.result("import", source="driven")
    failed = browser.reached("failed")
    assert failed["error"]["message"] == "There is nothing."
    assert failed["error"]["hint"] == "Name another place."
    second = browser.result("import", source="markdown")["id"]
    eventually(
        lambda: (
            browser.shown.importing["id"] == second
            and browser.shown.importing["stage"] == "failed"
        )
    )
    assert "needs" in browser.shown.importing["error"]["message"]
    assert browser.error("import", source="unknown")["code"] == "usage"


def test_another_page_finds_an_import_that_the_first_began(
    browser: Browser, source: Source, page: Page, app: Parllama
) -> None:
    source.waits = True
    browser.result("import", source="driven")
    browser.view.close()
    later = Browser(page, app, PromptBrowser(app))
    later.page.sent.clear()
    later.greet()
    assert later.first["importing"]["stage"] == "reading"
    source.waits = False
    later.reached("offered")
    later.view.close()
