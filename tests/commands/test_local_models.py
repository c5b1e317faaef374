"""The commands of local models, as a user reads what they say."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS
from parllama_nb.commands.completion import complete
from parllama_nb.commands.local_models.together import error_of_all
from parllama_nb.errors import (
    AuthenticationError,
    InvalidResponseError,
    ModelNotFoundError,
    ParllamaError,
    ProviderDisabledError,
    UsageError,
)

from ..own_app import own_app, result_of
from ..servers.ollama import OllamaDouble


@pytest.fixture
def server() -> Iterator[OllamaDouble]:
    with OllamaDouble() as double:
        yield double


@pytest.fixture
def app(server: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    monkeypatch.setenv("OLLAMA_HOST", server.host)
    # The library, which is asked for near names, is out of reach.
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with own_app() as app:
        yield app


def loaded(app: Parllama) -> dict[str, Any]:
    return {each.id: each for each in app.runtime.run(app.local_models.running())}


# Several models, some of which fail.


def test_deleting_several_that_are_not_there_names_each(app: Parllama) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        result_of(app, "delete", models=("nosuch", "neither"))
    for name in ("nosuch", "neither"):
        assert f"it has no model {name}." in str(caught.value)


def test_pulling_several_of_which_all_fail_leaves_each_job_its_own_error(
    app: Parllama,
) -> None:
    with pytest.raises(ModelNotFoundError) as caught:
        result_of(app, "pull", models=("nosuch", "neither"))
    assert "nosuch" in str(caught.value)
    assert "neither" in str(caught.value)
    jobs = {job.title: job for job in app.jobs.list()}
    assert "neither" not in str(jobs["pull nosuch"].error)


def _sharing(kind: type[UsageError], values: dict[str, object]) -> UsageError:
    made = kind.__new__(kind)
    made.__dict__ = values
    return made


@pytest.mark.parametrize("copies", ["as usual", "as tblib does"])
def test_the_error_of_all_has_every_message_with_its_hint(
    monkeypatch: pytest.MonkeyPatch, copies: str
) -> None:
    if copies == "as tblib does":
        monkeypatch.setitem(
            copyreg.dispatch_table,
            UsageError,
            lambda error: (_sharing, (type(error), error.__dict__)),
        )
    first = UsageError("One.", hint="Do one.")
    joined = error_of_all([first, ParllamaError("Two."), ParllamaError("Two.")])
    assert (type(joined), str(joined)) == (UsageError, "One. Do one. Two.")
    assert str(first) == "One. Do one."


def test_unloading_goes_on_after_a_model_that_is_not_there(app: Parllama) -> None:
    app.local_models.load("echo").result()
    said = str(result_of(app, "unload", models=("nosuch", "echo")))
    assert "Unloaded: echo." in said
    assert "nosuch: Ollama: it has no model nosuch." in said
    assert loaded(app) == {}


def test_loading_goes_on_after_a_model_that_is_not_there(app: Parllama) -> None:
    said = str(result_of(app, "load", models=("nosuch", "echo")))
    assert "nosuch: Ollama: it has no model nosuch." in said
    assert [*loaded(app)] == ["ollama/echo:latest"]


def test_update_takes_all_beside_names(app: Parllama) -> None:
    every = str(result_of(app, "update", models=("all",)))
    assert str(result_of(app, "update", models=("all", "echo"))) == every


# Servers that lack something.


def test_a_server_that_does_not_list_its_memory_loads_all_the_same(
    app: Parllama, server: OllamaDouble
) -> None:
    server.version = (0, 1, 30)
    said = str(result_of(app, "load", models=("echo",)))
    assert said.startswith("Loaded.")
    assert "0.1.30 has no /api/ps" in said
    assert len(server.loaded) == 1


def test_a_new_server_without_a_route_is_not_called_old(
    app: Parllama, server: OllamaDouble
) -> None:
    server.lacks = {"/api/pull"}
    with pytest.raises(InvalidResponseError, match="no such API"):
        result_of(app, "pull", models=("tiny",))


def test_recommendations_of_a_provider_that_is_off_leave_nothing_behind(
    app: Parllama,
) -> None:
    result_of(app, "providers", action="disable", words=("ollama",))
    with pytest.raises(ProviderDisabledError):
        result_of(app, "library", recommended=True)


# How long a model stays.


@pytest.mark.parametrize("keep", ["-1", "2h", "1h30m", "600", "1.5h"])
def test_a_model_stays_for_as_long_as_load_is_told(app: Parllama, keep: str) -> None:
    result_of(app, "load", models=("echo",), keep=keep)
    assert [*loaded(app)] == ["ollama/echo:latest"]


@pytest.mark.parametrize("keep", ["soon", "", "10 m", "2x", "h", "nan", "inf"])
def test_what_is_no_time_is_refused_before_anything_is_loaded(
    app: Parllama, server: OllamaDouble, keep: str
) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        result_of(app, "load", models=("echo",), keep=keep)
    assert server.asked("/api/generate") == []


# What a transfer says.


def test_a_cloud_model_that_was_pulled_is_here_without_a_size(app: Parllama) -> None:
    assert str(result_of(app, "pull", models=("far:cloud",))) == "far:cloud is here."


def test_a_push_never_claims_that_the_registry_had_the_model(app: Parllama) -> None:
    result_of(app, "copy", source="echo", destination="me/echo")
    for _ in range(2):
        said = str(result_of(app, "push", models=("me/echo",)))
        assert "me/echo is pushed" in said


def test_a_pull_that_a_registry_refuses_shows_the_key_to_register(
    app: Parllama, server: OllamaDouble
) -> None:
    with pytest.raises(AuthenticationError, match="may not pull") as caught:
        result_of(app, "pull", models=("fault-denied",))
    assert server.public_key in str(caught.value)


def test_a_push_of_a_model_that_is_not_there_names_near_ones(app: Parllama) -> None:
    with pytest.raises(ModelNotFoundError, match="echo"):
        result_of(app, "push", models=("me/eco",))


def test_the_rate_of_a_pull_is_not_that_of_its_wait_for_others(
    app: Parllama, server: OllamaDouble
) -> None:
    server.step = 0.02
    result_of(app, "settings", key="local_models.parallel_pulls", value=("1",))
    first = app.local_models.pull("sized-50-40:first")
    second = app.local_models.pull("sized-50-10:second")
    transfer = second.result()
    assert first.future.done()
    assert second.finished is not None
    waited = first.result().seconds
    assert transfer.seconds <= second.finished - second.started - 0.9 * waited


# Create and show.


def test_create_takes_a_base_as_every_verb_does(app: Parllama) -> None:
    result_of(app, "create", name="mario", base="ollama/echo")
    assert "mario" in str(result_of(app, "show", model="mario"))


def test_weights_that_are_named_as_a_modelfile_are_refused(
    app: Parllama, tmp_path: Path
) -> None:
    (tmp_path / "small").write_bytes(b"GGUF\x03\0\0\0")
    with pytest.raises(UsageError, match="file of weights") as caught:
        result_of(app, "create", name="mario", file=str(tmp_path / "small"))
    assert f"--from {tmp_path / 'small'}" in str(caught.value.hint)


def test_show_shows_every_text_that_is_asked_for(app: Parllama) -> None:
    result_of(app, "create", name="mario", base="echo", system="You are Mario.")
    both = str(result_of(app, "show", model="mario", system=True, license=True))
    assert both.startswith("System:\n\nYou are Mario.")
    assert "It has no license." in both
    alone = result_of(app, "show", model="mario", system=True)
    assert str(alone) == "You are Mario."


# Completion.


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("unload al", ["all"]),
        ("update al", ["all"]),
        ("update echo al", []),
        ("create mario --from echo:s", ["echo:small"]),
        ("create mario -q Q4", ["Q4_K_S", "Q4_K_M"]),
        ("library --capability t", ["tools", "thinking"]),
        ("copy ec", ["echo:latest", "echo:small"]),
        ("quantize --to small echo:s", ["echo:small"]),
        ("load --keep 2h echo:s", ["echo:small"]),
        ("load --keep ec", []),
    ],
)
def test_options_and_words_of_local_models_are_completed(
    app: Parllama, typed: str, offered: list[str]
) -> None:
    app.runtime.run(app.model_lists.get(["ollama"]))
    assert complete(COMMANDS, app, typed, cell=False) == offered
