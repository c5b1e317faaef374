"""Azure OpenAI, against the double: its two APIs, and where the key travels."""

from __future__ import annotations

import pytest

from parllama_nb.errors import AuthenticationError, InvalidResponseError, UsageError
from parllama_nb.providers.address import SPECS
from parllama_nb.providers.messages import Finish
from parllama_nb.providers.openai.azure import AzureWire
from parllama_nb.testing import ProviderConformance, context
from tests.servers.openai_sse import OpenAIDouble

from ..conftest import KEY, ask

DATED = "2024-10-21"


def azure(double: OpenAIDouble, **environ: str) -> AzureWire:
    here = {"AZURE_OPENAI_ENDPOINT": f"{double.root}/", **environ}
    return AzureWire(SPECS["azure"], context({"AZURE_OPENAI_API_KEY": KEY}, here))


@pytest.mark.parametrize("version", ["", DATED])
class TestConformance(ProviderConformance):
    @pytest.fixture
    def provider(self, double: OpenAIDouble, version: str) -> AzureWire:
        return azure(double, OPENAI_API_VERSION=version)

    @pytest.fixture
    def model(self) -> str:
        return "echo"


async def answer(provider: AzureWire) -> list[object]:
    events = [e async for e in provider.stream(ask("echo"), lambda _: None)]
    await provider.aclose()
    return list(events)


async def test_the_dated_api_has_the_deployment_in_its_path_and_its_key_in_a_header(
    double: OpenAIDouble,
) -> None:
    events = await answer(azure(double, OPENAI_API_VERSION=DATED))
    assert isinstance(events[-1], Finish)
    assert double.last.path == "/openai/deployments/echo/chat/completions"
    assert double.last.headers["api-key"] == KEY
    assert "authorization" not in double.last.headers


async def test_the_v1_api_is_the_one_without_a_version(double: OpenAIDouble) -> None:
    events = await answer(azure(double))
    assert isinstance(events[-1], Finish)
    assert double.last.path == "/openai/v1/chat/completions"
    # In the header that is dropped where a redirect leads elsewhere.
    assert double.last.headers["authorization"] == f"Bearer {KEY}"
    assert "api-key" not in double.last.headers


async def test_a_version_that_is_set_later_is_used(double: OpenAIDouble) -> None:
    environ = {"AZURE_OPENAI_ENDPOINT": double.root}
    given = context({"AZURE_OPENAI_API_KEY": KEY}, environ)
    later = dict(environ)
    provider = AzureWire(
        SPECS["azure"],
        type(given)(
            secret=given.secret,
            redact=given.redact,
            environ=later.get,
            cache_dir=given.cache_dir,
        ),
    )
    first = provider.client()
    assert provider.client() is first
    later["OPENAI_API_VERSION"] = DATED
    assert provider.client() is not first
    await provider.aclose()


@pytest.mark.parametrize("version", ["", DATED])
async def test_deployments_are_the_models(double: OpenAIDouble, version: str) -> None:
    provider = azure(double, OPENAI_API_VERSION=version)
    listed = {info.name: info for info in await provider.models()}
    await provider.aclose()
    assert double.last.path == "/openai/deployments"
    assert double.last.headers["api-key"] == KEY
    assert listed["echo"].id == "azure/echo"
    assert listed["echo"].extra["model"] == "gpt-4o"
    assert listed["echo"].modified == "2023-11-14T22:13:20+00:00"


@pytest.mark.parametrize("version", ["", DATED])
async def test_options_have_openais_names(double: OpenAIDouble, version: str) -> None:
    provider = azure(double, OPENAI_API_VERSION=version)
    request = ask("echo", max_tokens=7, reasoning="low")
    async for _ in provider.stream(request, lambda _: None):
        pass
    await provider.aclose()
    assert double.last.body["max_completion_tokens"] == 7
    assert double.last.body["reasoning_effort"] == "low"


async def test_what_the_environment_holds_for_others_is_not_sent(
    double: OpenAIDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "token-mine")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_API_KEY", "key-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: custom-mine")
    for version in ("", DATED):
        await answer(azure(double, OPENAI_API_VERSION=version))
        assert "mine" not in str(double.last.headers)
        assert "stainless-os" not in str(double.last.headers).lower()


@pytest.mark.parametrize("version", ["", DATED])
async def test_a_wrong_key_is_told_and_shown_nowhere(version: str) -> None:
    with OpenAIDouble(key="another") as strict:
        provider = azure(strict, OPENAI_API_VERSION=version)
        for asking in (answer(provider), provider.models()):
            with pytest.raises(AuthenticationError) as caught:
                await asking
            assert "AZURE_OPENAI_API_KEY" in (caught.value.hint or "")
            assert KEY not in f"{caught.value!r}{caught.value}"
        await provider.aclose()


async def test_an_endpoint_is_asked_for_by_its_name() -> None:
    provider = AzureWire(SPECS["azure"], context({"AZURE_OPENAI_API_KEY": KEY}))
    with pytest.raises(UsageError, match="has no default address") as caught:
        await provider.models()
    assert "AZURE_OPENAI_ENDPOINT" in (caught.value.hint or "")


async def test_an_address_without_azures_paths_is_told(double: OpenAIDouble) -> None:
    environ = {"AZURE_OPENAI_ENDPOINT": f"{double.root}/elsewhere"}
    provider = AzureWire(
        SPECS["azure"], context({"AZURE_OPENAI_API_KEY": KEY}, environ)
    )
    for asking in (answer(provider), provider.models()):
        with pytest.raises(InvalidResponseError, match="no such API"):
            await asking
    await provider.aclose()
