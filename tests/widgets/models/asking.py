"""A page that shows local models, and what it asks, on the loop of a real app."""

from __future__ import annotations

from typing import Any

from parllama_nb.application import Parllama
from parllama_nb.widgets.models.view import ModelBrowser
from tests.eventually import eventually

from .. import room
from ..recording import Page

__all__ = ["Browser"]


class Shown(room.Shown):
    """What a page shows after a snapshot and the events that came since."""

    models: dict[str, dict[str, Any]]
    lists: dict[str, dict[str, Any]]
    jobs: dict[str, dict[str, Any]]

    def show(self, snapshot: dict[str, Any]) -> None:
        self.models = {row["id"]: row for row in snapshot["models"]}
        self.lists = {each["provider"]: each for each in snapshot["lists"]}
        self.jobs = {job["id"]: job for job in snapshot["jobs"]}

    def change(self, event: str, data: dict[str, Any]) -> None:
        if event == "jobs":
            self.jobs |= {job["id"]: job for job in data["changed"]}
        else:
            assert event == "models"
            self.models |= {row["id"]: row for row in data["changed"]}
            for gone in data["gone"]:
                self.models.pop(gone)
            self.lists = {each["provider"]: each for each in data["lists"]}


class Browser:
    """A view and the page that shows it."""

    def __init__(self, page: Page, app: Parllama, view: ModelBrowser) -> None:
        self.page, self.app, self.view = page, app, view
        self.first: dict[str, Any] = {}

    def greet(self) -> None:
        self.first = self.result("hello")
        eventually(lambda: not any(each["listing"] for each in self.lists.values()))

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

    @property
    def shown(self) -> Shown:
        shown = Shown(self.first)
        for event in [*self.page.events]:
            shown.hear(event)
        return shown

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        return self.shown.models

    @property
    def lists(self) -> dict[str, dict[str, Any]]:
        return self.shown.lists

    def ended(self, job_id: str) -> dict[str, Any]:
        """A job once the page knows that it has ended."""

        def job() -> dict[str, Any]:
            return self.shown.jobs.get(job_id, {"state": "running"})

        eventually(lambda: job()["state"] != "running")
        return job()
