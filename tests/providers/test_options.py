"""What the user has chosen for a provider: in force at once, and off means off."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Self

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS
from parllama_nb.commands.completion import complete
from parllama_nb.errors import ParllamaError, ProviderDisabledError
from parllama_nb.plugins import Plugins
from parllama_nb.providers.address import SPECS, address
from parllama_nb.providers.registry import Registry
from parllama_nb.providers.spec import ProviderOptions, Spec, Timeouts
from parllama_nb.testing import context
from tests.own_app import own_app, result_of
from tests.servers.openai_sse import OpenAIDouble

from .conftest import ask

REACHABLE = [spec for spec in SPECS.values() if spec.base_url or spec.url_env]


class Door:
    """Listens, counts who connects, and closes the door at once."""

    def __init__(self) -> None:
        self.count = 0
        self.knocked = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        while True:
            visitor, _ = self._socket.accept()
            with visitor:
                if visitor.recv(1) == b"!":
                    return
                self.count += 1
                self.knocked.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        host, port = self.address.split(":")
        with socket.create_connection((host, int(port))) as last:
            last.sendall(b"!")
        self._thread.join(10)
        self._socket.close()


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as door:
        yield door


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, door: Door) -> Iterator[Parllama]:
    """An app whose every provider is behind the door, and has a key."""
    with own_app() as app:
        for spec in REACHABLE:
            for name in spec.key_env:
                monkeypatch.setenv(name, "sk-door-sentinel")
            for name in spec.url_env:
                monkeypatch.setenv(name, f"http://{door.address}/v1")
        yield app


@pytest.mark.parametrize("spec", REACHABLE, ids=lambda spec: spec.name)
def test_the_address_that_was_chosen_is_asked(
    app: Parllama, door: Door, monkeypatch: pytest.MonkeyPatch, spec: Spec
) -> None:
    for name in spec.url_env:
        monkeypatch.setenv(name, "http://127.0.0.1:9/v1")
    app.settings.update({f"providers.{spec.name}.base_url": f"http://{door.address}"})
    # Loading a client library may take longer than a list may.
    app.runtime.run(app.providers.get(spec.name).warm())
    (found,) = app.runtime.run(app.model_lists.get([spec.name], refresh=True))
    assert found.failure
    assert door.count > 0


def everything(app: Parllama) -> None:
    """All that a user can do that asks a provider for something."""
    for name in COMMANDS:
        values: dict[str, object] = {}
        match name:
            case "ask":
                values = {"prompt": "hi"}
            case "providers":
                values = {"action": "test"}
            case "models":
                values = {"refresh": True}
        try:
            result_of(app, name, **values)
        except ParllamaError:
            continue
    for line in ("use ", "ask -m ", "models ", "providers test "):
        complete(COMMANDS, app, line, cell=False)
    complete(COMMANDS, app, "o", cell=True)


def test_a_provider_that_is_off_is_never_contacted(app: Parllama, door: Door) -> None:
    names = [spec.name for spec in REACHABLE]
    result_of(app, "providers", action="disable", words=tuple(names))
    everything(app)
    for name in names:
        for model in (f"{name}/x", f"{name.upper()}/x"):
            with pytest.raises(ProviderDisabledError, match=name):
                result_of(app, "ask", prompt="hi", model=model)
            with pytest.raises(ProviderDisabledError):
                result_of(app, "use", model=model)
        with pytest.raises(ProviderDisabledError):
            result_of(app, "providers", action="test", words=(name,))
        with pytest.raises(ProviderDisabledError):
            result_of(app, "models", words=(name,), refresh=True)
        assert complete(COMMANDS, app, f"use {name}", cell=False) == []
    assert door.count == 0
    # The door does count: one that is on comes to it.
    result_of(app, "providers", action="enable", words=("openai",))
    everything(app)
    assert door.count > 0


def test_the_model_that_was_chosen_says_that_it_is_off(app: Parllama) -> None:
    app.model = "openai/gpt-5"
    app.settings.update({"providers.openai.enabled": False})
    with pytest.raises(ProviderDisabledError) as caught:
        result_of(app, "ask", prompt="hi")
    assert caught.value.hint == "%parllama providers enable openai"


async def test_a_change_takes_effect_with_the_next_request() -> None:
    options: dict[str, ProviderOptions] = {}
    registry = Registry(context({"OPENAI_API_KEY": "k-1"}, options=options), Plugins())
    provider = registry.get("openai")
    with OpenAIDouble() as one, OpenAIDouble() as other:
        for double in (one, other, one):
            options["openai"] = ProviderOptions(base_url=double.url)
            events = provider.stream(ask("echo"), lambda _: None)
            assert [event async for event in events]
        assert (len(one.requests), len(other.requests)) == (2, 1)
        options["openai"] = ProviderOptions(
            base_url=one.url, timeouts=Timeouts(stall=0.1)
        )
        with pytest.raises(ParllamaError, match=r"0\.1 s"):
            async for _ in provider.stream(ask("fault-stall"), lambda _: None):
                pass
    await registry.aclose()


@pytest.mark.parametrize(
    ("name", "chosen", "url"),
    [
        ("openai", "gate.example/v1/", "https://gate.example/v1"),
        ("openai", "http://gate.example", "http://gate.example"),
        ("ollama", "box", "http://box:11434"),
        ("ollama", "https://box/ollama", "https://box:443/ollama"),
        ("groq", "https://api.groq.com", "https://api.groq.com/openai/v1"),
        ("llamacpp", "box:8080/v1", "http://box:8080/v1"),
    ],
)
def test_an_address_is_completed_as_a_variable_is(
    name: str, chosen: str, url: str
) -> None:
    spec = SPECS[name]
    environ = dict.fromkeys(spec.url_env, "http://elsewhere/v1")
    found = address(spec, environ.get, chosen)
    assert (found.url, found.source) == (url, "setting")
    assert address(spec, environ.get).source == spec.url_env[0]
    assert address(spec, lambda _: None).source == ""


def test_an_address_is_shown_without_its_password() -> None:
    environ = {"OLLAMA_HOST": "http://me:pw-sentinel@box:1"}
    found = address(SPECS["ollama"], environ.get)
    assert "pw-sentinel" in found.url
    assert found.shown == "http://box:1"
