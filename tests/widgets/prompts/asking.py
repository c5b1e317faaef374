"""A page that shows the prompt library, and what it asks, on the loop of a real app."""

from __future__ import annotations

from typing import Any

from parllama_nb.application import Parllama
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.library.variables import Variable
from parllama_nb.providers.messages import Message
from parllama_nb.widgets.prompts.view import PromptBrowser
from tests.eventually import eventually

from .. import room
from ..recording import Page

__all__ = ["PLACE", "Browser", "edit", "prompt"]

PLACE: dict[str, Any] = {"query": "", "tags": [], "favourites": False, "open": ""}


def prompt(name: str, text: str, /, **variables: str | None) -> Prompt:
    """A prompt with a system prompt, and variables by their defaults."""
    return Prompt(
        name,
        (Message.of("system", text),),
        description=f"What {name} does.",
        tags=(name[0],),
        variables=tuple(Variable(each, value) for each, value in variables.items()),
    )


def edit(name: str, text: str, **more: Any) -> dict[str, Any]:
    """What the form of a prompt says."""
    messages = [{"role": "system", "text": text}]
    return {"name": name, "messages": messages, **more}


class Shown(room.Shown):
    """What a page shows after a snapshot and the events that came since."""

    def show(self, snapshot: dict[str, Any]) -> None:
        self.revision = snapshot["revision"]
        self.importing = snapshot["importing"]

    def change(self, event: str, data: dict[str, Any]) -> None:
        if event == "prompts":
            self.revision = data["revision"]
        elif event == "import":
            self.importing = data
        elif event == "jobs":
            for job in data["changed"]:
                if job["id"] == self.importing.get("job", {}).get("id"):
                    self.importing = {**self.importing, "job": job}


class Browser:
    """A view and the page that shows it."""

    def __init__(self, page: Page, app: Parllama, view: PromptBrowser) -> None:
        self.page, self.app, self.view = page, app, view
        self.first: dict[str, Any] = {}

    def greet(self) -> None:
        self.first = self.result("hello")

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The response to a request, once it is there."""
        asked = self.page.ask(self.view, method, **params)
        eventually(lambda: self.page.responses(asked))
        return self.page.response(asked)

    def result(self, method: str, **params: Any) -> dict[str, Any]:
        response = self.ask(method, **params)
        assert "error" not in response, response
        result: dict[str, Any] = response["result"]
        return result

    def error(self, method: str, **params: Any) -> dict[str, Any]:
        error: dict[str, Any] = self.ask(method, **params)["error"]
        return error

    def names(self, **place: Any) -> list[str]:
        found = self.result("find", **{**PLACE, **place})
        return [row["name"] for row in found["rows"]]

    @property
    def shown(self) -> Shown:
        shown = Shown(self.first)
        for event in [*self.page.events]:
            shown.hear(event)
        return shown

    def reached(self, stage: str) -> dict[str, Any]:
        """The import once the page knows that it stands there."""
        eventually(lambda: self.shown.importing["stage"] == stage)
        return self.shown.importing
