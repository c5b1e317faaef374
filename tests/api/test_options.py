"""The options of functions: in Shift-Tab, for type checkers, and their effect."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import parllama_nb as pl
from parllama_nb.api.options import AskOptions, TurnOptions
from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS
from parllama_nb.errors import SchemaMismatchError, UsageError

from ..own_app import own_app, scripted

MODEL = "fake/scripted"


@dataclass
class Point:
    x: int
    y: int


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    with own_app() as app:
        for module in ("api.asking", "frames.functions"):
            monkeypatch.setattr(f"parllama_nb.{module}.get_app", lambda: app)
        yield app


def test_ask_options_are_those_of_the_command_ask() -> None:
    command = COMMANDS["ask"].options()
    own = {name for name, option in command.items() if not option.cell}
    assert set(AskOptions.__annotations__) == own | {"messages"}


@pytest.mark.parametrize("function", [pl.ask, pl.aask, pl.stream])
def test_shift_tab_shows_every_option(function: Any) -> None:
    parameters = inspect.signature(function).parameters
    assert set(parameters) == {"prompt", *AskOptions.__annotations__}
    assert parameters["temperature"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("name", ["ask", "aask", "stream"])
def test_shift_tab_shows_every_option_of_a_conversation(name: str) -> None:
    parameters = inspect.signature(getattr(pl.Conversation, name)).parameters
    assert set(parameters) == {"self", "prompt", *TurnOptions.__annotations__}


@pytest.mark.parametrize(
    ("function", "other"), [(pl.compare, pl.acompare), (pl.map, pl.amap)]
)
def test_acompare_and_amap_have_the_arguments_of_compare_and_map(
    function: Any, other: Any
) -> None:
    plain, awaited = inspect.signature(function), inspect.signature(other)
    assert plain.parameters == awaited.parameters
    assert other.__name__ == f"a{function.__name__}"
    assert "concurrency" in plain.parameters


def test_a_type_checker_knows_the_options(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import parllama_nb as pl\n"
        "pl.ask('Q', temperature=0.5).text\n"
        "pl.ask('Q', temprature=0.5)\n"
        "pl.conversation('s').ask('Q', temperature='hot')\n"
        "pl.compare('Q', concurency=1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    lines = [line for line in done.stdout.splitlines() if "program.py" in line]
    assert [line.split(":")[1] for line in lines if ": error:" in line] == [
        "3",
        "4",
        "5",
    ], done.stdout


def test_answer_data_has_the_type_of_the_schema(app: Parllama) -> None:
    scripted(app, ['{"x": 1, "y": 2}'])
    assert pl.ask("Q", model=MODEL, schema=Point).data == Point(1, 2)
    assert pl.ask("Q", model=MODEL, schema={}).data == {"x": 1, "y": 2}


def test_an_answer_that_does_not_fit_its_schema_keeps_its_text(app: Parllama) -> None:
    scripted(app, ["About there."])
    answer = pl.ask("Q", model=MODEL, schema=Point)
    assert answer.text == "About there."
    with pytest.raises(SchemaMismatchError, match="does not fit"):
        _ = answer.data


def test_answer_data_without_a_schema_says_how_to_pass_one(app: Parllama) -> None:
    scripted(app)
    with pytest.raises(UsageError, match="No schema") as caught:
        _ = pl.ask("Q", model=MODEL).data
    assert "schema=" in str(caught.value.hint)


def test_messages_are_sent_before_the_question(app: Parllama) -> None:
    fake = scripted(app)
    messages: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "two"},
    ]
    pl.ask(model=MODEL, messages=messages)
    pl.ask("three", model=MODEL, messages=messages[:3], system="Be long.")
    first, second = ([m.text for m in each.messages] for each in fake.requests)
    assert first == ["Be brief.", "one", "1", "two"]
    assert second == ["Be long.", "one", "1", "three"]


@pytest.mark.parametrize("messages", [[], [{"role": "assistant", "content": "1"}]])
def test_messages_without_a_question_are_refused(
    app: Parllama, messages: list[Any]
) -> None:
    fake = scripted(app)
    with pytest.raises(UsageError, match="does not end with a message of the user"):
        pl.ask(model=MODEL, messages=messages)
    assert fake.requests == []


def test_acompare_and_amap_run_at_the_same_time(app: Parllama) -> None:
    scripted(app, lambda request: [request.messages[-1].text.upper()])
    df = pd.DataFrame({"a": ["x", "y"]})

    async def both() -> tuple[pd.DataFrame, pd.DataFrame]:
        first, second = await asyncio.gather(
            pl.amap(df, "{{a}}", model=MODEL), pl.acompare(["z"], MODEL)
        )
        return first, second

    mapped, compared = asyncio.run(both())
    assert mapped.text.tolist() == ["X", "Y"]
    assert compared.text.tolist() == ["Z"]


def test_compare_fills_the_columns_of_a_schema(app: Parllama) -> None:
    scripted(app, ['{"x": 1, "y": 2}'])
    frame = pl.compare(["Q"], MODEL, schema=Point)
    assert (frame.x.tolist(), frame.y.tolist()) == ([1], [2])


def test_errors_scorers_and_the_vault_have_public_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert issubclass(pl.errors.RateLimitError, pl.ParllamaError)
    assert callable(pl.scorers.similarity)
    with own_app() as app:
        monkeypatch.setattr("parllama_nb.api.views.get_app", lambda: app)
        assert pl.vault is app.vault
