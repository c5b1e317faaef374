"""What tests of views need: a page that records, and a loop of virtual time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from parllama_nb.application import Parllama

from ..own_app import own_app
from ..virtual_time import OnLoop, VirtualLoop, virtual_loop
from .recording import Page


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    return Page(monkeypatch)


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    with virtual_loop() as loop:
        yield loop


@pytest.fixture
def app(loop: VirtualLoop) -> Iterator[Parllama]:
    """An app whose service loop is the test's own."""
    with own_app() as app:
        real = app.runtime
        app.runtime = app.jobs.runtime = OnLoop(loop)
        yield app
        app.runtime = app.jobs.runtime = real
