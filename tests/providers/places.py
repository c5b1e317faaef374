"""Where the matrix sends each provider: a real server, or a double of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from parllama_nb.providers.address import SPECS
from parllama_nb.providers.embedded.engine import Engine
from parllama_nb.providers.spec import Spec
from tests.servers import bedrock
from tests.servers.anthropic import AnthropicDouble
from tests.servers.bedrock import Asked, BedrockDouble
from tests.servers.double import Recorded
from tests.servers.litellm_proxy import LiteLLMProxy
from tests.servers.ollama import OllamaDouble
from tests.servers.openai_sse import OpenAIDouble

from .conftest import KEY

__all__ = ["Place", "Servers"]

_FAULTS = {
    "rate limit": "fault-429-retry-after",
    "cut": "fault-cut",
    "stall": "fault-stall",
    "echoed key": "fault-401-echo",
}
"""The models of a double that fail so."""


@dataclass(frozen=True)
class Place:
    """A server that a provider is sent to: where, with which key, what it has.

    `key_name` is what the key is looked for under. `prefix` goes before every model's
    name. `waits` is how many seconds the server asks to wait, None where it is silent.
    `record` is that of a double.
    """

    environ: dict[str, str]
    key: str
    model: str
    key_name: str = ""
    prefix: str = ""
    faults: Mapping[str, str] = field(default_factory=lambda: _FAULTS)
    waits: float | None = 7
    record: Sequence[Recorded | Asked] = ()

    @property
    def questions(self) -> list[Recorded | Asked]:
        """The requests for an answer that a double has got."""
        return [each for each in self.record if "messages" in (each.body or {})]

    def fault(self, name: str) -> str:
        """The model that fails so."""
        return self.prefix + self.faults[name]


@dataclass
class Servers:
    """All servers there are; engine and proxy are started with the first call."""

    openai: OpenAIDouble
    anthropic: AnthropicDouble
    ollama: OllamaDouble
    bedrock: BedrockDouble
    engine: Callable[[], Engine]
    proxy: Callable[[], LiteLLMProxy]

    def lock(self, key: str | None) -> None:
        """Let the doubles refuse every other key; Bedrock's has its own always."""
        self.openai.key = self.anthropic.key = self.ollama.key = key

    def place(self, name: str, where: str) -> Place:
        """Where a provider finds a server of that kind."""
        if name == "embedded":
            return Place({}, "", "smollm2")
        if name == "litellm":
            return self._for_litellm(where)
        spec = SPECS[name]
        return self._double(spec) if where == "double" else self._real(spec)

    def _double(self, spec: Spec) -> Place:
        key_name = spec.key_env[0]
        if spec.name == "bedrock":
            return self._aws(key_name)
        if spec.name == "ollama":
            environ = {spec.url_env[0]: self.ollama.url}
            faults = _FAULTS | {"rate limit": "fault-429", "echoed key": "fault-401"}
            record = self.ollama.requests
            return Place(
                environ, KEY, "echo:latest", key_name, faults=faults, record=record
            )
        double = self.anthropic if spec.name == "anthropic" else self.openai
        url = double.root if spec.wire == "azure" else double.url
        environ = {spec.url_env[0]: url}
        return Place(environ, KEY, "echo", key_name, record=double.requests)

    def _real(self, spec: Spec) -> Place:
        key_name = spec.key_env[0]
        if spec.name == "llamacpp":
            engine = self.engine()
            environ = {spec.url_env[0]: f"{engine.url}/v1"}
            return Place(environ, engine.key.reveal(), engine.load.name, key_name)
        proxy = self.proxy()
        # Gemini's own path of the OpenAI format has the one of OpenAI as its end.
        path = "/v1" if spec.name in ("openai", "gemini") else ""
        environ = {spec.url_env[0]: f"{proxy.url}{path}"}
        if spec.name == "azure":
            environ["OPENAI_API_VERSION"] = "2024-10-21"
        return Place(environ, proxy.key, proxy.model, key_name)

    def _aws(self, key_name: str) -> Place:
        url, model = self.bedrock.url, "double.echo-v1:0"
        environ = {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
            "AWS_ENDPOINT_URL_BEDROCK": url,
            "AWS_REGION": bedrock.REGION,
        }
        # AWS does not say how long to wait; a key that it refuses, it repeats.
        faults = {
            "rate limit": "fault.throttled",
            "cut": "fault.cut",
            "stall": "fault.stall",
            "echoed key": model,
        }
        return Place(
            environ,
            bedrock.BEARER,
            model,
            key_name,
            faults=faults,
            waits=None,
            record=self.bedrock.requests,
        )

    def _for_litellm(self, where: str) -> Place:
        """A server of the kind that litellm calls `hosted_vllm`."""
        url, key, model = self.openai.url, KEY, "echo"
        record = self.openai.requests
        if where == "real":
            engine = self.engine()
            url, key, model = f"{engine.url}/v1", engine.key.reveal(), engine.load.name
        environ, maker = {"HOSTED_VLLM_API_BASE": url}, "hosted_vllm/"
        key_name, named = "HOSTED_VLLM_API_KEY", f"{maker}{model}"
        return Place(environ, key, named, key_name, maker, record=record)
