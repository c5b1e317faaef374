"""Sources by name, those of plugins, and which one a location belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from parllama_nb.errors import UsageError
from parllama_nb.plugins import PROMPT_SOURCES, Plugins
from parllama_nb.prompting.sources.markdown.source import MarkdownSource
from parllama_nb.prompting.sources.registry import PromptSources
from parllama_nb.prompting.sources.source import PromptSource


@pytest.fixture
def sources() -> PromptSources:
    plugins = Plugins()
    plugins.ignore_installed(PROMPT_SOURCES)
    return PromptSources(plugins)


class Acme(MarkdownSource):
    name = "acme"


class Nameless(MarkdownSource):
    name = "Not a name"


class Taken(MarkdownSource):
    name = "csv"


class Untitled(MarkdownSource):
    name = "untitled"
    title = 3  # type: ignore[assignment]


class Unreadable(PromptSource):
    name = "unreadable"
    title = "Unreadable"
    location = "nowhere"


class Failing(MarkdownSource):
    name = "failing"

    def __init__(self) -> None:
        message = "no\nluck"
        raise OSError(message)


def test_every_built_in_source_has_the_name_it_is_found_by(
    sources: PromptSources,
) -> None:
    assert [source.name for source in sources.all()] == sources.names()
    assert sources.get(" Markdown ").name == "markdown"
    assert sources.get("md").name == "markdown"


def test_an_unknown_source_is_an_error_with_a_near_name(
    sources: PromptSources,
) -> None:
    with pytest.raises(UsageError, match="'markdwon'") as caught:
        sources.get("markdwon")
    assert caught.value.hint == "Did you mean markdown?"
    with pytest.raises(UsageError) as caught:
        sources.get("???")
    assert "Available: fabric, markdown, csv" in (caught.value.hint or "")


def test_a_plugin_is_a_source_like_the_others(sources: PromptSources) -> None:
    sources.plugins.provide(PROMPT_SOURCES, "acme", Acme)
    assert sources.names()[-1] == "acme"
    assert isinstance(sources.get("acme"), Acme)


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        (object(), "not a subclass"),
        (Acme(), "not a subclass"),
        (str, "not a subclass"),
        (Unreadable, "no method read"),
        (Untitled, "no title"),
        (Nameless, "'Not a name'"),
        (Taken, "built in"),
        (Acme, "another plugin"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_listed_with_its_reason(
    sources: PromptSources, plugin: object, reason: str
) -> None:
    sources.plugins.provide(PROMPT_SOURCES, "first", Acme)
    sources.plugins.provide(PROMPT_SOURCES, "bad", plugin)
    assert sources.names()[-1] == "acme"
    assert reason in sources.plugins.failures["bad"]


def test_a_plugin_that_fails_is_an_error_with_its_reason(
    sources: PromptSources,
) -> None:
    sources.plugins.provide(PROMPT_SOURCES, "failing", Failing)
    with pytest.raises(UsageError) as caught:
        sources.get("failing")
    assert caught.value.hint == "OSError: no luck"


@pytest.mark.parametrize(
    ("files", "location", "expected"),
    [
        (["p.csv"], "p.csv", "csv"),
        (["p.TSV"], "p.TSV", "csv"),
        (["p.json"], "p.json", "json"),
        (["p.jsonl"], "p.jsonl", "json"),
        (["p.yaml"], "p.yaml", "llm"),
        (["p.prompt.md"], "p.prompt.md", "markdown"),
        (["a.md", "b.md", "c.json"], ".", "markdown"),
        (["a/a.md"], ".", "markdown"),
        (["a.yaml", "b.yml"], ".", "llm"),
        (["a.json"], ".", "json"),
        (["prompts/x.json", "settings.json"], ".", "parllama"),
        (["a/system.md", "b/system.md"], ".", "fabric"),
        (["data/patterns/a/system.md", "data/patterns/b/system.md"], ".", "fabric"),
        (["fabric-main.zip"], "fabric-main.zip", "fabric"),
    ],
)
def test_the_source_of_a_location_is_guessed(
    sources: PromptSources,
    tmp_path: Path,
    files: list[str],
    location: str,
    expected: str,
) -> None:
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert sources.guess(str(tmp_path / location)) == expected


def test_a_file_of_parllama_is_known_by_what_is_in_it(
    sources: PromptSources, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_text('{"submit_on_load": false}')
    assert sources.guess(str(tmp_path / "x.json")) == "parllama"
    assert sources.guess(str(tmp_path)) == "parllama"


@pytest.mark.parametrize("name", ["x.exe", "nothing", "no\0where", "~nobody/x", ""])
def test_a_location_unlike_all_sources_is_an_error(
    sources: PromptSources, tmp_path: Path, name: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    location = name if name.startswith("~") else str(empty / name)
    with pytest.raises(UsageError, match="not like any source") as caught:
        sources.guess(location)
    assert "markdown, csv" in (caught.value.hint or "")
