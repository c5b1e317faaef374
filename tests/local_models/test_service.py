"""The verbs of local models, from a name to a list that has followed."""

from __future__ import annotations

from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.errors import (
    ConnectionFailedError,
    ModelNotFoundError,
    StreamInterruptedError,
    UsageError,
)
from parllama_nb.events import MODELS, Event, ModelsListed, ProgressChanged
from parllama_nb.local_models.creation.creation import Creation
from parllama_nb.local_models.service import ollama_name
from tests.eventually import eventually
from tests.servers.ollama import OllamaDouble


def names(app: Parllama) -> set[str]:
    lists = app.runtime.run(app.model_lists.known(["ollama"]))
    return {model.name for each in lists for model in each.models}


def test_a_pulled_model_is_in_every_list_and_its_layers_were_shown(
    app: Parllama, server: OllamaDouble
) -> None:
    heard: list[Event] = []
    listed: list[Event] = []
    app.events.listen(MODELS, listed.append)
    job = app.local_models.pull("ollama/llama3.2:1b")
    app.events.listen(job.id, heard.append)
    transfer = job.result()
    assert transfer.succeeded
    assert transfer.size == 1_321_082_688
    assert "llama3.2:1b" in names(app)
    assert ModelsListed("ollama") in listed
    last = [each.progress for each in heard if isinstance(each, ProgressChanged)][-1]
    assert last.layers[0].total == 1_321_082_688
    assert all(layer.done == layer.total for layer in last.layers)


def test_the_same_model_pulled_twice_is_one_job(
    app: Parllama, server: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "step", 0.02)
    first = app.local_models.pull("tiny")
    second = app.local_models.pull("ollama/tiny:latest")
    assert first is second
    first.result()
    assert len(server.asked("/api/pull")) == 1


def test_a_pull_that_broke_does_not_go_on_at_another_server(
    app: Parllama, server: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OllamaDouble() as first:
        first.step = 0.02
        monkeypatch.setenv("OLLAMA_HOST", first.host)
        job = app.local_models.pull("sized-50-1000")
        eventually(lambda: job.progress is not None and job.progress.done > 0)
        monkeypatch.setenv("OLLAMA_HOST", server.host)
    with pytest.raises((StreamInterruptedError, ConnectionFailedError)):
        job.result()
    assert server.asked("/api/pull") == []


def test_a_model_that_is_not_there_is_named_with_near_ones(app: Parllama) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        app.runtime.run(app.local_models.copy("ecko", "other"))
    assert caught.value.message == "Ollama: it has no model ecko."
    assert "echo" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["", "two words", "a#b", "embedded/smollm2"])
def test_what_is_no_name_of_ollama_is_refused_before_it_is_sent(
    app: Parllama, server: OllamaDouble, name: str
) -> None:
    with pytest.raises(UsageError):
        app.local_models.pull(name)
    assert server.asked("/api/pull") == []


def test_a_deleted_model_is_gone_and_others_stay_when_one_is_missing(
    app: Parllama,
) -> None:
    failed = app.runtime.run(app.local_models.delete(["echo", "missing"]))
    assert [*failed] == ["missing"]
    assert "echo:latest" not in names(app)


def test_a_model_that_was_made_here_is_compared_only_by_its_name(
    app: Parllama,
) -> None:
    app.local_models.create(Creation("mario", from_model="echo")).result()
    every = app.runtime.run(app.local_models.updates())
    [made] = [each for each in every if each.model == "mario:latest"]
    assert (made.available, made.note) == (None, "it was made from echo:latest")
    [named] = app.runtime.run(app.local_models.updates(["mario"]))
    assert "made from" not in named.note


def test_details_are_asked_for_once_for_each_digest(
    app: Parllama, server: OllamaDouble
) -> None:
    async def twice() -> Any:
        first = await app.local_models.details("echo")
        assert await app.local_models.details("echo:latest") is first
        return first

    shown = app.runtime.run(twice())
    assert (shown.family, shown.quantization) == ("llama", "Q4_K_M")
    assert shown.context_window == 8192
    assert len(server.asked("/api/show")) == 1


def test_details_of_a_name_that_is_another_model_now_are_its_own(
    app: Parllama, server: OllamaDouble
) -> None:
    app.runtime.run(app.local_models.details("echo"))
    app.runtime.run(app.local_models.delete(["echo"]))
    app.runtime.run(app.local_models.copy("think", "echo"))
    shown = app.runtime.run(app.local_models.details("echo"))
    assert shown.capabilities is not None
    assert "thinking" in shown.capabilities


def test_a_loaded_model_runs_until_it_is_unloaded(app: Parllama) -> None:
    app.local_models.load("echo", "10m").result()
    [one] = app.runtime.run(app.local_models.running())
    assert (one.id, one.until is not None) == ("ollama/echo:latest", True)
    app.runtime.run(app.local_models.unload("echo"))
    assert app.runtime.run(app.local_models.running()) == []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("ollama/llama3.2:1b", "llama3.2:1b"),
        ("Me/Mine", "Me/Mine"),
        ("https://ollama.com/library/llama3.2", "llama3.2:latest"),
        ("https://huggingface.co/a/b-GGUF", "huggingface.co/a/b-GGUF:latest"),
        ("http://localhost:5000/a/b:1", "http://localhost:5000/a/b:1"),
    ],
)
def test_a_model_is_named_as_typed_or_by_the_address_of_its_page(
    written: str, name: str
) -> None:
    assert ollama_name(written) == name


def test_a_loaded_model_is_unloaded_before_it_is_deleted(
    app: Parllama, server: OllamaDouble
) -> None:
    app.local_models.load("echo").result()
    assert app.runtime.run(app.local_models.delete(["echo"])) == {}
    assert server.loaded == {}
