"""Providers by name: built in, brought by a plugin, old, wrong, or missing."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from parllama_nb.errors import UnknownProviderError, UsageError
from parllama_nb.plugins import PROVIDERS, Plugins
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.base import Provider
from parllama_nb.providers.openai.provider import OpenAIWire
from parllama_nb.providers.registry import Registry
from parllama_nb.testing import FakeProvider, context

Install = Callable[[str, str], None]

ACME = """
from parllama_nb.providers.base import Provider
from parllama_nb.providers.spec import Spec

spec = Spec("acme-data", "Acme", "openai", base_url="https://acme.example/v1")

class Acme(Provider):
    spec = Spec("acme", "Acme", "acme", key="none")
    async def models(self):
        return []
    async def stream(self, request, report):
        yield

class Odd(Acme):
    spec = Spec("odd", "Odd", "odd")
    def __init__(self, spec, context):
        raise ValueError("cannot\\nbe made")

class Nameless(Provider):
    pass

taken = Spec("openai", "Mine", "openai")
shouting = Spec("ACME/Two", "Acme", "openai")
speechless = Spec("speechless", "Acme", "morse")
again = Spec("acme-data", "Acme", "openai")
number = 7
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package with one module and one entry point, as pip would."""
    monkeypatch.syspath_prepend(str(tmp_path))
    count = itertools.count()

    def place(entry: str, source: str = ACME) -> None:
        n = next(count)
        module = f"plugin_{tmp_path.name}_{n}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: {module}\nVersion: 1.0\n")
        name, _, attribute = entry.partition("=")
        (info / "entry_points.txt").write_text(
            f"[{PROVIDERS}]\n{name} = {module}:{attribute}\n"
        )

    return place


@pytest.fixture
def registry() -> Registry:
    return Registry(context(), Plugins())


def test_the_built_in_providers_are_there(registry: Registry) -> None:
    assert registry.names() == list(SPECS)
    assert {"openai", "ollama", "anthropic", "gemini", "azure", "openrouter"} <= set(
        registry.names()
    )


def test_a_provider_is_made_once_and_when_it_is_asked_for(registry: Registry) -> None:
    one = registry.get("groq")
    assert isinstance(one, OpenAIWire)
    assert one.spec is SPECS["groq"]
    assert registry.get("Groq") is one
    assert list(registry._made) == ["groq"]


@pytest.mark.parametrize(
    ("text", "provider", "model"),
    [
        ("openai/gpt-5-mini", "openai", "gpt-5-mini"),
        ("ollama/llama3.2:1b", "ollama", "llama3.2:1b"),
        (
            "openrouter/meta-llama/llama-3.3-70b",
            "openrouter",
            "meta-llama/llama-3.3-70b",
        ),
        ("ollama/hf.co/a/b:Q4", "ollama", "hf.co/a/b:Q4"),
        (" OpenAI/gpt-5 ", "openai", "gpt-5"),
        ("LlamaCpp/default", "llamacpp", "default"),
        ("llama.cpp/default", "llamacpp", "default"),
        ("XAI/grok-4", "xai", "grok-4"),
        ("Deepseek/deepseek-chat", "deepseek", "deepseek-chat"),
        ("LiteLLM_proxy/x", "litellm_proxy", "x"),
        ("Google/gemini-3-flash", "gemini", "gemini-3-flash"),
        ("Anthropic/claude-opus-5", "anthropic", "claude-opus-5"),
        ("Claude/claude-opus-5", "anthropic", "claude-opus-5"),
        ("Azure/my-deployment", "azure", "my-deployment"),
        ("OpenRouter/x", "openrouter", "x"),
    ],
)
def test_a_model_is_named_provider_and_model(
    registry: Registry, text: str, provider: str, model: str
) -> None:
    assert registry.parse(text) == (provider, model)


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("gpt-5-mini", "openai/gpt-5-mini"),
        ("o3-mini", "openai/o3-mini"),
        ("llama3.2:1b", "ollama/llama3.2:1b"),
        ("smollm2", "embedded/smollm2"),
        ("grok-4", "xai/grok-4"),
        ("claude-opus-5", "anthropic/claude-opus-5"),
        ("gemini-3-flash", "gemini/gemini-3-flash"),
        ("mistral-large-latest", "mistral/mistral-large-latest"),
        ("mistral", "mistral/MODEL"),
        ("OpenAI", "openai/MODEL"),
        ("openai/", "openai/MODEL"),
        ("/gpt-5", "openai/gpt-5"),
        ("", "ollama/"),
        ("/", "ollama/"),
    ],
)
def test_a_name_without_its_provider_is_explained(
    registry: Registry, text: str, guess: str
) -> None:
    with pytest.raises(UsageError, match="models are named provider/model") as caught:
        registry.parse(text)
    assert guess in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "near"), [("opena", "openai"), ("grok", "groq"), ("olama", "ollama")]
)
def test_near_misses_of_a_provider_are_offered(
    registry: Registry, name: str, near: str
) -> None:
    for call in (registry.get, registry.spec, lambda n: registry.parse(f"{n}/x")):
        with pytest.raises(UnknownProviderError) as caught:
            call(name)
        assert f"'{name}'" in caught.value.message
        assert near in (caught.value.hint or "")


def test_a_provider_that_is_not_there_names_those_that_are(registry: Registry) -> None:
    with pytest.raises(UnknownProviderError) as caught:
        registry.get("zzz")
    assert "openai" in (caught.value.hint or "")


def test_a_provider_that_is_no_more_says_so(registry: Registry) -> None:
    with pytest.raises(UnknownProviderError, match="shut down on 30 July 2026"):
        registry.parse("Github/gpt-4o")


async def test_all_providers_are_closed_though_one_fails(registry: Registry) -> None:
    class Failing(FakeProvider):
        async def aclose(self) -> None:
            raise OSError

    class Closing(FakeProvider):
        done = False

        async def aclose(self) -> None:
            self.done = True

    closing = Closing()
    registry._made = {"a": Failing(), "b": closing}
    await registry.aclose()
    assert closing.done


def test_a_plugin_brings_a_provider_as_a_class(
    registry: Registry, install: Install
) -> None:
    install("anything=Acme", ACME)
    assert registry.names()[-1] == "acme"
    assert registry.spec("acme").title == "Acme"
    provider = registry.get("acme")
    assert isinstance(provider, Provider)
    assert type(provider).__name__ == "Acme"
    assert registry.parse("acme/x/y") == ("acme", "x/y")
    assert registry.plugins.failures == {}


def test_a_plugin_brings_a_provider_as_data(
    registry: Registry, install: Install
) -> None:
    install("anything=spec", ACME)
    assert isinstance(registry.get("acme-data"), OpenAIWire)


@pytest.mark.parametrize(
    ("attribute", "reason"),
    [
        ("missing", "AttributeError"),
        ("number", "neither a Spec nor a subclass"),
        ("Nameless", "neither a Spec nor a subclass"),
        ("taken", "openai is built in"),
        ("shouting", "'ACME/Two' is not a name"),
        ("speechless", "'morse' is not a wire format"),
    ],
)
def test_a_bad_plugin_is_listed_with_its_reason(
    registry: Registry,
    install: Install,
    caplog: pytest.LogCaptureFixture,
    attribute: str,
    reason: str,
) -> None:
    install(f"bad={attribute}", ACME)
    install("good=Acme", ACME)
    assert registry.names() == [*SPECS, "acme"]
    assert list(registry.plugins.failures) == ["bad"]
    assert reason in registry.plugins.failures["bad"]
    assert "plugin bad is not used" in caplog.text


@pytest.mark.parametrize(
    "source", ["raise RuntimeError('two\\nlines')", "import sys; sys.exit(3)", "def ("]
)
def test_a_plugin_that_breaks_on_import_is_never_fatal(
    registry: Registry, install: Install, source: str
) -> None:
    install("broken=x", source)
    assert registry.names() == list(SPECS)
    assert "\n" not in registry.plugins.failures["broken"]
    with pytest.raises(UnknownProviderError) as caught:
        registry.get("broken")
    assert registry.plugins.failures["broken"] in (caught.value.hint or "")


def test_a_plugin_that_cannot_be_made_is_told(
    registry: Registry, install: Install
) -> None:
    install("odd=Odd", ACME)
    with pytest.raises(UnknownProviderError) as caught:
        registry.get("odd")
    assert caught.value.hint == "ValueError: cannot be made"
    assert caught.value.__context__ is None


def test_of_two_plugins_of_one_name_one_is_used(
    registry: Registry, install: Install
) -> None:
    install("one=spec", ACME)
    install("two=again", ACME)
    assert registry.names() == [*SPECS, "acme-data"]
    assert len(registry.plugins.failures) == 1


def test_plugins_are_not_looked_for_before_they_are_needed(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(**_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(metadata, "entry_points", never)
    registry.get("openai")
    assert registry.parse("ollama/x")
    with pytest.raises(AssertionError):
        registry.names()


def test_plugins_are_loaded_once(
    registry: Registry, install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "loads", [], raising=False)
    install("acme=Acme", f"import sys; sys.loads.append(1)\n{ACME}")
    for _ in range(3):
        registry.names()
    assert sys.loads == [1]  # type: ignore[attr-defined]
