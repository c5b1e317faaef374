"""%parllama usage and pl.usage: what was sent, as a table, a DataFrame and a file."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import parllama_nb as pl
from parllama_nb import application
from parllama_nb.application import Parllama
from parllama_nb.commands import COMMANDS, Opening
from parllama_nb.commands.grammar import parse_line
from parllama_nb.errors import UsageError
from parllama_nb.ledger.queries import BY
from parllama_nb.providers.messages import Finish, Usage
from parllama_nb.secret import Secret

from ..ledger.priced import KEY, priced
from ..own_app import own_app, result_of, scripted
from ..servers.openai_sse import OpenAIDouble


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parllama]:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with own_app() as app, OpenAIDouble() as double:
        monkeypatch.setattr(application, "_app", app)
        ask = priced(app, double)
        scripted(app, ["Yes.", Finish("stop", Usage(7, 1))], local=True)
        ask(2)
        ask(3)
        result_of(app, "ask", prompt="Hi.", model=["fake/scripted"], session="diary")
        yield app


def do(app: Parllama, line: str) -> str:
    command, params = parse_line(COMMANDS, line)
    return str(result_of(app, command.name, **params.model_dump(exclude_unset=True)))


def test_usage_sums_this_month_by_model(app: Parllama) -> None:
    head, *rows = do(app, "usage").splitlines()
    assert head.split()[:3] == ["model", "requests", "failed"]
    assert rows[0].split()[0] == "openai/echo"
    assert rows[0].split()[-1] == "$5.00"
    assert rows[1].split()[0] == "fake/scripted"
    assert rows[-1] == "This month has cost $5.00."


@pytest.mark.parametrize("by", BY)
def test_usage_is_summed_by_anything_there_is(app: Parllama, by: str) -> None:
    head, *rows = do(app, f"usage --by {by} --since 1d").splitlines()
    assert head.split()[0] == by
    assert "$5.00" in " ".join(rows)


def test_usage_says_what_the_budget_is(app: Parllama) -> None:
    app.settings.update({"budget.warn": 10, "budget.stop": 20})
    end = do(app, "usage").splitlines()[-1]
    assert (
        end
        == "This month has cost $5.00; the budget warns at $10.00 and stops at $20.00."
    )


def test_usage_of_a_period_without_any_says_so(app: Parllama) -> None:
    shown = do(app, "usage --since 2001-01 --until 2001-01")
    assert shown.startswith("Nothing was sent since 2001-01-01 and before 2001-02-01.")


def test_usage_writes_each_request_to_a_file(app: Parllama, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    words = do(app, f"usage --csv {path}").split()
    assert words[:4] == ["3", "requests", "are", "in"]
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == [
        "fake/scripted",
        "openai/echo",
        "openai/echo",
    ]
    assert {row["conversation"] for row in rows} == {"diary", ""}
    path.unlink()
    with pytest.raises(UsageError, match="cannot be written"):
        do(app, f"usage --csv {tmp_path / 'no' / 'such.csv'}")


def test_usage_opens_a_view(app: Parllama) -> None:
    opening = result_of(app, "usage", view=True)
    assert isinstance(opening, Opening)
    assert opening.view == "usage"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("usage --by colour", "--by must be"),
        ("usage --since soon", "is no day and no time"),
        ("usage --since today --until yesterday", "ends before it begins"),
    ],
)
def test_what_is_no_usage_is_refused(app: Parllama, line: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        do(app, line)


def test_usage_shows_no_secret(app: Parllama) -> None:
    name = "sk-sentinel-conversation-0123456789"
    result_of(app, "ask", prompt="Hi.", model=["fake/scripted"], session=name)
    app.redact.add(Secret("KEY", name))
    assert name not in do(app, "usage --by conversation")


def test_pl_usage_has_a_row_for_each_request(app: Parllama) -> None:
    frame = pl.usage()
    assert len(frame) == 3
    newest = frame.iloc[0]
    assert newest["model"] == "fake/scripted"
    assert newest["conversation"] == "diary"
    assert newest["purpose"] == "chat"
    assert newest["local"]
    assert pd.isna(newest["cost"])
    assert frame["cost"].sum() == 5
    assert frame["input_tokens"].dtype == "Int64"
    age = dt.datetime.now() - newest["when"]  # noqa: DTZ005 - the wall's clock
    assert dt.timedelta(0) <= age < dt.timedelta(minutes=5)
    assert (frame["bytes"].dropna() > 0).all()


def test_pl_usage_sums_by_what_is_named(app: Parllama) -> None:
    frame = pl.usage(by="model").set_index("model")
    assert frame.loc["openai/echo", "cost"] == 5
    assert frame.loc["openai/echo", "requests"] == 2
    day = pl.usage(since="today", by="day")
    assert day["day"].iloc[0].date() == dt.date.today()  # noqa: DTZ011
    assert day["requests"].sum() == 3
    assert pl.usage("2001-01", "2001-01").empty
    assert [*pl.usage("2001-01", "2001-01").columns] == [*pl.usage().columns]


def test_pl_usage_refuses_what_it_cannot_sum_by(app: Parllama) -> None:
    with pytest.raises(UsageError, match="cannot be summed by 'colour'"):
        pl.usage(by="colour")  # type: ignore[arg-type]


def test_a_table_program_gets_no_formula(app: Parllama, tmp_path: Path) -> None:
    result_of(app, "ask", prompt="Hi.", model=["fake/scripted"], session="=1+1")
    path = tmp_path / "usage.csv"
    do(app, f"usage --csv {path}")
    assert "'=1+1" in path.read_text()
