"""A view of the prompt library over the real app, and a source that a test drives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import ClassVar

import pytest

from parllama_nb.application import Parllama
from parllama_nb.events import Progress
from parllama_nb.plugins import PROMPT_SOURCES
from parllama_nb.prompting.library.prompt import Prompt
from parllama_nb.prompting.sources.source import (
    Found,
    Problem,
    PromptSource,
    Report,
    SourceContext,
)
from parllama_nb.widgets.prompts.view import PromptBrowser
from tests.own_app import own_app
from tests.vaults.weak import weak_policy

from ..recording import Page
from .asking import Browser, prompt


class DrivenSource(PromptSource):
    """Offers what a test put there, once the test lets it."""

    name = "driven"
    title = "Driven"
    location = "anywhere"
    needs_location = False

    prompts: ClassVar[tuple[Prompt, ...]] = ()
    waits: ClassVar[bool] = False
    fails: ClassVar[Exception | None] = None

    async def read(
        self,
        location: str | None,
        report: Report,
        context: SourceContext,
        *,
        refresh: bool = False,
    ) -> Found:
        report(Progress("downloading", 3, 10, "bytes", percent=12))
        while type(self).waits:  # noqa: ASYNC110 - a test on another thread lets it
            await asyncio.sleep(0.005)
        if type(self).fails is not None:
            raise type(self).fails
        return Found(
            type(self).prompts,
            (Problem("broken.md", "It is not UTF-8."),),
            origin=location or "here",
            from_cache=1_700_000_000.0,
        )


@pytest.fixture
def source(app: Parllama) -> type[DrivenSource]:
    """A source of two prompts."""
    DrivenSource.prompts = (prompt("greet", "Hello."), prompt("leave", "Bye."))
    DrivenSource.waits, DrivenSource.fails = False, None
    app.plugins.provide(PROMPT_SOURCES, "driven", DrivenSource)
    return DrivenSource


@pytest.fixture
def app() -> Iterator[Parllama]:
    """An app whose vault is fast to unlock."""
    with own_app() as app:
        app.vault.policy = weak_policy()
        app.plugins.ignore_installed(PROMPT_SOURCES)
        yield app


@pytest.fixture
def browser(page: Page, app: Parllama) -> Iterator[Browser]:
    """A view that a page shows, of a library with three prompts."""
    for each in (
        prompt("summarize", "Summarize in {{lang}}.", lang=None),
        prompt(
            "translate", "Translate into {{lang}}: {{input}}", lang="fr", input=None
        ),
        prompt("diary", "Dear diary"),
    ):
        app.runtime.run(app.prompts.add(each))
    browser = Browser(page, app, PromptBrowser(app))
    browser.greet()
    yield browser
    browser.view.close()
