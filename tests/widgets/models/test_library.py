"""The public library in the view of local models, over a double of the site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from parllama_nb.local_models.library.library import PublicLibrary
from tests.servers.library import LibraryDouble, manifest_of
from tests.servers.ollama import OllamaDouble
from tests.servers.ollama.models import Model

from .asking import Browser


@pytest.fixture(scope="module")
def _site() -> Iterator[LibraryDouble]:
    with LibraryDouble() as site:
        yield site


@pytest.fixture
def site(_site: LibraryDouble, browser: Browser, tmp_path: Path) -> LibraryDouble:
    """The double, which the view's library reads."""
    _site.reset()
    browser.app.local_models.ollama.library = PublicLibrary(
        browser.app.redact,
        base_url=_site.root,
        mirrors={"registry.ollama.ai": _site.root},
        folder=lambda: tmp_path,
    )
    return _site


def test_the_official_models_are_listed_and_asked_for_once(
    browser: Browser, site: LibraryDouble
) -> None:
    found = browser.result("library")
    first = found["models"][0]
    assert first["name"] == "llama9"
    assert first["sizes"] == ["1b", "3b"]
    assert first["pulls"] == 1_200_000
    assert found["now"] - found["fetched"] < 60
    asked = len(site.requests)
    browser.result("library")
    assert len(site.requests) == asked
    browser.result("library", refresh=True)
    assert len(site.requests) > asked


def test_nothing_is_asked_before_the_library_is_looked_at(
    browser: Browser, site: LibraryDouble
) -> None:
    browser.result("hello")
    browser.result("running")
    assert site.requests == []


def test_words_are_searched_by_the_site_itself(
    browser: Browser, site: LibraryDouble
) -> None:
    browser.result("library", query="seer")
    assert site.requests[-1].path == "/search"


def test_tags_say_roughly_whether_they_fit(
    browser: Browser, site: LibraryDouble
) -> None:
    tags = {
        each["name"]: each for each in browser.result("tags", name="llama9")["tags"]
    }
    tag = tags["llama9:3b"]
    assert tag["size"] == 2_000_000_000
    assert tag["context_window"] == 131_072
    assert tag["fit"] in ("yes", "slowly", "no")
    assert tag["reason"]


def test_what_fits_on_another_machine_is_not_said(
    browser: Browser, site: LibraryDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://far.example:11434")
    tags = browser.result("tags", name="llama9")["tags"]
    assert {each["fit"] for each in tags} == {""}


def test_an_old_list_is_given_with_its_reason(
    browser: Browser, site: LibraryDouble
) -> None:
    browser.result("library")
    site.answers["/library"] = (503, {}, "busy")
    found = browser.result("library", refresh=True)
    assert found["models"]
    assert "the list is" in found["note"]


def test_a_model_that_is_not_in_the_library_is_said_with_near_ones(
    browser: Browser, site: LibraryDouble
) -> None:
    error = browser.ask("tags", name="lama9")["error"]
    assert error["code"] == "model-not-found"
    assert "llama9" in error["hint"]


def test_an_update_is_found_and_what_cannot_be_known_says_why(
    browser: Browser, site: LibraryDouble, server: OllamaDouble
) -> None:
    server.library.add(Model("llama9:1b"))
    site.answers["/v2/library/llama9/manifests/1b"] = (200, {}, manifest_of(77))
    models = ["ollama/llama9:1b", "ollama/qwen3-coder:480b-cloud"]
    newer, cloud = browser.result("updates", models=models)["models"]
    assert newer == {"model": "ollama/llama9:1b", "available": True, "note": ""}
    assert "available" not in cloud
    assert cloud["note"] == "it runs in the cloud"
    assert browser.result("updates", models=[])["models"] == []
