"""The options of a question, from the typed line to the provider's request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import parllama_nb as pl
from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Notebook
from parllama_nb.commands.grammar import parse_cell, parse_line
from parllama_nb.commands.prepare import prepare
from parllama_nb.commands.question import AskParams
from parllama_nb.errors import UsageError
from parllama_nb.providers.messages import OPTIONS, ChatRequest
from parllama_nb.testing import FakeProvider

from ..own_app import own_app, result_of, scripted

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


class Colours(BaseModel):
    one: str
    two: str


@pytest.fixture
def app() -> Iterator[Parllama]:
    with own_app() as app:
        yield app


@pytest.fixture
def provider(app: Parllama) -> FakeProvider:
    """A provider that supports every option."""
    provider = scripted(app)
    provider.spec = replace(provider.spec, options=frozenset(OPTIONS))
    return provider


def typed(line: str, **namespace: Any) -> AskParams:
    """Returns the parameters of a cell, filled from the notebook."""
    _, params = parse_cell(COMMANDS, f"fake/scripted {line}", "Why?")
    assert isinstance(params, AskParams)
    return prepare(params, Notebook("nb", namespace=namespace))


def asked(app: Parllama, provider: FakeProvider, params: AskParams) -> ChatRequest:
    """Returns the request that a provider gets."""
    answer = result_of(app, "ask", **dict(params))
    assert answer.error is None, answer.error
    return provider.requests[-1]


def test_every_option_reaches_the_provider(
    app: Parllama, provider: FakeProvider
) -> None:
    params = typed(
        "-t 0.5 --max-tokens 99 --seed 1 --top-p 0.9 --top-k 40 --stop END --stop=-- "
        "--reasoning high --reasoning-budget 2048 --json=Colours "
        "--context-window 4096 --keep-alive 5m",
        Colours=Colours,
    )
    request = asked(app, provider, params)
    assert request.options() == {
        "temperature": 0.5,
        "max_tokens": 99,
        "seed": 1,
        "top_p": 0.9,
        "top_k": 40,
        "stop": ("END", "--"),
        "reasoning": "high",
        "reasoning_budget": 2048,
        "response_schema": Colours.model_json_schema(),
        "context_window": 4096,
        "keep_alive": "5m",
    }
    assert set(request.options()) == set(OPTIONS), "an option cannot be typed"


def test_an_option_that_is_not_typed_is_not_sent(
    app: Parllama, provider: FakeProvider
) -> None:
    assert asked(app, provider, typed("")).options() == {}


def test_json_without_a_value_means_any_json_and_takes_no_word(
    app: Parllama, provider: FakeProvider
) -> None:
    _, params = parse_line(COMMANDS, "ask -m fake/scripted --json List three colours")
    assert isinstance(params, AskParams)
    assert params.prompt == "List three colours"
    request = asked(app, provider, prepare(params, Notebook("nb")))
    assert request.response_schema == {}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--json=nothing", "no variable 'nothing'"),
        ('--json={"a": 1}', "--json takes the name of a variable"),
        ("--json=number", "A int is not a schema"),
        ("--reasoning lots", "--reasoning"),
        ("--top-p 2", "--top-p"),
        ("--top-k 0", "--top-k"),
        ("--reasoning-budget 0", "--reasoning-budget"),
        ("--stop", "--stop needs TEXT"),
        ("--image nothing.png", "no variable, no file and no address"),
        ("--file nothing.pdf", "no variable, no file and no address"),
        ("--file number", "Not an image: a value of the type int"),
        ("--image number", "Not an image: a value of the type int"),
    ],
)
def test_an_invalid_value_is_reported_in_one_line_that_names_it(
    line: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        typed(line, number=7)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_pictures_go_before_the_question(
    app: Parllama, provider: FakeProvider, tmp_path: Path
) -> None:
    path = tmp_path / "a chart.png"
    path.write_bytes(PNG)
    params = typed(f'--image "{path}" --image drawn', drawn=PNG + b"2")
    (message,) = asked(app, provider, params).messages
    assert [part.type for part in message.parts] == ["image", "image", "text"]
    assert message.text == "Why?"


def test_a_picture_is_read_when_the_cell_runs() -> None:
    drawn = bytearray(PNG)
    params = typed("--image drawn", drawn=drawn)
    drawn += b"drawn over"
    (part,) = params.image
    assert part == typed("--image drawn", drawn=PNG).image[0]


def test_the_functions_take_the_same_options(
    monkeypatch: pytest.MonkeyPatch, app: Parllama, provider: FakeProvider
) -> None:
    monkeypatch.setattr("parllama_nb.api.asking.get_app", lambda: app)
    pl.chat(
        "Why?",
        model="fake/scripted",
        stop="END",
        image=PNG,
        schema=Colours,
        reasoning="low",
    )
    request = provider.requests[-1]
    assert request.stop == ("END",)
    assert request.response_schema == Colours.model_json_schema()
    assert [part.type for part in request.messages[0].parts] == ["image", "text"]
    pl.chat("Why?", model="fake/scripted", image=[PNG, PNG], schema={})
    request = provider.requests[-1]
    assert len(request.messages[0].parts) == 3
    assert request.response_schema == {}
    with pytest.raises(UsageError, match="Not an image"):
        pl.chat("Why?", model="fake/scripted", image=7)
    with pytest.raises(UsageError, match="not a schema"):
        pl.chat("Why?", model="fake/scripted", schema=7)


def test_an_option_that_a_provider_does_not_support_is_refused(app: Parllama) -> None:
    provider = scripted(app)
    answer = result_of(app, "ask", **dict(typed("--keep-alive 5m --reasoning low")))
    assert answer.error is not None
    assert "does not support reasoning or keep_alive" in answer.error.message
    assert not provider.requests


def test_a_conversation_keeps_its_pictures(
    app: Parllama, provider: FakeProvider
) -> None:
    params = typed("--session seen --image drawn", drawn=PNG)
    asked(app, provider, params)
    request = asked(app, provider, typed("--session seen"))
    first = request.messages[0]
    assert [part.type for part in first.parts] == ["image", "text"]
